"""What holds of a PDF that claims to be a sealed application: seal, wholeness, certificate, attached data.

Decides by mathematics alone and asks no network. Where the file is a stranger's it is to be run in a child
with limits (security.md 6): a PDF parser is no place for trust.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from formengine.documents import seal_bytes
from formengine.documents.certificates import TEST_MARK
from formengine.i18n.catalogues import N_, put_in
from formengine.i18n.formatting import BERLIN

_DEPTH = 8
logging.getLogger("pyhanko").addHandler(logging.NullHandler())  # what fails is said in words, not as a traceback


class Trust(StrEnum):
    """Whose certificate sealed: one of ours, one of ours that is marked as a trial, or nobody's that we know."""

    OURS = "ours"
    TEST = "test"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is attached to the PDF."""

    name: str
    size_bytes: int
    sha512: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds. *whole*: the seal covers the file to its last byte and nothing was appended.

    *data_matches*: the attached `application.json` is the one whose digest the attached record names; None where
    one of the two is missing. *sealed_at* is the sealing machine's clock, *expired* whether the certificate has run
    out since.
    """

    readable: bool = True
    sealed: bool = False
    intact: bool = False
    whole: bool = False
    trust: Trust = Trust.UNKNOWN
    expired: bool = False
    signer: str = ""
    sealed_at: datetime | None = None
    reference: str = ""
    data_matches: bool | None = None
    attachments: tuple[Attached, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether all holds that has to: an unchanged file, sealed by a known key, with its own data."""
        return (
            self.readable
            and self.sealed
            and self.intact
            and self.whole
            and self.trust is not Trust.UNKNOWN
            and self.data_matches is True
        )

    def sentences(self, translate: Callable[[str], str] = str) -> tuple[str, ...]:
        """What holds and what does not, one sentence a fact."""
        return tuple(put_in(translate(text), values) for text, values in self._facts())

    def _facts(self) -> Iterator[tuple[str, dict[str, str]]]:
        if not self.readable:
            yield N_("Nicht in Ordnung: Die Datei ist kein lesbares PDF."), {}
            return
        if not self.sealed:
            yield N_("Nicht in Ordnung: Die Datei trägt kein Siegel."), {}
        elif not self.intact:
            yield N_("Nicht in Ordnung: Die Datei wurde nach dem Siegeln verändert. Das Siegel passt nicht dazu."), {}
        else:
            yield N_("In Ordnung: Das Siegel passt zum Inhalt."), {}
            yield self._wholeness(), {}
        if self.intact:
            yield self._certificate(), {"signer": self.signer}
            if self.expired:
                yield N_("Hinweis: Das Zertifikat ist inzwischen abgelaufen. Beim Siegeln galt es."), {}
            if self.sealed_at is not None:
                at = self.sealed_at.astimezone(BERLIN)
                yield (
                    N_("Gesiegelt am {date} um {time} Uhr, nach der Uhr des Onlinedienstes."),
                    {
                        "date": at.strftime("%d.%m.%Y"),
                        "time": at.strftime("%H:%M:%S"),
                    },
                )
        yield self._data(), {}
        if self.reference:
            yield N_("Vorgangsnummer: {reference}"), {"reference": self.reference}
        for file in self.attachments:
            yield (
                N_("Beigefügt: {name}, {size} Bytes, SHA-512 {digest}"),
                {
                    "name": file.name,
                    "size": str(file.size_bytes),
                    "digest": file.sha512,
                },
            )

    def _wholeness(self) -> str:
        if self.whole:
            return N_("In Ordnung: Das Siegel umfasst die ganze Datei. Es wurde nichts angefügt.")
        return N_("Nicht in Ordnung: An die Datei wurde nach dem Siegeln etwas angefügt.")

    def _certificate(self) -> str:
        return {
            Trust.OURS: N_("In Ordnung: Das Zertifikat ist bekannt: {signer}."),
            Trust.TEST: N_("Achtung: Das ist ein selbst erzeugtes TEST-Zertifikat: {signer}. Es beweist nichts."),
            Trust.UNKNOWN: N_("Nicht in Ordnung: Das Zertifikat ist unbekannt: {signer}."),
        }[self.trust]

    def _data(self) -> str:
        return {
            True: N_("In Ordnung: Die beigefügten Antragsdaten sind die, die eingegangen sind."),
            False: N_("Nicht in Ordnung: Die beigefügten Antragsdaten sind nicht die, die eingegangen sind."),
            None: N_("Nicht in Ordnung: Antragsdaten oder Protokoll sind nicht beigefügt."),
        }[self.data_matches]


def load_roots(paths: Sequence[Path]) -> tuple[x509.Certificate, ...]:
    """The certificates in PEM or DER files. Errors: OSError, ValueError."""
    return tuple(x509.Certificate.load(der) for path in paths for der in _ders(path.read_bytes()))


def verify(pdf: bytes, roots: Sequence[x509.Certificate] = ()) -> Verdict:
    """What holds of *pdf*, where seals under *roots* are known. Total: any bytes get a verdict."""
    try:
        reader = PdfFileReader(BytesIO(pdf))
        seals = list(reader.embedded_signatures)
        hybrid = bool(reader.xrefs.hybrid_xrefs_present)
    except Exception:  # noqa: BLE001 a parser fed with anything fails in any way
        return Verdict(readable=False)
    try:
        verdict = _seal(pdf, seals[0], roots) if seals else Verdict()
    except Exception:  # noqa: BLE001 as above: a seal that cannot be read does not fit
        verdict = Verdict(sealed=True)
    if len(seals) > 1 or hybrid:  # we seal once, and write plain files
        verdict = replace(verdict, whole=False)
    try:
        files = dict(_attachments(reader))
    except Exception:  # noqa: BLE001 as above
        files = {}
    return _with_data(verdict, files)


def _seal(pdf: bytes, seal: EmbeddedPdfSignature, roots: Sequence[x509.Certificate]) -> Verdict:
    certificate = seal.signer_cert
    name = certificate.subject.native
    signer = ", ".join(str(name[part]) for part in ("common_name", "organization_name") if part in name)
    at = seal.self_reported_timestamp
    now = datetime.now(UTC)
    verdict = Verdict(sealed=True, signer=signer, sealed_at=at, expired=certificate.not_valid_after < now)
    status = _status(seal, roots, at or now)
    is_test = TEST_MARK in str(name.get("common_name", ""))
    return replace(
        verdict,
        intact=status.intact and status.valid and seal_bytes.are_ours(pdf, seal, _proven(status, seal)),
        whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        and status.modification_level is ModificationLevel.NONE
        and status.docmdp_ok is True,
        trust=Trust.UNKNOWN if not status.trusted else Trust.TEST if is_test else Trust.OURS,
    )


def _proven(status: PdfSignatureStatus, seal: EmbeddedPdfSignature) -> tuple[x509.Certificate, ...]:
    """The certificates up to the root; without a known root, those that came along."""
    if status.validation_path is None:
        return (seal.signer_cert, *seal.other_embedded_certs)
    return tuple(status.validation_path.iter_certs(include_root=True))


def _status(seal: EmbeddedPdfSignature, roots: Sequence[x509.Certificate], moment: datetime) -> PdfSignatureStatus:
    context = ValidationContext(
        trust_roots=list(roots), allow_fetching=False, revocation_mode="soft-fail", moment=moment
    )
    usage = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)
    return validate_pdf_signature(seal, signer_validation_context=context, key_usage_settings=usage)


def _with_data(verdict: Verdict, files: dict[str, bytes]) -> Verdict:
    attached = tuple(
        Attached(name, len(data), hashlib.sha512(data).hexdigest()) for name, data in sorted(files.items())
    )
    verdict = replace(verdict, attachments=attached)
    if "application.json" not in files or "record.json" not in files:
        return verdict
    try:
        record = json.loads(files["record.json"])
        promised, reference = record["payload"], str(record["reference"])
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
    """Name and bytes of each attached file. Errors: ValueError where one name stands twice."""
    names = _member(reader.root, "/Names")
    seen: set[str] = set()
    for name, data in _name_tree(_member(names, "/EmbeddedFiles"), 0):
        if name in seen:
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
