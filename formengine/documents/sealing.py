"""The operator's seal on a PDF: PAdES B-B or B-LTA, a certification that allows no change (PDF-06), by any key.

The field is invisible: a drawn stamp would break PDF/UA. It is an electronic seal of the online service and never
the applicant's signature. What was sealed is verified before anyone gets it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO

from asn1crypto import pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers as pyhanko_signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import ExpiredError, NotYetValidError, RevokedError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from formengine.documents.certificates import TEST_MARK
from formengine.documents.stamping import DSS, Stamping
from formengine.documents.verifying import Roots, verify
from formengine.errors import NoTimeStamp, SigningError

FIELD = "Siegel"
STAMP_FIELD = "Zeitstempel"
REASON = "Elektronisches Siegel des Onlinedienstes"


@dataclass(frozen=True, slots=True)
class Key:
    """A key as sealing needs it: its certificate, those of the issuers, and the way to sign bytes by it with SHA-256.

    *sign* gives PKCS #1 v1.5 for an RSA key and the DER of ECDSA for an EC key, and may fail in any way.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    sign: Callable[[bytes], bytes] = field(repr=False)

    @property
    def claim(self) -> str:
        """What a document may say of its seal: `test` or `sealed`."""
        return "test" if TEST_MARK in self.certificate.subject.native.get("common_name", "") else "sealed"


def seal(pdf: bytes, key: Key, stamping: Stamping | None = None) -> bytes:
    """The PDF with the seal of *key* appended, and with the time stamp of *stamping* where there is one; verified.

    Errors: NoTimeStamp where the stamp alone could not be had; SigningError.
    """
    if stamping is None:
        return _checked(_sealed(pdf, key, None, None))
    with stamping.client() as client:
        roots = key.chain[-1:] or (key.certificate,)
        context = stamping.context(client, roots)
        sealed = _sealed(pdf, key, stamping.stamper(client), context)
    return _checked(sealed, Roots(roots, stamping.roots))


def _sealed(pdf: bytes, key: Key, stamper: TimeStamper | None, context: ValidationContext | None) -> bytes:
    about = pyhanko_signers.PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        reason=REASON,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        embed_validation_info=stamper is not None,
        use_pades_lta=stamper is not None,
        validation_context=context,
        signer_key_usage=set(),  # which one the certificate has is checked in what was sealed
        dss_settings=DSS,
        timestamp_field_name=STAMP_FIELD,
    )
    signer = _ByKey(key)
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
    except Exception as error:
        raise SigningError(f"this cannot be sealed: {type(error).__name__}") from error
    try:
        sealed: BytesIO = pyhanko_signers.PdfSigner(
            about, signer=signer, timestamper=stamper, new_field_spec=SigFieldSpec(FIELD)
        ).sign_pdf(writer)
    except SigningError:
        raise
    except Exception as error:
        if stamper is None or isinstance(error.__cause__, RevokedError | ExpiredError | NotYetValidError):
            raise SigningError(f"sealing failed: {type(error.__cause__ or error).__name__}") from error
        raise NoTimeStamp(f"the seal cannot be stamped: {type(error).__name__}") from error
    return sealed.getvalue()


def _checked(sealed: bytes, roots: Roots | None = None) -> bytes:
    """What was sealed, if it holds. Errors: SigningError."""
    verdict = verify(sealed, roots)
    if not (verdict.intact and verdict.whole and (roots is None or verdict.stamp_known)):
        raise SigningError("the seal does not hold")
    return sealed


def certificates(data: bytes) -> list[x509.Certificate]:
    """The certificates in PEM, in order. Errors: ValueError."""
    return [x509.Certificate.load(der) for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]


class _ByKey(pyhanko_signers.Signer):
    """pyHanko's signer over a key that is held elsewhere: theirs load one anew for each signature."""

    def __init__(self, key: Key) -> None:
        store = SimpleCertificateStore()
        store.register_multiple(key.chain)
        self._public = key.certificate.public_key
        super().__init__(signing_cert=key.certificate, cert_registry=store, embed_roots=False)
        self._sign = key.sign

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002
        """The signature by the key. Errors: SigningError."""
        if digest_algorithm != "sha256":
            raise SigningError("another digest than SHA-256 was asked for")
        if dry_run:
            return self._size()
        try:
            return self._sign(data)
        except SigningError:
            raise
        except Exception as error:
            raise SigningError(f"the key does not sign: {type(error).__name__}") from error

    def _size(self) -> bytes:
        """As many bytes as a signature can have: the key, which may lie far away, is asked once for each seal."""
        bits = self._public.bit_size
        return bytes(bits // 8 + 1 if self._public.algorithm == "rsa" else 2 * (bits // 8 + 1) + 16)
