"""The operator's seal: PAdES B-B by a key from a file, as a certification that allows no change (PDF-06).

The key is loaded once. The field is invisible: a drawn stamp would break PDF/UA. It is an electronic seal of the
online service and never the applicant's signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from asn1crypto import pem, x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers as pyhanko_signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from formengine.documents.certificates import TEST_MARK
from formengine.documents.signers import signers
from formengine.errors import ConfigError, SigningError

FIELD = "Siegel"
REASON = "Elektronisches Siegel des Onlinedienstes"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where key and certificates lie: one PEM file with the private key, its certificate, then the issuers'.

    *passphrase* is the key's, or empty.
    """

    key_file: Path
    passphrase: bytes = b""


class _LoadedKey(pyhanko_signers.Signer):
    """pyHanko's signer over a key that is loaded already: theirs loads an RSA key twice a signature."""

    def __init__(self, certificate: x509.Certificate, chain: list[x509.Certificate], key: _Key) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(chain)
        super().__init__(signing_cert=certificate, cert_registry=store, embed_roots=False)
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002, ARG002
        digest = hashes.SHA512() if digest_algorithm == "sha512" else hashes.SHA256()
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(data, ec.ECDSA(digest))
        return self._key.sign(data, padding.PKCS1v15(), digest)


_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@signers.register("pades")
class Pades:
    """A PAdES B-B seal. Errors on making: ConfigError where the file holds no usable key."""

    def __init__(self, settings: Settings) -> None:
        try:
            data = settings.key_file.read_bytes()
            key = serialization.load_pem_private_key(data, settings.passphrase or None)
            found = [
                x509.Certificate.load(der) for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"
            ]
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ConfigError(f"the signing key {settings.key_file} cannot be read: {type(error).__name__}") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or not found:
            raise ConfigError(f"{settings.key_file} must hold an RSA or EC key and its certificate, in PEM")
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if found[0].public_key.dump() != public:
            raise ConfigError(f"{settings.key_file}: the first certificate does not belong to the key")
        self.seal = "test" if TEST_MARK in found[0].subject.native.get("common_name", "") else "sealed"
        self._signer = _LoadedKey(found[0], found[1:], key)
        self._about = pyhanko_signers.PdfSignatureMetadata(
            field_name=FIELD,
            subfilter=SigSeedSubFilter.PADES,
            md_algorithm="sha256",
            reason=REASON,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        )

    def sign(self, pdf: bytes) -> bytes:
        """The PDF with the seal appended. Errors: SigningError."""
        try:
            writer = IncrementalPdfFileWriter(BytesIO(pdf))
            sealed: BytesIO = pyhanko_signers.PdfSigner(
                self._about, signer=self._signer, new_field_spec=SigFieldSpec(FIELD)
            ).sign_pdf(writer)
        except Exception as error:
            raise SigningError(f"sealing failed: {type(error).__name__}") from error
        return sealed.getvalue()
