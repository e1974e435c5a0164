"""Draft, submission and delivery, and the only legal changes of their states.

Decides which change of state is allowed; leaves to storage where the rows lie and to services who asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from formengine.core.answers import Answers
from formengine.core.pointer import JsonValue
from formengine.errors import FormEngineError

DraftId = NewType("DraftId", str)
Reference = NewType("Reference", str)
FileId = NewType("FileId", str)


class DraftStatus(StrEnum):
    """open -> submitted | expired"""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class DeliveryStatus(StrEnum):
    """waiting -> sending -> delivered | waiting | failed; failed, delivered -> waiting when it is to be sent again."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


DRAFT_CHANGES: Mapping[DraftStatus, frozenset[DraftStatus]] = {
    DraftStatus.OPEN: frozenset({DraftStatus.SUBMITTED, DraftStatus.EXPIRED}),
    DraftStatus.SUBMITTED: frozenset(),
    DraftStatus.EXPIRED: frozenset(),
}
DELIVERY_CHANGES: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.WAITING: frozenset({DeliveryStatus.SENDING}),
    DeliveryStatus.SENDING: frozenset(
        {DeliveryStatus.SENDING, DeliveryStatus.DELIVERED, DeliveryStatus.WAITING, DeliveryStatus.FAILED}
    ),
    DeliveryStatus.DELIVERED: frozenset({DeliveryStatus.WAITING}),
    DeliveryStatus.FAILED: frozenset({DeliveryStatus.WAITING}),
}


class IllegalChange(FormEngineError):
    """A state was to change in a way that its table does not allow: a bug, never an applicant's doing."""


class ProofStatus(StrEnum):
    """How a proof was spoken for (form-language, "What is submitted")."""

    UPLOADED = "uploaded"
    LATER = "later"
    NOT_AVAILABLE = "notAvailable"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file given. *name* is data, never a path; *media_type* was told by content; *clean* by a scan or by the
    development switch. *size_bytes* and *sha512* are of the stored bytes.
    """

    id: FileId
    name: str
    media_type: str
    size_bytes: int
    sha512: str
    clean: bool


@dataclass(frozen=True, slots=True)
class ProofAnswer:
    """What was said of one proof. *item* is the key of the list item that it belongs to, or ""."""

    proof: str
    item: str
    status: ProofStatus
    reason: str = ""
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """An item of a list that was removed and may be put back: its key, its place, and its answers as a document
    of their own (pointers within begin at the item).
    """

    list: str
    index: int
    key: str
    answers: Answers
    at: datetime


@dataclass(frozen=True, slots=True)
class Earlier:
    """The application from which a draft was filled in: which, when it was received, and the values, by pointer."""

    reference: Reference
    received_at: datetime
    filled: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Draft:
    """An application being filled in.

    *revision* counts saves from 0; *accepted* maps a declaration's id to the instant of its tick;
    *language* is a language tag; *removed* is the item removed last; *uploads* are the files that are answers, each
    named in the answers by its path. *earlier* is what it was filled in from. *saved_by* is the session that saved
    last, "" for none. Instants are UTC. *key* is what all of it is sealed with, b"" where whoever loaded the draft may
    not read it: then answers and proofs are empty.
    """

    id: DraftId
    tenant: str
    form: str
    form_hash: str
    language: str
    answers: Answers
    revision: int
    created_at: datetime
    saved_at: datetime
    expires_at: datetime
    status: DraftStatus = DraftStatus.OPEN
    proofs: tuple[ProofAnswer, ...] = ()
    accepted: Mapping[str, datetime] | None = None
    last_step: str = ""
    removed: Removed | None = None
    uploads: tuple[Attachment, ...] = ()
    saved_by: str = ""
    earlier: Earlier | None = None
    key: bytes = field(default=b"", repr=False, compare=False)

    def saved(self, *, now: datetime, days: int) -> Draft:
        """The draft one revision on, kept *days* from *now*. Errors: IllegalChange unless open."""
        if self.status is not DraftStatus.OPEN:
            raise IllegalChange(f"a draft that is {self.status} takes no answers")
        return replace(self, revision=self.revision + 1, saved_at=now, expires_at=now + timedelta(days=days))

    def with_answers(self, answers: Answers, *, now: datetime, days: int) -> Draft:
        """The draft with these answers, one revision on, kept *days* from *now*. Errors: IllegalChange unless open."""
        return replace(self.saved(now=now, days=days), answers=answers)

    def changed(self, status: DraftStatus) -> Draft:
        """The draft in another state. Errors: IllegalChange."""
        if status not in DRAFT_CHANGES[self.status]:
            raise IllegalChange(f"a draft does not go from {self.status} to {status}")
        return replace(self, status=status)


@dataclass(frozen=True, slots=True)
class Submission:
    """What was frozen at submit; never changed afterwards.

    *payload* and *record* are the exact bytes of `application.json` and `record.json`; *sha512* is of the
    payload, in lower-case hex. *received_at* is UTC. *card* names the applicant for the inbox (JSON), *missing* counts
    the proofs not handed in. *key* is that of the draft; b"" where whoever loaded this may not read it: then payload,
    record and card are empty.
    """

    reference: Reference
    tenant: str
    draft_id: DraftId
    form: str
    form_version: str
    form_hash: str
    language: str
    received_at: datetime
    payload: bytes
    record: bytes
    sha512: str
    pdf_sha512: str = ""
    card: bytes = b"{}"
    missing: int = 0
    key: bytes = field(default=b"", repr=False, compare=False)

    def is_intact(self) -> bool:
        """Whether the payload still has the digest that was frozen with it."""
        return hashlib.sha512(self.payload).hexdigest() == self.sha512


@dataclass(frozen=True, slots=True)
class Delivery:
    """One submission to one channel. *due_at* is when the next attempt may be made; *receipt* is the far side's.

    *confirmed_at*: since then the authority has it for sure, so that ours may go after a while (GDP-03).
    """

    reference: Reference
    channel: str
    status: DeliveryStatus
    attempts: int
    due_at: datetime
    receipt: str = ""
    error: str = ""
    confirmed_at: datetime | None = None

    def changed(self, status: DeliveryStatus, *, receipt: str = "", error: str = "") -> Delivery:
        """The delivery in another state. Errors: IllegalChange."""
        if status not in DELIVERY_CHANGES[self.status]:
            raise IllegalChange(f"a delivery does not go from {self.status} to {status}")
        attempts = self.attempts + (status is DeliveryStatus.SENDING)
        receipt = receipt or self.receipt
        return replace(self, status=status, attempts=attempts, receipt=receipt, error=error, confirmed_at=None)
