"""Of a long list fifty rows are drawn at once, and all of them can be entered (SCH-11)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.blocks import MOST_ROWS
from formengine.core.pages import pages
from formengine.core.routing import next_step, parse, previous_step, resume_at
from tests.promises.entering import Meant, Person
from tests.promises.sheet import Sheet
from tests.promises.site import make_app

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT = {"type": "string"}
ROWS = {
    "$schema": DRAFT, "type": "object",
    "properties": {"name": TEXT, "texts": {"type": "array", "items": {**TEXT, "maxLength": 9}}, "end": {"type": "object", "properties": {"a": TEXT}}},
}  # fmt: skip
ITEM = {"type": "object", "properties": {"kind": {"const": "x"}}, "required": ["kind"]}
ITEMS = {"$schema": DRAFT, "type": "object", "properties": {"children": {"type": "array", "items": ITEM}}}
MAP = {"$schema": DRAFT, "type": "object", "properties": {"free": {"type": "object", "additionalProperties": TEXT}}}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return make_app(tmp_path_factory.mktemp("long"), [("rows", ROWS), ("items", ITEMS), ("map", MAP)])


def test_sch_11_rows_of_a_long_list_stand_on_pages_of_their_own(site: Flask):
    person = Person(site, "rows")
    document = {"name": "Ada", "texts": [f"t{number}" for number in range(MOST_ROWS + 2)], "end": {"a": "x"}}
    review = person.fill(Meant(document), person.begin())
    first, second = person.get("/rows/texts/"), person.get("/rows/texts/2/")
    assert len(first.controls) == MOST_ROWS
    assert not [button for button in first.buttons if button.action == "add"]
    assert [control.name for control in second.controls] == ["/texts/50", "/texts/51"]
    assert second.counts == {"/texts": MOST_ROWS + 2}
    wrong = person.send(second, {"/texts/50": ["x" * 10], "/texts/51": ["b"]}, ("_action", "next"))
    assert [(one.pointer, one.keyword) for one in wrong.problems] == [("/texts/50", "maxLength")]
    fewer = person.get("/rows/texts/2/")
    for _ in range(2):
        last = [button for button in fewer.buttons if button.action == "remove"][-1]
        fewer = person.send(fewer, {}, ("_action", last.value))
    assert fewer.url.endswith("/rows/texts/")
    assert [button.action for button in fewer.buttons if button.action == "add"] == ["add"]
    assert person.finish(person.fill(Meant(document), review)).document == document


def _lengthened(site: Flask) -> Person:
    person = Person(site, "rows")
    document = {"name": "Ada", "texts": [f"t{number}" for number in range(MOST_ROWS + 2)], "end": {"a": "x"}}
    person.fill(Meant(document), person.begin())
    return person


def _posted(person: Person, page: Sheet) -> Sheet:
    """What the page of another tab is answered with."""
    reply = person.post(page, {"/texts/50": ["t50"], "/texts/51": ["c"]}, ("_action", "next"))
    return Sheet(page.target, reply.get_data(as_text=True), reply.status_code)


@pytest.mark.parametrize(("keep", "last"), [("stored", "B"), ("here", "c")])
def test_rel_04_further_rows_that_two_tabs_changed_are_chosen(site: Flask, keep: str, last: str):
    person = _lengthened(site)
    one, other = person.get("/rows/texts/2/"), person.get("/rows/texts/2/")
    person.send(one, {"/texts/50": ["t50"], "/texts/51": ["B"]}, ("_action", "next"))
    stale = _posted(person, other)
    assert (stale.status, [control.name for control in stale.controls]) == (409, ["_keep:/texts/51"])
    person.send(stale, {"_keep:/texts/51": [keep]})
    assert [control.chosen for control in person.get("/rows/texts/2/").controls] == [("t50",), (last,)]
    assert [control.chosen for control in person.get("/rows/texts/").controls][-1] == (f"t{MOST_ROWS - 1}",)


def test_rel_04_further_rows_that_another_tab_took_away_are_not_written_over(site: Flask):
    person = _lengthened(site)
    stale, fewer = person.get("/rows/texts/2/"), person.get("/rows/texts/2/")
    for _ in range(2):
        gone = [button for button in fewer.buttons if button.action == "remove"][-1]
        fewer = person.send(fewer, {}, ("_action", gone.value))
    asked = _posted(person, stale)
    assert (asked.status, asked.kind) == (409, "conflict")
    assert "t50" in asked.text  # what was typed stands there to be copied
    assert len(person.get("/rows/texts/").controls) == MOST_ROWS


def test_sch_11_items_of_a_long_list_are_shown_fifty_at_once(site: Flask):
    person = Person(site, "items")
    review = person.fill(Meant({"children": [{"kind": "x"}] * (MOST_ROWS + 1)}), person.begin())
    last = person.get("/items/children/")
    assert last.counts == {"/children": MOST_ROWS + 1}
    assert [button.pointer for button in last.buttons if button.action == "remove"] == [f"/children/{MOST_ROWS}"]
    first = person.get("/items/children/?rows=1")
    assert len([button for button in first.buttons if button.action == "remove"]) == MOST_ROWS
    for odd in ("0", "3", "x", "-1", "٣", "1" * 5000):
        assert person.get(f"/items/children/?rows={odd}").counts == last.counts
    assert person.finish(review).document == {"children": [{"kind": "x"}] * (MOST_ROWS + 1)}


def test_sch_11_the_way_leads_through_all_blocks(site: Flask):
    forms = site.extensions["formengine"].engine.forms
    form = forms.newest("rows")
    texts: list[object] = ["x"] * (2 * MOST_ROWS + 1)
    e = evaluate(form, Answers({"name": "Ada", "texts": texts}), date(2026, 11, 22))
    ways = [str(page.address) for page in pages(e)]
    assert ways == ["general", "texts", "texts/2", "texts/3", "end"]
    addresses = [page.address for page in pages(e)]
    assert [next_step(e, one) for one in addresses] == [*addresses[1:], None]
    assert [previous_step(e, one) for one in addresses] == [None, *addresses[:-1]]
    assert str(parse(form, e, ("texts", "9"))) == "texts"
    texts[70] = "x" * 10
    assert str(resume_at(evaluate(form, Answers({"name": "Ada", "texts": texts}), date(2026, 11, 22)))) == "texts/2"
    form = forms.newest("map")
    e = evaluate(form, Answers({"free": {f"k{number}": "x" for number in range(MOST_ROWS + 1)}}), date(2026, 11, 22))
    assert [len(page.asked) for page in pages(e)] == [MOST_ROWS + 1, 2]
