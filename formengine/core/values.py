"""Which values and types a subschema allows, taken by itself: what tells branches apart.

Decides finite lists of values, their complements, and types, through `$ref`, `allOf` and lists of values within each
other. Leaves to `branches` what follows for a choice, and to `merging` what several subschemas say together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from formengine.core import numbers
from formengine.core.nodes import Graph, Node
from formengine.core.pointer import JsonValue

Values = Mapping[Hashable, tuple[JsonValue, str]]
"""Values with their labels, by `numbers.exact`."""

TYPE_NAMES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")


def closure(node: Node) -> Iterator[Node]:
    """*node* and what holds whenever it does: through `$ref` and `allOf`, outer before inner."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.id in seen:
            continue
        seen.add(here.id)
        yield here
        waiting += reversed(here.all_of)
        if here.ref is not None:
            waiting.append(here.ref)


def wide_closure(node: Node) -> Iterator[Node]:
    """*node* and whatever may hold with it: branches, consequences and dependents too."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if here.id in seen:
            continue
        seen.add(here.id)
        yield here
        waiting += [inner for _, inner in here.dependent_schemas]
        for _, branches in here.groups:
            waiting += branches
        if here.condition:
            waiting += [inner for inner in (here.condition.then, here.condition.otherwise) if inner]
        waiting += here.all_of
        if here.ref is not None:
            waiting.append(here.ref)


def describes(node: Node) -> bool:
    """Whether *node* may describe a property or an item."""
    return any(
        any(not inner.never for inner in here.properties.values())
        or any(not inner.never for _, inner in here.patterns)
        or any(
            inner and not inner.never and not inner.blank for inner in (here.additional, here.unevaluated, here.items)
        )
        or here.prefix
        for here in wide_closure(node)
    )


def widened(types: frozenset[str]) -> frozenset[str]:
    """*types* with `integer` where `number` is."""
    return types | {"integer"} if "number" in types else types


def type_of(value: JsonValue) -> str:
    """The JSON type of *value*; whole numbers are `integer`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    return "integer" if value == value // 1 else "number"


def own_values(node: Node) -> Values | None:
    """The finite list of values that *node* itself allows, or None."""
    if node.choices is not None:
        return {numbers.exact(value): (value, label) for value, label in node.choices}
    own = node.own
    title = node.wording.get("title")
    title = title if isinstance(title, str) else ""
    if "const" in own:
        return {numbers.exact(own["const"]): (own["const"], title)}
    if isinstance(own.get("enum"), list):
        names = node.wording.get("enumNames", node.wording.get("x-enumNames"))
        labels = names if isinstance(names, list) else [title] if len(own["enum"]) == 1 else []
        texts = [str(label) for label in labels] + [""] * len(own["enum"])
        return {numbers.exact(value): (value, text) for value, text in zip(own["enum"], texts, strict=False)}
    if node.types == frozenset({"null"}):
        return {None: (None, title)}
    return None


def own_exclusions(node: Node) -> frozenset[Hashable]:
    """The values that a `not` of values in *node* takes out."""
    inner = node.own.get("not")
    if not isinstance(inner, dict) or set(inner) - {"enum", "const", "type", "title", "description", "$comment"}:
        return frozenset()
    if "const" in inner:
        return frozenset({numbers.exact(inner["const"])})
    return frozenset(numbers.exact(value) for value in inner.get("enum", ()))


def values_of(graph: Graph, node: Node) -> tuple[Values | None, frozenset[Hashable]]:
    """The finite list of values that *node* allows, or None and what it takes out of all values."""
    cache = graph.cache("values")
    if node.id not in cache:
        cache[node.id] = (None, frozenset())  # what refers to itself is no list of values
        cache[node.id] = _values_of(graph, node)
    found: tuple[Values | None, frozenset[Hashable]] = cache[node.id]
    return found


def _values_of(graph: Graph, node: Node) -> tuple[Values | None, frozenset[Hashable]]:
    result: Values | None = None
    without: frozenset[Hashable] = frozenset()
    title = next((n.wording["title"] for n in closure(node) if n.wording.get("title")), "")
    for here in closure(node):
        without |= own_exclusions(here)
        lists = [own_values(here)]
        for _, branches in here.groups:
            inner = [values_of(graph, branch)[0] for branch in branches if not branch.never]
            merged: dict[Hashable, tuple[JsonValue, str]] = {}
            for values in inner:
                for key, value in (values or {}).items():
                    merged.setdefault(key, value)
            lists.append(merged if inner and None not in inner else None)
        for values in lists:
            if values is not None:
                result = meet_values(result, values)
    if result is None:
        return None, without
    kept = {key: value for key, value in result.items() if key not in without}
    if len(kept) == 1:
        kept = {key: (value, label or title) for key, (value, label) in kept.items()}
    return kept, frozenset()


def meet_values(one: Values | None, other: Values) -> Values:
    """The values in both, labelled by the first that has a label."""
    if one is None:
        return other
    return {key: (value, label or other[key][1]) for key, (value, label) in one.items() if key in other}


def types_of(graph: Graph, node: Node, seen: frozenset[int] = frozenset()) -> frozenset[str] | None:
    """The types that *node* allows, or None if it says nothing of types."""
    if node.id in seen:
        return None
    seen |= {node.id}
    result: frozenset[str] | None = None
    for here in closure(node):
        found = [widened(here.types)] if here.types is not None else []
        values = own_values(here)
        if values is not None and here.types is None:
            found.append(frozenset(type_of(value) for value, _ in values.values()))
        for _, branches in here.groups:
            inner = [types_of(graph, branch, seen) for branch in branches if not branch.never]
            if inner and None not in inner:
                found.append(frozenset().union(*(types for types in inner if types)))
        for types in found:
            result = types if result is None else result & types
    return result


def implied_types(node: Node) -> frozenset[str]:
    """The types that the keywords of *node* alone speak of."""
    found: set[str] = set()
    own = node.own
    if (
        node.properties
        or node.required
        or node.patterns
        or node.additional
        or node.unevaluated
        or node.dependent_required
    ):
        found.add("object")
    if "minProperties" in own or "maxProperties" in own or "propertyNames" in own or node.dependent_schemas:
        found.add("object")
    if node.items or node.prefix or "minItems" in own or "maxItems" in own or "uniqueItems" in own or "contains" in own:
        found.add("array")
    if any(
        word in own for word in ("minLength", "maxLength", "pattern", "format", "contentMediaType", "contentEncoding")
    ):
        found.add("string")
    if any(word in own for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")):
        found.add("number")
    return frozenset(found)


def is_recursive(graph: Graph, node: Node) -> bool:
    """Whether an object of this kind can lie within itself other than through a list."""
    cache = graph.cache("recursive")
    if node.id not in cache:
        seen: set[int] = set()
        waiting = [member for inner in wide_closure(node) for member in inner.properties.values()]
        found = False
        while waiting and not found:
            here = waiting.pop()
            if here.id in seen:
                continue
            seen.add(here.id)
            for inner in wide_closure(here):
                found = found or inner.id == node.id
                seen.add(inner.id)
                waiting += inner.properties.values()
        cache[node.id] = found
    return bool(cache[node.id])
