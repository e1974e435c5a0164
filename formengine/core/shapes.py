"""Which subschemas are active at a place, and the plan of what they ask there.

A `Shape` is the set of subschemas that describe a place before any condition is looked at; `expanding` adds what is
active for the effective document so far. A `Plan` is worked out once for each set of active subschemas and kept as
long as the schema is loaded. Leaves walking over answers to `walking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from formengine.core import pointer as pointers
from formengine.core.branches import Kind, groups
from formengine.core.expanding import Entry, Expansion, Picker
from formengine.core.leaf import Leaf
from formengine.core.merging import merged_types, question
from formengine.core.nodes import MADE, Graph, Node, within
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.values import is_recursive, wide_closure


class Child:
    """One described property of an object plan. *fill* is the value that is filled in where required, or ABSENT."""

    __slots__ = ("fill", "leaf", "name", "required", "shape", "steers", "token", "token_pattern")

    def __init__(self, name: str, shape: Shape, graph: Graph, *, required: bool, may_fill: bool) -> None:
        self.name = name
        self.token = "/" + pointers.escape(name)
        self.token_pattern = pointers.pattern_child("", name)
        self.shape = shape
        # An object that is required only because it is there is not there because of that (rule 7).
        self.required = required and (may_fill or shape.chosen != "object")
        self.steers = name in graph.names_read
        self.leaf = shape.leaf
        self.fill: JsonValue = ABSENT
        if self.leaf is not None and required and may_fill:
            self.fill = self.leaf.fill


class Plan:
    """What a set of active subschemas asks at one place, worked out once.

    *types* are those that may be picked from; of an object, *children* in the schema's order and what free keys hold;
    of a list, the shapes of its places and rows.
    """

    def __init__(
        self,
        graph: Graph,
        name: str,
        expansion: Expansion,
        chosen: str | None,
        required: frozenset[str] | None = None,
        *,
        nullable: bool = False,
    ) -> None:
        self._graph = graph
        self.entries = tuple(expansion.entries)
        self._ranges = tuple(expansion.ranges)
        counting = [node for node, shield in self.entries if shield is None or not shield[0]]
        self.counting = [node for node in counting if not node.loose] or counting
        self.types = merged_types(self.counting)
        self.question = question(self.counting, chosen, name, nullable=nullable)
        self._required = required
        self._name = name
        self.all_filled: bool | None = None
        self._seen: dict[tuple[int, int], tuple[set[str], list[Any], bool]] = {}
        self._children: tuple[Child, ...] | None = None
        self._rows: Any = None
        self._blanks: dict[Any, dict[str, Any]] = {}

    @cached_property
    def leaf(self) -> Leaf:
        """This place as one that holds a value of its own."""
        return Leaf(self.question, no_fill=any(node.no_fill for node in self.counting))

    @cached_property
    def read_only(self) -> bool:
        """Whether all within is shown, not asked."""
        return bool(self.question.keywords.get("readOnly"))

    @cached_property
    def is_map(self) -> bool:
        """Whether free keys are described here."""
        return any(
            (node.patterns and any(not inner.never for _, inner in node.patterns))
            or _describes(node.additional)
            or _describes(node.unevaluated)
            for node, _ in self.entries
        )

    @property
    def children(self) -> tuple[Child, ...]:
        """The properties that apply here, in the schema's order."""
        if self._children is None:
            names: dict[str, None] = {}
            required: dict[str, bool] = {}
            for node, shield in self.entries:
                names.update(dict.fromkeys(node.properties))
                for name in node.required:
                    required[name] = required.get(name, False) or within(shield, name) is None
            if self._required is not None:
                required = {name: free for name, free in required.items() if name in self._required}
            if self.is_map:
                names.update(dict.fromkeys(required))
            made = []
            for name in names:
                shape = self.member(name)
                if shape is not None:
                    made.append(
                        Child(name, shape, self._graph, required=name in required, may_fill=required.get(name, False))
                    )
            self._children = tuple(made)
        return self._children

    @cached_property
    def _described(self) -> dict[str, list[Entry]]:
        """What `properties` says of each name, with what a condition above reads of it."""
        found: dict[str, list[Entry]] = {}
        for node, shield in self.entries:
            for name, inner in node.properties.items():
                found.setdefault(name, []).append((inner, None if shield is None else within(shield, name)))
        return found

    @cached_property
    def _open(self) -> list[Entry]:
        """The subschemas that say something of names that they do not list."""
        return [entry for entry in self.entries if entry[0].patterns or entry[0].additional is not None]

    def member(self, name: str) -> Shape | None:
        """The shape of the property *name*; None where nothing describes it or something forbids it."""
        found: list[Entry] = list(self._described.get(name, ()))
        for node, shield in self._open:
            guard = within(shield, name)
            matching = [inner for validator, inner in node.patterns if validator.is_valid(name)]
            found += [(inner, guard) for inner in matching]
            rest = node.additional
            if not matching and rest is not None and not rest.blank and name not in node.properties:
                found.append((rest, guard))
        for node, shield, start, end in self._ranges:
            rest = node.unevaluated
            if rest is not None and not rest.blank and not self._is_seen(name, start, end):
                found.append((rest, within(shield, name)))
        if any(inner.never and guard is None for inner, guard in found):
            return None
        found = [entry for entry in found if not entry[0].never]
        if not found:
            return None
        if all(guard is not None and guard[0] for _, guard in found):
            found = [(inner, None) for inner, _ in found]  # nothing else describes it: there is nothing to narrow
        return shape_of(self._graph, tuple(found), name)

    def _is_seen(self, name: str, start: int, end: int) -> bool:
        """Whether the subschemas from *start* to *end*, or those that the choices among them made, describe *name*."""
        names, shapes, everything = self._seen_by(start, end)
        return everything or name in names or any(validator.is_valid(name) for validator in shapes)

    def _seen_by(self, start: int, end: int) -> tuple[set[str], list[Any], bool]:
        found = self._seen.get((start, end))
        if found is None:
            nodes = [node for at, (node, _) in enumerate(self.entries) if start <= at < end or node.pointer == MADE]
            names = {name for node in nodes for name in node.properties}
            shapes = [validator for node in nodes for validator, _ in node.patterns]
            found = (names, shapes, any(node.additional is not None for node in nodes))
            self._seen[start, end] = found
        return found

    def blanks(self, key: Any) -> dict[str, Any]:
        """What `walking` found of the members of which nothing was said, at a place known by *key*."""
        found = self._blanks.get(key)
        if found is None:
            if len(self._blanks) > MOST_PLANS:
                self._blanks.clear()
            found = self._blanks[key] = {}
        return found

    @property
    def rows(self) -> ListPlan:
        """This place as a list."""
        if self._rows is None:
            self._rows = ListPlan(self, self._graph, self._name)
        found: ListPlan = self._rows
        return found


