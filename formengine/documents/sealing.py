"""The operator's seal on a PDF: PAdES B-B or B-LTA, a certification that allows no change (PDF-06), by any key.

The field is invisible: a drawn stamp would break PDF/UA. It is an electronic seal of the online service and never
the applicant's signature. What was sealed is verified before anyone gets it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from asn1crypto import pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers as pyhanko_signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import collect_validation_info
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import ExpiredError, NotYetValidError, RevokedError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from formengine.documents.certificates import TEST_MARK
from formengine.documents.signers import Authority
from formengine.documents.stamping import BELOW_STAMP, DSS, Stamping
from formengine.documents.verifying import Roots, verify
from formengine.errors import NoTimeStamp, SigningError

FIELD = "Siegel"
STAMP_FIELD = "Zeitstempel"
REASON = "Elektronisches Siegel des Onlinedienstes"
_OWN_FAULT = (RevokedError, ExpiredError, NotYetValidError)
"""What is wrong with the certificate itself; no later attempt mends it."""


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

    @property
    def ends(self) -> datetime:
        """When the first of the certificates ends."""
        ends: datetime = min(one.not_valid_after for one in (self.certificate, *self.chain))
        return ends


class Sealer:
    """What every signer with a key does; it holds the key that *key* is, wherever that lies.

    Errors on making: ConfigError for an authority that cannot be asked.
    """

    def __init__(self, key: Key, stamps: Authority | None) -> None:
        self._key = key
        self._stamping = Stamping(stamps) if stamps else None
        self.seal = key.claim
        self.ends = key.ends

    def sign(self, pdf: bytes) -> bytes:
        """The PDF with the seal appended, and the time stamp. Errors: NoTimeStamp, SigningError."""
        return seal(pdf, self._key, self._stamping)

    def sign_unstamped(self, pdf: bytes) -> bytes:
        """The PDF with the seal alone appended. Errors: SigningError."""
        return seal(pdf, self._key)

    def lacks_stamp(self, pdf: bytes) -> bool:
        """Whether the sealed PDF is without the time stamp that is set up here."""
        return self._stamping is not None and not PdfFileReader(BytesIO(pdf)).embedded_timestamp_signatures

    def stamp(self, pdf: bytes) -> bytes:
        """The sealed PDF with the time stamp below it. Errors: NoTimeStamp, SigningError."""
        if self._stamping is None:
            raise NoTimeStamp("no time-stamp authority is set up")
        return stamp(pdf, self._key, self._stamping)


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


def stamp(pdf: bytes, key: Key, stamping: Stamping) -> bytes:
    """The PDF that *key* sealed, followed by one revision with the proof and a time stamp over all of it; verified.

    A document's time stamp is the proof that the seal existed, where the seal has none in itself (ETSI EN 319 142-1,
    6.3). Errors: NoTimeStamp, SigningError.
    """
    with stamping.client() as client:
        roots = key.chain[-1:] or (key.certificate,)
        context = stamping.context(client, roots)
        with _in_words(stamped=True):
            (sealed,) = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
            paths = asyncio.run(collect_validation_info(sealed, context))
            made: BytesIO = pyhanko_signers.PdfTimeStamper(stamping.stamper(client), STAMP_FIELD).timestamp_pdf(
                IncrementalPdfFileWriter(BytesIO(pdf)),
                "sha256",
                validation_context=context,
                validation_paths=paths,
                dss_settings=BELOW_STAMP,
            )
    return _checked(made.getvalue(), Roots(roots, stamping.roots))


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
    with _in_words(stamped=stamper is not None):
        sealed: BytesIO = pyhanko_signers.PdfSigner(
            about, signer=signer, timestamper=stamper, new_field_spec=SigFieldSpec(FIELD)
        ).sign_pdf(writer)
    return sealed.getvalue()


@contextmanager
def _in_words(*, stamped: bool) -> Iterator[None]:
    """Any failure as one of ours: where only the stamp can be at fault, NoTimeStamp; else SigningError."""
    try:
        yield
    except SigningError:
        raise
    except Exception as error:
        fault = error if isinstance(error, _OWN_FAULT) else error.__cause__
        if not stamped or isinstance(fault, _OWN_FAULT):
            raise SigningError(f"sealing failed: {type(fault or error).__name__}") from error
        raise NoTimeStamp(f"the seal cannot be stamped: {type(error).__name__}") from error


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
        # with the root in it: a strict validator builds the path of years ago from the file alone
        super().__init__(signing_cert=key.certificate, cert_registry=store, embed_roots=True)
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
