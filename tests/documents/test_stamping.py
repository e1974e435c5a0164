"""The time stamp on the seal, from a time-stamp authority that answers, and from ones that do not (PDF-06, F-08)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.pdf_utils.reader import PdfFileReader

from formengine.documents import stamping as stamping_module
from formengine.documents.signers import Authority
from formengine.documents.signers.pades import Pades, Settings
from formengine.documents.verdict import Finding, Trust
from formengine.documents.verifying import Roots, load_roots, verify
from formengine.errors import ConfigError, NoTimeStamp, SigningError
from tests.documents import verapdf
from tests.documents.authority import TrustCentre
from tests.documents.samples import other_bytes


@pytest.fixture(autouse=True)
def _repaired(centre: TrustCentre) -> Iterator[None]:
    yield
    centre.fault, centre.skew = "", timedelta()
    centre.revoked.clear()


def test_a_stamped_seal_holds_and_says_by_whom_and_when(stamped_pdf: bytes, known: Roots) -> None:
    verdict = verify(stamped_pdf, known)
    assert verdict.finding is Finding.VALID
    assert verdict.trust is Trust.OURS
    assert verdict.stamp_by == "Vertrauensdienst der Proben Zeitstempel"
    assert verdict.stamped_at is not None
    assert abs(verdict.stamped_at - datetime.now(UTC)) < timedelta(hours=1)
    assert verdict.unrevoked, "the file itself proves that the certificate was good"
    assert verdict.headline().startswith("Siegel gültig: Siegel von Siegel Musterstadt am ")


def test_it_is_a_certification_with_all_proof_below_one_last_stamp(stamped_pdf: bytes) -> None:
    reader = PdfFileReader(BytesIO(stamped_pdf))
    (seal,), (stamp,) = reader.embedded_regular_signatures, reader.embedded_timestamp_signatures
    assert seal.docmdp_level is not None
    assert seal.docmdp_level.value == 1
    assert "signature_time_stamp_token" in {one["type"].native for one in seal.signer_info["unsigned_attrs"]}
    assert (seal.signed_revision, stamp.signed_revision, reader.xrefs.total_revisions) == (1, 2, 3)
    assert len(reader.root["/DSS"]["/OCSPs"]) == 2
    assert stamp.sig_object["/SubFilter"] == "/ETSI.RFC3161"


def test_a_stamp_that_comes_later_is_one_more_revision_that_the_seal_allows(
    stamping: Settings, plain_pdf: bytes, known: Roots, pdf_file: Path
) -> None:
    """PDF-07."""
    signer = Pades(stamping)
    unstamped = signer.sign_unstamped(plain_pdf)
    assert signer.lacks_stamp(unstamped)
    stamped = signer.stamp(unstamped)
    assert not signer.lacks_stamp(stamped)
    assert stamped.startswith(unstamped), "what was sealed and sent before stays as it is, byte for byte"
    verdict = verify(stamped, known)
    assert verdict.finding is Finding.VALID
    assert verdict.stamped_at is not None
    assert verdict.unrevoked
    pdf_file.write_bytes(stamped)
    assert [verapdf.failures(pdf_file, flavour) for flavour in ("3a", "ua1")] == [[], []]
    unseen = [place for place in other_bytes(stamped, 12) if verify(_flipped(stamped, place), known).holds]
    assert unseen == []


@pytest.mark.parametrize("fault", ["503", "wrong certificate"])
def test_an_authority_that_still_fails_adds_no_stamp_later(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, fault: str
) -> None:
    signer = Pades(stamping)
    unstamped = signer.sign_unstamped(plain_pdf)
    centre.fault = fault
    with pytest.raises(NoTimeStamp):
        signer.stamp(unstamped)


def test_a_stamped_seal_keeps_both_standards(stamped_pdf: bytes, pdf_file: Path) -> None:
    pdf_file.write_bytes(stamped_pdf)
    assert verapdf.failures(pdf_file, "3a") == []
    assert verapdf.failures(pdf_file, "ua1") == []


@pytest.mark.parametrize("way", ["crl", ""])
def test_lists_of_revoked_certificates_serve_too_and_silence_is_said(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, known: Roots, tmp_path: Path, way: str
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    key_file = centre.key_file(tmp_path, key, centre.issue("Siegel Musterstadt", key, way=way))
    verdict = verify(Pades(replace(stamping, key_file=key_file)).sign(plain_pdf), known)
    assert verdict.finding is Finding.VALID
    assert verdict.unrevoked is bool(way)


@pytest.mark.parametrize("fault", ["503", "junk", "wrong certificate", "another document", "revocation"])
def test_an_authority_that_fails_gives_no_stamp_and_the_seal_alone_can_still_be_had(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, known: Roots, fault: str
) -> None:
    centre.fault = fault
    signer = Pades(stamping)
    with pytest.raises(NoTimeStamp):
        signer.sign(plain_pdf)
    verdict = verify(signer.sign_unstamped(plain_pdf), known)
    assert verdict.finding is Finding.VALID
    assert verdict.stamped_at is None
    assert "Ohne Zeitstempel einer anderen Stelle." in verdict.sentences()


@pytest.mark.parametrize("fault", ["503", "wrong certificate", "another document", "revocation"])
def test_an_authority_that_is_well_again_stamps_at_once(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, fault: str
) -> None:
    """F-08: what it answered while it was wrong is not remembered."""
    signer = Pades(stamping)
    centre.fault = fault
    with pytest.raises(NoTimeStamp):
        signer.sign(plain_pdf)
    centre.fault = ""
    assert not signer.lacks_stamp(signer.sign(plain_pdf))


def test_an_authority_with_a_new_certificate_is_taken_with_the_proof_of_that_one(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, known: Roots
) -> None:
    signer = Pades(stamping)
    signer.sign(plain_pdf)
    centre.renew()
    with pytest.raises(NoTimeStamp, match="another certificate than before"):
        signer.sign(plain_pdf)
    assert verify(signer.sign(plain_pdf), known).finding is Finding.VALID


@pytest.mark.parametrize("skew", [timedelta(minutes=-20), timedelta(hours=3)])
def test_a_time_that_is_not_ours_is_not_taken(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, skew: timedelta
) -> None:
    centre.skew = skew
    with pytest.raises(NoTimeStamp, match="clock"):
        Pades(stamping).sign(plain_pdf)


def test_an_authority_that_hangs_is_left(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamping_module, "TOTAL_S", 1.0)
    centre.fault = "hangs"
    with pytest.raises(NoTimeStamp):  # which of our times is up first is chance
        Pades(stamping).sign(plain_pdf)


def test_a_revoked_certificate_seals_nothing_that_leaves(
    centre: TrustCentre, stamping: Settings, plain_pdf: bytes, tmp_path: Path
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = centre.issue("Siegel Musterstadt", key)
    centre.revoked.add(certificate.serial_number)
    signer = Pades(replace(stamping, key_file=centre.key_file(tmp_path, key, certificate)))
    with pytest.raises(SigningError) as caught:
        signer.sign(plain_pdf)
    assert not isinstance(caught.value, NoTimeStamp), "no rule of the operator lets this one go on without a stamp"


def test_whoever_does_not_know_the_authority_says_so(stamped_pdf: bytes, known: Roots) -> None:
    verdict = verify(stamped_pdf, replace(known, stamps=()))
    assert verdict.finding is Finding.UNKNOWN
    assert "Zeitstempel" in verdict.headline()
    assert verify(stamped_pdf, replace(known, seals=())).finding is Finding.UNKNOWN


def test_whoever_may_stamp_may_not_seal(sealed_pdf: bytes, seal: object) -> None:
    roots = load_roots([seal.root])  # type: ignore[attr-defined]
    assert verify(sealed_pdf, Roots(stamps=roots)).finding is Finding.UNKNOWN


def test_a_changed_byte_anywhere_in_a_stamped_file_is_found(stamped_pdf: bytes, known: Roots) -> None:
    unseen = [place for place in other_bytes(stamped_pdf, 12) if verify(_flipped(stamped_pdf, place), known).holds]
    assert unseen == []


def _flipped(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def test_a_stamp_that_was_taken_off_leaves_a_seal_without_one(stamped_pdf: bytes, known: Roots) -> None:
    """The revision below the stamp is a file that the operator sealed: it is genuine, and shows no stamp."""
    ends = [at for at in range(len(stamped_pdf)) if stamped_pdf.startswith(b"%%EOF", at)]
    verdict = verify(stamped_pdf[: ends[-2] + 6], known)
    assert verdict.stamped_at is None
    assert verdict.finding in {Finding.VALID, Finding.CHANGED}


def test_a_target_must_be_one_that_may_be_asked(stamping: Settings) -> None:
    assert stamping.stamps is not None
    roots = stamping.stamps.trust_file
    for authority in (
        Authority("http://tsa.example/", roots),
        Authority("https://10.0.0.1/tsa", roots),
        Authority("https://tsa.example/", stamping.key_file.parent / "missing.crt"),
    ):
        with pytest.raises(ConfigError):
            Pades(replace(stamping, stamps=authority))
