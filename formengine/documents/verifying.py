"""Find what holds of a PDF that claims to be a sealed application: seal, wholeness, certificate, time stamp, data.

Decides by mathematics alone and asks no network. Where the file is a stranger's it runs in a child with limits
(`checking`): a PDF parser is no place for trust.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from formengine.documents import seal_bytes
from formengine.documents.certificates import TEST_MARK
from formengine.documents.verdict import Attached, Readable, Trust, Verdict

_DEPTH = 8
_FILES = 100
_LONGEST_NAME = 200
_TOLERANCE = timedelta(minutes=5)
logging.getLogger("pyhanko").addHandler(logging.NullHandler())  # what fails is said in words, not as a traceback


@dataclass(frozen=True, slots=True)
class Roots:
    """Whom we know: the roots of seals, and those of time stamps. They are apart: who stamps may not seal."""

    seals: tuple[x509.Certificate, ...] = ()
    stamps: tuple[x509.Certificate, ...] = ()


def load_roots(paths: Sequence[Path]) -> tuple[x509.Certificate, ...]:
    """The certificates in PEM or DER files. Errors: OSError, ValueError."""
    return tuple(x509.Certificate.load(der) for path in paths for der in _ders(path.read_bytes()))


def verify(pdf: bytes, roots: Roots | None = None) -> Verdict:
    """What holds of *pdf*, where seals and stamps under *roots* are known. Total: any bytes get a verdict."""
    roots = roots or Roots()
    try:
        reader = PdfFileReader(BytesIO(pdf))
        if reader.encrypted:
            return Verdict(readable=Readable.ENCRYPTED)
        seals = list(reader.embedded_regular_signatures)
        stamps = list(reader.embedded_timestamp_signatures)
        hybrid = bool(reader.xrefs.hybrid_xrefs_present)
    except Exception:  # noqa: BLE001 a parser fed with anything fails in any way
        return Verdict(readable=Readable.NO)
    try:
        verdict = _seal(pdf, reader, seals[0], stamps, roots) if seals else Verdict()
    except Exception:  # noqa: BLE001 as above: a seal that cannot be read does not fit
        verdict = Verdict(sealed=True)
    if len(seals) > 1 or len(stamps) > 1 or hybrid:  # we seal and stamp once, and write plain files
        verdict = replace(verdict, whole=False)
    try:
        files = dict(_attachments(reader))
    except Exception:  # noqa: BLE001 as above
        files = {}
    return _with_data(verdict, files)


def _seal(
    pdf: bytes, reader: PdfFileReader, seal: EmbeddedPdfSignature, stamps: list[EmbeddedPdfSignature], roots: Roots
) -> Verdict:
    certificate = seal.signer_cert
    now = datetime.now(UTC)
    verdict = Verdict(
        sealed=True,
        signer=_named(certificate.subject),
        issuer=_named(certificate.issuer),
        algorithm=f"{certificate.public_key.algorithm.upper()} {certificate.public_key.bit_size}, "
        f"{seal.md_algorithm.upper()}",
        sealed_at=seal.self_reported_timestamp,
        expired=certificate.not_valid_after < now,
    )
    stamp = _stamp(stamps[0], roots) if stamps else None
    if stamp is not None:
        verdict = replace(
            verdict,
            stamped_at=stamp.timestamp,
            stamp_by=_named(stamp.signing_cert.subject),
            stamp_known=stamp.trusted,
        )
    status = _status(seal, reader, roots, verdict)
    is_test = TEST_MARK in str(certificate.subject.native.get("common_name", ""))
    is_ours = seal_bytes.are_ours(pdf, seal, _proven(status, seal))
    covers = _covers(status) if stamp is None else _is_followed(status, seal, stamp, stamps[0], pdf)
    return replace(
        verdict,
        intact=status.intact and status.valid and is_ours,
        whole=status.docmdp_ok is True and covers,
        trust=Trust.UNKNOWN if not status.trusted else Trust.TEST if is_test else Trust.OURS,
        unrevoked=verdict.stamp_known and status.trusted and _says_where(certificate),
    )


def _covers(status: PdfSignatureStatus) -> bool:
    """Whether the seal is the end of the file."""
    return status.coverage is SignatureCoverageLevel.ENTIRE_FILE and status.modification_level is ModificationLevel.NONE


def _is_followed(
    status: PdfSignatureStatus,
    seal: EmbeddedPdfSignature,
    stamp: DocumentTimestampStatus,
    stamped: EmbeddedPdfSignature,
    pdf: bytes,
) -> bool:
    """Whether the seal is followed by one revision with a time stamp, by nothing else, and that is the end."""
    inner = status.timestamp_validity
    return (
        status.coverage is SignatureCoverageLevel.ENTIRE_REVISION
        and status.modification_level in {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES}
        and stamped.signed_revision == seal.signed_revision + 1
        and stamp.coverage is SignatureCoverageLevel.ENTIRE_FILE
        and stamp.intact
        and stamp.valid
        and (inner is None or (inner.intact and inner.valid))
        and seal_bytes.are_ours(pdf, stamped, _proven(stamp, stamped))
    )


def _proven(
    status: PdfSignatureStatus | DocumentTimestampStatus, signature: EmbeddedPdfSignature
) -> tuple[x509.Certificate, ...]:
    """The certificates up to the root; without a known root, those that came along."""
    if status.validation_path is None:
        return (signature.signer_cert, *signature.other_embedded_certs)
    return tuple(status.validation_path.iter_certs(include_root=True))


def _stamp(stamp: EmbeddedPdfSignature, roots: Roots) -> DocumentTimestampStatus:
    return validate_pdf_timestamp(stamp, ValidationContext(trust_roots=list(roots.stamps), allow_fetching=False))


def _status(seal: EmbeddedPdfSignature, reader: PdfFileReader, roots: Roots, verdict: Verdict) -> PdfSignatureStatus:
    """What holds of the seal at the time that is proven for it: the stamp's if that is known, else what it says."""
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    about: dict[str, Any] = {
        "trust_roots": list(roots.seals),
        "allow_fetching": False,
        "moment": (verdict.stamped_at if verdict.stamp_known else verdict.sealed_at) or datetime.now(UTC),
        "time_tolerance": _TOLERANCE,
    }
    if verdict.stamp_known:
        # with the store of what the issuers said then: a certificate that was revoked, or of which it is silent, fails
        context = DocumentSecurityStore.read_dss(reader).as_validation_context(
            {**about, "revocation_mode": "hard-fail"}
        )
    else:
        context = ValidationContext(**about, revocation_mode="soft-fail")
    stamps = ValidationContext(trust_roots=list(roots.stamps), allow_fetching=False)
    return validate_pdf_signature(
        seal, signer_validation_context=context, ts_validation_context=stamps, key_usage_settings=usage
    )


