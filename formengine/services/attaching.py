"""Proofs: say whether one comes now, later or not at all, and attach files to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from formengine.core import pointer as pointers
from formengine.core.applying import Evaluation, evaluate
from formengine.core.asking import Asked
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft, FileId, ProofAnswer, ProofStatus
from formengine.core.proofs import ProofAsked, proofs
from formengine.errors import FileRefused, NotFound
from formengine.services import drafting, filing, uploading
from formengine.services.clock import today
from formengine.services.ports import Intake, Stores
from formengine.services.taking import MAX_FILE_BYTES, store, take

__all__ = ["MAX_FILE_BYTES", "answer_of", "attach", "is_spoken_for", "remove", "say", "unspoken"]


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
    if len(given) >= asked.proof.max_files:
        raise FileRefused("count")
    file, kept = take(
        stores, draft, name=name, claimed=claimed, data=data, accept=asked.proof.accept, intake=intake, client=client,
        now=now,
    )  # fmt: skip
    answer = ProofAnswer(proof, item, ProofStatus.UPLOADED, "", (*given, file))
    new = _with(draft, answer)
    filling = _filling(form, draft, asked, now)
    if filling is not None:
        path = filing.delivered_path(proof, file)
        new = replace(new, answers=uploading.filled(form, draft.answers, filling, path=path, file=file, data=kept))
    return store(stores, draft, new.saved(now=now, days=form.draft_days), file, kept)


def remove(
    stores: Stores, form: FormDefinition, draft: Draft, file_id: FileId, *, revision: int, now: datetime
) -> Draft:
    """The draft without the file, whose bytes are deleted. Errors: NotFound, Stale, AlreadySubmitted."""
    drafting.check_revision(stores, draft, revision)
    answer = next((a for a in draft.proofs if any(file.id == file_id for file in a.files)), None)
    if answer is None:
        raise NotFound("no such file")
    left = replace(answer, files=tuple(file for file in answer.files if file.id != file_id))
    new = _with(draft, left)
    for asked in proofs(evaluate(form, draft.answers, today(now))):
        filling = _filling(form, draft, asked, now)
        if filling is not None and (asked.proof.id, asked.item_key) == (answer.proof, answer.item):
            gone = next(file for file in answer.files if file.id == file_id)
            path = filing.delivered_path(answer.proof, gone)
            new = replace(new, answers=uploading.emptied(draft.answers, filling, path, last=not left.files))
    saved = new.saved(now=now, days=form.draft_days)
    with stores.write() as work:
        work.drafts.save(saved, revision=draft.revision)
        work.files.mark(file_id, arrived=False)
    filing.discard(stores, file_id)
    return saved


def _with(draft: Draft, answer: ProofAnswer) -> Draft:
    others = tuple(a for a in draft.proofs if (a.proof, a.item) != (answer.proof, answer.item))
    return replace(draft, proofs=(*others, answer))


def _filling(form: FormDefinition, draft: Draft, asked: ProofAsked, now: datetime) -> Asked | None:
    """The question that the files of the proof fill (`at`), or None."""
    if not asked.proof.at:
        return None
    items = pointers.indexes(asked.names.scope, asked.item_pointer) or ()
    return evaluate(form, draft.answers, today(now)).asked_at(pointers.resolve(asked.proof.at, items))


def _asked(form: FormDefinition, draft: Draft, proof: str, item: str, now: datetime) -> ProofAsked:
    for asked in proofs(evaluate(form, draft.answers, today(now))):
        if asked.proof.id == proof and asked.item_key == item:
            return asked
    raise NotFound("no such proof is asked")
