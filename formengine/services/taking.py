"""Take a file: its limits, its examination, its way into the store.

A file is announced in the database before its bytes are stored, and named in the draft after: no row points
at a missing object, and what never arrived is swept away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from formengine.core.lifecycle import Attachment, Draft, FileId
from formengine.errors import FileRefused, FormEngineError
from formengine.services import codes, filing
from formengine.services.limiting import limit
from formengine.services.ports import FileRow, Intake, Stores

MAX_FILE_BYTES: Final = 20_000_000
MAX_DRAFT_FILES: Final = 100
MAX_DRAFT_BYTES: Final = 500_000_000
MAX_CLIENT_KB: Final = (1_000_000, timedelta(hours=1))
"""Caps of UPL-01."""


def all_files(draft: Draft) -> tuple[Attachment, ...]:
    """Every file of the draft, of proofs and of questions."""
    return (*(file for answer in draft.proofs for file in answer.files), *draft.uploads)


def take(
    stores: Stores,
    draft: Draft,
    *,
    name: str,
    claimed: str,
    data: bytes,
    accept: Sequence[str],
    intake: Intake,
    client: str,
    now: datetime,
) -> tuple[Attachment, bytes]:
    """The file as it may be kept, and the bytes to store. Errors: FileRefused, TooMany."""
    if not stores.files.has_room():
        raise FileRefused("room")
    files = all_files(draft)
    if len(data) > MAX_FILE_BYTES or sum(file.size_bytes for file in files) + len(data) > MAX_DRAFT_BYTES:
        raise FileRefused("size")
    if len(files) >= MAX_DRAFT_FILES:
        raise FileRefused("count")
    if client:
        limit(stores, "upload", client, MAX_CLIENT_KB, now=now, amount=len(data) // 1000 + 1)
    taken = intake.examine(name, claimed, data, accept=accept)
    file = Attachment(
        id=_new_id(files),
        name=taken.name,
        media_type=taken.media_type,
        size_bytes=len(taken.data),
        sha512=hashlib.sha512(taken.data).hexdigest(),
        clean=taken.clean,
    )
    return file, taken.data


def store(stores: Stores, draft: Draft, saved: Draft, file: Attachment, data: bytes) -> Draft:
    """*saved*, written over *draft* with its new *file* stored. Errors: Stale, AlreadySubmitted, StorageError."""
    with stores.write() as work:
        work.files.add(FileRow(file.id, draft.tenant, draft.id, file.size_bytes, False, file.clean, saved.saved_at))
    stores.files.put(filing.place_of(draft, file.id), data)
    try:
        with stores.write() as work:
            work.drafts.save(saved, revision=draft.revision)
            work.files.mark(file.id, arrived=True)
    except FormEngineError:
        filing.discard(stores, file.id)
        raise
    return saved


def _new_id(files: Iterable[Attachment]) -> FileId:
    """A new id that begins like none of *files*: its beginning names the file in a delivery."""
    taken = {file.id[:8] for file in files}
    while (new := codes.new_file_id())[:8] in taken:
        pass
    return new
