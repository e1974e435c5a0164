"""What kind of choice an `oneOf` or `anyOf` is (form-language, rules 9 to 13), decided once for each.

Decides whether its branches are values, types, bare constraints, told apart by a property, or to be picked. Leaves
to `shapes` which branch is active for given answers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from formengine.core import numbers
from formengine.core.nodes import Graph, Node
from formengine.core.pointer import JsonValue

Values = Mapping[Hashable, tuple[JsonValue, str]]
"""Values with their labels, by `numbers.exact`."""

TYPE_NAMES: Final = ("object", "array", "string", "integer", "number", "boolean", "null")


class Kind(StrEnum):
    """The kinds of choices; the first that fits is taken."""

    ALL = "all"
    """One branch is left: it is as if it stood in `allOf`."""
    VALUES = "values"
    TYPES = "types"
    BARE = "bare"
    DISCRIMINATED = "discriminated"
    PICKED = "picked"


class Group:
    """One `oneOf` or `anyOf`: its *kind*, its live *branches* and their *numbers* from 0 in the schema.

    *made* describes what the choice itself asks (all values, all types, the discriminating property), *loose* what
    any branch describes; both are nodes of no schema. *name* is the discriminating property.
    """

    __slots__ = (
        "branches",
        "kind",
        "loose",
        "made",
        "many",
        "name",
        "node",
        "number",
        "numbers",
        "picks",
        "required",
        "types",
        "word",
    )

    def __init__(self, node: Node, word: str, number: int) -> None:
        self.node, self.word, self.number = node, word, number
        self.many = word == "anyOf"
        self.kind = Kind.PICKED
        self.branches: tuple[Node, ...] = ()
        self.numbers: tuple[int, ...] = ()
        self.made: Node | None = None
        self.loose: Node | None = None
        self.name = ""
        self.required = False
        self.types: tuple[frozenset[str] | None, ...] = ()
        self.picks: tuple[tuple[Values | None, frozenset[Hashable]], ...] = ()

    def branch_of(self, value: JsonValue) -> list[Node]:
        """The branches that *value* of the discriminating property picks."""
        key = numbers.exact(value)
        return [
            branch
            for branch, (values, without) in zip(self.branches, self.picks, strict=True)
            if (key in values if values is not None else key not in without)
        ]


def groups(graph: Graph, node: Node) -> tuple[Group, ...]:
    """The choices that stand in *node*."""
    cache = graph.cache("groups")
    found: tuple[Group, ...] | None = cache.get(node.id)
    if found is None:
        found = tuple(_classify(graph, node, word, branches) for word, branches in node.groups)
        cache[node.id] = found
    return found


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


def _classify(graph: Graph, node: Node, word: str, branches: tuple[Node, ...]) -> Group:
    number = graph.cache("group numbers").setdefault((node.id, word), len(graph.cache("group numbers")))
    group = Group(node, word, number)
    live = [(place, branch) for place, branch in enumerate(branches) if not branch.never]
    group.numbers = tuple(place for place, _ in live)
    group.branches = tuple(branch for _, branch in live)
    if len(live) == 1:
        group.kind = Kind.ALL
        return group
    lists = [values_of(graph, branch)[0] for branch in group.branches]
    group.types = tuple(types_of(graph, branch) for branch in group.branches)
    group.made = made = graph.make()
    if None not in lists and lists:
        group.kind = Kind.VALUES
        merged: dict[Hashable, tuple[JsonValue, str]] = {}
        for values in lists:
            for key, value in (values or {}).items():
                merged.setdefault(key, value)
        made.choices = tuple(merged.values())
        return group
    known = [types for types in group.types if types is not None]
    if len(known) == len(live):
        made.types = frozenset().union(*known)
    if len(known) == len(live) and sum(
        len(types - {"number"} if "integer" in types else types) for types in known
    ) == len(frozenset().union(*(types - {"number"} if "integer" in types else types for types in known))):
        group.kind = Kind.TYPES
    elif not any(describes(branch) for branch in group.branches):
        group.kind = Kind.BARE
    elif _discriminate(graph, group):
        group.kind = Kind.DISCRIMINATED
        group.loose = loosened(graph, group.branches)
        graph.names_read.add(group.name)
    return group


def _discriminate(graph: Graph, group: Group) -> bool:
    requires = [{name for n in closure(branch) for name in n.required} for branch in group.branches]
    first = {name: None for n in closure(group.branches[0]) for name in n.properties}
    candidates = sorted(first, key=lambda name: not all(name in names for names in requires))
    for name in candidates:
        described = [[n.properties[name] for n in closure(branch) if name in n.properties] for branch in group.branches]
        if not all(described):
            continue
        sets = [_meet_all([values_of(graph, member) for member in members]) for members in described]
        if all(values is not None or without for values, without in sets) and _exclude_each_other(sets):
            group.name, group.picks = name, tuple(sets)
            group.required = all(name in names for names in requires)
            group.made = _discriminator(graph, group, described)
            return True
    return False


def _meet_all(
    sets: list[tuple[Values | None, frozenset[Hashable]]],
) -> tuple[Values | None, frozenset[Hashable]]:
    values: Values | None = None
    without: frozenset[Hashable] = frozenset()
    for these, those in sets:
        without |= those
        if these is not None:
            values = meet_values(values, these)
    if values is not None:
        return {key: value for key, value in values.items() if key not in without}, frozenset()
    return None, without


def _exclude_each_other(sets: list[tuple[Values | None, frozenset[Hashable]]]) -> bool:
    open_ones = [without for values, without in sets if values is None]
    keys = [key for values, _ in sets for key in values or ()]
    return (
        len(open_ones) <= 1
        and len(keys) == len(set(keys))
        and all(key in without for without in open_ones for key in keys)
    )


def _discriminator(graph: Graph, group: Group, described: list[list[Node]]) -> Node:
    """A node that describes the discriminating property: all branches' values, never filled in."""
    question = graph.make()
    question.no_fill = True
    titles = [_title(graph, branch) for branch in group.branches]
    words = [
        next((n.wording["title"] for m in members for n in closure(m) if n.wording.get("title")), "")
        for members in described
    ]
    common = words[0] if len(set(words)) == 1 else ""
    if all(values is not None for values, _ in group.picks):
        choices: list[tuple[JsonValue, str]] = []
        for place, (values, _) in enumerate(group.picks):
            for value, label in (values or {}).values():
                alone = len(values or ()) == 1
                own = label if label != common else ""
                choices.append((value, own or (titles[place] if alone else "")))
        question.choices = tuple(choices)
    else:
        known = [types_of(graph, member) for members in described for member in members]
        if None not in known:
            question.types = frozenset().union(*(types for types in known if types))
    question.wording = {"title": common} if common else {}
    made = graph.make()
    made.properties = {group.name: question}
    made.required = (group.name,) if group.required else ()
    return made


