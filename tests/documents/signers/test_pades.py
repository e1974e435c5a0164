from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.pdf_utils.reader import PdfFileReader

from formengine.documents.certificates import TestSeal, ensure_test_seal
from formengine.documents.signers import signers
from formengine.documents.signers.pades import Pades, Settings
from formengine.documents.signers.unsigned import Unsigned
from formengine.documents.verdict import Trust
from formengine.documents.verifying import Roots, load_roots, verify
from formengine.errors import ConfigError, SigningError


def test_the_seal_is_pades_invisible_and_allows_no_change(sealed_pdf: bytes) -> None:
    (seal,) = PdfFileReader(BytesIO(sealed_pdf)).embedded_signatures
    assert seal.field_name == "Siegel"
    assert seal.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert list(seal.sig_field["/Rect"]) == [0, 0, 0, 0]
    assert seal.docmdp_level is not None
    assert seal.docmdp_level.value == 1
    attributes = {attribute["type"].native for attribute in seal.signer_info["signed_attrs"]}
    assert "signing_certificate_v2" in attributes
    assert "Unterschrift" not in str(seal.sig_object["/Reason"])


def test_the_key_is_readable_by_its_owner_only(seal: TestSeal) -> None:
    assert stat.S_IMODE(seal.key_file.stat().st_mode) == 0o600


def test_the_test_certificate_says_what_it_is(seal: TestSeal, signer: Pades) -> None:
    assert signer.seal == "test"
    certificate = x509.load_pem_x509_certificate(seal.root.read_bytes())
    assert "TEST" in certificate.subject.rfc4514_string()


def test_a_test_seal_is_kept_until_it_is_about_to_expire(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    first = ensure_test_seal(tmp_path, now=now).key_file.read_bytes()
    assert ensure_test_seal(tmp_path, now=now + timedelta(days=300)).key_file.read_bytes() == first
    assert ensure_test_seal(tmp_path, now=now + timedelta(days=3 * 365 - 10)).key_file.read_bytes() != first


def test_an_rsa_key_with_a_passphrase_seals_too(plain_pdf: bytes, tmp_path: Path) -> None:
    key_file, root = _rsa(tmp_path, passphrase=b"geheim")
    signer = Pades(Settings(key_file, b"geheim"))
    assert signer.seal == "sealed"
    verdict = verify(signer.sign(plain_pdf), Roots(load_roots([root])))
    assert (verdict.intact, verdict.whole, verdict.trust) == (True, True, Trust.OURS)


def test_files_that_are_no_key_are_refused_at_start(tmp_path: Path, seal: TestSeal) -> None:
    key_file, root = _rsa(tmp_path, passphrase=b"geheim")
    mixed = tmp_path / "mixed.pem"
    mixed.write_bytes(seal.key_file.read_bytes().split(b"-----BEGIN CERTIFICATE")[0] + root.read_bytes())
    for settings in (
        Settings(tmp_path / "missing.pem"),
        Settings(key_file),
        Settings(key_file, b"falsch"),
        Settings(root),
        Settings(mixed),
    ):
        with pytest.raises(ConfigError):
            Pades(settings)


def test_what_is_no_pdf_is_a_signing_error(signer: Pades) -> None:
    with pytest.raises(SigningError):
        signer.sign(b"no PDF")


def test_no_seal_leaves_the_file_as_it_is(plain_pdf: bytes) -> None:
    assert Unsigned().sign(plain_pdf) == plain_pdf


def test_signers_are_found_by_name() -> None:
    signers.load()
    assert set(signers) >= {"pades", "unsigned"}


def _rsa(folder: Path, *, passphrase: bytes) -> tuple[Path, Path]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Siegel Musterstadt")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(True, True, False, False, False, True, False, False, False), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(passphrase)
    )
    key_file, root = folder / "key.pem", folder / "root.pem"
    key_file.write_bytes(secret + certificate.public_bytes(pem))
    root.write_bytes(certificate.public_bytes(pem))
    return key_file, root


def test_a_pkcs12_file_seals_too(plain_pdf: bytes, tmp_path: Path) -> None:
    key_file, root = _rsa(tmp_path, passphrase=b"geheim")
    key = serialization.load_pem_private_key(key_file.read_bytes(), b"geheim")
    certificate = x509.load_pem_x509_certificate(root.read_bytes())
    secret = serialization.BestAvailableEncryption(b"geheim")
    file = tmp_path / "seal.p12"
    file.write_bytes(serialization.pkcs12.serialize_key_and_certificates(b"siegel", key, certificate, None, secret))  # type: ignore[arg-type]
    verdict = verify(Pades(Settings(file, b"geheim")).sign(plain_pdf), Roots(load_roots([root])))
    assert (verdict.intact, verdict.whole, verdict.trust) == (True, True, Trust.OURS)
    with pytest.raises(ConfigError):
        Pades(Settings(file, b"falsch"))
