"""Everything that we hold about an application, for its applicant (GDP-06; Art. 15 and 20 GDPR).

Needs neither the form nor its version: also what cannot be filled in any more can be taken away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from formengine.core import numbers
from formengine.core.lifecycle import Attachment, Draft, Reference
from formengine.errors import NotFound
from formengine.services import filing
from formengine.services.clock import rfc3339
from formengine.services.ports import Stores
from formengine.services.taking import all_files

Entry = tuple[str, bytes]
"""A path and what lies there."""


def of_draft(stores: Stores, draft: Draft) -> Iterator[Entry]:
    """What we hold of a draft: what was typed, chosen and ticked, its dates, and its files."""
    yield "draft.json", numbers.dumps(_draft(draft)).encode()
    for file in all_files(draft):
        yield _path(file), stores.files.get(filing.place_of(draft, file.id))


def of_submission(stores: Stores, reference: Reference) -> Iterator[Entry]:
    """What we hold of a submission: as it was sent, its document, its files, and what became of it.

    Errors: NotFound, also if it does not open here.
    """
    with stores.read() as work:
        submission = work.submissions.load(reference)
        rows, deliveries = work.files.of(submission.draft_id), work.deliveries.of(reference)
    if not submission.key:
        raise NotFound("this submission does not open here")
    yield "application.json", submission.payload
    yield "record.json", submission.record
    status: list[Any] = [
        {"channel": one.channel, "status": one.status.value, "attempts": one.attempts, "receipt": one.receipt}
        for one in deliveries
    ]
    card = numbers.loads(submission.card)
    held = {"reference": reference, "receivedAt": rfc3339(submission.received_at), "deliveries": status, "card": card}
    yield "status.json", numbers.dumps(held).encode()
    if submission.pdf_sha512:
        yield "application.pdf", filing.document(stores, submission)
    for file in filing.files_of(numbers.loads(submission.record)):
        row = filing.file_at(rows, file["path"])
        yield file["path"], stores.files.get(filing.place_of(submission, row.id))


def _path(file: Attachment) -> str:
    return f"files/{file.id[:8]}-{file.name}"


def _draft(draft: Draft) -> dict[str, Any]:
    proofs = [
        {
            "proof": one.proof,
            "item": one.item,
            "status": one.status.value,
            "reason": one.reason,
            "files": _files(one.files),
        }
        for one in draft.proofs
    ]
    removed = draft.removed
    return {
        "form": draft.form,
        "formHash": draft.form_hash,
        "language": draft.language,
        "createdAt": rfc3339(draft.created_at),
        "savedAt": rfc3339(draft.saved_at),
        "expiresAt": rfc3339(draft.expires_at),
        "revision": draft.revision,
        "lastStep": draft.last_step,
        "from": draft.earlier.reference if draft.earlier is not None else None,
        **numbers.loads(draft.answers.to_json()),
        "declarations": {name: rfc3339(at) for name, at in (draft.accepted or {}).items()},
        "proofs": proofs,
        "uploads": _files(draft.uploads),
        "removed": {"list": removed.list, **numbers.loads(removed.answers.to_json())} if removed else None,
    }


def _files(files: Iterable[Attachment]) -> list[dict[str, Any]]:
    return [
        {
            "path": _path(file),
            "name": file.name,
            "mediaType": file.media_type,
            "size": file.size_bytes,
            "sha512": file.sha512,
        }
        for file in files
    ]
