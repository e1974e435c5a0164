"""Check everything, freeze it, enqueue what follows, give the reference: one transaction, once a draft.

What is slow or may fail (the document, its seal, deliveries) comes after it, as a job. A second submit of any kind,
double click, other tab, other device, finds what the first one made and gives the same reference (REL-01).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

from formengine.core import following, numbers
from formengine.core.applying import Evaluation, evaluate
from formengine.core.definition import Declaration, FormDefinition
from formengine.core.expressions import Expression, Names, fill
from formengine.core.lifecycle import (
    Attachment,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftId,
    DraftStatus,
    ProofAnswer,
    ProofStatus,
    Reference,
    Submission,
)
from formengine.core.payload import payload
from formengine.core.pointer import JsonValue
from formengine.core.proofs import proofs
from formengine.core.validation import Problem, problems
from formengine.errors import FormClosed, NotComplete, NotFound, Stale
from formengine.services import attaching, cards, codes, filing, uploading
from formengine.services.clock import rfc3339, today
from formengine.services.ports import Stores, Work, Wrap

_log = logging.getLogger(__name__)
_TRIES: Final = 20
_HANDED_IN: Final = frozenset({ProofStatus.UPLOADED.value, ProofStatus.GIVEN.value})

Wording = Callable[[str, Names], str]
"""Gives the wording of a text of the definition as the applicant read it: translated, its pieces filled in."""


def submit(
    stores: Stores,
    form: FormDefinition,
    draft_id: DraftId,
    *,
    idempotency_key: str | None,
    accepted: Collection[str],
    language: str,
    channels: Sequence[str],
    now: datetime,
    revision: int | None = None,
    wording: Wording | None = None,
) -> Reference:
    """The reference of the application, sent now or earlier.

    *accepted*: the declarations ticked with this post; those of the draft count too. *revision*: that of the page.
    Errors: NotComplete, Stale, NotFound, FormClosed, KeysMissing, StorageError.
    """
    for _ in range(_TRIES):
        with stores.read() as work:
            draft = work.drafts.load(draft_id)
        submission = None
        wraps: Sequence[Wrap] = ()
        if draft.status is DraftStatus.OPEN:
            if not draft.key:
                raise NotFound("this draft is not open here")
            if (revision is not None and draft.revision != revision) or draft.form_hash != form.hash:
                raise Stale("the draft was saved elsewhere meanwhile")
            submission = _freeze(form, draft, accepted, language=language, now=now, wording=wording or plain(form))
            wraps = stores.ring.wraps(draft.key, draft.tenant)
        with stores.write() as work:
            current = work.drafts.load(draft_id, lock=True)
            if current.status is DraftStatus.SUBMITTED:
                return work.submissions.of_draft(draft_id)
            if submission is None:
                raise NotFound("no such draft")
            if form.hash in work.versions.withdrawn():
                raise FormClosed("this version was withdrawn")
            if current.revision == draft.revision and _write(
                work, submission, current, wraps, key=idempotency_key, channels=channels
            ):
                return submission.reference
    raise Stale("the draft is being saved elsewhere")


def plain(form: FormDefinition) -> Wording:
    """The wording in the source language, values as JSON writes them."""

    def show(value: JsonValue) -> str:
        return value if isinstance(value, str) else numbers.dumps(value)

    return lambda text, names: fill(form.expressions, text, names, show)


def declarations(e: Evaluation) -> tuple[Declaration, ...]:
    """The declarations that apply now, in order."""
    names = _names(e)
    return tuple(d for d in e.form.declarations if not d.when or holds(e.form, d.when, names))


def holds(form: FormDefinition, condition: str, names: Names) -> bool:
    """Whether the condition *condition* of the form holds; an undecided one does not."""
    expression = form.expressions.get((names.scope, condition))
    return isinstance(expression, Expression) and expression.holds(names, undecided=False)


def _names(e: Evaluation) -> Names:
    return Names(e.document, e.today, e.form.figures)


def _freeze(
    form: FormDefinition, draft: Draft, accepted: Collection[str], *, language: str, now: datetime, wording: Wording
) -> Submission:
    """What is to be sent, if nothing is missing. Errors: NotComplete."""
    e = evaluate(form, draft.answers, today(now))
    found = problems(e)
    if any(problem.level == "error" for problem in found):
        raise NotComplete("answers")
    if attaching.unspoken(e, draft.proofs):
        raise NotComplete("proofs")
    ticked = {**dict.fromkeys(accepted, now), **(draft.accepted or {})}
    declared = declarations(e)
    if any(declaration.required and declaration.id not in ticked for declaration in declared):
        raise NotComplete("declarations")
    frozen = payload(e)
    _ask_the_reference(form, frozen.document)
    reference = codes.new_reference()
    said = _proofs(e, draft.proofs, wording)
    record: dict[str, JsonValue] = {
        "reference": reference,
        "receivedAt": rfc3339(now),
        "receivedOn": today(now).isoformat(),
        "form": {"id": form.id, "version": form.version, "hash": form.hash, "schema": form.schema_name},
        "language": language,
        "declarations": [
            {"id": d.id, "text": wording(d.text, _names(e)), "acceptedAt": rfc3339(min(ticked[d.id], now))}
            for d in declared
            if d.id in ticked
        ],
        "proofs": said,
        "warnings": [_warning(e, problem, wording) for problem in found],
        "payload": frozen.sha512,
    }
    if draft.earlier is not None:
        record["from"] = {
            "reference": draft.earlier.reference,
            "receivedAt": rfc3339(draft.earlier.received_at),
            "changed": list(following.changed(draft.earlier.filled, frozen.document)),
        }
    uploads = uploading.named(frozen.document, draft.uploads)
    if uploads:
        record["uploads"] = [_file(uploading.UPLOAD, file) for file in uploads]
    return Submission(
        reference=reference,
        tenant=draft.tenant,
        draft_id=draft.id,
        form=form.id,
        form_version=form.version,
        form_hash=form.hash,
        language=language,
        received_at=now,
        payload=frozen.bytes,
        record=numbers.dumps(record).encode(),
        sha512=frozen.sha512,
        card=cards.card(e),
        missing=sum(proof["status"] not in _HANDED_IN for proof in said),
        key=draft.key,
    )


def _write(
    work: Work, submission: Submission, draft: Draft, wraps: Sequence[Wrap], *, key: str | None, channels: Sequence[str]
) -> bool:
    """Write all that submit writes; False, and nothing of it, if the reference is taken."""
    if not work.submissions.add(submission, idempotency_key=key):
        return False
    work.deliveries.add(
        Delivery(submission.reference, channel, DeliveryStatus.WAITING, 0, submission.received_at)
        for channel in channels
    )
    work.keys.add(draft.id, wraps)
    work.drafts.close(draft.changed(DraftStatus.SUBMITTED))
    work.sessions.submitted(draft.id, submission.reference)
    work.outbox.enqueue(submission.reference)
    return True


def _ask_the_reference(form: FormDefinition, document: JsonValue) -> None:
    """Report to the operator where the second validator disagrees; the application is taken all the same."""
    try:
        agrees = form.schema.reference.is_valid(document)
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        _log.error("the reference validator failed: form %s %s, %s", form.id, form.hash, type(error).__name__)
        return
    if not agrees:
        _log.error("the reference validator calls a payload invalid: form %s %s", form.id, form.hash)


def _proofs(e: Evaluation, answers: tuple[ProofAnswer, ...], wording: Wording) -> list[Any]:
    """What the record says of each proof that is asked and was spoken for."""
    said = []
    for asked in proofs(e):
        answer = attaching.answer_of(answers, asked.proof.id, asked.item_key)
        if answer is None or not attaching.is_spoken_for(answer):
            continue
        entry: dict[str, JsonValue] = {"id": asked.proof.id}
        if asked.item_key:
            entry["item"] = asked.item_pointer
        entry["title"] = wording(asked.proof.title, asked.names)
        entry["status"] = answer.status.value
        if answer.reason:
            entry["reason"] = answer.reason
        entry["files"] = [_file(asked.proof.id, file) for file in answer.files]
        said.append(entry)
    return said


def _file(start: str, file: Attachment) -> dict[str, JsonValue]:
    return {
        "path": filing.delivered_path(start, file),
        "name": file.name,
        "mediaType": file.media_type,
        "size": file.size_bytes,
        "sha512": file.sha512,
    }


def _warning(e: Evaluation, problem: Problem, wording: Wording) -> dict[str, JsonValue]:
    return {"at": problem.pointer, "message": wording(problem.message, _names(e))}
