"""Which subschemas are active at a place for a state of the effective document (form-language, rules 5 to 14).

Decides what conditions, dependents, discriminators and picks add to what describes a place anyway, and keeps what it
looked at, so that `shapes` can go the same way again without it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from typing import Any

from formengine.core.branches import Group, Kind, groups
from formengine.core.nodes import HERE, NOTHING, ROWS, Condition, Graph, Node, Reads, join
from formengine.core.pointer import JsonValue

Picker = Callable[[Group, int], Sequence[int]]
"""Says which branches of a picked group were picked; the number is that of its control."""
Test = Callable[[JsonValue, Picker | None], Hashable]
"""What is looked at while expanding: of a document and picks, the outcome that decides how it goes on."""
Entry = tuple[Node, Reads | None]
"""A subschema, and what it may not narrow, hide or fill because a condition above it reads that (rule 7)."""
Range = tuple[Node, Reads | None, int, int]
"""A node with `unevaluatedProperties`, its shield, and which entries it sees."""


class Expansion:
    """The active subschemas at one place for one state of the effective document.

    *entries* in the schema's order; *controls* are the picked groups with the number for their name (0: plain
    `:branch`); *looked* says that a condition looked at the document, so that another round may differ.
    """

    __slots__ = (
        "_chosen", "_document", "_graph", "_open", "_pick", "_seen", "controls", "entries", "key", "looked", "plans",
        "ranges", "trail",
    )  # fmt: skip

    def __init__(self, graph: Graph, document: JsonValue, chosen: str | None, pick: Picker | None) -> None:
        self._graph, self._document, self._chosen, self._pick = graph, document, chosen, pick
        self._seen: set[tuple[int, Reads | None]] = set()
        self._open: list[tuple[Group, Reads | None]] = []
        self.entries: list[Entry] = []
        self.ranges: list[Range] = []
        self.controls: list[tuple[Group, int, Sequence[int]]] = []
        self.looked = False
        self.key: Any = ()
        self.trail: list[tuple[Test, Hashable]] = []
        self.plans: dict[str | None, Any] = {}

    def run(self, entries: tuple[Entry, ...]) -> Expansion:
        """This expansion, of *entries*."""
        for node, shield in entries:
            self._add(node, shield, certain=True)
        for group, shield in self._open:
            required = any(group.name in node.required for node, _ in self.entries)
            if not required and group.loose is not None:
                self._add(group.loose, join(shield or NOTHING, (0, ((group.name, HERE),))), certain=False)
        self.key = tuple([(node.id, shield) for node, shield in self.entries])
        return self

    def _ask(self, test: Test) -> Any:
        outcome = test(self._document, self._pick)
        self.trail.append((test, outcome))
        return outcome

    def _add(self, node: Node, shield: Reads | None, *, certain: bool) -> None:
        if (node.id, shield) in self._seen:
            return
        self._seen.add((node.id, shield))
        start = len(self.entries)
        self.entries.append((node, shield))
        if node.ref is not None:
            self._add(node.ref, shield, certain=certain)
        for inner in node.all_of:
            self._add(inner, shield, certain=certain)
        for group in groups(self._graph, node) if node.groups else ():
            self._choose(group, shield, certain=certain)
        if node.condition is not None:
            self._decide(node.condition, shield)
        if node.dependent_schemas or node.dependent_required:
            self._depend(node, shield)
        if node.unevaluated is not None:
            self.ranges.append((node, shield, start, len(self.entries)))

    def _decide(self, condition: Condition, shield: Reads | None) -> None:
        self.looked = True
        holds = self._ask(condition.outcome)
        branch = None if holds is None else condition.then if holds else condition.otherwise
        if branch is not None:
            self._add(branch, join(shield or NOTHING, self._read_by(condition)), certain=False)

    def _read_by(self, condition: Condition) -> Reads:
        """What *condition* reads; of a list that is not there, the rows too: the first one makes it be there."""
        reads, document = condition.reads, self._document
        if isinstance(document, dict) and any(name not in document for name, _ in reads[1]):
            rows = tuple((name, ROWS if name not in document else NOTHING) for name, _ in reads[1])
            return join(reads, (0, rows))
        return reads

    def _depend(self, node: Node, shield: Reads | None) -> None:
        self.looked = True
        present = self._ask(partial(_present, node))
        for name, inner in node.dependent_schemas:
            if name in present:
                self._add(inner, join(shield or NOTHING, (0, ((name, HERE),))), certain=False)
        for name, needed in node.dependent_required:
            if name in present:
                cache = self._graph.cache("needed")
                made = cache.get((node.id, name))
                if made is None:
                    made = cache[node.id, name] = self._graph.make()
                    made.required = needed
                self._add(made, join(shield or NOTHING, (0, ((name, HERE),))), certain=False)

    def _choose(self, group: Group, shield: Reads | None, *, certain: bool) -> None:
        if group.kind is Kind.ALL:
            self._add(group.branches[0], shield, certain=certain)
        elif group.kind is Kind.PICKED:
            self._follow_pick(group, shield, certain=certain)
        elif group.made is not None:
            self._add(group.made, shield, certain=certain)
            if group.kind is Kind.TYPES and self._chosen is not None:
                for branch, types in zip(group.branches, group.types, strict=True):
                    if types and self._chosen in types:
                        self._add(branch, shield, certain=certain)
            elif group.kind is Kind.DISCRIMINATED:
                self._discriminate(group, shield)

    def _discriminate(self, group: Group, shield: Reads | None) -> None:
        self.looked = True
        places = self._ask(group.told)
        if places is None:
            self._open.append((group, shield))
            return
        guarded = join(shield or NOTHING, (0, ((group.name, HERE),)))
        for place in places:
            self._add(group.branches[place], guarded, certain=False)

    def _follow_pick(self, group: Group, shield: Reads | None, *, certain: bool) -> None:
        first = certain and not any(number == 0 for _, number, _ in self.controls)
        number = 0 if first else group.number + 2
        picked = self._ask(partial(_picked, group, number))
        self.controls.append((group, number, picked))
        for place in picked:
            if place in group.numbers:
                self._add(group.branches[group.numbers.index(place)], shield, certain=False)


def _present(node: Node, document: JsonValue, _pick: Picker | None) -> frozenset[str]:
    """Which of the names on which something depends stand in *document*."""
    if not isinstance(document, dict):
        return frozenset()
    names = (*node.dependent_schemas, *node.dependent_required)
    return frozenset(name for name, _ in names if name in document)


def _picked(group: Group, number: int, _document: JsonValue, pick: Picker | None) -> tuple[int, ...]:
    return tuple(pick(group, number)) if pick else ()
