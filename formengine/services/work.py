"""The stores within one transaction, as Protocols: what is done to them happens together or not at all.

Those of one tenant see no other's rows; what is sealed opens only for the reader whose work it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from formengine.core.lifecycle import Draft, DraftId, FileId, Reference, Submission
from formengine.services.sending import Deliveries, Exports, LateStamps
from formengine.services.values import (
    EVERYTHING,
    AuditLine,
    BlockedPerson,
    FileRow,
    InboxRow,
    Opened,
    Reader,
    Session,
    SessionId,
    Sought,
    VersionRow,
    Wrap,
)


class Drafts(Protocol):
    """Applications being filled in. Whoever may not read one gets it without answers and key."""

    def add(self, draft: Draft) -> None:
        """Keep a new draft; whose work this is may read it."""

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

    def by_lookup(self, lookup: bytes, *, now: datetime) -> Draft:
        """The draft that a resume code opens, one sent too. Errors: NotFound, also for one whose time is over."""

    def opened(self, draft_id: DraftId, now: datetime) -> None:
        """Count that the draft was opened with its code (RES-12)."""

    def openings(self, draft_id: DraftId) -> tuple[int, datetime | None]:
        """How often the draft was opened with its code, and when that was before the last time."""

    def past(self, now: datetime, *, limit: int) -> Sequence[DraftId]:
        """Drafts not sent whose time is over."""

    def delete(self, draft_id: DraftId, *, now: datetime) -> None:
        """Delete the draft with its keys and the rows of its files; sessions forget it, and a tombstone remains."""

    def tombstones(self) -> Sequence[tuple[DraftId, datetime]]:
        """Which drafts were deleted, and when."""

    def bury(self, draft_id: DraftId, at: datetime) -> None:
        """Remember that the draft was deleted."""

    def forget_tombstones(self, before: datetime) -> int:
        """Forget those that are older; how many."""


class Sessions(Protocol):
    """Sessions, and what each holds of each form."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def open(self, session_id: SessionId, form: str) -> Opened:
        """The session with what it holds of *form*, in one statement. Errors: NotFound."""

    def save(self, session: Session) -> None:
        """Write language, theme, shared, person and when it was seen."""

    def hold(self, session_id: SessionId, form: str, draft_id: DraftId | None, reference: Reference | None) -> None:
        """Let the session hold this draft and receipt of *form*; a code that it kept of another is forgotten."""

    def renew(self, old: SessionId, new: Session, reader: Reader) -> None:
        """Put *new* in the place of *old*, with all that it held and could read (SES-04)."""

    def keep_code(self, reader: Reader, form: str, code: str) -> None:
        """Keep the resume *code* of what the session, who is *reader*, holds of *form*: sealed to it alone (RES-07)."""

    def code(self, session_id: SessionId, form: str) -> str:
        """The resume code that the session, the reader of this work, kept of *form*; "" if none. Errors: SealBroken."""

    def forget_codes(self, draft_id: DraftId) -> None:
        """Forget the draft's code in every session: it opens nothing any more."""

    def of_staff(self, person_id: str = "") -> Sequence[Session]:
        """The sessions of a person of the staff, or of all of them, the newest first."""

    def submitted(self, draft_id: DraftId, reference: Reference) -> None:
        """Give every session that holds the draft its receipt."""

    def end(self, session_id: SessionId) -> None:
        """Delete the session."""

    def delete_unseen(self, *, seen_before: datetime, made_before: datetime) -> int:
        """Delete the sessions past their limits; how many."""


class Submissions(Protocol):
    """What was frozen. Whoever may not read one gets it without payload, record and key."""

    def add(self, submission: Submission, *, idempotency_key: str | None) -> bool:
        """Keep it; False, and nothing done, if its reference is taken."""

    def load(self, reference: Reference) -> Submission:
        """The submission. Errors: NotFound."""

    def cards(self, references: Sequence[Reference]) -> Sequence[Submission]:
        """These submissions with their cards alone opened, as far as they may be read."""

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

    def over(self, confirmed_before: datetime, *, limit: int) -> Sequence[Reference]:
        """Those that every channel confirmed, the last of them before then."""

    def remove(self, reference: Reference, *, now: datetime) -> None:
        """Delete it with its deliveries, its draft, keys and rows of files; a stub stays (GDP-03)."""


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


