"""What the services need of the outside, as Protocols. The values that cross them are in `services.values`.

An adapter satisfies a port by its shape; the type checker compares the two where `bootstrap` passes it in.
The stores that share a transaction are in `services.work`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Reference, Submission
from formengine.services.values import (
    EVERYTHING,
    AuditLine,
    Examined,
    Export,
    Fetched,
    FileRow,
    InboxRow,
    LateStamp,
    Opened,
    Parcel,
    ParcelFile,
    Place,
    Reader,
    Session,
    SessionId,
    Sought,
    VersionRow,
    Wrap,
)
from formengine.services.work import Work

__all__ = [
    "EVERYTHING",
    "AuditLine",
    "Channel",
    "Database",
    "Examined",
    "Export",
    "Fetched",
    "FileRow",
    "Files",
    "Forms",
    "InboxRow",
    "Intake",
    "LateStamp",
    "Opened",
    "Opener",
    "Parcel",
    "ParcelFile",
    "Place",
    "Reader",
    "Renderer",
    "Ring",
    "Session",
    "SessionId",
    "Signer",
    "Sought",
    "Stores",
    "VersionRow",
    "Work",
    "Wrap",
]


class Database(Protocol):
    """Where rows are kept."""

    def read(self, tenant: str = "", reader: Reader | None = None) -> AbstractContextManager[Work]:
        """Stores that only read. Errors: StorageError."""

    def write(self, tenant: str = "", reader: Reader | None = None) -> AbstractContextManager[Work]:
        """One transaction: committed at the end, undone by any exception. Errors: StorageError."""


class Files(Protocol):
    """Where bytes are kept, sealed, at places that we make."""

    def has_room(self) -> bool:
        """Whether a file may come that no submit waits for (F-03)."""

    def put(self, place: Place, data: bytes) -> bool:
        """Store *data*; False, and nothing changed, if something lies there. Errors: StorageError."""

    def get(self, place: Place) -> bytes:
        """What lies there. Errors: NotFound, StorageError."""

    def has(self, at: str) -> bool:
        """Whether something lies there. Errors: StorageError."""

    def delete(self, at: str) -> None:
        """Delete what lies there, if anything does. Errors: StorageError."""


class Ring(Protocol):
    """The public keys of the worker and the authorities."""

    def wraps(self, key: bytes, tenant: str) -> Sequence[Wrap]:
        """*key*, wrapped for the worker and for both keys of the authority. Errors: KeysMissing (ENC-07)."""

    def former(self, kind: str) -> Sequence[str]:
        """The ids of the keys of *kind* that were followed by others."""

    def anew(self, old: Wrap, key: bytes) -> Wrap | None:
        """*key*, wrapped for the key that follows that of *old*; None where there is no newer one."""


class Opener(Protocol):
    """Opens what was sealed to the authority; each opening leaves its line in the audit log first (ACC-07)."""

    def cards(self, tenant: str, staff: str, references: Sequence[Reference]) -> Mapping[Reference, Mapping[str, Any]]:
        """Who applies, by reference. Errors: StorageError."""

    def case(self, tenant: str, staff: str, reference: Reference) -> Submission:
        """One application. Errors: NotFound, StorageError."""

    def file(self, tenant: str, staff: str, reference: Reference, path: str) -> Fetched:
        """One file of it. Errors: NotFound, StorageError."""

    def bundle(self, tenant: str, staff: str, reference: Reference) -> Fetched:
        """All of it, once, for who may take it out by hand. Errors: NotFound, StorageError."""


@dataclass(frozen=True, slots=True)
class Stores:
    """All that is kept. *pepper* keys the hashes of resume codes and clients; *tenant* "" sees all tenants.

    *former_peppers* still find codes that were made with them (ENC-09). *reader* is whose work it is: what is not
    wrapped for it stays shut. *ring* holds who submissions are sealed to.
    """

    database: Database
    files: Files
    pepper: bytes = field(repr=False)
    ring: Ring
    tenant: str = ""
    reader: Reader | None = field(default=None, repr=False)
    former_peppers: tuple[bytes, ...] = field(default=(), repr=False)

    def of(self, tenant: str) -> Stores:
        """The same for one tenant only (ACC-04)."""
        return replace(self, tenant=tenant)

    def opened_by(self, reader: Reader | None) -> Stores:
        """The same, with what *reader* may read."""
        return replace(self, reader=reader)

    def read(self) -> AbstractContextManager[Work]:
        """Stores that only read."""
        return self.database.read(self.tenant, self.reader)

    def write(self) -> AbstractContextManager[Work]:
        """One transaction."""
        return self.database.write(self.tenant, self.reader)


class Forms(Protocol):
    """Form versions by id and by hash."""

    def newest(self, form: str) -> FormDefinition:
        """The version that is served. Errors: NotFound, FormClosed."""

    def version(self, hash: str) -> FormDefinition:  # noqa: A002  the field's word
        """A version that was published. Errors: NotFound, FormClosed if it does not load any more."""

    def is_withdrawn(self, hash: str) -> bool:  # noqa: A002  the field's word
        """Whether that version may neither be begun nor sent."""


class Intake(Protocol):
    """Decides whether a file can be taken."""

    def examine(self, name: str, claimed: str, data: bytes, *, accept: Sequence[str]) -> Examined:
        """The file with its kind and its clean name; *claimed* is the media type that the browser sent.

        Errors: FileRefused.
        """


class Renderer(Protocol):
    """Makes the document of a submission."""

    def render(self, submission: Submission, form: FormDefinition) -> bytes:
        """The unsigned PDF; the same bytes for the same submission."""


class Signer(Protocol):
    """Seals a PDF. *seal* is what a document may say of it: `sealed`, `test` or `none`."""

    seal: str

    def sign(self, pdf: bytes) -> bytes:
        """The signed PDF, with a time stamp where one is set up. Errors: NoTimeStamp, SigningError."""

    def sign_unstamped(self, pdf: bytes) -> bytes:
        """The signed PDF without a time stamp. Errors: SigningError."""

    def lacks_stamp(self, pdf: bytes) -> bool:
        """Whether the signed PDF is without the time stamp that is set up."""

    def stamp(self, pdf: bytes) -> bytes:
        """The signed PDF with the time stamp behind it. Errors: NoTimeStamp, SigningError."""


class Channel(Protocol):
    """A way to the authority."""

    def deliver(self, parcel: Parcel) -> str:
        """The far side's receipt. Delivering a parcel again changes nothing there.

        Errors: DeliveryDeferred (may work later), DeliveryRefused (never will).
        """
