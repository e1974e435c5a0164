"""What caseworkers do: list, read, fetch files. Each writes its audit line before anything is shown (ACC-07)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from formengine.core import numbers
from formengine.core.lifecycle import Delivery, Reference, Submission
from formengine.core.pointer import JsonValue
from formengine.errors import NotFound, StorageError
from formengine.services import delivering, filing
from formengine.services.ports import EVERYTHING, AuditLine, FileRow, InboxRow, Sought, Stores

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


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file of an application for download: bytes, media type, and the name to offer."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of the inbox. *total* counts all that is sought; *older* says that there is more than this page."""

    rows: Sequence[InboxRow]
    total: int
    older: bool


def inbox(
    stores: Stores,
    tenant: str,
    staff: str,
    *,
    now: datetime,
    before: datetime | None = None,
    sought: Sought = EVERYTHING,
) -> Inbox:
    """The newest applications of those *sought*, or those received *before*; at most fifty."""
    _audit(stores, tenant, staff, "list", "", now=now)
    with stores.of(tenant).read() as work:
        rows = work.submissions.inbox(limit=PAGE + 1, before=before, sought=sought)
        return Inbox(rows[:PAGE], work.submissions.count(sought), len(rows) > PAGE)


def log(stores: Stores, tenant: str) -> Sequence[AuditLine]:
    """The newest lines of the tenant's audit log, newest first; for auditors (ACC-05)."""
    with stores.of(tenant).read() as work:
        return tuple(reversed(work.audit.lines(tenant)))


def read(stores: Stores, tenant: str, reference: Reference, *, staff: str, now: datetime) -> SubmissionView:
    """One application. Errors: NotFound; StorageError if the log cannot be written or the payload was changed."""
    submission = _open(stores, tenant, reference)
    _audit(stores, tenant, staff, "read", reference, now=now)
    with stores.of(tenant).read() as work:
        deliveries = work.deliveries.of(reference)
        rows = work.files.of(submission.draft_id)
    record = numbers.loads(submission.record)
    return SubmissionView(
        submission=submission,
        payload=numbers.loads(submission.payload),
        record=record,
        deliveries=deliveries,
        files={file["path"]: filing.file_at(rows, file["path"]) for file in filing.files_of(record)},
    )


def file(stores: Stores, tenant: str, reference: Reference, path: str, *, staff: str, now: datetime) -> Fetched:
    """One file: `application.json`, `application.pdf`, `record.json` or a proof by its path.

    Errors: NotFound, also for the document that is not made yet and a file that is not clean; StorageError.
    """
    submission = _open(stores, tenant, reference)
    _audit(stores, tenant, staff, f"fetch {path}" if path in _NAMES else "fetch proof", reference, now=now)
    if path == "application.json":
        return Fetched(f"{reference}.json", delivering.JSON, submission.payload)
    if path == "record.json":
        return Fetched(f"{reference}-record.json", delivering.JSON, submission.record)
    if path == "application.pdf":
        if not submission.pdf_sha512:
            raise NotFound("the document is not made yet")
        return Fetched(f"{reference}.pdf", delivering.PDF, stores.files.get(filing.pdf_key(reference)))
    with stores.of(tenant).read() as work:
        rows = work.files.of(submission.draft_id)
    for entry in filing.files_of(numbers.loads(submission.record)):
        if entry["path"] == path:
            if not filing.file_at(rows, path).clean:
                raise NotFound("the file is not examined yet")
            return Fetched(entry["name"], entry["mediaType"], delivering.proof_file(stores, rows, entry).read())
    raise NotFound("no such file")


_NAMES: Final = frozenset({"application.json", "application.pdf", "record.json"})


def _open(stores: Stores, tenant: str, reference: Reference) -> Submission:
    submission = delivering.load(stores.of(tenant), reference)
    if not submission.is_intact():
        raise StorageError("the payload is not what was frozen")
    return submission


def _audit(stores: Stores, tenant: str, staff: str, action: str, reference: str, *, now: datetime) -> None:
    with stores.write() as work:
        work.audit.add(tenant=tenant, at=now, person=staff, action=action, reference=reference)
