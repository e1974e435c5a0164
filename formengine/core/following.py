"""An application that was sent fills in another form: the values at equal pointers (form-language, `from`).

Decides what is carried over: what stands outside of lists of objects, is asked in the other form and is right there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from formengine.core import numbers, pointer
from formengine.core.answers import Answers
from formengine.core.applying import Evaluation, evaluate
from formengine.core.asking import Role
from formengine.core.definition import FormDefinition
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.validation import problems


def carried(form: FormDefinition, document: JsonValue, today: date) -> dict[str, JsonValue]:
    """The values of *document*, an application of another form, that fill in *form*, by pointer."""
    values = dict(_leaves(document, ""))
    while values:
        e = evaluate(form, Answers().with_values(values), today)
        wrong = {problem.control for problem in problems(e) if problem.level == "error"}
        right = {at: value for at, value in values.items() if _stands(e, at, wrong)}
        if len(right) == len(values):
            break
        values = right
    return values


def fill(form: FormDefinition, answers: Answers, values: Mapping[str, JsonValue], today: date) -> Answers:
    """*answers* with *values*, each to be looked at again before it is sent."""
    filled = answers.with_values(values)
    asked = (evaluate(form, filled, today).asked_at(at) for at in values)
    return replace(filled, changed=filled.changed | {one.control for one in asked if one is not None})


def changed(values: Mapping[str, JsonValue], document: JsonValue) -> Iterator[str]:
    """The pointers of *values* at which *document* says something else, or nothing."""
    for at, value in values.items():
        now = pointer.get(document, at)
        if now is ABSENT or numbers.exact(now) != numbers.exact(value):
            yield at


def _stands(e: Evaluation, at: str, wrong: set[str]) -> bool:
    asked = e.asked_at(at)
    if asked is None or asked.role is not Role.VALUE or asked.value is ABSENT:
        return False
    return asked.control not in wrong and "contentMediaType" not in asked.question.keywords  # files stay where they are


def _leaves(value: JsonValue, at: str) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, pointer.child(at, name))
    elif not isinstance(value, list) or not any(isinstance(one, dict | list) for one in value):
        yield at, value
