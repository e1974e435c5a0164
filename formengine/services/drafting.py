"""Start an application, answer its steps, add, remove and restore items; what cannot be taken yet is kept as typed.

Invalid answers never replace valid ones: what is wrong on a page stays apart, as it was typed, and the rest
of the page is taken. Every change carries the revision at which the page was made, so nothing is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from formengine.core import following, pointer, routing
from formengine.core.addresses import StepAddress
from formengine.core.answers import HOLE, Answers
from formengine.core.applying import Evaluation, evaluate
from formengine.core.asking import Asked, Role
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft, DraftStatus, Earlier, Removed
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.validation import Problem, submit_problems
from formengine.errors import AlreadySubmitted, NotAllowed, NotFound, Stale, StepNotOpen
from formengine.services import codes, items
from formengine.services.clock import today
from formengine.services.ports import Session, Stores
from formengine.services.values import SESSION

UNDO: Final = timedelta(minutes=10)
"""How long a removed item can be put back."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page posted.

    *values* by pointer and *picks* by control name (ABSENT takes away), *typed* the posted text of every control by
    its HTML name, the *problems* of text that is no value, and *blank*: the pointers of lists without rows.
    """

    values: Mapping[str, JsonValue]
    picks: Mapping[str, JsonValue] = field(default_factory=dict)
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    blank: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of a post: the draft as saved and its evaluation; the *problems* of the page, or the *next* step.

    *next* is the same step if the answers made more questions of it apply.
    """

    draft: Draft
    evaluation: Evaluation
    problems: tuple[Problem, ...] = ()
    next: StepAddress | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """The draft with a new item, its place in the list and its key."""

    draft: Draft
    index: int
    key: str


def start(
    stores: Stores,
    form: FormDefinition,
    *,
    tenant: str,
    language: str,
    session: Session | None,
    now: datetime,
    earlier: Earlier | None = None,
) -> Draft:
    """A new draft of *form*, held by *session* in the place of any other.

    *earlier*: what fills it in; those answers have to be looked at again.
    """
    answers = items.with_fixed(form, Answers())
    if earlier is not None:
        answers = following.fill(form, answers, earlier.filled, today(now))
    draft = Draft(
        id=codes.new_draft_id(),
        tenant=tenant,
        form=form.id,
        form_hash=form.hash,
        language=language,
        answers=answers,
        revision=0,
        created_at=now,
        saved_at=now,
        expires_at=now + timedelta(days=form.draft_days),
        earlier=earlier,
        key=codes.new_key(),
    )
    with stores.write() as work:
        work.drafts.add(draft)
        if session is not None:
            work.sessions.hold(session.id, form.id, draft.id, None)
    return draft


def answer_step(
    stores: Stores,
    form: FormDefinition,
    draft: Draft,
    at: StepAddress,
    reading: Reading,
    *,
    revision: int,
    now: datetime,
    seen: Evaluation | None = None,
) -> Answered:
    """Take the answers of the page *at*. *seen*: the evaluation of the draft, where the caller has it already.

    Errors: StepNotOpen, Stale, AlreadySubmitted.
    """
    check_revision(stores, draft, revision)
    day = today(now)
    before = seen or evaluate(form, draft.answers, day)
    if routing.page_at(before, at) is None:
        raise StepNotOpen(str(at))
    controls = {asked.control for asked in routing.asked_on(before, at)}
    untyped = draft.answers.without_typed(_of(draft.answers.typed, controls)).looked_at(controls)
    wanted = untyped.with_values({**reading.values, **dict.fromkeys(reading.blank, ABSENT)}, reading.picks)
    after = evaluate(form, wanted, day)
    none: dict[str, JsonValue] = {
        asked.pointer: [] for asked in routing.asked_on(after, at) if _says_none(asked, reading)
    }
    if none:
        wanted = wanted.with_values(none)
        after = evaluate(form, wanted, day)
    wrong = _wrong(reading, routing.problems_on(after, at, submit_problems(after)), controls)
    if wrong:
        ticks = {asked.pointer for asked in routing.asked_on(before, at) if asked.question.tick}
        kept = _without(untyped, reading, {problem.control for problem in wrong}, ticks)
        saved = save(stores, form, draft, replace(draft, answers=kept), now=now) if kept != draft.answers else draft
        return Answered(saved, evaluate(form, kept, day), wrong)
    saved = save(stores, form, draft, replace(draft, answers=wanted, last_step=str(at)), now=now)
    more = any(asked.control not in controls and _is_asked(asked) for asked in routing.asked_on(after, at))
    return Answered(saved, after, (), at if more else routing.next_step(after, at))


