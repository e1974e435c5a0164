"""What kind of choice an `oneOf` or `anyOf` is (form-language, rules 9 to 13), decided once for each.

Decides whether its branches are values, types, bare constraints, told apart by a property, or to be picked. Leaves
to `shapes` which branch is active for given answers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from enum import StrEnum

from formengine.core import numbers
from formengine.core.nodes import Graph, Node
from formengine.core.pointer import JsonValue
from formengine.core.values import Values, closure, describes, meet_values, types_of, values_of, wide_closure


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

    def told(self, document: JsonValue, _pick: object = None) -> tuple[int, ...] | None:
        """The branches, by their place, that the discriminating property picks; None where it is not answered."""
        if not isinstance(document, dict) or self.name not in document:
            return None
        key = numbers.exact(document[self.name])
        return tuple(
            place
            for place, (values, without) in enumerate(self.picks)
            if (key in values if values is not None else key not in without)
        )


def groups(graph: Graph, node: Node) -> tuple[Group, ...]:
    """The choices that stand in *node*."""
    cache = graph.cache("groups")
    found: tuple[Group, ...] | None = cache.get(node.id)
    if found is None:
        found = tuple(_classify(graph, node, word, branches) for word, branches in node.groups)
        cache[node.id] = found
    return found


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
    _loosen_rows(graph, made, [here for node in alternatives for here in wide_closure(node)])
    types = [types_of(graph, node) for node in alternatives]
    if types and None not in types:
        made.types = frozenset().union(*(known for known in types if known))
    values = [values_of(graph, node)[0] for node in alternatives]
    if values and None not in values:
        merged = {key: value for some in values for key, value in (some or {}).items()}
        made.choices = tuple(merged.values())
    _lend_keywords(made, alternatives)
    return made


def _loosen_rows(graph: Graph, made: Node, lists: list[Node]) -> None:
    longest = max((len(node.prefix) for node in lists), default=0)

    def rows(place: int) -> tuple[Node, ...]:
        found = [node.prefix[place] if place < len(node.prefix) else node.items for node in lists]
        return tuple(dict.fromkeys(row for row in found if row is not None and not row.never))

    made.prefix = tuple(loosened(graph, rows(place)) for place in range(longest))
    last = rows(longest)
    made.items = loosened(graph, last) if last else None


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
