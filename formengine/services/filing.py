"""Where files lie and what they are called: in the file store, and in a delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from formengine.core.lifecycle import Attachment, Draft, FileId, Reference, Submission
from formengine.errors import NotFound
from formengine.services.ports import FileRow, Place, Stores

_ENDINGS: Final = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/heic": ".heic",
}


def object_key(file_id: FileId) -> str:
    """Where the bytes of a file lie in the file store."""
    return f"files/{file_id}"


def place_of(owner: Draft | Submission, file_id: FileId) -> Place:
    """The place of a file that *owner* was given."""
    return Place(object_key(file_id), owner.tenant, file_id, "file", owner.key)


def delivered_path(proof: str, file: Attachment) -> str:
    """Where the file lies in a delivery; known as soon as it is attached, and no name of the applicant's is in it."""
    return f"proofs/{proof}-{file.id[:8]}{_ENDINGS.get(file.media_type, '.bin')}"


def file_at(rows: Iterable[FileRow], path: str) -> FileRow:
    """The file that was delivered as *path*. Errors: NotFound."""
    start = path.rpartition("-")[2].partition(".")[0]
    for row in rows:
        if row.id[:8] == start:
            return row
    raise NotFound("no such file")


def files_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a record says of each file delivered beside the document: those of proofs, and those that are answers."""
    return [file for proof in record["proofs"] for file in proof["files"]] + list(record.get("uploads", ()))


def unsigned_key(reference: Reference) -> str:
    """Where the document of a submission waits for its seal."""
    return f"submissions/{reference}/unsigned.pdf"


def pdf_key(reference: Reference) -> str:
    """Where the signed document lies."""
    return f"submissions/{reference}/application.pdf"


def unsigned_place(submission: Submission) -> Place:
    """The place of the document that waits for its seal."""
    return Place(
        unsigned_key(submission.reference), submission.tenant, submission.reference, "unsigned", submission.key
    )


def pdf_place(submission: Submission) -> Place:
    """The place of the signed document."""
    return Place(pdf_key(submission.reference), submission.tenant, submission.reference, "pdf", submission.key)


def stamped_key(reference: Reference) -> str:
    """Where the document lies that got its time stamp later."""
    return f"submissions/{reference}/stamped.pdf"


def stamped_place(submission: Submission) -> Place:
    """The place of the document that got its time stamp later."""
    return Place(stamped_key(submission.reference), submission.tenant, submission.reference, "stamped", submission.key)


def document(stores: Stores, submission: Submission) -> bytes:
    """The signed document, with the time stamp that it got later if it did. Errors: NotFound, StorageError."""
    is_stamped = stores.files.has(stamped_key(submission.reference))
    return stores.files.get(stamped_place(submission) if is_stamped else pdf_place(submission))


def note_place(submission: Submission, channel: str, number: int) -> Place:
    """The place of a channel's note of a delivery, counted from 0."""
    at = note_key(submission.reference, channel, number)
    return Place(at, submission.tenant, f"{submission.reference}/{channel}/{number}", "note", submission.key)


def note_key(reference: Reference, channel: str, number: int) -> str:
    """Where a channel's note of a delivery lies, counted from 0."""
    return f"submissions/{reference}/notes/{channel}/{number}"


def discard(stores: Stores, file_id: FileId) -> None:
    """Delete the bytes of a file, then its row."""
    stores.files.delete(object_key(file_id))
    with stores.write() as work:
        work.files.delete(file_id)