def _says_where(certificate: x509.Certificate) -> bool:
    """Whether the certificate says where one hears that it was revoked."""
    return bool(certificate.ocsp_urls or certificate.crl_distribution_points)


def _named(name: x509.Name) -> str:
    parts = name.native
    said = ", ".join(str(parts[part]) for part in ("common_name", "organization_name") if part in parts)
    return "".join(c if c.isprintable() else " " for c in said)[:_LONGEST_NAME]


def _with_data(verdict: Verdict, files: dict[str, bytes]) -> Verdict:
    attached = tuple(
        Attached(name[:_LONGEST_NAME], len(data), hashlib.sha512(data).hexdigest())
        for name, data in sorted(files.items())
    )
    verdict = replace(verdict, attachments=attached)
    if "application.json" not in files or "record.json" not in files:
        return verdict
    try:
        record = json.loads(files["record.json"])
        promised, reference = record["payload"], str(record["reference"])[:20]
    except (ValueError, KeyError, TypeError, RecursionError):
        return replace(verdict, data_matches=False)
    if isinstance(promised, dict):
        promised = promised.get("sha512")
    return replace(
        verdict,
        reference=reference,
        data_matches=promised == hashlib.sha512(files["application.json"]).hexdigest(),
    )


def _attachments(reader: PdfFileReader) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each attached file. Errors: ValueError where one name stands twice, or for too many."""
    names = _member(reader.root, "/Names")
    seen: set[str] = set()
    for name, data in _name_tree(_member(names, "/EmbeddedFiles"), 0):
        if name in seen or len(seen) == _FILES:
            raise ValueError(name)
        seen.add(name)
        yield name, data


def _name_tree(node: Any, depth: int) -> Iterator[tuple[str, bytes]]:
    if node is None or depth > _DEPTH:
        return
    pairs = _member(node, "/Names") or ()
    for i in range(1, len(pairs), 2):
        spec = pairs[i]
        yield str(_member(spec, "/UF") or _member(spec, "/F")), bytes(spec["/EF"]["/F"].data)
    kids = _member(node, "/Kids") or ()
    for i in range(len(kids)):
        yield from _name_tree(kids[i], depth + 1)


def _member(node: Any, key: str) -> Any:
    """The entry *key* with its reference followed (pyHanko's `get` does not), or None."""
    return node[key] if node is not None and key in node else None


def _ders(data: bytes) -> Iterator[bytes]:
    if not pem.detect(data):
        yield data
        return
    yield from (der for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE")
