"""What caseworkers do: list, read, fetch files. What was answered comes from the opener, which logs first (ACC-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from formengine.core import numbers
from formengine.core.lifecycle import Delivery, DeliveryStatus, Reference, Submission
from formengine.core.pointer import JsonValue
from formengine.services import filing
from formengine.services.ports import (
    EVERYTHING,
    AuditLine,
    Export,
    FileRow,
    InboxRow,
    LateStamp,
    Opener,
    Sought,
    Stores,
)

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """One application as a caseworker reads it.

    *payload* is the submitted document, *record* what was known at submit; *files* are the proofs by path.
    """

    submission: Submission
    payload: JsonValue
    record: Mapping[str, Any]
    deliveries: tuple[Delivery, ...]
    files: Mapping[str, FileRow]
    late_stamp: LateStamp | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of the inbox. *total* counts all that is sought; *older* says that there is more than this page."""

    rows: Sequence[InboxRow]
    total: int
    older: bool


def inbox(
    stores: Stores,
    opener: Opener,
    tenant: str,
    staff: str,
    *,
    before: datetime | None = None,
    sought: Sought = EVERYTHING,
) -> Inbox:
    """The newest applications of those *sought*, or those received *before*; at most fifty."""
    with stores.of(tenant).read() as work:
        rows = work.submissions.inbox(limit=PAGE + 1, before=before, sought=sought)
        total = work.submissions.count(sought)
    shown = rows[:PAGE]
    cards = opener.cards(tenant, staff, [row.reference for row in shown])
    return Inbox([replace(row, card=cards.get(row.reference, {})) for row in shown], total, len(rows) > PAGE)


def log(stores: Stores, tenant: str) -> Sequence[AuditLine]:
    """The newest lines of the tenant's audit log, newest first; for auditors (ACC-05)."""
    with stores.of(tenant).read() as work:
        return tuple(reversed(work.audit.lines(tenant)))


def take_over(stores: Stores, tenant: str, reference: Reference, *, staff: str, now: datetime) -> None:
    """Say that the authority has this application: what the channel `inbox` waits for (GDP-03). Errors: NotFound."""
    with stores.of(tenant).write() as work:
        work.submissions.load(reference)
        waiting = [one for one in work.deliveries.of(reference) if is_to_be_taken(one)]
        for delivery in waiting:
            work.deliveries.save(replace(delivery, confirmed_at=now))
        if waiting:
            work.audit.add(tenant=tenant, at=now, person=staff, action="take over", reference=reference)


def is_to_be_taken(delivery: Delivery) -> bool:
    """Whether a delivery that was made waits for a caseworker to confirm it."""
    return delivery.status is DeliveryStatus.DELIVERED and delivery.confirmed_at is None


def parked(stores: Stores, tenant: str, reference: Reference) -> tuple[Export | None, tuple[Delivery, ...]]:
    """Who wants to take it out by hand, and how its deliveries stand; nothing of it is opened. Errors: NotFound."""
    with stores.of(tenant).read() as work:
        work.submissions.load(reference)
        return work.exports.of(reference), work.deliveries.of(reference)


def read(stores: Stores, opener: Opener, tenant: str, reference: Reference, *, staff: str) -> SubmissionView:
    """One application. Errors: NotFound; StorageError if the log cannot be written or it does not open."""
    submission = opener.case(tenant, staff, reference)
    with stores.of(tenant).read() as work:
        deliveries = work.deliveries.of(reference)
        rows = work.files.of(submission.draft_id)
        late_stamp = work.late_stamps.of(reference)
    record = numbers.loads(submission.record)
    return SubmissionView(
        submission=submission,
        payload=numbers.loads(submission.payload),
        record=record,
        deliveries=deliveries,
        files={file["path"]: filing.file_at(rows, file["path"]) for file in filing.files_of(record)},
        late_stamp=late_stamp,
    )
