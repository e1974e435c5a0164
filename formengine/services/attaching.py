"""Proofs: say whether one comes now, later or not at all, and attach files to it.

A file is announced in the database before its bytes are stored, and named in the draft after: no row points
at a missing object, and what never arrived is swept away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from formengine.core.applying import Evaluation, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Attachment, Draft, FileId, ProofAnswer, ProofStatus
from formengine.core.proofs import ProofAsked, proofs
from formengine.errors import FileRefused, FormEngineError, NotFound
from formengine.services import codes, drafting, filing
from formengine.services.clock import today
from formengine.services.limiting import limit
from formengine.services.ports import FileRow, Intake, Stores

MAX_FILE_BYTES: Final = 20_000_000
MAX_DRAFT_FILES: Final = 100
MAX_DRAFT_BYTES: Final = 500_000_000
MAX_CLIENT_KB: Final = (1_000_000, timedelta(hours=1))
"""Caps of UPL-01."""


def answer_of(answers: Iterable[ProofAnswer], proof: str, item: str) -> ProofAnswer | None:
    """What was said of *proof* for the item with key *item*, or None."""
    return next((answer for answer in answers if answer.proof == proof and answer.item == item), None)


def is_spoken_for(answer: ProofAnswer | None) -> bool:
    """Whether enough was said: something, and a file where it was to come now."""
    return answer is not None and (answer.status is not ProofStatus.UPLOADED or bool(answer.files))


def unspoken(e: Evaluation, answers: Iterable[ProofAnswer]) -> tuple[ProofAsked, ...]:
    """The required proofs of which nothing was said yet, in order."""
    said = tuple(answers)
    return tuple(
        asked
        for asked in proofs(e)
        if asked.proof.required and not is_spoken_for(answer_of(said, asked.proof.id, asked.item_key))
    )


def say(
    stores: Stores,
    form: FormDefinition,
    draft: Draft,
    proof: str,
    item: str,
    *,
    status: ProofStatus,
    revision: int,
    now: datetime,
    reason: str = "",
) -> Draft:
    """The draft with *proof* (for the item with key *item*, or "") spoken for; files given already stay.

    Errors: NotFound if no such proof is asked; Stale, AlreadySubmitted.
    """
    drafting.check_revision(stores, draft, revision)
    _asked(form, draft, proof, item, now)
    before = answer_of(draft.proofs, proof, item)
    answer = ProofAnswer(proof, item, status, reason.strip(), before.files if before else ())
    return drafting.save(stores, form, draft, _with(draft, answer), now=now)


def attach(
    stores: Stores,
    form: FormDefinition,
    draft: Draft,
    proof: str,
    item: str,
    *,
    name: str,
    claimed: str,
    data: bytes,
    intake: Intake,
    revision: int,
    now: datetime,
    client: str = "",
) -> Draft:
    """The draft with a file more at *proof*, which then comes now.

    Errors: FileRefused, TooMany, NotFound if no such proof is asked; Stale, AlreadySubmitted.
    """
    drafting.check_revision(stores, draft, revision)
    asked = _asked(form, draft, proof, item, now)
    before = answer_of(draft.proofs, proof, item)
    given = before.files if before else ()
    files = [file for answer in draft.proofs for file in answer.files]
    if len(data) > MAX_FILE_BYTES or sum(file.size_bytes for file in files) + len(data) > MAX_DRAFT_BYTES:
        raise FileRefused("size")
    if len(given) >= asked.proof.max_files or len(files) >= MAX_DRAFT_FILES:
        raise FileRefused("count")
    if client:
        limit(stores, "upload", client, MAX_CLIENT_KB, now=now, amount=len(data) // 1000 + 1)
    taken = intake.examine(name, claimed, data, accept=asked.proof.accept)
    file = Attachment(
        id=_new_id(files),
        name=taken.name,
        media_type=taken.media_type,
        size_bytes=len(taken.data),
        sha512=hashlib.sha512(taken.data).hexdigest(),
        clean=taken.clean,
    )
    answer = ProofAnswer(proof, item, ProofStatus.UPLOADED, "", (*given, file))
    saved = _with(draft, answer).saved(now=now, days=form.draft_days)
    return _store(stores, draft, saved, file, taken.data)


def remove(
    stores: Stores, form: FormDefinition, draft: Draft, file_id: FileId, *, revision: int, now: datetime
) -> Draft:
    """The draft without the file, whose bytes are deleted. Errors: NotFound, Stale, AlreadySubmitted."""
    drafting.check_revision(stores, draft, revision)
    answer = next((a for a in draft.proofs if any(file.id == file_id for file in a.files)), None)
    if answer is None:
        raise NotFound("no such file")
    left = replace(answer, files=tuple(file for file in answer.files if file.id != file_id))
    saved = _with(draft, left).saved(now=now, days=form.draft_days)
    with stores.write() as work:
        work.drafts.save(saved, revision=draft.revision)
        work.files.mark(file_id, arrived=False)
    filing.discard(stores, file_id)
    return saved


def _new_id(files: Iterable[Attachment]) -> FileId:
    """A new id that begins like none of *files*: its beginning names the file in a delivery."""
    taken = {file.id[:8] for file in files}
    while (new := codes.new_file_id())[:8] in taken:
        pass
    return new


def _store(stores: Stores, draft: Draft, saved: Draft, file: Attachment, data: bytes) -> Draft:
    with stores.write() as work:
        work.files.add(FileRow(file.id, draft.tenant, draft.id, file.size_bytes, False, file.clean, saved.saved_at))
    stores.files.put(filing.object_key(file.id), data)
    try:
        with stores.write() as work:
            work.drafts.save(saved, revision=draft.revision)
            work.files.mark(file.id, arrived=True)
    except FormEngineError:
        filing.discard(stores, file.id)
        raise
    return saved


def _with(draft: Draft, answer: ProofAnswer) -> Draft:
    others = tuple(a for a in draft.proofs if (a.proof, a.item) != (answer.proof, answer.item))
    return replace(draft, proofs=(*others, answer))


def _asked(form: FormDefinition, draft: Draft, proof: str, item: str, now: datetime) -> ProofAsked:
    for asked in proofs(evaluate(form, draft.answers, today(now))):
        if asked.proof.id == proof and asked.item_key == item:
            return asked
    raise NotFound("no such proof is asked")
