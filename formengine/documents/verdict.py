"""What was found of a PDF that claims to be a sealed application, as facts and in words.

Decides which sentence comes first (ux.md 8.3). How the facts are found is `verifying`; this knows no PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from formengine.i18n.catalogues import N_, put_in
from formengine.i18n.formatting import BERLIN


class Trust(StrEnum):
    """Whose certificate sealed: one of ours, one of ours that is marked as a trial, or nobody's that we know."""

    OURS = "ours"
    TEST = "test"
    UNKNOWN = "unknown"


class Readable(StrEnum):
    """Whether the file could be read: as a PDF, not for a password, not at all, or not within the limits."""

    YES = "yes"
    ENCRYPTED = "encrypted"
    NO = "no"
    TOO_MUCH = "too-much"


class Finding(StrEnum):
    """The whole in one word. VALID alone is good; TEST is for trying out; what is unknown is never good."""

    VALID = "valid"
    TEST = "test"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    OTHER_DATA = "other-data"
    UNSEALED = "unsealed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that is attached to the PDF."""

    name: str
    size_bytes: int
    sha512: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds. *whole*: seal and time stamp cover the file to its last byte and nothing else was appended.

    *data_matches*: the attached `application.json` is the one whose digest the attached record names; None where
    one of the two is missing. *sealed_at* is the sealing machine's clock, *stamped_at* the time-stamp authority's,
    None where there is no stamp; *stamp_known* says whether that authority is one that we know. *expired*: the
    certificate has run out since. *unrevoked*: the file proves that it was not revoked when it was stamped.
    """

    readable: Readable = Readable.YES
    sealed: bool = False
    intact: bool = False
    whole: bool = False
    trust: Trust = Trust.UNKNOWN
    expired: bool = False
    signer: str = ""
    issuer: str = ""
    algorithm: str = ""
    sealed_at: datetime | None = None
    stamped_at: datetime | None = None
    stamp_by: str = ""
    stamp_known: bool = False
    unrevoked: bool = False
    reference: str = ""
    data_matches: bool | None = None
    attachments: tuple[Attached, ...] = field(default=())

    @property
    def finding(self) -> Finding:
        """The whole in one word."""
        if self.readable is not Readable.YES:
            return Finding.UNREADABLE
        if not self.sealed:
            return Finding.UNSEALED
        if not (self.intact and self.whole):
            return Finding.CHANGED
        if self.trust is Trust.UNKNOWN or (self.stamped_at is not None and not self.stamp_known):
            return Finding.UNKNOWN
        if self.data_matches is not True:
            return Finding.OTHER_DATA
        return Finding.TEST if self.trust is Trust.TEST else Finding.VALID

    @property
    def holds(self) -> bool:
        """Whether all holds that has to: an unchanged file, sealed by a known key, with its own data."""
        return self.finding in {Finding.VALID, Finding.TEST}

    def headline(self, translate: Callable[[str], str] = str) -> str:
        """The sentence that comes first."""
        at = self.stamped_at or self.sealed_at
        return put_in(translate(self._headline()), {"signer": self.signer, "date": _day(at) if at else "–"})

    def sentences(self, translate: Callable[[str], str] = str) -> tuple[str, ...]:
        """What holds and what does not, the whole first, then one sentence a fact."""
        return self.headline(translate), *(put_in(translate(text), values) for text, values in self._facts())

    def as_json(self) -> dict[str, Any]:
        """The verdict as a value of JSON; `from_json` makes it again."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Verdict:
        """The verdict of what `as_json` gave. Errors: KeyError, TypeError, ValueError for anything else."""
        instants = {name: value[name] and datetime.fromisoformat(value[name]) for name in ("sealed_at", "stamped_at")}
        known = {
            **value,
            **instants,
            "readable": Readable(value["readable"]),
            "trust": Trust(value["trust"]),
            "attachments": tuple(Attached(**one) for one in value["attachments"]),
        }
        return cls(**known)

    def _headline(self) -> str:
        if self.finding is Finding.UNREADABLE:
            return {
                Readable.ENCRYPTED: N_("Nicht prüfbar, weil die Datei mit einem Passwort geschützt ist."),
                Readable.TOO_MUCH: N_("Nicht prüfbar, weil die Datei zu groß oder zu verschachtelt ist."),
            }.get(self.readable, N_("Nicht prüfbar, weil die Datei kein lesbares PDF ist."))
        if self.finding is Finding.UNKNOWN and self.trust is not Trust.UNKNOWN:
            return N_("Nicht prüfbar, weil der Zeitstempel von einer Stelle ist, die wir nicht kennen.")
        return {
            Finding.VALID: N_("Siegel gültig: Siegel von {signer} am {date}, Dokument seitdem unverändert."),
            Finding.TEST: N_("Nur zum Testen: Das Dokument ist unverändert, aber sein TEST-Siegel beweist nichts."),
            Finding.UNKNOWN: N_("Nicht prüfbar, weil wir das Zertifikat des Siegels nicht kennen."),
            Finding.CHANGED: N_("Dokument wurde nach dem Siegeln geändert."),
            Finding.OTHER_DATA: N_(
                "Nicht in Ordnung: Das Siegel ist bekannt, aber die Antragsdaten passen nicht dazu."
            ),
            Finding.UNSEALED: N_("Kein Siegel: Wir können nicht sagen, woher das Dokument kommt."),
        }[self.finding]

    def _facts(self) -> Iterator[tuple[str, dict[str, str]]]:
        if self.readable is not Readable.YES:
            return
        if not self.sealed:
            yield N_("Nicht in Ordnung: Die Datei trägt kein Siegel."), {}
        elif not self.intact:
            yield N_("Nicht in Ordnung: Die Datei wurde nach dem Siegeln verändert. Das Siegel passt nicht dazu."), {}
        else:
            yield N_("In Ordnung: Das Siegel passt zum Inhalt."), {}
            yield self._wholeness(), {}
            yield self._certificate(), {"signer": self.signer}
            if self.expired:
                yield N_("Hinweis: Das Zertifikat ist inzwischen abgelaufen. Beim Siegeln galt es."), {}
            if self.sealed_at is not None:
                yield N_("Gesiegelt am {date} um {time} Uhr, nach der Uhr des Onlinedienstes."), _moment(self.sealed_at)
            yield from self._stamp()
        yield self._data(), {}
        if self.reference:
            yield N_("Vorgangsnummer: {reference}"), {"reference": self.reference}
        for file in self.attachments:
            yield (
                N_("Beigefügt: {name}, {size} Bytes, SHA-512 {digest}"),
                {"name": file.name, "size": str(file.size_bytes), "digest": file.sha512},
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

    def _stamp(self) -> Iterator[tuple[str, dict[str, str]]]:
        if self.stamped_at is None:
            yield N_("Ohne Zeitstempel einer anderen Stelle."), {}
            return
        words = {**_moment(self.stamped_at), "by": self.stamp_by}
        if self.stamp_known:
            yield N_("In Ordnung: Zeitstempel von {by} am {date} um {time} Uhr."), words
        else:
            yield N_("Nicht in Ordnung: Der Zeitstempel ist von einer unbekannten Stelle: {by}."), words
        if self.unrevoked:
            yield N_("In Ordnung: Das Zertifikat war zu dieser Zeit nicht gesperrt."), {}

    def _data(self) -> str:
        return {
            True: N_("In Ordnung: Die beigefügten Antragsdaten sind die, die eingegangen sind."),
            False: N_("Nicht in Ordnung: Die beigefügten Antragsdaten sind nicht die, die eingegangen sind."),
            None: N_("Nicht in Ordnung: Antragsdaten oder Protokoll sind nicht beigefügt."),
        }[self.data_matches]


def _day(at: datetime) -> str:
    return at.astimezone(BERLIN).strftime("%d.%m.%Y")


def _moment(at: datetime) -> dict[str, str]:
    return {"date": _day(at), "time": at.astimezone(BERLIN).strftime("%H:%M:%S")}
