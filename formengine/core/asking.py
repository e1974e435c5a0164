"""The types of what is asked: roles, options, questions, and a question at its place.

Decides nothing; `merging` makes the questions, `applying` finds out which are asked where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from formengine.core.pointer import ABSENT, JsonValue


class Role(StrEnum):
    """What an asked control is for."""

    VALUE = "value"
    """A value of its own: a scalar, a choice, a list of unique choices, a file."""
    BRANCH = "branch"
    """Which branch of `oneOf` (its number from 0) or `anyOf` (a list of numbers) is meant; a pick."""
    TYPE = "type"
    """Which of several types is meant (`"string"`, `"object"`, `"null"`, …); a pick."""
    GIVEN = "given"
    """Whether an optional object is given (a boolean); a pick."""
    LIST = "list"
    """A list asked row by row: what is asked of its rows follows it."""
    MAP = "map"
    """An object with free keys: what is asked of its entries follows it, at `/map/<key>`."""
    COMPUTED = "computed"
    """A `readOnly` value: shown, not asked."""

    __hash__ = str.__hash__  # that of an enum is a function in Python, and roles are looked up for every question


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen.

    *label* is source text, from the schema, or "". *text* is what the HTML posts: a string as itself, anything else
    as canonical JSON (`1`, `true`, `null`); where two options would be alike that way, strings as JSON too.
    """

    value: JsonValue
    label: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What all active subschemas of one place say together.

    One shared object for one set of subschemas, as long as the schema is loaded: hashable by identity, so a key
    for caches. *types* are JSON types without null; *options* are all values to choose from, null among them where
    it may be chosen; *nullable* says that null may be chosen beside a free value (never true with *options*).
    *keywords* holds the merged assertions and annotations: bounds and `uniqueItems` as in JSON Schema (2020-12, so
    `exclusiveMinimum` is a number), `pattern`, `format` and `multipleOf` as tuples that all hold. *name* is the last
    property name. *tick* says that the one value is true. *items* describes the rows of a list of scalars, the
    choices of a list of unique choices, and the values of free keys, where those are scalars. *places* counts the
    places of a tuple, which come before its rows.
    """

    types: tuple[str, ...]
    nullable: bool = False
    options: tuple[Option, ...] | None = None
    keywords: Mapping[str, JsonValue] = field(default_factory=dict)
    title: str = ""
    description: str = ""
    name: str = ""
    tick: bool = False
    items: Question | None = None
    places: int = 0

    @property
    def forbids_empty(self) -> bool:
        """Whether an empty list breaks its bounds."""
        wanted = "contains" in self.keywords and self.keywords.get("minContains", 1) > 0
        return wanted or bool(self.keywords.get("minItems", 0) > 0)

    def option(self, text: str) -> Option | None:
        """The option that posts *text*, or None."""
        return next((option for option in self.options or () if option.text == text), None)


class Asked(NamedTuple):
    """A question at its place.

    *pointer* is of the value, *control* the HTML name without the parts that a field type adds, *pattern* the
    pointer with `*` for each row; *value* is what stands in the answers for this question, ABSENT if nothing that
    fits it; *steers* says that the answer may open or close other questions.
    """

    pointer: str
    control: str
    pattern: str
    role: Role
    question: Question
    required: bool = False
    value: JsonValue = ABSENT
    steers: bool = False