class ListPlan:
    """A list: the shapes of its first *places*, of its *rows* (None: there are none), or its *choices*."""

    def __init__(self, plan: Plan, graph: Graph, name: str) -> None:
        self.name = name
        entries = plan.entries
        firm = [node for node, _ in entries if not node.loose]
        self._loose_counts = not any(node.prefix or node.items is not None for node in firm)
        longest = max((len(self._prefix(node)) for node, _ in entries), default=0)
        self.places: list[Shape] = []
        for place in range(longest):
            shape = self._row(graph, entries, place)
            if shape is None:
                break
            self.places.append(shape)
        closed = len(self.places) < longest
        self.rows = None if closed else self._row(graph, entries, longest)
        keywords = plan.question.keywords
        leaf = self.rows.leaf if self.rows else None
        unique = bool(keywords.get("uniqueItems") and leaf and leaf.question.options is not None)
        self.choices = unique and not longest
        self.minimum = int(keywords.get("minItems", 0))
        asks = question(plan.counting, "array", name, leaf.question if leaf else None)
        self.question = replace(asks, places=len(self.places)) if self.places else asks

    def _prefix(self, node: Node) -> tuple[Node, ...]:
        """The places that *node* describes one by one; a loose one none where others describe the rows."""
        return node.prefix if self._loose_counts or not node.loose else ()

    def _row(self, graph: Graph, entries: Sequence[Entry], place: int) -> Shape | None:
        found: list[Entry] = []
        open_end = True
        for node, shield in entries:
            guard = within(shield, "*")
            prefix = self._prefix(node)
            inner = prefix[place] if place < len(prefix) else node.items
            if inner is None and place >= len(prefix):
                inner = node.unevaluated_items
            if inner is not None and inner.never:
                return None
            if inner is not None:
                found.append((inner, guard))
            if prefix or node.items is not None:
                open_end = False
        if not found and (place or not open_end):
            return None  # what follows a tuple is described by items alone
        return shape_of(graph, tuple(found), self.name)


