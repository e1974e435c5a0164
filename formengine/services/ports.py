"""What the services need of the outside, as Protocols. The values that cross them are in `services.values`.

An adapter satisfies a port by its shape; the type checker compares the two where `bootstrap` passes it in.
All stores of one `Work` share one transaction: what is done to them happens together or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Delivery, Draft, DraftId, FileId, Reference, Submission
from formengine.services.values import (
    EVERYTHING,
    AuditLine,
    Examined,
    FileRow,
    InboxRow,
    Opened,
    Parcel,
    ParcelFile,
    Session,
    SessionId,
    Sought,
)

__all__ = [
    "EVERYTHING",
    "Audit",
    "AuditLine",
    "Channel",
    "Database",
    "Deliveries",
    "Drafts",
    "Examined",
    "FileRow",
    "FileRows",
    "Files",
    "Forms",
    "InboxRow",
    "Intake",
    "Limits",
    "Opened",
    "Outbox",
    "Parcel",
    "ParcelFile",
    "Renderer",
    "Session",
    "SessionId",
    "Sessions",
    "Signer",
    "Sought",
    "Stores",
    "Submissions",
    "Versions",
    "Work",
    "Workers",
]


class Drafts(Protocol):
    """Applications being filled in."""

    def add(self, draft: Draft) -> None:
        """Keep a new draft."""

    def load(self, draft_id: DraftId, *, lock: bool = False) -> Draft:
        """The draft; with *lock* nobody else changes it in this transaction. Errors: NotFound."""

    def save(self, draft: Draft, *, revision: int) -> None:
        """Write *draft* over the one at *revision*. Errors: Stale, AlreadySubmitted, NotFound."""

    def close(self, draft: Draft) -> None:
        """Write the state of a draft that is no longer open and forget its answers."""

    def keep_lookup(self, draft_id: DraftId, lookup: bytes) -> None:
        """Let the draft be found by *lookup*, and by no earlier one."""

    def has_lookup(self, draft_id: DraftId) -> bool:
        """Whether there is a resume code for the draft."""

    def by_lookup(self, lookup: bytes) -> Draft:
        """The draft that a resume code opens. Errors: NotFound."""

    def past(self, now: datetime, *, limit: int) -> Sequence[DraftId]:
        """Drafts not sent whose time is over."""

    def delete(self, draft_id: DraftId) -> None:
        """Delete the draft and the rows of its files; sessions forget it."""


class Sessions(Protocol):
    """Sessions, and what each holds of each form."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def open(self, session_id: SessionId, form: str) -> Opened:
        """The session with what it holds of *form*, in one statement. Errors: NotFound."""

    def save(self, session: Session) -> None:
        """Write language, theme, shared, person and when it was seen."""

    def hold(self, session_id: SessionId, form: str, draft_id: DraftId | None, reference: Reference | None) -> None:
        """Let the session hold this draft and receipt of *form*."""

    def renew(self, old: SessionId, new: Session) -> None:
        """Put *new* in the place of *old*, with all that it held (SES-04)."""

    def submitted(self, draft_id: DraftId, reference: Reference) -> None:
        """Give every session that holds the draft its receipt."""

    def end(self, session_id: SessionId) -> None:
        """Delete the session."""

    def delete_unseen(self, *, seen_before: datetime, made_before: datetime) -> int:
        """Delete the sessions past their limits; how many."""


class Submissions(Protocol):
    """What was frozen."""

    def add(self, submission: Submission, *, idempotency_key: str | None) -> bool:
        """Keep it; False, and nothing done, if its reference is taken."""

    def load(self, reference: Reference) -> Submission:
        """The submission. Errors: NotFound."""

    def of_draft(self, draft_id: DraftId) -> Reference:
        """What became of a draft. Errors: NotFound."""

    def by_key(self, idempotency_key: str) -> Reference:
        """What was made with this idempotency key. Errors: NotFound."""

    def keep_pdf(self, reference: Reference, sha512: str) -> None:
        """Write the digest of the signed PDF, once; a second digest is not taken."""

    def inbox(self, *, limit: int, before: datetime | None = None, sought: Sought = EVERYTHING) -> Sequence[InboxRow]:
        """The newest submissions first, of those *sought*."""

    def count(self, sought: Sought = EVERYTHING) -> int:
        """How many submissions there are of those *sought*."""

    def next_run(self, reference: Reference) -> int:
        """The number of the next run of its jobs, counted from 1."""

    def run(self, reference: Reference) -> int:
        """The number of the latest run of its jobs; 0 is the one from submit."""


class Deliveries(Protocol):
    """One submission to one channel."""

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Keep new deliveries."""

    def load(self, reference: Reference, channel: str, *, lock: bool = False) -> Delivery:
        """The delivery. Errors: NotFound."""

    def of(self, reference: Reference) -> tuple[Delivery, ...]:
        """All deliveries of a submission, by channel."""

    def save(self, delivery: Delivery) -> None:
        """Write the state, attempts, due date, receipt and error."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Reference]:
        """Submissions with a delivery that is open and due, oldest first."""


class FileRows(Protocol):
    """Which files belong to which draft."""

    def add(self, row: FileRow) -> None:
        """Announce a file before its bytes are stored."""

    def mark(self, file_id: FileId, *, arrived: bool) -> None:
        """Say whether its bytes are stored; those that are not are swept away (`stray`)."""

    def of(self, draft_id: DraftId) -> tuple[FileRow, ...]:
        """The files of a draft or of the submission that it became."""

    def delete(self, file_id: FileId) -> None:
        """Forget the file."""

    def stray(self, before: datetime, *, limit: int) -> Sequence[FileId]:
        """Files that were announced before then and never arrived."""


