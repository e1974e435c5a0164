"""What is asked, what is stored, where problems land: the tables of cases, one construct each."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from promises import evaluated, form_of

from formengine.core import numbers
from formengine.core.answers import HOLE, Answers
from formengine.core.applying import applying, evaluate
from formengine.core.payload import payload
from formengine.core.pointer import ABSENT
from formengine.core.validation import problems

CASES = [
    case
    for path in sorted(Path(__file__).with_name("cases").glob("*.json"))
    for case in numbers.loads(path.read_text("utf-8"))
]


def with_holes(value):
    if value == {"$": "hole"}:
        return HOLE
    if isinstance(value, dict):
        return {key: with_holes(member) for key, member in value.items()}
    return [with_holes(row) for row in value] if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_of_the_tables(case):
    form = form_of(case["schema"])
    e = evaluate(form, Answers(with_holes(case["document"]), case.get("picks", {})), date(2026, 11, 22))
    assert [asked.control for asked in e.asked] == case["asked"]
    if "payload" in case:
        assert payload(e).bytes.decode() == numbers.dumps(case["payload"])
    assert [[problem.control, problem.code] for problem in problems(e)] == case["problems"]
    by_control = {asked.control: asked for asked in e.asked}
    if "required" in case:
        assert [asked.control for asked in e.asked if asked.required] == case["required"]
    for control, texts in case.get("options", {}).items():
        assert [option.text for option in by_control[control].question.options] == texts
    for control, role in case.get("roles", {}).items():
        assert by_control[control].role == role
    for control, title in case.get("titles", {}).items():
        assert by_control[control].question.title == title
    for control, pick in case.get("effective", {}).items():
        assert e.picks[control] == pick


def test_one_question_is_one_object_for_all_requests():
    form = form_of({"type": "object", "properties": {"a": {"type": "string"}, "b": {"enum": ["x"]}}})
    first, second = evaluated(form), evaluated(form, {"a": "x"})
    assert [a.question for a in first.asked] == [a.question for a in second.asked]
    assert len({a.question for a in applying(first)}) == 2


def test_an_evaluation_finds_what_is_asked_by_place_and_by_control():
    form = form_of(
        {"type": "object", "properties": {"a": {"type": ["string", "integer"]}, "l": {"type": "array", "items": {}}}}
    )
    e = evaluated(form, {"a": 1, "l": ["x", "y"]})
    assert e.asked_at("/a").control == "/a"
    assert e.asked_as("/a:type").value == "integer"
    assert e.asked_at("/b") is None
    assert e.items("/l") == 2
    assert e.items("/a") == 0


def test_a_root_without_an_answer_is_missed():
    e = evaluate(form_of({"type": "integer"}), Answers(ABSENT), date(2026, 11, 22))
    assert [(problem.control, problem.code) for problem in problems(e)] == [(":", "required")]


@pytest.mark.parametrize("more", [True, {}])
def test_a_property_without_a_schema_is_no_question(more):
    form = form_of({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": more})
    e = evaluate(form, Answers({"a": "x", "b": "y"}), date(2026, 11, 22))
    assert [asked.control for asked in e.asked] == ["/a"]
    assert payload(e).bytes == b'{"a":"x"}'
