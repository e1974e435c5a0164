"""The shipped forms, filled in at random by what is asked: what comes out can be entered again, and switched to."""

from __future__ import annotations

import random
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from promises import TODAY, enter, equal

from formengine.core import source
from formengine.core.answers import Answers
from formengine.core.applying import Role, evaluate
from formengine.core.loading import load_form
from formengine.core.payload import payload
from formengine.core.pointer import ABSENT
from formengine.core.validation import problems

ROOT = Path(__file__).parents[2]
FORMS = sorted(
    path.name.removesuffix(".schema.json")
    for path in ROOT.joinpath("schemas").glob("*.schema.json")
    if path.name != "form-definition.schema.json"
)


@cache
def shipped(name):
    def read(path):
        return source.read(path.name, path.read_bytes())

    schemas = {
        path.relative_to(ROOT / "schemas").as_posix(): read(path) for path in ROOT.joinpath("schemas").rglob("*.json")
    }
    definition = ROOT / "forms" / f"{name}.json"
    values = ROOT / "forms" / "values.json"
    return load_form(
        name, read(definition) if definition.exists() else None, schemas, read(values) if values.exists() else None
    )[0]


def filled(form, seed):
    """An evaluation of answers given at random, question by question, until nothing more is asked."""
    rng = random.Random(seed)
    answers = Answers()
    done = set()
    for _ in range(60):
        e = evaluate(form, answers, TODAY)
        fresh = [asked for asked in e.asked if asked.control not in done and asked.role is not Role.COMPUTED]
        if not fresh:
            break
        values, picks = {}, {}
        for asked in fresh:
            done.add(asked.control)
            if not asked.required and rng.random() < 0.4 and asked.role is not Role.LIST:
                continue
            if asked.role in {Role.BRANCH, Role.TYPE, Role.GIVEN}:
                option = rng.choice((asked.question.items or asked.question).options or (None,))
                picks[asked.control] = (
                    True if option is None else [option.value] if asked.question.items else option.value
                )
            elif asked.role is Role.LIST:
                for _ in range(rng.randint(asked.question.keywords.get("minItems", 0), 2)):
                    answers = answers.add_item(asked.pointer, f"k{rng.random()}")
            else:
                values[asked.pointer] = _value(asked.question, rng)
        answers = answers.with_values({at: value for at, value in values.items() if value is not ABSENT}, picks)
    return evaluate(form, answers, TODAY)


def _value(question, rng):
    words = question.keywords
    if question.options:
        return rng.choice(question.options).value
    if question.types == ("array",):
        options = question.items.options
        return [option.value for option in options if rng.random() < 0.4] or [options[0].value]
    if question.types == ("boolean",):
        return rng.random() < 0.5
    if words.get("examples"):
        return rng.choice(words["examples"])
    if question.types in {("integer",), ("number",)}:
        return int(words.get("minimum", 1)) + rng.randint(0, 3)
    if "date" in words.get("format", ()):
        return f"20{rng.randint(10, 26)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
    return "x" * max(int(words.get("minLength", 1)), 1)


@pytest.mark.parametrize("name", FORMS)
def test_what_was_filled_in_can_be_entered_again_and_switched_to(name):
    form = shipped(name)
    found = [filled(form, seed) for seed in range(30)]
    for e in found:
        controls = {asked.control for asked in e.asked}
        assert {problem.control for problem in problems(e)} <= controls
        assert (not [p for p in problems(e) if p.code != "check"]) == form.schema.reference.is_valid(e.document)
        assert payload(evaluate(form, Answers(e.document), TODAY)).bytes == payload(e).bytes
    valid = [e for e in found if form.schema.is_valid(e.document)]
    assert len(valid) > 1
    for before, after in pairwise(valid):
        assert equal(enter(form, after.document).document, after.document)
        assert equal(enter(form, after.document, before.answers).document, after.document)
