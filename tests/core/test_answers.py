from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.core.answers import HOLE, Answers, without_holes
from formengine.core.pointer import ABSENT


def test_values_are_set_and_taken_away_without_changing_the_old_answers():
    old = Answers({"a": {"b": 1}})
    new = old.with_values({"/a/b": ABSENT, "/a/c": "x", "/d": None})
    assert new.document == {"a": {"c": "x"}, "d": None}
    assert old.document == {"a": {"b": 1}}


def test_a_row_without_its_value_stays_blank():
    assert Answers({"l": ["x", "y"]}).with_values({"/l/0": ABSENT}).document == {"l": [HOLE, "y"]}


def test_picks_are_kept_and_taken_away():
    answers = Answers().with_values({}, {"/a:type": "string", ":branch": 0}).with_values({}, {":branch": ABSENT})
    assert answers.picks == {"/a:type": "string"}


def test_an_item_is_added_with_its_key_and_found_by_it():
    answers = Answers().add_item("/l", "aaaaa").add_item("/l", "bbbbb", {"n": 1})
    assert answers.document == {"l": [HOLE, {"n": 1}]}
    assert answers.item_index("/l", "bbbbb") == 1
    assert answers.item_key("/l", 0) == "aaaaa"
    assert answers.item_index("/l", "ccccc") is None
    assert answers.item_key("/l", 7) is None


def test_what_stands_behind_a_removed_item_moves_up_with_all_that_belongs_to_it():
    answers = Answers(
        {"l": [{"n": 0}, {"n": 1}, {"n": 2}]},
        {"/l/0:type": "a", "/l/1/x:branch": 1, "/l/2:type": "c", "/lx/2:type": "d"},
        {"/l": ("k0", "k1", "k2"), "/l/2/m": ("z",)},
        {"/l/1:day": ("3",), "/l/2/d:day": ("4",)},
    ).remove_item("/l", 1)
    assert answers.document == {"l": [{"n": 0}, {"n": 2}]}
    assert answers.picks == {"/l/0:type": "a", "/l/1:type": "c", "/lx/2:type": "d"}
    assert answers.keys == {"/l": ("k0", "k2"), "/l/1/m": ("z",)}
    assert answers.typed == {"/l/1/d:day": ("4",)}


def test_a_removed_item_can_be_put_back_in_its_place():
    before = Answers({"l": ["x", "y"]}, {"/l/1:type": "a"}, {"/l": ("k0", "k1")})
    assert before.remove_item("/l", 0).add_item("/l", "k0", "x", index=0) == before


def test_removing_a_row_that_is_not_there_is_refused():
    with pytest.raises(IndexError):
        Answers({"l": ["x"]}).remove_item("/l", 1)


def test_every_row_gets_a_key_and_those_that_have_one_keep_it():
    made = iter(["a", "a", "b", "c", "d"])
    answers = Answers({"l": [{"m": ["x"]}, {}]}, keys={"/l": ("a",)}).ensure_keys(lambda: next(made))
    assert answers.keys == {"/l": ("a", "b"), "/l/0/m": ("c",)}
    assert answers.ensure_keys(lambda: "never") is answers


def test_typed_text_is_kept_by_control_and_let_go():
    answers = Answers().with_typed({"/d:day": ("31",), "/d:month": ("x",)}).with_typed({"/d:day": ("30",)})
    assert answers.typed == {"/d:day": ("30",), "/d:month": ("x",)}
    assert answers.without_typed(["/d:day"]).typed == {"/d:month": ("x",)}


def test_holes_never_reach_a_validator():
    assert without_holes({"l": [HOLE, {"a": HOLE, "b": [HOLE]}]}) == {"l": [{"b": []}]}


def test_a_representation_holds_no_answer():
    assert "secret" not in repr(Answers({"a": "secret"}))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda number: number + Decimal("0.0005"))
)
DOCUMENTS = st.recursive(
    LEAVES | st.just(HOLE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(DOCUMENTS, st.dictionaries(st.text(max_size=4), st.integers() | st.text(), max_size=2))
def test_answers_come_back_from_the_draft_as_they_were(document, picks):
    answers = Answers(document, picks, {"/l": ("a", "b")}, {"/x:day": ("1", "")})
    assert Answers.from_json(answers.to_json()) == answers


def test_no_document_at_all_comes_back_as_none():
    assert Answers.from_json(Answers(ABSENT).to_json()).document is ABSENT