class KeyWraps(Protocol):
    """Who may read which draft, and the submission that it becomes."""

    def add(self, draft_id: DraftId, wraps: Iterable[Wrap]) -> None:
        """Let these read the draft too."""

    def share(self, draft_id: DraftId, key: bytes) -> None:
        """Let the reader of this work read the draft with *key*; nothing where it can already."""

    def drop(self, draft_id: DraftId, kind: str = "") -> None:
        """Let nobody of *kind* read the draft any more; without a kind, nobody at all."""

    def of(self, draft_id: DraftId) -> Sequence[Wrap]:
        """All who may read the draft."""

    def key(self, draft_id: DraftId) -> bytes:
        """The key of the draft; b"" where the reader of this work may not read it."""

    def counted(self) -> Mapping[tuple[str, str], int]:
        """How many rows each key of the worker or an authority has, by kind and id."""

    def wrapped_for(self, kind: str, key_ids: Collection[str], *, limit: int) -> Sequence[tuple[DraftId, Wrap]]:
        """Rows of these keys, to be wrapped anew."""

    def replace(self, draft_id: DraftId, old: Wrap, new: Wrap) -> None:
        """Put *new* in the place of *old*."""


class LatePosts(Protocol):
    """Pages posted after their session ended, each readable by the fresh session of that browser alone."""

    def keep(self, session_id: SessionId, body: bytes, *, ends_at: datetime) -> None:
        """Keep *body* for the session, in the place of what was kept before."""

    def of(self, session_id: SessionId, now: datetime) -> bytes | None:
        """What is kept for the session, None if nothing is or its time is over."""

    def delete_over(self, now: datetime) -> int:
        """Delete those whose time is over; how many."""


class BlockedStaff(Protocol):
    """Whose access to the staff site is blocked, by tenant."""

    def add(self, tenant: str, person: BlockedPerson) -> None:
        """Block a person; one who is blocked stays so, under the name that is given now."""

    def remove(self, tenant: str, person_id: str) -> bool:
        """Let the person in again; False if they were not blocked."""

    def has(self, tenant: str, person_id: str) -> bool:
        """Whether the person is blocked."""

    def all(self) -> Sequence[tuple[str, BlockedPerson]]:
        """Everybody who is blocked, with the tenant's id, by name."""


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

    def enqueue(self, reference: Reference, *, run: int = 0, channels: Collection[str] = ()) -> None:
        """Let the submission be processed and go through *channels*, or all; the same *run* twice is one job."""

    def enqueue_delivery(self, reference: Reference, channel: str, *, tenant: str, run: int) -> None:
        """Let it go through the channel; the same *run* twice is one job."""

    def under_way(self, reference: Reference) -> set[str]:
        """The channels whose jobs wait or run where somebody will finish them, and "" for the job that comes first.

        Never to be asked while writing.
        """


class Workers(Protocol):
    """Which workers live, by the clock of the database, and which of them does what only one should do."""

    def beat(self, worker: str) -> None:
        """The worker lives."""

    def silent(self, workers: Collection[str], *, for_s: int) -> set[str]:
        """Those of *workers* that gave no sign for so long, or never did."""

    def clock(self) -> datetime:
        """What time the database has."""

    def seen_at(self) -> datetime | None:
        """When a worker was last alive, by the database's clock."""

    def lease(self, name: str, worker: str, *, for_s: int) -> bool:
        """Whether the worker may do *name* alone for so long."""


class Versions(Protocol):
    """Published versions of forms."""

    def add(self, *, form: str, version: str, hash: str, bundle: bytes, now: datetime) -> bool:  # noqa: A002  the field's word
        """Keep the version and serve it from now on; False if it is already the one served."""

    def bundle(self, hash: str) -> bytes:  # noqa: A002  the field's word
        """The bytes of a version. Errors: NotFound."""

    def served(self) -> Mapping[str, str]:
        """The hash of the version of each form that was published last, also where it was withdrawn since."""

    def withdrawn(self) -> frozenset[str]:
        """The hashes of the versions that were withdrawn."""

    def hash_of(self, form: str, version: str) -> str | None:
        """The hash that this version of the form was published with first, or None."""

    def serve(self, hash: str, *, now: datetime) -> None:  # noqa: A002  the field's word
        """Serve a version that is kept from now on. Errors: NotFound."""

    def withdraw(self, hash: str, *, now: datetime) -> None:  # noqa: A002  the field's word
        """Say that nobody may begin or send this version any more."""

    def all(self) -> Sequence[VersionRow]:
        """Every version by form, the one published last first."""


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
    def keys(self) -> KeyWraps:
        """Who may read what."""

    @property
    def late_posts(self) -> LatePosts:
        """Pages that were posted too late."""

    @property
    def exports(self) -> Exports:
        """Who wants to take which parked application out by hand."""

    @property
    def blocked_staff(self) -> BlockedStaff:
        """Whose access is blocked."""

    @property
    def late_stamps(self) -> LateStamps:
        """Documents that went out without a time stamp."""

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
