"""Rows of lists: taken out whole and put back, and those that exist from the start. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from formengine.core.answers import Answers
from formengine.core.definition import FormDefinition
from formengine.services import codes

V = TypeVar("V")


def lift(answers: Answers, at: str, index: int) -> Answers:
    """Row *index* of the list at *at* as answers of its own: pointers within begin at the row."""
    start = f"{at}/{index}"
    return Answers(
        answers.get(start),
        _below(answers.picks, start),
        _below(answers.keys, start),
        _below(answers.typed, start),
        frozenset(_below(dict.fromkeys(answers.changed, ""), start)),
    )


def put_back(answers: Answers, at: str, index: int, key: str, row: Answers) -> Answers:
    """*answers* with a row that was lifted, in its place again, or at the end of a list that became shorter."""
    rows = answers.get(at)
    place = min(index, len(rows) if isinstance(rows, list) else 0)
    start = f"{at}/{place}"
    added = answers.add_item(at, key, row.document, index=place)
    return replace(
        added,
        picks={**added.picks, **_above(row.picks, start)},
        keys={**added.keys, **_above(row.keys, start)},
        typed={**added.typed, **_above(row.typed, start)},
        changed=added.changed | {start + name for name in row.changed},
    )


def _below(names: Mapping[str, V], start: str) -> dict[str, V]:
    cut = len(start)
    return {name[cut:]: value for name, value in names.items() if name[:cut] == start and name[cut : cut + 1] in "/:"}


def _above(names: Mapping[str, V], start: str) -> dict[str, V]:
    return {start + name: value for name, value in names.items()}


def new_key(answers: Answers) -> str:
    """A key that no item of any list has."""
    return codes.new_item_key({key for keys in answers.keys.values() for key in keys})


def with_fixed(form: FormDefinition, answers: Answers) -> Answers:
    """*answers* with all items that exist from the start, in every list of the form that has some."""
    for step in form.walk():
        if step.owns and step.repeat is not None and step.fixed:
            for at in list(_places(answers, step.repeat)):
                rows = answers.get(at)
                for _ in range(step.fixed - (len(rows) if isinstance(rows, list) else 0)):
                    answers = answers.add_item(at, new_key(answers), {})
    return answers


def _places(answers: Answers, pattern: str) -> Iterator[str]:
    """The pointers that *pattern* means for the rows there are."""
    first, star, rest = pattern.partition("/*/")
    if not star:
        yield first.replace("~2", "*")
        return
    at = first.replace("~2", "*")
    rows = answers.get(at)
    for index in range(len(rows) if isinstance(rows, list) else 0):
        yield from (f"{at}/{index}{below}" for below in _places_below(answers, f"{at}/{index}", "/" + rest))


def _places_below(answers: Answers, start: str, pattern: str) -> Iterator[str]:
    inner = Answers(answers.get(start))
    yield from _places(inner, pattern)
