"""Drives the core as an applicant would: enters a document question by question, switches from one to another.

The simulator knows nothing but what is asked and the document wanted.
"""

from __future__ import annotations

from datetime import date

from formengine.core import numbers
from formengine.core import pointer as pointers
from formengine.core.answers import HOLE, Answers, rows_of
from formengine.core.applying import Evaluation, Role, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.pointer import ABSENT
from formengine.core.schemas import Schema

TODAY = date(2026, 11, 22)


def form_of(schema, *, others=None, formats=None, name="t.schema.json", **more) -> FormDefinition:
    loaded = Schema.load(schema, name=name, others=others or {}, formats=formats)
    return FormDefinition(
        id="t", version="1", hash="", schema=loaded, schema_name=name, title="", languages=("de",), steps=(), **more
    )


def evaluated(form, document=None, picks=None) -> Evaluation:
    return evaluate(form, Answers(document if document is not None else {}, picks or {}), TODAY)


def asked_names(e: Evaluation) -> list[str]:
    return [asked.control for asked in e.asked]


def normal(value):
    """*value* without what the promises take as equal: empty containers and texts, order of keys, 1.0 against 1."""
    if isinstance(value, dict):
        members = {key: normal(member) for key, member in value.items()}
        return {key: member for key, member in sorted(members.items()) if member not in ({}, [], "")}
    if isinstance(value, list):
        rows = [normal(row) for row in value]
        while rows and rows[-1] in ({}, [], ""):
            rows.pop()
        return rows
    return value


def equal(one, other) -> bool:
    if one is ABSENT or other is ABSENT:
        return normal(None if one is ABSENT else one) in (None, {}, []) and normal(
            None if other is ABSENT else other
        ) in (None, {}, [])
    return numbers.exact(normal(one)) == numbers.exact(normal(other))


def enter(form: FormDefinition, wanted, answers: Answers | None = None, *, rounds: int = 60) -> Evaluation:
    """The evaluation after everything that is asked was answered as *wanted* has it, until nothing changes."""
    answers = answers if answers is not None else Answers()
    e = evaluate(form, answers, TODAY)
    for _ in range(rounds):
        answers = _answer(form, e, wanted)
        following = evaluate(form, answers, TODAY)
        if answers == e.answers:
            return following
        e = following
    return e


def _answer(form: FormDefinition, e: Evaluation, wanted) -> Answers:
    answers = e.answers
    values, picks = {}, {}
    for asked in e.asked:
        want = pointers.get(wanted, asked.pointer)
        if asked.role is Role.VALUE:
            fits = want is not ABSENT and _is_offered(asked, want)
            values[asked.pointer] = want if fits else ABSENT
        elif asked.role is Role.GIVEN:
            picks[asked.control] = want is not ABSENT
        elif asked.role is Role.TYPE:
            picks[asked.control] = _type(asked, want)
        elif asked.role is Role.BRANCH:
            pick = _branch(form, asked, want, wanted)
            if pick is not None:
                picks[asked.control] = pick
    for at, value in values.items():
        if pointers.get(answers.document, at) != value or type(pointers.get(answers.document, at)) is not type(value):
            answers = answers.with_values({at: value})
    new_picks = {name: pick for name, pick in picks.items() if answers.picks.get(name, ABSENT) != pick}
    if new_picks:
        answers = answers.with_values({}, new_picks)
    for asked in e.asked:
        if asked.role is Role.LIST:
            answers = _rows(e, answers, asked, wanted)
        elif asked.role is Role.MAP:
            answers = _keys(answers, asked, wanted, {a.pointer for a in e.asked})
    return answers


def _rows(e, answers, asked, wanted):
    want = pointers.get(wanted, asked.pointer)
    have = answers.get(asked.pointer)
    if not isinstance(want, list):
        return answers if have is ABSENT else answers.with_values({asked.pointer: ABSENT})
    if want == [] and have in (ABSENT, HOLE):
        return answers.with_values({asked.pointer: []})
    count = len(rows_of(have) or [])
    for index in range(count, len(want)):
        answers = answers.add_item(asked.pointer, f"k{index}")
    for index in reversed(range(len(want), count)):
        answers = answers.remove_item(asked.pointer, index)
    return answers


def _keys(answers, asked, wanted, below):
    want = pointers.get(wanted, asked.pointer)
    want = want if isinstance(want, dict) else {}
    for key in asked.value or {}:
        if key not in want:
            answers = answers.with_values({pointers.child(asked.pointer, key): ABSENT})
    have = answers.get(asked.pointer, {})
    have = have if isinstance(have, dict) else {}
    for key in want:
        here = pointers.child(asked.pointer, key)
        if key not in have and not any(name == here or name.startswith((here + "/", here + ":")) for name in below):
            answers = answers.with_values({here: HOLE})
    return answers


def _is_offered(asked, want) -> bool:
    question = asked.question
    if question.options is not None:
        return numbers.exact(want) in {numbers.exact(option.value) for option in question.options}
    if question.types == ("array",):
        if not isinstance(want, list):
            return False
        return question.items is None or all(
            numbers.exact(row) in {numbers.exact(option.value) for option in question.items.options} for row in want
        )
    return fits(want, question.types) or (want is None and question.nullable)


def fits(value, types) -> bool:
    kind = {bool: "boolean", str: "string", dict: "object", list: "array", type(None): "null"}.get(type(value))
    if kind:
        return kind in types and value != ""
    return "number" in types or ("integer" in types and value == int(value))


def _type(asked, want):
    if want is ABSENT:
        return ABSENT
    for option in asked.question.options:
        if fits(want, (option.value,)) or (want == "" and option.value == "string"):
            return option.value
    return ABSENT


def _branch(form, asked, want, wanted):
    if want is ABSENT:
        return ABSENT
    question = asked.question.items or asked.question
    nodes = _branch_nodes(form, asked)
    valid = [option.value for option in question.options if nodes[option.value].is_valid(want)]
    if not valid:
        return None
    return valid if asked.question.items else valid[0]


def _branch_nodes(form, asked):
    graph = form.schema.graph
    for group, question in graph.cache("branch questions").items():
        if question is asked.question:
            return {n: graph.validator_at(b.pointer) for n, b in zip(group.numbers, group.branches, strict=True)}
    raise AssertionError
