"""Lists on the walk over the answers: rows, places of a tuple, unique choices (form-language, rules 18 and 19).

Decides which rows are there, where a tuple ends and which gaps it has; leaves what a row holds to `walking`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from formengine.core.answers import HOLE, rows_of
from formengine.core.asking import Asked, Role
from formengine.core.expanding import Expansion
from formengine.core.nodes import Graph
from formengine.core.picking import Picks
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.shapes import Plan, Shape
from formengine.core.spots import NOWHERE, Spot, Walked


class Place(Protocol):
    """Walks one place, see `walking.Walk.place`."""

    def __call__(self, shape: Shape, raw: JsonValue, at: Spot, *, may_fill: bool = True) -> Walked:
        """What *raw* comes to at a place of that shape."""


class Lists:
    """The lists of one walk. *place* walks a row; *read_only* tells what is shown where nothing is asked."""

    def __init__(
        self,
        graph: Graph,
        picks: Picks,
        computed_patterns: frozenset[str],
        gaps: set[str],
        *,
        place: Place,
        read_only: Callable[[Spot, JsonValue], tuple[Role, JsonValue, bool]],
    ) -> None:
        self._graph, self._picks, self._computed_patterns = graph, picks, computed_patterns
        self._gaps, self._place, self._read_only = gaps, place, read_only

    def walk(self, shape: Shape, raw: JsonValue, at: Spot, *, forced: bool) -> Walked:
        """What *raw* comes to as a list at a place of that shape; *forced*: it is there, as its type was picked."""
        rows = rows_of(raw)
        if shape.fixed:
            return self._build_list(shape.fixed_plan("array"), rows, at, forced=forced)
        picker = self._picks.picker(at, raw)
        document: JsonValue = []
        history: list[tuple[Any, Expansion]] = []
        found = NOWHERE
        while True:
            expansion = shape.expand(document, "array", picker)
            place = next((place for place, (old, _) in enumerate(history) if old == expansion.key), None)
            if place == len(history) - 1 and history:
                break
            if place is not None:
                plan = circle(shape, [old for _, old in history[place:]], "array")
                found = self._build_list(plan, rows, at, forced=forced)
                break
            history.append((expansion.key, expansion))
            found = self._build_list(shape.plan(expansion, "array"), rows, at, forced=forced)
            if not expansion.looked:
                break
            document = [] if found.value is ABSENT else found.value
        if expansion.controls:
            return Walked(
                found.value, found.answered, [*self._picks.branch_controls(expansion.controls, at), *found.asked]
            )
        return found

    def _build_list(self, plan: Plan, rows: list[JsonValue] | None, at: Spot, *, forced: bool) -> Walked:
        layout = plan.rows
        control = at.pointer or ":"
        read_only = at.read_only or plan.read_only
        steers = layout.name in self._graph.names_read
        if layout.choices or (at.pattern in self._computed_patterns and read_only):
            return self._choices(plan, rows, at, read_only=read_only, forced=forced, steers=steers)
        asked: list[Asked] = []
        values: list[JsonValue] = []
        answered = rows is not None or forced
        if layout.places:
            values, answered = self._places(plan, rows or [], at, asked, read_only=read_only)
            answered = answered or forced
        if layout.rows is not None:
            where = len(asked)
            more = (rows or [])[len(layout.places) :]
            if more:
                while len(values) < len(layout.places):
                    self._gaps.add(f"{at.pointer}/{len(values)}")
                    values.append(None)
            for index, row in enumerate(more, len(layout.places)):
                spot = Spot(
                    f"{at.pointer}/{index}",
                    f"{at.pattern}/*",
                    required=True,
                    read_only=read_only,
                    kinds=at.kinds,
                    depth=at.depth + 1,
                )
                found = self._place(layout.rows, row, spot)
                if found.value is ABSENT:
                    self._gaps.add(spot.pointer)
                values.append(None if found.value is ABSENT else found.value)
                asked += found.asked
                if not found.asked and not isinstance(found.value, dict | list):
                    asked.append(filled_in(layout.rows, spot, values[-1]))
                answered = True
            shown = values if answered else ABSENT
            asked.insert(
                where, Asked(at.pointer, control, at.pattern, Role.LIST, layout.question, at.required, shown, steers)
            )
        if not values and (
            not answered or layout.places or (layout.question.forbids_empty and not at.required and not forced)
        ):
            there = (at.required and layout.places) or forced
            return Walked([] if there else ABSENT, answered and bool(there), asked)
        # "None" is no answer that makes the object around it: an optional one can be passed by.
        return Walked(values if answered or values else ABSENT, bool(values) or forced, asked)

    def _choices(
        self, plan: Plan, rows: list[JsonValue] | None, at: Spot, *, read_only: bool, forced: bool, steers: bool
    ) -> Walked:
        value: JsonValue = ABSENT if rows is None else [row for row in rows if row is not HOLE]
        role, answered = Role.VALUE, value is not ABSENT
        if read_only:
            role, value, answered = self._read_only(at, value)
        if forced and value is ABSENT:
            value = []
        layout = plan.rows
        if value == [] and not at.required and not forced and layout.question.forbids_empty:
            value, answered = ABSENT, False
        asks = Asked(at.pointer, at.pointer or ":", at.pattern, role, layout.question, at.required, value, steers)
        return Walked(value, (answered and value != []) or forced, (asks,))

    def _places(
        self, plan: Plan, rows: list[JsonValue], at: Spot, asked: list[Asked], *, read_only: bool
    ) -> tuple[list[JsonValue], bool]:
        """The places of a tuple: what they hold up to the last answered one, and whether any is answered."""
        layout = plan.rows
        last = max((index for index, row in enumerate(rows) if row is not HOLE), default=-1)
        found: list[Walked] = []
        for index, shape in enumerate(layout.places):
            due = index <= last or (index < layout.minimum and (at.required or last >= 0))
            here = f"{at.pointer}/{index}"
            row = rows[index] if index < len(rows) else ABSENT
            spot = Spot(
                here, f"{at.pattern}/{index}", required=due, read_only=read_only, kinds=at.kinds, depth=at.depth + 1
            )
            found.append(self._place(shape, row, spot, may_fill=due))
            asked += found[-1].asked
        end = max((index for index, one in enumerate(found) if one.answered), default=-1)
        if len(rows) > len(layout.places) and layout.rows is not None:
            end = len(layout.places) - 1
        while end + 1 < len(found) and found[end + 1].value is not ABSENT and (end + 1 < layout.minimum):
            end += 1
        values: list[JsonValue] = []
        for index, one in enumerate(found[: end + 1]):
            if one.value is ABSENT:
                self._gaps.add(f"{at.pointer}/{index}")
            values.append(None if one.value is ABSENT else one.value)
        return values, any(one.answered for one in found)


def filled_in(shape: Shape, at: Spot, value: JsonValue) -> Asked:
    """What shows a row or entry of which nothing is asked, as it fills itself in: it could not be taken away else."""
    question = shape.leaf.question if shape.leaf else shape.offer.question
    return Asked(at.pointer, at.pointer, at.pattern, Role.COMPUTED, question, at.required, value)


def circle(shape: Shape, expansions: list[Expansion], kind: str) -> Plan:
    """The plan of a circle of rounds: what applies anywhere in it, required what is required everywhere (rule 3)."""
    merged = expansions[0]
    required = {name for node, _ in merged.entries for name in node.required}
    for other in expansions[1:]:
        required &= {name for node, _ in other.entries for name in node.required}
    union = Expansion(shape.graph, ABSENT, kind, None)
    for one in expansions:
        union.entries += [entry for entry in one.entries if entry not in union.entries]
        union.ranges = one.ranges if not union.ranges else union.ranges
    return shape.plan(union, kind, frozenset(required))
