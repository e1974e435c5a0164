"""What several active subschemas of one place say together: one `Question` (form-language, rule 8).

Decides types, options, limits and wording; leaves to `applying` whether it is asked.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final

from formengine.core import numbers
from formengine.core.asking import Option, Question
from formengine.core.nodes import Node
from formengine.core.pointer import JsonValue
from formengine.core.values import (
    TYPE_NAMES,
    Values,
    implied_types,
    meet_values,
    own_exclusions,
    own_values,
    type_of,
    wide_closure,
    widened,
)

_LARGEST: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties", "minContains")
_SMALLEST: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties", "maxContains")
_ALL_HOLD: Final = ("pattern", "format", "multipleOf")
_FIRST: Final = ("contentMediaType", "contentEncoding", "default", "examples", "propertyNames", "contains")


def merged_types(nodes: Sequence[Node]) -> frozenset[str]:
    """The types that all of *nodes* allow; what their keywords imply if none says; else text."""
    known: frozenset[str] | None = None
    for node in nodes:
        values = own_values(node) if node.types is None else None
        types = node.types
        if values is not None:
            types = frozenset(type_of(value) for value, _ in values.values())
        if types is not None:
            types = widened(types)
            known = types if known is None else known & types
    if known is not None:
        return known
    implied = frozenset().union(*map(implied_types, nodes))
    if not implied:
        implied = frozenset().union(*(implied_types(inner) for node in nodes for inner in wide_closure(node)))
    return widened(implied) or frozenset({"string"})


def merged_values(nodes: Iterable[Node]) -> Values | None:
    """The finite list of values that all of *nodes* allow, or None."""
    result: Values | None = None
    without: frozenset[Hashable] = frozenset()
    for node in nodes:
        without |= own_exclusions(node)
        values = own_values(node)
        if values is not None:
            result = meet_values(result, values)
    if result is None:
        return None
    return {key: value for key, value in result.items() if key not in without}


def question(
    nodes: Sequence[Node], chosen: str | None, name: str, items: Question | None = None, *, nullable: bool = False
) -> Question:
    """The question that *nodes* ask together, of the *chosen* type where one was picked.

    *nullable* says that null is one of the types of which the chosen one is another.
    """
    types = merged_types(nodes)
    if chosen is not None:
        types &= widened(frozenset({chosen}))
    values = merged_values(nodes)
    options: tuple[Option, ...] | None = None
    if values is None and types == {"null"} and not nullable:
        values = {None: (None, "")}
    if values is not None:
        options = _options([pair for pair in values.values() if type_of(pair[0]) in types])
        types = frozenset(type_of(option.value) for option in options)
    shown = types - {"null"}
    if "number" in shown:
        shown -= {"integer"}
    tick = options is not None and len(options) == 1 and options[0].value is True
    return Question(
        types=tuple(name for name in TYPE_NAMES if name in shown),
        nullable=options is None and ("null" in types or nullable) and bool(shown),
        options=options,
        keywords=merged_keywords(nodes),
        title=_wording(nodes, "title"),
        description=_wording(nodes, "description"),
        name=name,
        tick=tick,
        items=items,
    )


def _options(pairs: list[tuple[JsonValue, str]]) -> tuple[Option, ...]:
    texts = [value if isinstance(value, str) and value else numbers.dumps(value) for value, _ in pairs]
    if len(set(texts)) < len(texts):
        texts = [numbers.dumps(value) for value, _ in pairs]
    return tuple(Option(value, label, text) for (value, label), text in zip(pairs, texts, strict=True))


def merged_keywords(nodes: Iterable[Node]) -> Mapping[str, JsonValue]:
    """The keywords of *nodes* together: the tighter bound, every pattern, the outermost annotation."""
    result: dict[str, Any] = {}
    for node in nodes:
        for word, value in node.own.items():
            if word in _LARGEST:
                result[word] = max(result.get(word, value), value)
            elif word in _SMALLEST:
                result[word] = min(result.get(word, value), value)
            elif word in _ALL_HOLD:
                held = result.get(word, ())
                result[word] = held if value in held else (*held, value)
            elif word in _FIRST:
                result.setdefault(word, value)
            elif word in {"uniqueItems", "readOnly"}:
                result[word] = bool(result.get(word)) or value is True
        for word in ("default", "examples", "example"):
            if word in node.wording:
                value = node.wording[word]
                result.setdefault("examples" if word == "example" else word, [value] if word == "example" else value)
    return result


def _wording(nodes: Iterable[Node], word: str) -> str:
    return next((text for node in nodes if isinstance(text := node.wording.get(word), str) and text), "")
