"""Attacks on sealed files that the literature knows, each made on a file of ours: `verify` finds every one (PDF-06)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings

from formengine import cli
from formengine.documents.sealing import _ByKey
from formengine.documents.signers.pades import Pades, Settings
from formengine.documents.verdict import Finding
from formengine.documents.verifying import Roots, verify
from tests.documents.authority import TrustCentre


def _updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _hide(writer: IncrementalPdfFileWriter) -> None:
    """Shadow attack, hide: what lay over something else goes away."""
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    page.get_object()["/Contents"] = generic.ArrayObject()
    writer.mark_update(page)


def _replace(writer: IncrementalPdfFileWriter) -> None:
    """Shadow attack, replace: a font shows other letters."""
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    page.get_object()["/Resources"] = generic.DictionaryObject(
        {generic.pdf_name("/Font"): generic.DictionaryObject({})}
    )
    writer.mark_update(page)


def _hide_and_replace(writer: IncrementalPdfFileWriter) -> None:
    """Shadow attack, hide and replace: the catalogue points to other pages that lay in the file unseen."""
    page = writer.add_object(
        generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Page"),
                generic.pdf_name("/MediaBox"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)]),
            }
        )
    )
    writer.root["/Pages"] = writer.add_object(
        generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Pages"),
                generic.pdf_name("/Kids"): generic.ArrayObject([page]),
                generic.pdf_name("/Count"): generic.NumberObject(1),
            }
        )
    )
    writer.update_root()


def _field(writer: IncrementalPdfFileWriter) -> None:
    """A form field is laid over the page."""
    writer.root["/AcroForm"]["/NeedAppearances"] = generic.BooleanObject(value=True)
    writer.update_root()


def _script(writer: IncrementalPdfFileWriter) -> None:
    """Something runs when the file is opened."""
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {generic.pdf_name("/S"): generic.pdf_name("/JavaScript"), generic.pdf_name("/JS"): generic.pdf_string("1")}
    )
    writer.update_root()


def _attachment(writer: IncrementalPdfFileWriter) -> None:
    """The attached data are other ones."""
    spec = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]
    reference = spec["/EF"].raw_get("/F")
    reference.get_object()._data = b"{}"
    spec["/EF"]["/F"] = writer.add_object(generic.StreamObject(stream_data=b"{}"))
    writer.mark_update(spec.container_ref)


ATTACKS = [_hide, _replace, _hide_and_replace, _field, _script, _attachment]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
@pytest.mark.parametrize("level", ["B-B", "B-LTA"])
def test_what_an_update_hides_or_replaces_is_found(
    stamped_pdf: bytes, stamping: Settings, plain_pdf: bytes, known: Roots, attack: Callable[..., None], level: str
) -> None:
    pdf = stamped_pdf if level == "B-LTA" else Pades(stamping).sign_unstamped(plain_pdf)
    assert verify(pdf, known).finding is Finding.VALID
    assert verify(_updated(pdf, attack), known).finding is Finding.CHANGED


def test_an_update_under_a_new_stamp_of_a_known_authority_is_found(
    centre: TrustCentre, stamped_pdf: bytes, known: Roots
) -> None:
    """Whoever can buy a time stamp still cannot change a file."""
    stamper = PdfTimeStamper(centre._stamper, field_name="Noch einer")
    for pdf in (stamped_pdf, _updated(stamped_pdf, _hide)):
        again = stamper.timestamp_pdf(
            IncrementalPdfFileWriter(BytesIO(pdf)), "sha256", dss_settings=TimestampDSSContentSettings()
        )
        assert verify(again.getvalue(), known).finding is Finding.CHANGED


def test_revisions_that_were_taken_off_never_pass_for_the_whole(stamped_pdf: bytes, known: Roots) -> None:
    ends = [at + 5 for at in range(len(stamped_pdf)) if stamped_pdf.startswith(b"%%EOF", at)]
    found = [verify(stamped_pdf[:end], known) for end in ends[:-1]]
    assert found[0].finding is Finding.UNSEALED
    assert all(verdict.stamped_at is None for verdict in found), "what is left shows no stamp"


def test_a_certificate_of_the_same_names_made_at_home_is_unknown(
    plain_pdf: bytes, known: Roots, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    centre = TrustCentre()
    try:
        key = ec.generate_private_key(ec.SECP256R1())
        own = Settings(centre.key_file(tmp_path, key, centre.issue("Siegel Musterstadt", key)))
        pdf = Pades(own).sign(plain_pdf)
    finally:
        centre._server.server_close()
    verdict = verify(pdf, known)
    assert verdict.finding is Finding.UNKNOWN
    assert verdict.signer == "Siegel Musterstadt", "the name is the same, the key is not"
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf)
    assert cli.main(["verify", str(file)]) == 1
    assert capsys.readouterr().out.startswith("Nicht prüfbar, weil wir das Zertifikat des Siegels nicht kennen.")


def test_a_signature_that_leaves_out_part_of_the_file_is_found(
    stamping: Settings, plain_pdf: bytes, known: Roots
) -> None:
    """The byte range ends early, as in signature wrapping: bytes that nobody signed lie behind it."""
    pdf = Pades(stamping).sign_unstamped(plain_pdf)
    at = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange [")
    numbers = pdf[at : pdf.index(b"]", at)]
    first, length, second, rest = (int(number) for number in numbers.split())
    shorter = f"{first} {length} {second} {rest - 40}".encode().ljust(len(numbers))
    assert verify(pdf[:at] + shorter + pdf[at + len(numbers) :], known).finding is Finding.CHANGED


def test_a_second_signature_is_found(stamping: Settings, plain_pdf: bytes, known: Roots) -> None:
    signer = Pades(stamping)
    about = signers.PdfSignatureMetadata(field_name="Erstes", subfilter=SigSeedSubFilter.PADES)
    first = signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(plain_pdf)), about, signer=_ByKey(signer._key))
    about = replace(about, field_name="Zweites")
    both = signers.sign_pdf(IncrementalPdfFileWriter(first), about, signer=_ByKey(signer._key))
    assert verify(both.getvalue(), known).finding is Finding.CHANGED