def _title(graph: Graph, node: Node) -> str:
    del graph
    return next((str(n.wording["title"]) for n in closure(node) if n.wording.get("title")), "")


def loosened(graph: Graph, alternatives: tuple[Node, ...]) -> Node:
    """A node that describes what any of *alternatives* does, as loosely as the loosest, with nothing required.

    A consequence or branch within one counts as an alternative of its own where what holds anyway says nothing.
    """
    cache = graph.cache("loose")
    key = tuple(node.id for node in alternatives)
    if key in cache:
        found: Node = cache[key]
        return found
    made = cache[key] = graph.make()
    made.no_fill = made.loose = True
    names = {
        name: None
        for node in alternatives
        for here in wide_closure(node)
        for name, inner in here.properties.items()
        if not inner.never
    }
    for name in names:
        members = tuple(dict.fromkeys(member for node in alternatives for member in _members(node, name)))
        made.properties[name] = loosened(graph, members)
    for here in (inner for node in alternatives for inner in wide_closure(node)):
        made.patterns += here.patterns
        made.additional = made.additional or _open(here.additional) or _open(here.unevaluated)
        made.prefix = made.prefix or here.prefix
        if here.items and not here.items.never:
            made.items = made.items or here.items
    types = [types_of(graph, node) for node in alternatives]
    if types and None not in types:
        made.types = frozenset().union(*(known for known in types if known))
    values = [values_of(graph, node)[0] for node in alternatives]
    if values and None not in values:
        merged = {key: value for some in values for key, value in (some or {}).items()}
        made.choices = tuple(merged.values())
    _lend_keywords(made, alternatives)
    return made


def _open(node: Node | None) -> Node | None:
    return node if node and not node.never and not node.blank else None


def _lend_keywords(made: Node, alternatives: tuple[Node, ...]) -> None:
    """Wording of the first, and what all alternatives say alike."""
    wording: dict[str, JsonValue] = {}
    common: dict[str, JsonValue] | None = None
    for node in alternatives:
        own: dict[str, JsonValue] = {}
        for here in closure(node):
            for word, text in here.wording.items():
                wording.setdefault(word, text)
            for word, value in here.own.items():
                own.setdefault(word, value)
        common = own if common is None else {word: v for word, v in common.items() if own.get(word, made) == v}
    made.wording = {word: text for word, text in wording.items() if word in {"title", "description", "examples"}}
    made.own = {
        word: v for word, v in (common or {}).items() if word not in {"type", "enum", "const", "default", "not"}
    }


def _members(node: Node, name: str) -> Iterator[Node]:
    certain = [here.properties[name] for here in closure(node) if name in here.properties]
    if certain:
        yield from [member for member in certain if not member.never]
        return
    for here in wide_closure(node):
        if name in here.properties and not here.properties[name].never:
            yield here.properties[name]