def keep_typed(
    stores: Stores,
    form: FormDefinition,
    draft: Draft,
    typed: Mapping[str, tuple[str, ...]],
    *,
    revision: int,
    now: datetime,
) -> Draft:
    """The draft with text kept as it was typed, by control name, unchecked. Errors: Stale, AlreadySubmitted."""
    check_revision(stores, draft, revision)
    return save(stores, form, draft, replace(draft, answers=draft.answers.with_typed(typed)), now=now)


def add_item(stores: Stores, form: FormDefinition, draft: Draft, at: str, *, revision: int, now: datetime) -> Added:
    """A new item at the end of the list at pointer *at*.

    Errors: NotAllowed if no such list is asked or it is full; Stale, AlreadySubmitted.
    """
    check_revision(stores, draft, revision)
    asked = _list(form, draft, at, now)
    rows = draft.answers.get(at)
    index = len(rows) if isinstance(rows, list) else 0
    if index >= asked.question.keywords.get("maxItems", index + 1):
        raise NotAllowed("the list is full")
    places = draft.answers
    for _ in range(index, asked.question.places):  # a row of a tuple comes behind its places
        places = places.add_item(at, items.new_key(places))
        index += 1
    key = items.new_key(places)
    blank: JsonValue = {} if any(step.repeat == asked.pattern for step in form.walk()) else HOLE
    answers = items.with_fixed(form, places.add_item(at, key, blank))
    return Added(save(stores, form, draft, replace(draft, answers=answers), now=now), index, key)


def no_items(stores: Stores, form: FormDefinition, draft: Draft, at: str, *, revision: int, now: datetime) -> Draft:
    """The draft with the list at *at* answered "none"; one that has items is left as it is.

    Errors: NotAllowed if no such list is asked; Stale, AlreadySubmitted.
    """
    check_revision(stores, draft, revision)
    _list(form, draft, at, now)
    if draft.answers.get(at):
        return draft
    return save(stores, form, draft, replace(draft, answers=draft.answers.with_values({at: []})), now=now)


def remove_item(
    stores: Stores, form: FormDefinition, draft: Draft, at: str, key: str, *, revision: int, now: datetime
) -> Draft:
    """The draft without the item *key* of the list at *at*; it can be put back for ten minutes.

    A list without its last item is one not answered: "none" is for the applicant to say.

    Errors: NotFound if it is not there, NotAllowed if it is fixed; Stale, AlreadySubmitted.
    """
    check_revision(stores, draft, revision)
    index = draft.answers.item_index(at, key)
    if index is None:
        raise NotFound("no such item")
    owner = form.owner(_list(form, draft, at, now).pattern)
    if owner and index < owner[-1].fixed:
        raise NotAllowed("this item stays")
    removed = Removed(at, index, key, items.lift(draft.answers, at, index), now)
    answers = draft.answers.remove_item(at, index)
    if not answers.get(at):
        answers = answers.with_values({at: ABSENT})
    return save(stores, form, draft, replace(draft, answers=answers, removed=removed), now=now)


def restorable(draft: Draft, now: datetime) -> Removed | None:
    """The item that can still be put back, or None."""
    return draft.removed if draft.removed and now - draft.removed.at <= UNDO else None


def restore_item(stores: Stores, form: FormDefinition, draft: Draft, *, revision: int, now: datetime) -> Draft:
    """The draft with the item that was removed last, in its place again. Errors: NotFound, Stale, AlreadySubmitted."""
    check_revision(stores, draft, revision)
    removed = restorable(draft, now)
    if removed is None:
        raise NotFound("nothing to put back")
    answers = items.put_back(draft.answers, removed.list, removed.index, removed.key, removed.answers)
    return save(stores, form, draft, replace(draft, answers=answers, removed=None), now=now)


