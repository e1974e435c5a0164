"""The values that cross the ports: what stores and channels are given and give back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, NewType, Protocol

from formengine.core.lifecycle import Delivery, Draft, DraftId, FileId, Reference

SessionId = NewType("SessionId", str)
"""The lower-case hex SHA-256 of a cookie's secret; the secret itself is nowhere on the server (SES-02)."""


CODE: Final = "code"
SESSION: Final = "session"
JOB: Final = "job"
AUTHORITY: Final = "authority"
"""Kinds of keys that a draft's key is wrapped for (security.md 4)."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read: a kind, and its secrets by key id. Bytes of a code or session, private keys of the other kinds."""

    kind: str
    secrets: Mapping[str, Any] = field(repr=False)

    @property
    def id(self) -> str:
        """The id of the first key: the one that codes and sessions have."""
        return next(iter(self.secrets))


@dataclass(frozen=True, slots=True)
class Wrap:
    """A draft's key, wrapped for the key *key_id* of a *kind*."""

    kind: str
    key_id: str
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies, what it belongs to, and the key that seals it."""

    at: str
    tenant: str
    object: str
    purpose: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BlockedPerson:
    """Somebody of the staff whose access is blocked, by the id that their sign-in gives."""

    id: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """What the server knows of a browser. *theme* is "", "light" or "dark"; *person* is who signed in (staff only)."""

    id: SessionId
    tenant: str
    audience: str
    csrf: str = field(repr=False)
    language: str
    created_at: datetime
    seen_at: datetime
    theme: str = ""
    shared: bool = False
    person: Mapping[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opened:
    """A session with what it holds of one form: its draft, or the reference of what was sent, or neither."""

    session: Session
    draft: Draft | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in the store, without its name. *arrived*: its bytes lie in the store; *clean*: it may be used."""

    id: FileId
    tenant: str
    draft_id: DraftId
    size_bytes: int
    arrived: bool
    clean: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is not delivered: how many deliveries wait, are being sent, are parked; how many applications lack their
    document; when the oldest of those with an open delivery was received.
    """

    waiting: int
    sending: int
    failed: int
    without_document: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Export:
    """That somebody wants to take a parked application out by hand (REL-08), who let them, and when it was fetched.

    People are named by the ids of the audit log and, for other people, by their names.
    """

    reference: Reference
    asked_by: str
    asked_name: str
    asked_at: datetime
    reason: str = field(repr=False)
    ends_at: datetime
    approved_by: str = ""
    approved_name: str = ""
    approved_at: datetime | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LateStamp:
    """A document that was sealed without its time stamp (PDF-07).

    Until it has one, *sha512* is "" and *due_at* is when the next attempt may be made; then *sha512* is of the stamped
    document. *error* is why the last attempt failed.
    """

    reference: Reference
    due_at: datetime
    attempts: int = 0
    error: str = ""
    sha512: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log: who did what to which application, never what stood in it."""

    tenant: str
    number: int
    at: datetime
    person: str
    action: str
    reference: str
    detail: str
    hash: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version of a form: when it was published last, whether it is served, and its open drafts."""

    form: str
    version: str
    hash: str
    published_at: datetime
    withdrawn_at: datetime | None
    is_served: bool
    drafts: int


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A submission as the inbox lists it. *missing*: the proofs not handed in; *card*: who applies, once opened."""

    reference: Reference
    form: str
    form_version: str
    language: str
    received_at: datetime
    has_pdf: bool
    deliveries: tuple[Delivery, ...] = ()
    missing: int = 0
    card: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for in the inbox; "" is everything.

    *reference* is how the reference begins; *state* is `waiting`, `delivered` (through every channel) or `failed`;
    *proofs* is `missing`; *since* and *until* are the first and the last day of receipt, in Berlin.
    """

    reference: str = ""
    form: str = ""
    language: str = ""
    state: str = ""
    proofs: str = ""
    since: date | None = None
    until: date | None = None


EVERYTHING: Final = Sought()


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be taken: its kind as told by content, and the bytes that are to be stored."""

    name: str
    media_type: str
    clean: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """One file of a delivery, by its path within; *read* fetches the bytes when they are wanted."""

    path: str
    media_type: str
    size_bytes: int
    sha512: str
    read: Callable[[], bytes] = field(repr=False)


class Notes(Protocol):
    """What a channel notes of one delivery for its next attempt, in order; never anything of an applicant's."""

    def read(self) -> tuple[str, ...]:
        """The notes, oldest first. Errors: StorageError."""

    def add(self, text: str, *, after: int) -> str:
        """The note behind the first *after* ones: this text, or what another attempt wrote there.

        Errors: StorageError.
        """


@dataclass(slots=True)
class Unwritten:
    """Notes that end with the process: of parcels that go through no store."""

    notes: list[str] = field(default_factory=list)

    def read(self) -> tuple[str, ...]:
        """The notes, oldest first."""
        return tuple(self.notes)

    def add(self, text: str, *, after: int) -> str:
        """The note behind the first *after* ones."""
        if len(self.notes) == after:
            self.notes.append(text)
        return self.notes[after]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of an application for download: bytes, media type, and the name to offer."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a channel delivers: `application.json`, `application.pdf`, `proofs/…`, and `manifest.json` last.

    *key* is the same at every attempt and for no other parcel (REL-06); *notes* are its channel's own. A *supplement*
    brings something that came later for an application that was delivered, and is none itself.
    """

    reference: Reference
    tenant: str
    form: str
    key: str
    files: tuple[ParcelFile, ...]
    notes: Notes = field(default_factory=Unwritten, repr=False, compare=False)
    supplement: str = ""

    @property
    def name(self) -> str:
        """What it is called where parcels lie side by side: no application ever has a supplement's name."""
        return f"{self.reference}-{self.supplement}" if self.supplement else self.reference