class Shape:
    """The subschemas that describe a place, before conditions; shared, and known by identity.

    *fixed* says that what is active does not depend on answers; *leaf* is then set where the place holds one value.
    *recursive* are the nodes of kinds that can lie within themselves; *blank* is what `walking` found where nothing
    is answered.
    """

    def __init__(self, graph: Graph, entries: tuple[Entry, ...], name: str) -> None:
        self.graph, self.entries, self.name = graph, entries, name
        self._plans: dict[Any, Plan] = {}
        self._trails: dict[str | None, dict[Any, Any]] = {}
        self._trails_kept = 0
        self._fixed_plans: dict[str | None, Plan] = {}
        self.blank: dict[Any, Any] = {}
        self.nullable = False
        static = Expansion(graph, ABSENT, None, None).run(entries)
        self.may_pick = any(
            group.kind is Kind.PICKED
            for node, _ in entries
            for inner in wide_closure(node)
            for group in groups(graph, inner)
        )
        self.offer = self.plan(static, None)
        self.has_types = any(node.groups and self._is_typed(node) for node, _ in static.entries)
        chosen = sorted(self.offer.types) if self.has_types else ()
        ways = [static, *(Expansion(graph, ABSENT, kind, None).run(entries) for kind in chosen)]
        self.fixed = not any(way.looked or way.controls for way in ways)
        self.leaf: Leaf | None = None
        self.needs_pick = False
        self.chosen: str | None = None
        self._settle()
        self.recursive = frozenset(
            node.id for way in ways for node, _ in way.entries if node.properties and is_recursive(graph, node)
        )

    def settled(self, plan: Plan) -> tuple[str | None, bool]:
        """How the place is asked where *plan* is the offer, see `kind_of`."""
        return (self.chosen, self.needs_pick) if plan is self.offer else kind_of(plan)

    def _is_typed(self, node: Node) -> bool:
        return any(group.kind is Kind.TYPES for group in groups(self.graph, node))

    def _settle(self) -> None:
        kind, self.needs_pick = kind_of(self.offer)
        self.chosen = kind
        self.nullable = "null" in self.offer.types and kind not in {None, "object", "array"}
        if not self.fixed or self.needs_pick or kind in {"object", "array"}:
            return
        plan = self.offer
        if kind is not None and self.has_types:
            plan = self.plan(Expansion(self.graph, ABSENT, kind, None).run(self.entries), None)
        self.leaf = plan.leaf

    def expand(self, document: JsonValue, chosen: str | None, pick: Picker | None) -> Expansion:
        """What is active here for *document*; known outcomes lead to an expansion that was made before."""
        here: Any = self._trails.get(chosen)
        while type(here) is tuple:
            test, following = here
            here = following.get(test(document, pick))
        if here is None:
            here = Expansion(self.graph, document, chosen, pick).run(self.entries)
            self._remember(here, chosen)
        found: Expansion = here
        return found

    def _remember(self, expansion: Expansion, chosen: str | None) -> None:
        self._trails_kept += 1
        if self._trails_kept > MOST_PLANS:
            self._trails.clear()
            self._trails_kept = 1
        outcomes: dict[Any, Any] = self._trails
        last: Any = chosen
        for test, outcome in expansion.trail:
            found = outcomes.get(last)
            if found is None:
                found = outcomes[last] = (test, {})
            outcomes, last = found[1], outcome
        outcomes[last] = expansion

    def plan(self, expansion: Expansion, chosen: str | None, required: frozenset[str] | None = None) -> Plan:
        """The plan of *expansion*, for the type *chosen*."""
        if required is None:
            known: Plan | None = expansion.plans.get(chosen)
            if known is not None:
                return known
        key = (expansion.key, chosen, required)
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) > MOST_PLANS:
                self._plans.clear()
            found = self._plans[key] = Plan(self.graph, self.name, expansion, chosen, required, nullable=self.nullable)
        if required is None:
            expansion.plans[chosen] = found
        return found

    def fixed_plan(self, chosen: str | None) -> Plan:
        """The only plan of a fixed shape, for the type *chosen*."""
        found = self._fixed_plans.get(chosen)
        if found is None:
            found = self._fixed_plans[chosen] = self.plan(self.expand(ABSENT, chosen, None), chosen)
        return found

    def keep_blank(self, key: Any, found: Any) -> None:
        """Remember what the place comes to where nothing is answered."""
        if len(self.blank) > MOST_PLANS:
            self.blank.clear()
        self.blank[key] = found


MOST_PLANS = 512
"""Plans kept of one place, as answers choose among them."""


def kind_of(plan: Plan) -> tuple[str | None, bool]:
    """How a place is asked: the one type it has (None: a choice of values), or that the type has to be picked."""
    if plan.question.options is not None:
        return None, False
    types = plan.types - {"null"}
    if "number" in types:
        types -= {"integer"}
    if not types:
        return None, False
    if len(types) > 1:
        return None, True
    kind = next(iter(types))
    return kind, kind in {"object", "array"} and "null" in plan.types


def shape_of(graph: Graph, entries: tuple[Entry, ...], name: str) -> Shape:
    """The shared shape of *entries*."""
    cache = graph.cache("shapes")
    key = (tuple((node.id, shield) for node, shield in entries), name)
    found: Shape | None = cache.get(key)
    if found is None:
        found = cache[key] = Shape(graph, entries, name)
    return found


def _describes(node: Node | None) -> bool:
    return node is not None and not node.never and not node.blank
