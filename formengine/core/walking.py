"""One walk over the answers along the schema: the effective document and what is asked.

Decides, place by place, what is taken up, filled in, there at all, and asked (form-language, rules 1 to 4 and 15 to
19). Leaves what is active to `shapes` and what is computed to `reckoning`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from formengine.core.answers import HOLE
from formengine.core.asking import Asked, Question, Role
from formengine.core.expanding import Expansion
from formengine.core.leaf import Leaf
from formengine.core.listing import Lists, circle, filled_in
from formengine.core.nodes import Graph
from formengine.core.picking import Controls, Picks, plan_of_map
from formengine.core.pointer import ABSENT, JsonValue, above, escape
from formengine.core.shapes import Child, Plan, Shape
from formengine.core.spots import NOWHERE, Sign, Spot, Walked

MOST_OPENED = 5
"""How often an object of a kind is asked within its own kind, other than through a list (SCH-03)."""
DEEPEST = 32
"""Objects and lists within each other (SCH-02)."""


class Walk:
    """One evaluation under way. *gaps* are places that hold nothing but must hold something, known so far."""

    def __init__(
        self,
        graph: Graph,
        picks: Mapping[str, JsonValue],
        computed: Mapping[str, JsonValue],
        computed_patterns: frozenset[str],
        *,
        prefilled: bool,
    ) -> None:
        self._graph, self._picks = graph, Picks(graph, picks)
        self._computed, self._computed_patterns, self._prefilled = computed, computed_patterns, prefilled
        self.gaps: set[str] = set()
        self._pending: list[tuple[dict[str, JsonValue], int, str, str]] = []
        self._picked = above(picks, ends="/:")
        self._computed_below = above(computed_patterns, ends="/:")
        self._lists = Lists(
            graph, self._picks, computed_patterns, self.gaps, place=self.place, read_only=self._read_only
        )

    def place(self, shape: Shape, raw: JsonValue, at: Spot, *, may_fill: bool = True) -> Walked:
        """What *raw* comes to at a place of that shape. Where nothing was said, that is the same for everybody."""
        if raw is HOLE:
            raw = ABSENT
        if raw is not ABSENT or at.pointer in self._picked or at.pattern in self._computed_below:
            return self._place(shape, raw, at, may_fill=may_fill)
        key = (at, may_fill, self._prefilled)
        known = shape.blank.get(key)
        if known is None:
            found = self._place(shape, raw, at, may_fill=may_fill)
            if self.gaps:
                return found
            known = Walked(found.value, found.answered, tuple(found.asked), Sign(found.asked))
            shape.keep_blank(key, known)
        return known

    def _place(self, shape: Shape, raw: JsonValue, at: Spot, *, may_fill: bool) -> Walked:
        offer = shape.offer
        controls: Controls = ()
        kind: str | None
        if shape.may_pick:
            expansion = shape.expand(ABSENT, None, self._picks.picker(at, raw))
            if expansion.controls:
                offer, controls = shape.plan(expansion, None), expansion.controls
        if controls and not any(node.types for node in offer.counting) and not any(picked for *_, picked in controls):
            kind, choose = _kind_unpicked(offer), False
        else:
            kind, choose = shape.settled(offer)
        asked: list[Asked] = []
        forced = False
        if choose:
            pick = self._picks.type_pick(offer, raw, at, asked)
            if pick is ABSENT:
                return Walked(ABSENT, answered=False, asked=[*self._picks.branch_controls(controls, at), *asked])
            if pick == "null":
                return Walked(None, answered=True, asked=[*self._picks.branch_controls(controls, at), *asked])
            kind, forced = pick, not _is_left_over(raw) or self._picks.is_typed(at)
        if at.depth > DEEPEST:
            return NOWHERE
        if kind == "object":
            found = self._object(shape, raw if isinstance(raw, dict) else ABSENT, at, forced=forced)
        elif kind == "array":
            found = self._lists.walk(shape, raw, at, forced=forced)
        else:
            found = self._scalar(shape, raw, at, kind, may_fill=may_fill)
            asked = [*self._picks.branch_controls(controls, at), *asked] if controls else asked
        return found.behind(asked, answered=found.answered) if asked else found

    def enter(self, computed: Mapping[str, JsonValue]) -> None:
        """Put *computed* values into the objects that were built, where they stand in the schema's order."""
        shifts: dict[int, int] = {}
        for document, place, name, pointer in self._pending:
            if pointer in computed:
                shift = shifts.get(id(document), 0)
                shifts[id(document)] = shift + 1
                members = list(document.items())
                members.insert(place + shift, (name, computed[pointer]))
                document.clear()
                document.update(members)

    # Values of their own

    def _scalar(self, shape: Shape, raw: JsonValue, at: Spot, kind: str | None, *, may_fill: bool) -> Walked:
        leaf = shape.leaf
        if leaf is None or kind != shape.chosen:
            expansion = shape.expand(raw, kind, self._picks.picker(at, raw))
            leaf = shape.plan(expansion, kind if kind != shape.chosen else None).leaf
        name = at.pattern.rpartition("/")[2] if not at.pattern.endswith("/*") else at.pattern.split("/")[-2]
        fill = leaf.fill if may_fill and at.required else ABSENT
        return self._leaf(leaf, raw, at, fill, steers=name in self._graph.names_read)

    def _leaf(self, leaf: Leaf, raw: JsonValue, at: Spot, fill: JsonValue, *, steers: bool) -> Walked:
        if fill is not ABSENT:
            return Walked(fill, answered=False, asked=())
        value = raw if type(raw) in leaf.classes else ABSENT
        role, answered = Role.VALUE, value is not ABSENT
        if leaf.read_only or at.read_only:
            role, value, answered = self._read_only(at, value)
            if role is Role.COMPUTED and value is ABSENT and at.pattern not in self._computed_patterns:
                return NOWHERE
        asks = Asked(at.pointer, at.pointer or ":", at.pattern, role, leaf.question, at.required, value, steers)
        return Walked(value, answered, (asks,))

    def _read_only(self, at: Spot, value: JsonValue) -> tuple[Role, JsonValue, bool]:
        if at.pattern in self._computed_patterns:
            return Role.COMPUTED, self._computed.get(at.pointer, ABSENT), False
        if at.required and (value is ABSENT or not self._prefilled):
            return Role.VALUE, value, value is not ABSENT
        return Role.COMPUTED, value, value is not ABSENT

    # Objects

    def _object(self, shape: Shape, raw: JsonValue, at: Spot, *, forced: bool) -> Walked:
        asked: list[Asked] = []
        there = at.required or forced
        again = bool(shape.recursive and not shape.recursive.isdisjoint(at.kinds))
        if again and max(map(at.kinds.count, shape.recursive)) > MOST_OPENED:
            return NOWHERE
        if not there and (again or self._is_all_filled(shape, raw, at)):
            control = self._picks.control(at, "given")
            given = self._picks.given(control, raw)
            asks = Question(("boolean",), title=shape.offer.question.title, name=shape.name)
            asks = self._graph.cache("given").setdefault(shape, asks)
            asked.append(
                Asked(
                    at.pointer,
                    control,
                    at.pattern,
                    Role.GIVEN,
                    asks,
                    required=False,
                    value=ABSENT if given is None else given,
                    steers=True,
                )
            )
            if given is not True:
                return Walked(ABSENT, answered=False, asked=asked)
            there = True
        if shape.recursive:
            at = at._replace(kinds=(*at.kinds, *shape.recursive))
        values = raw if raw is not ABSENT else {}
        if there:
            found = self._rounds(shape, values, at, due=True)
            return found.behind(asked, answered=forced or bool(asked) or found.answered)
        if values:
            found = self._rounds(shape, values, at, due=True)
            if found.answered:
                return found
        found = self._rounds(shape, values, at, due=False)
        return found._replace(value=found.value if found.answered else ABSENT)

    def _is_all_filled(self, shape: Shape, raw: JsonValue, at: Spot) -> bool:
        """Whether all that the object requires is there by itself, so that no answer could show it is given."""
        plan = shape.plan(shape.expand({}, "object", self._picks.picker(at, raw)), "object")
        if plan.all_filled is None:
            plan.all_filled = False  # what lies within itself cannot be there by itself
            required = [child for child in plan.children if child.required]
            plan.all_filled = bool(required) and all(self._is_by_itself(child) for child in required)
        return plan.all_filled

    def _is_by_itself(self, child: Child) -> bool:
        if child.fill is not ABSENT:
            return True
        shape = child.shape
        if child.leaf is not None or shape.chosen != "object" or shape.needs_pick or shape.recursive:
            return False
        plan = shape.plan(shape.expand({}, "object", None), "object")
        nowhere = Spot("", "", required=True)
        return not any(one.required for one in plan.children) or self._is_all_filled(shape, {}, nowhere)

    def _rounds(self, shape: Shape, raw: dict[str, JsonValue], at: Spot, *, due: bool) -> Walked:
        if shape.fixed:
            return self._build(shape.fixed_plan("object"), raw, at, None, due=due)
        picker = self._picks.picker(at, raw)
        document: JsonValue = {}
        kept: dict[str, tuple[Shape, bool, Walked]] = {}
        history: list[tuple[Any, Expansion]] = []
        found = NOWHERE
        while True:
            expansion = shape.expand(document, "object", picker)
            key = expansion.key
            if history and history[-1][0] == key:
                break
            place = next((place for place, (old, _) in enumerate(history) if old == key), None)
            if place is not None:
                plan = circle(shape, [old for _, old in history[place:]], "object")
                found = self._build(plan, raw, at, kept, due=due)
                break
            history.append((key, expansion))
            found = self._build(shape.plan(expansion, "object"), raw, at, kept, due=due)
            if not expansion.looked:
                break
            document = found.value
        if expansion.controls:
            return found.behind(self._picks.branch_controls(expansion.controls, at), answered=found.answered)
        return found

    def _build(
        self,
        plan: Plan,
        raw: Mapping[str, JsonValue],
        at: Spot,
        kept: dict[str, tuple[Shape, bool, Walked]] | None,
        *,
        due: bool,
    ) -> Walked:
        """One object: a walk for each property that applies; *kept* are the walks of the round before."""
        document: dict[str, JsonValue] = {}
        asked: list[Asked] = []
        answered = False
        read_only = at.read_only or plan.read_only
        pointer, pattern = at.pointer, at.pattern
        signs: list[Hashable] = [pattern]
        blanks = plan.blanks((at, due, self._prefilled))
        is_steered = bool(self._picked or self._computed_below)
        for child in plan.children:
            required = due and child.required
            leaf = child.leaf
            if leaf is not None and not leaf.read_only and not read_only:
                if required and child.fill is not ABSENT:
                    document[child.name] = child.fill
                    continue
                value = raw.get(child.name, ABSENT)
                if type(value) in leaf.classes:
                    document[child.name] = value
                    answered = True
                else:
                    value = ABSENT
                here = pointer + child.token
                signs.append(here)
                asked.append(
                    Asked(
                        here,
                        here,
                        pattern + child.token_pattern,
                        Role.VALUE,
                        leaf.question,
                        required,
                        value,
                        child.steers,
                    )
                )
                continue
            blank = blanks.get(child.name) if child.name not in raw else None
            if blank is None or (is_steered and self._is_steered(child, at)):
                found = self._member(child, raw, at, kept, required=required, read_only=read_only)
                if type(found.sign) is Sign:
                    blanks[child.name] = found
            else:
                found = blank
            if found.value is not ABSENT:
                document[child.name] = found.value
            elif found.asked and found.asked[0].role is Role.COMPUTED:
                self._pending.append((document, len(document), child.name, pointer + child.token))
            answered = answered or found.answered
            if found.asked:
                asked += found.asked
                signs.append(found.signed())
        if plan.is_map:
            place = len(asked)
            answered = self._entries(plan, raw, at, document, asked, required=due) or answered
            signs.append(Sign(asked[place:]))
        return Walked(document, answered, asked, tuple(signs))

    def _is_steered(self, child: Child, at: Spot) -> bool:
        """Whether a pick or a computed value stands at or below that member."""
        return at.pointer + child.token in self._picked or at.pattern + child.token_pattern in self._computed_below

    def _member(
        self,
        child: Child,
        raw: Mapping[str, JsonValue],
        at: Spot,
        kept: dict[str, tuple[Shape, bool, Walked]] | None,
        *,
        required: bool,
        read_only: bool,
    ) -> Walked:
        if kept is not None and child.name in kept:
            shape, was, found = kept[child.name]
            if shape is child.shape and was == required:
                return found
        spot = Spot(
            at.pointer + child.token, at.pattern + child.token_pattern, required, read_only, at.kinds, at.depth + 1
        )
        value = raw.get(child.name, ABSENT)
        if child.leaf is not None:
            found = self._leaf(child.leaf, value, spot, child.fill if required else ABSENT, steers=child.steers)
        else:
            found = self.place(child.shape, value, spot, may_fill=required)
        if kept is not None:
            kept[child.name] = (child.shape, required, found)
        return found

    def _entries(
        self,
        plan: Plan,
        raw: Mapping[str, JsonValue],
        at: Spot,
        document: dict[str, JsonValue],
        asked: list[Asked],
        *,
        required: bool,
    ) -> bool:
        """The free keys: adds them to *document*, what they ask to *asked*; whether there are any."""
        named = {child.name for child in plan.children}
        entries: dict[str, JsonValue] = {}
        below: list[Asked] = []
        for name, value in raw.items():
            shape = plan.member(name) if name not in named else None
            if shape is None:
                continue
            here = f"{at.pointer}/{escape(name)}"
            spot = Spot(
                here, f"{at.pattern}/*", required=True, read_only=at.read_only, kinds=at.kinds, depth=at.depth + 1
            )
            found = self.place(shape, value, spot)
            if found.value is ABSENT:
                self.gaps.add(here)
            entries[name] = None if found.value is ABSENT else found.value
            below += found.asked or (filled_in(shape, spot, entries[name]),)
        document.update(entries)
        control = at.pointer or ":"
        question = plan_of_map(self._graph, plan)
        asked.append(Asked(at.pointer, control, at.pattern, Role.MAP, question, required, entries, steers=False))
        asked += below
        return bool(entries)


def _is_left_over(raw: JsonValue) -> bool:
    """Whether *raw* is what stays where all answers were taken out: objects with nothing but objects in them."""
    return isinstance(raw, dict) and all(map(_is_left_over, raw.values()))


def _kind_unpicked(offer: Plan) -> str:
    """How a place is asked of which the branch is not picked and nothing else says the type."""
    types = offer.types - {"null"}
    return "object" if len(types) != 1 or types == {"string"} else next(iter(types))
