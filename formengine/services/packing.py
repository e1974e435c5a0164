"""What is handed over of an application: its files, and the manifest that names them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from typing import Any, Final

from formengine.core import numbers
from formengine.core.lifecycle import Submission
from formengine.errors import DeliveryDeferred, DeliveryRefused
from formengine.services import filing
from formengine.services.ports import FileRow, Parcel, ParcelFile, Stores

PDF: Final = "application/pdf"
JSON: Final = "application/json"
STAMP_LATER: Final = ":stamp"
"""How the channel's name ends in a delivery that brings the time stamp of a document that went out without one."""


def parcel(stores: Stores, submission: Submission, channel: str = "") -> Parcel:
    """What is delivered of a submission through *channel*; the same bytes at every attempt.

    Errors: DeliveryDeferred while a file is not clean or the document is not made; DeliveryRefused if the payload
    is not what was frozen.
    """
    if not submission.key:
        raise DeliveryDeferred("there is no key to the submission here")
    if not submission.is_intact():
        raise DeliveryRefused("the payload is not what was frozen")
    if not submission.pdf_sha512:
        raise DeliveryDeferred("the document is not made yet")
    key = f"{submission.reference}:{submission.sha512[:32]}"
    if channel.endswith(STAMP_LATER):
        return _late_stamp(stores, submission, key)
    with stores.read() as work:
        rows = work.files.of(submission.draft_id)
    record = numbers.loads(submission.record)
    pdf = stores.files.get(filing.pdf_place(submission))
    files = [
        _bytes("application.json", JSON, submission.payload),
        ParcelFile("application.pdf", PDF, len(pdf), submission.pdf_sha512, lambda: pdf),
        *(proof_file(stores, submission, rows, file) for file in filing.files_of(record)),
    ]
    files.append(_bytes("manifest.json", JSON, _manifest(record, files)))
    return Parcel(submission.reference, submission.tenant, submission.form, key, tuple(files))


def archive(files: Iterable[ParcelFile]) -> bytes:
    """The files as a ZIP archive that is the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for file in files:
            packed.writestr(zipfile.ZipInfo(file.path), file.read())
    return out.getvalue()


def by_hand(stores: Stores, submission: Submission) -> bytes:
    """All that may be handed out of an application whose delivery is parked, as a ZIP archive (REL-08).

    What no channel gets yet is left out and named in the manifest: a document that could not be made, a file that
    was never examined (F-05). *submission* is opened and intact. Errors: DeliveryRefused, StorageError.
    """
    record = numbers.loads(submission.record)
    with stores.read() as work:
        rows = work.files.of(submission.draft_id)
    files, left_out = [_bytes("application.json", JSON, submission.payload)], []
    if submission.pdf_sha512:
        files.append(_bytes("application.pdf", PDF, filing.document(stores, submission)))
    else:
        left_out.append({"path": "application.pdf", "reason": "the document is not made yet"})
    for file in filing.files_of(record):
        try:
            files.append(proof_file(stores, submission, rows, file))
        except DeliveryDeferred as error:
            left_out.append({"path": file["path"], "reason": str(error)})
    about = {**record, "leftOut": left_out} if left_out else record
    return archive([*files, _bytes("manifest.json", JSON, _manifest(about, files))])


def _late_stamp(stores: Stores, submission: Submission, key: str) -> Parcel:
    """The same document with its time stamp, and which parcel it belongs to (PDF-07)."""
    pdf = stores.files.get(filing.stamped_place(submission))
    files = [_bytes("application.pdf", PDF, pdf)]
    about = {"reference": submission.reference, "supplement": "stamp", "to": key}
    files.append(_bytes("manifest.json", JSON, _manifest(about, files)))
    return Parcel(
        submission.reference, submission.tenant, submission.form, f"{key}:stamp", tuple(files), supplement="stamp"
    )


def proof_file(stores: Stores, submission: Submission, rows: tuple[FileRow, ...], file: dict[str, Any]) -> ParcelFile:
    """A proof by what the record says of *file*. Errors: DeliveryDeferred unless it is clean, NotFound."""
    row = filing.file_at(rows, file["path"])
    if not row.clean:
        raise DeliveryDeferred("a file is not examined yet")

    def read() -> bytes:
        data = stores.files.get(filing.place_of(submission, row.id))
        if hashlib.sha512(data).hexdigest() != file["sha512"]:
            raise DeliveryRefused("a file is not what was handed in")
        return data

    return ParcelFile(file["path"], file["mediaType"], file["size"], file["sha512"], read)


def _bytes(path: str, media_type: str, data: bytes) -> ParcelFile:
    return ParcelFile(path, media_type, len(data), hashlib.sha512(data).hexdigest(), lambda: data)


def _manifest(record: dict[str, Any], files: list[ParcelFile]) -> bytes:
    listed = [
        {"path": file.path, "mediaType": file.media_type, "size": file.size_bytes, "sha512": file.sha512}
        for file in files
    ]
    return numbers.dumps({**record, "files": listed}).encode()
