from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from formengine.core import routing
from formengine.core.addresses import StepAddress
from formengine.core.applying import evaluate
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft, DraftId
from formengine.core.pointer import ABSENT
from formengine.core.validation import Problem
from formengine.errors import NotAllowed, NotFound, Stale, StepNotOpen
from formengine.services import drafting, visiting
from formengine.services.drafting import Reading
from formengine.services.ports import Stores
from tests.fakes import Clock

YOU = StepAddress((("you", ""),))
CHILDREN = StepAddress((("children", ""),))


def stored(stores: Stores, draft_id: DraftId) -> Draft:
    with stores.read() as work:
        return work.drafts.load(draft_id)


@pytest.fixture
def draft(stores: Stores, form: FormDefinition, clock: Clock) -> Draft:
    return drafting.start(stores, form, tenant="t", language="de", session=None, now=clock())


def answer(stores: Stores, form: FormDefinition, draft: Draft, clock: Clock, at: StepAddress = YOU, **values: object):
    reading = Reading(
        {f"/{name}": value for name, value in values.items()},
        typed={f"/{name}": ("" if value is ABSENT else str(value),) for name, value in values.items()},
    )
    return drafting.answer_step(stores, form, draft, at, reading, revision=draft.revision, now=clock())


def test_a_started_draft_is_held_by_its_session(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
    draft = drafting.start(stores, form, tenant="t", language="de", session=session, now=clock())
    assert visiting.find(stores, secret, now=clock(), form="lunch").draft == draft
    assert draft.expires_at == clock() + timedelta(days=10)


def test_right_answers_are_saved_and_lead_to_the_next_step(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    done = answer(stores, form, draft, clock, name="Änne", hasPet=False)
    assert done.problems == ()
    assert done.next == CHILDREN
    assert stored(stores, draft.id) == done.draft
    assert done.draft.answers.document == {"name": "Änne", "hasPet": False}
    assert done.draft.revision == 1


def test_an_answer_that_opens_a_question_of_its_own_page_stays_there_without_an_error(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    done = answer(stores, form, draft, clock, name="Änne", hasPet=True)
    assert (done.problems, done.next) == ((), YOU)
    after = answer(stores, form, done.draft, clock, name="Änne", hasPet=True, petName="Rex")
    assert (after.problems, after.next) == ((), CHILDREN)


def test_a_question_that_was_open_already_must_be_answered(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    done = answer(stores, form, draft, clock, name="Änne", hasPet=True)
    after = answer(stores, form, done.draft, clock, name="Änne", hasPet=True, petName=ABSENT)
    assert [(problem.control, problem.code) for problem in after.problems] == [("/petName", "required")]
    assert after.next is None


def test_a_wrong_answer_does_not_replace_a_right_one_but_comes_back_as_typed(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    right = answer(stores, form, draft, clock, name="Änne", hasPet=False)
    wrong = answer(stores, form, right.draft, clock, name="Ä", hasPet=True)
    assert [(problem.control, problem.code) for problem in wrong.problems] == [("/name", "minLength")]
    kept = stored(stores, draft.id).answers
    assert kept.document["name"] == "Änne"
    assert kept.document["hasPet"] is True, "what is right on the page is taken"
    assert kept.typed == {"/name": ("Ä",)}


def test_text_that_is_no_value_is_kept_until_the_page_is_right(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    reading = Reading({"/hasPet": False}, typed={"/name": ("x\x07",)}, problems=(Problem("/name", "/name", "parse"),))
    done = drafting.answer_step(stores, form, draft, YOU, reading, revision=0, now=clock())
    assert [problem.code for problem in done.problems] == ["parse"]
    assert done.draft.answers.typed == {"/name": ("x\x07",)}
    after = answer(stores, form, done.draft, clock, name="Änne", hasPet=False)
    assert after.draft.answers.typed == {}


def test_a_page_made_from_an_older_draft_overwrites_nothing(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    other_tab = answer(stores, form, draft, clock, name="Änne", hasPet=False)
    with pytest.raises(Stale):
        answer(stores, form, draft, clock, name="Bert", hasPet=False)
    with pytest.raises(Stale):
        drafting.keep_typed(stores, form, other_tab.draft, {"/name": ("B",)}, revision=0, now=clock())
    assert stored(stores, draft.id) == other_tab.draft


def test_a_step_that_the_path_does_not_reach_takes_no_answers(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    with pytest.raises(StepNotOpen):
        answer(stores, form, draft, clock, StepAddress((("elsewhere", ""),)), name="Änne")


def test_typed_text_is_kept_unchecked_and_is_no_answer(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    kept = drafting.keep_typed(stores, form, draft, {"/name": ("Ä",)}, revision=0, now=clock())
    assert stored(stores, draft.id) == kept
    assert kept.answers.document == {}
    assert kept.answers.typed == {"/name": ("Ä",)}


def test_items_are_added_with_keys_of_their_own_until_the_list_is_full(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    keys = []
    for revision in range(3):
        added = drafting.add_item(stores, form, draft, "/children", revision=revision, now=clock())
        draft = added.draft
        keys.append(added.key)
    assert draft.answers.keys == {"/children": tuple(keys)}
    assert len(evaluate(form, draft.answers, clock().date()).document["children"]) == 3
    with pytest.raises(NotAllowed):
        drafting.add_item(stores, form, draft, "/children", revision=3, now=clock())
    with pytest.raises(NotAllowed):
        drafting.add_item(stores, form, draft, "/cousins", revision=3, now=clock())


def two_children(stores: Stores, form: FormDefinition, clock: Clock, draft: Draft) -> tuple[Draft, list[str]]:
    keys = []
    for name in ("Ada", "Bo"):
        added = drafting.add_item(stores, form, draft, "/children", revision=draft.revision, now=clock())
        at = StepAddress((("children", added.key), ("child", "")))
        reading = Reading({f"/children/{added.index}/givenName": name})
        draft = drafting.answer_step(
            stores, form, added.draft, at, reading, revision=added.draft.revision, now=clock()
        ).draft
        keys.append(added.key)
    return draft, keys


def test_a_removed_item_can_be_put_back_in_its_place_for_ten_minutes(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    before, keys = two_children(stores, form, clock, draft)
    before = drafting.keep_typed(
        stores, form, before, {"/children/0/pupil": ("?",)}, revision=before.revision, now=clock()
    )
    removed = drafting.remove_item(stores, form, before, "/children", keys[0], revision=before.revision, now=clock())
    assert [child["givenName"] for child in removed.answers.document["children"]] == ["Bo"]
    assert removed.answers.typed == {}

    clock.on(minutes=9)
    again = drafting.restore_item(stores, form, stored(stores, draft.id), revision=removed.revision, now=clock())
    assert again.answers == before.answers
    assert drafting.restorable(again, clock()) is None


def test_a_removed_item_is_gone_after_ten_minutes(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    before, keys = two_children(stores, form, clock, draft)
    removed = drafting.remove_item(stores, form, before, "/children", keys[0], revision=before.revision, now=clock())
    clock.on(minutes=11)
    with pytest.raises(NotFound):
        drafting.restore_item(stores, form, removed, revision=removed.revision, now=clock())


def test_an_item_that_is_not_there_cannot_be_removed(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    with pytest.raises(NotFound):
        drafting.remove_item(stores, form, draft, "/children", "zzzzz", revision=0, now=clock())


def test_a_list_answered_none_is_empty_and_one_with_items_stays(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    none = drafting.no_items(stores, form, draft, "/children", revision=0, now=clock())
    assert none.answers.document == {"children": []}
    some, _ = two_children(stores, form, clock, none)
    assert drafting.no_items(stores, form, some, "/children", revision=some.revision, now=clock()) == some


def test_fixed_items_are_there_from_the_start_and_stay(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    steps = tuple(replace(step, fixed=1) if step.repeat else step for step in form.steps)
    fixed = replace(form, steps=steps)
    draft = drafting.start(stores, fixed, tenant="t", language="de", session=None, now=clock())
    (key,) = draft.answers.keys["/children"]
    assert draft.answers.document == {"children": [{}]}
    with pytest.raises(NotAllowed):
        drafting.remove_item(stores, fixed, draft, "/children", key, revision=0, now=clock())


def test_an_accepted_declaration_keeps_its_instant_and_can_be_taken_back(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    first = clock()
    offered = {"truth", "news"}
    draft = drafting.accept(stores, form, draft, {"truth"}, offered=offered, revision=0, now=first)
    later = clock.on(minutes=5)
    draft = drafting.accept(stores, form, draft, {"truth", "news"}, offered=offered, revision=1, now=later)
    assert stored(stores, draft.id).accepted == {"truth": first, "news": later}
    draft = drafting.accept(stores, form, draft, {"news"}, offered=offered, revision=2, now=later)
    assert draft.accepted == {"news": later}


def test_a_draft_resumes_where_something_is_missing(
    stores: Stores, form: FormDefinition, clock: Clock, draft: Draft
) -> None:
    done = answer(stores, form, draft, clock, name="Änne", hasPet=False)
    assert routing.resume_at(done.evaluation) == CHILDREN
    assert done.draft.last_step == "you"