def accept(
    stores: Stores,
    form: FormDefinition,
    draft: Draft,
    ids: Collection[str],
    *,
    offered: Collection[str],
    revision: int,
    now: datetime,
) -> Draft:
    """The draft with the declarations *ids* accepted, and no others of those that were *offered*.

    The instant of an earlier tick stays. Errors: Stale, AlreadySubmitted.
    """
    check_revision(stores, draft, revision)
    accepted = {key: at for key, at in (draft.accepted or {}).items() if key in ids or key not in offered}
    accepted |= {key: now for key in ids if key in offered and key not in accepted}
    return save(stores, form, draft, replace(draft, accepted=accepted), now=now)


def save(stores: Stores, form: FormDefinition, old: Draft, new: Draft, *, now: datetime) -> Draft:
    """*new* one revision on, written over *old*. Errors: Stale, AlreadySubmitted, NotFound, StorageError."""
    by = stores.reader.id if stores.reader is not None and stores.reader.kind == SESSION else ""
    saved = replace(new, saved_by=by).saved(now=now, days=form.draft_days)
    with stores.write() as work:
        work.drafts.save(saved, revision=old.revision)
    return saved


def reload(stores: Stores, draft: Draft) -> Draft:
    """The draft as it is stored by now. Errors: NotFound, AlreadySubmitted."""
    with stores.read() as work:
        stored = work.drafts.load(draft.id)
        if stored.status is DraftStatus.SUBMITTED:
            raise AlreadySubmitted(work.submissions.of_draft(stored.id))
    return stored


def check_revision(stores: Stores, draft: Draft, revision: int) -> None:
    """Nothing, if the page was made from this *draft* and it is open. Errors: Stale, AlreadySubmitted."""
    if draft.status is DraftStatus.SUBMITTED:
        with stores.read() as work:
            raise AlreadySubmitted(work.submissions.of_draft(draft.id))
    if draft.revision != revision:
        raise Stale("the draft was saved elsewhere meanwhile")


def _list(form: FormDefinition, draft: Draft, at: str, now: datetime) -> Asked:
    asked = evaluate(form, draft.answers, today(now)).asked_at(at)
    if asked is None or asked.role is not Role.LIST:
        raise NotAllowed("no such list is asked")
    return asked


def _says_none(asked: Asked, reading: Reading) -> bool:
    """Whether a list that was sent without rows says "none": where it is optional, blank is no answer (rule 15)."""
    return asked.role is Role.LIST and asked.required and asked.pointer in reading.blank


def _is_asked(asked: Asked) -> bool:
    return asked.role is not Role.COMPUTED


def _belongs(name: str, controls: Collection[str]) -> bool:
    """Whether the HTML name *name* is a control of *controls* or a part of one."""
    return name in controls or name.rpartition(":")[0] in controls


def _of(typed: Mapping[str, tuple[str, ...]], controls: Collection[str]) -> list[str]:
    return [name for name in typed if _belongs(name, controls)]


def _wrong(reading: Reading, found: Collection[Problem], controls: Collection[str]) -> tuple[Problem, ...]:
    """What is wrong on the page as it was posted; questions that it had not yet are no one's mistake."""
    unread = {problem.control for problem in reading.problems}
    more = (problem for problem in found if problem.control in controls and problem.control not in unread)
    return (*reading.problems, *more)


def _without(answers: Answers, reading: Reading, wrong: Collection[str], ticks: Collection[str]) -> Answers:
    """*answers* with what is right of *reading*, and the text of the controls *wrong* kept as typed.

    One of *ticks* that is no longer ticked is taken away, though it be required: nobody agrees by an older page.
    """
    spoiled = pointer.above(wrong)
    values = {at: value for at, value in reading.values.items() if at in ticks or at not in spoiled}
    picks = {name: value for name, value in reading.picks.items() if name not in wrong}
    typed = {name: reading.typed[name] for name in _of(reading.typed, wrong)}
    return answers.with_values(values, picks).with_typed(typed)
