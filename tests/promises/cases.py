"""The corpus: schemas with documents that are valid and documents that are not, each read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from formengine.core import numbers
from formengine.core.answers import Answers
from formengine.core.applying import Role, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.pointer import JsonValue
from tests.promises.entering import Meant

HERE = Path(__file__).parents[1] / "corpus"
TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Wrong:
    """A document that is refused, *at* a pointer by a *keyword*."""

    document: JsonValue
    at: str
    keyword: str


@dataclass(frozen=True)
class Case:
    """One schema: *name* is the form's id, *schema* as JSON for the site's file."""

    name: str
    schema: dict[str, object]
    valid: tuple[JsonValue, ...]
    invalid: tuple[Wrong, ...] = ()


@cache
def corpus() -> tuple[Case, ...]:
    """All cases, by name."""
    found = []
    for path in sorted(HERE.glob("*.schema.json")):
        name = path.name.removesuffix(".schema.json")
        documents = numbers.loads(path.with_name(f"{name}.documents.json").read_bytes())
        wrong = tuple(Wrong(one["document"], one["at"], one["keyword"]) for one in documents["invalid"])
        found.append(Case(name, json.loads(path.read_text(encoding="utf-8")), tuple(documents["valid"]), wrong))
    return tuple(found)


def meant(form: FormDefinition, document: JsonValue) -> Meant:
    """What a person means who has *document* in mind."""
    e = evaluate(form, Answers(document), TODAY)
    cents = {one.pointer for one in e.asked if "cents" in (one.question.keywords.get("format") or ())}
    return Meant(document, dict(e.picks), frozenset(cents))


def ticks(form: FormDefinition, document: JsonValue) -> frozenset[str]:
    """The pointers of ticked choices, the order of which means nothing."""
    e = evaluate(form, Answers(document), TODAY)
    return frozenset(one.pointer for one in e.asked if one.role is Role.VALUE and one.question.types == ("array",))