class Audit(Protocol):
    """The audit log; lines are added and never changed."""

    def add(
        self, *, tenant: str, at: datetime, person: str, action: str, reference: str = "", detail: str = ""
    ) -> None:
        """Append a line to the tenant's chain."""

    def lines(self, tenant: str, *, limit: int = 1000) -> Sequence[AuditLine]:
        """The newest lines, oldest of them first."""


class Limits(Protocol):
    """Tries counted in windows of time."""

    def take(
        self, name: str, client: str, *, window: timedelta, now: datetime, amount: int = 1
    ) -> tuple[int, datetime]:
        """Count *amount*; how much there was in this window, and when it ends."""

    def delete_over(self, now: datetime) -> int:
        """Delete the windows that are over; how many."""


class Outbox(Protocol):
    """Jobs that begin when the transaction is committed, and never otherwise."""

    def enqueue(self, reference: Reference, *, run: int = 0) -> None:
        """Let the pipeline process the submission; the same *run* twice is one job."""

    def is_under_way(self, reference: Reference, *, run: int) -> bool:
        """Whether that job waits or runs where somebody will finish it. Never to be asked while writing."""


class Workers(Protocol):
    """Which workers live, by the clock of the database, and which of them does what only one should do."""

    def beat(self, worker: str) -> None:
        """The worker lives."""

    def silent(self, workers: Collection[str], *, for_s: int) -> set[str]:
        """Those of *workers* that gave no sign for so long, or never did."""

    def lease(self, name: str, worker: str, *, for_s: int) -> bool:
        """Whether the worker may do *name* alone for so long."""


class Versions(Protocol):
    """Published versions of forms."""

    def add(self, *, form: str, version: str, hash: str, bundle: bytes, now: datetime) -> bool:  # noqa: A002  the field's word
        """Keep the version and serve it from now on; False if it is already the one served."""

    def bundle(self, hash: str) -> bytes:  # noqa: A002  the field's word
        """The bytes of a version. Errors: NotFound."""

    def served(self) -> Mapping[str, str]:
        """The hash of the newest version of each form."""


class Work(Protocol):
    """The stores within one transaction. Those of one tenant see no other's rows."""

    @property
    def drafts(self) -> Drafts:
        """Applications being filled in."""

    @property
    def sessions(self) -> Sessions:
        """Sessions, and what each holds."""

    @property
    def submissions(self) -> Submissions:
        """What was frozen."""

    @property
    def deliveries(self) -> Deliveries:
        """One submission to one channel."""

    @property
    def files(self) -> FileRows:
        """Which files belong to which draft."""

    @property
    def audit(self) -> Audit:
        """The audit log."""

    @property
    def limits(self) -> Limits:
        """Tries counted."""

    @property
    def outbox(self) -> Outbox:
        """Jobs that begin with the commit."""

    @property
    def workers(self) -> Workers:
        """Which workers live."""

    @property
    def versions(self) -> Versions:
        """Published versions of forms."""


class Database(Protocol):
    """Where rows are kept."""

    def read(self, tenant: str = "") -> AbstractContextManager[Work]:
        """Stores that only read. Errors: StorageError."""

    def write(self, tenant: str = "") -> AbstractContextManager[Work]:
        """One transaction: committed at the end, undone by any exception. Errors: StorageError."""


class Files(Protocol):
    """Where bytes are kept, by keys that we make."""

    def put(self, key: str, data: bytes) -> bool:
        """Store *data*; False, and nothing changed, if something lies there. Errors: StorageError."""

    def get(self, key: str) -> bytes:
        """What lies there. Errors: NotFound, StorageError."""

    def has(self, key: str) -> bool:
        """Whether something lies there. Errors: StorageError."""

    def delete(self, key: str) -> None:
        """Delete what lies there, if anything does. Errors: StorageError."""


@dataclass(frozen=True, slots=True)
class Stores:
    """All that is kept. *pepper* keys the hashes of resume codes and clients; *tenant* "" sees all tenants."""

    database: Database
    files: Files
    pepper: bytes = field(repr=False)
    tenant: str = ""

    def of(self, tenant: str) -> Stores:
        """The same for one tenant only (ACC-04)."""
        return Stores(self.database, self.files, self.pepper, tenant)

    def read(self) -> AbstractContextManager[Work]:
        """Stores that only read."""
        return self.database.read(self.tenant)

    def write(self) -> AbstractContextManager[Work]:
        """One transaction."""
        return self.database.write(self.tenant)


class Forms(Protocol):
    """Form versions by id and by hash."""

    def newest(self, form: str) -> FormDefinition:
        """The version that is served. Errors: NotFound."""

    def version(self, hash: str) -> FormDefinition:  # noqa: A002  the field's word
        """A version that was published. Errors: NotFound."""


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
    """Seals a PDF."""

    def sign(self, pdf: bytes) -> bytes:
        """The signed PDF. Errors: SigningError."""


class Channel(Protocol):
    """A way to the authority."""

    def deliver(self, parcel: Parcel) -> str:
        """The far side's receipt. Delivering a parcel again changes nothing there.

        Errors: DeliveryDeferred (may work later), DeliveryRefused (never will).
        """
