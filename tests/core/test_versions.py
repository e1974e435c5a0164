import json
from datetime import date

import pytest

from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.loading import load_form
from formengine.core.source import read
from formengine.core.versions import may_move, new_questions

OLD = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}


def version(**changes):
    schema = {**OLD, **changes}
    return load_form("f", None, {"f.schema.json": read("s", json.dumps(schema))})[0]


def evaluations(values, **changes):
    answers = Answers().with_values(values)
    return [evaluate(form, answers, date(2026, 11, 22)) for form in (version(), version(**changes))]


MORE = {"properties": {**OLD["properties"], "c": {"type": "string"}}, "required": ["a", "c"]}
LESS = {"properties": {"a": {"type": "string"}}}
STRICTER = {"properties": {"a": {"type": "string", "maxLength": 1}, "b": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("values", "changes", "may"),
    [
        ({"/a": "x"}, MORE, True),
        ({}, MORE, True),
        ({"/a": "x"}, LESS, True),
        ({"/a": "x", "/b": 1}, LESS, False),
        ({"/a": "x"}, STRICTER, True),
        ({"/a": "xx"}, STRICTER, False),
        ({"/b": 1}, {"properties": {"a": {"type": "string"}, "b": {"type": "string"}}}, False),
    ],
)
def test_a_draft_moves_if_its_answers_still_validate_where_they_stand(values, changes, may):
    assert may_move(*evaluations(values, **changes)) is may


def test_the_new_questions_are_named():
    assert new_questions(*evaluations({}, **MORE)) == ("/c",)
    assert new_questions(*evaluations({}, **LESS)) == ()
