"""One walk over the answers along the schema: the effective document and what is asked.

Decides, place by place, what is taken up, filled in, there at all, and asked (form-language, rules 1 to 4 and 15 to
19). Leaves what is active to `shapes` and what is computed to `reckoning`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from formengine.core.answers import HOLE, rows_of, without_holes
from formengine.core.asking import Asked, Option, Question, Role
from formengine.core.branches import Group, closure, wide_closure
from formengine.core.nodes import Graph, Node
from formengine.core.pointer import ABSENT, JsonValue, escape
from formengine.core.shapes import CLASSES, Child, Expansion, Leaf, Plan, Shape

DEEPEST = 32
"""Objects and lists within each other (SCH-02)."""


class Walked(NamedTuple):
    """What a walk below one place came to: its part of E, whether anything in it is answered, and what it asks."""

    value: JsonValue
    answered: bool
    asked: Sequence[Asked]


class Spot(NamedTuple):
    """A place on the way: its pointer and pattern, whether it must be there, and what it lies in."""

    pointer: str
    pattern: str
    required: bool
    read_only: bool = False
    kinds: frozenset[int] = frozenset()
    depth: int = 0


NOWHERE = Walked(ABSENT, answered=False, asked=())
_GIVEN = Question(types=("boolean",), name="")


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
        self._graph, self._picks = graph, picks
        self._computed, self._computed_patterns, self._prefilled = computed, computed_patterns, prefilled
        self.gaps: set[str] = set()

    def place(self, shape: Shape, raw: JsonValue, at: Spot, *, may_fill: bool = True) -> Walked:
        """What *raw* comes to at a place of that shape."""
        if raw is HOLE:
            raw = ABSENT
        offer = shape.offer
        controls: Sequence[tuple[Group, int, Sequence[int]]] = ()
        if not shape.fixed:
            expansion = Expansion(self._graph, ABSENT, None, self._picker(at, raw)).run(shape.entries)
            if expansion.controls:
                offer, controls = shape.plan(expansion, None), expansion.controls
        if controls and not any(node.types for node in offer.counting) and not any(picked for *_, picked in controls):
            kind, choose = self._kind_unpicked(offer)
        else:
            kind, choose = shape.settled(offer)
        asked: list[Asked] = []
        forced = False
        if choose:
            pick = self._type_pick(offer, raw, at, asked)
            if pick is ABSENT:
                return Walked(ABSENT, answered=False, asked=[*self._branch_controls(controls, at), *asked])
            if pick == "null":
                return Walked(None, answered=True, asked=[*self._branch_controls(controls, at), *asked])
            kind, forced = pick, True
        if at.depth > DEEPEST:
            return NOWHERE
        if kind == "object":
            found = self._object(shape, raw if isinstance(raw, dict) else ABSENT, at, forced=forced)
        elif kind == "array":
            found = self._list(shape, raw, at, forced=forced)
        else:
            found = self._scalar(shape, raw, at, kind, may_fill=may_fill)
        return Walked(found.value, found.answered, [*asked, *found.asked]) if asked else found

    # Picks

    def _control(self, at: Spot, part: str) -> str:
        name = at.pointer.rpartition("/")[2]
        colon = "::" if self._graph.names_with_colon and f"{name}:{part}" in self._graph.names_with_colon else ":"
        return f"{at.pointer}{colon}{part}"

    def _branch_control(self, at: Spot, number: int) -> str:
        return self._control(at, f"branch{number or ''}")

    def _picker(self, at: Spot, raw: JsonValue) -> Callable[[Group, int], Sequence[int]]:
        def pick(group: Group, number: int) -> Sequence[int]:
            chosen = self._picks.get(self._branch_control(at, number), ABSENT)
            if isinstance(chosen, int) and not isinstance(chosen, bool) and chosen in group.numbers:
                return (chosen,)
            if isinstance(chosen, list) and group.many:
                return tuple(place for place in group.numbers if place in chosen)
            return self._inferred(group, raw)

        return pick

    def _inferred(self, group: Group, raw: JsonValue) -> Sequence[int]:
        """The branches that *raw* speaks for (rule 14)."""
        value = without_holes(raw)
        if value is ABSENT or value in ({}, []):
            return ()
        valid = [
            number
            for number, branch in zip(group.numbers, group.branches, strict=True)
            if branch.pointer and self._graph.validator_at(branch.pointer).is_valid(value)
        ]
        if valid:
            return tuple(valid) if group.many else (valid[0],)
        if not isinstance(value, dict):
            return ()
        described = [len(_names(branch) & value.keys()) for branch in group.branches]
        most = max(described, default=0)
        return (group.numbers[described.index(most)],) if most else ()

    def _branch_controls(self, controls: Sequence[tuple[Group, int, Sequence[int]]], at: Spot) -> list[Asked]:
        return [
            Asked(
                at.pointer, self._branch_control(at, number), at.pattern, Role.BRANCH, _branches(self._graph, group),
                at.required, (list(picked) if group.many else picked[0]) if picked else ABSENT, steers=True,
            )
            for group, number, picked in controls
        ]  # fmt: skip

    def _kind_unpicked(self, offer: Plan) -> tuple[str | None, bool]:
        types = offer.types - {"null"}
        return (
            "object" if types in ({"object"}, {"string"}) else next(iter(types)) if len(types) == 1 else "object"
        ), False

    def _type_pick(self, offer: Plan, raw: JsonValue, at: Spot, asked: list[Asked]) -> Any:
        asks = _types(self._graph, offer)
        names = [option.value for option in asks.options or ()]
        pick = self._picks.get(self._control(at, "type"), ABSENT)
        if pick not in names:
            pick = next((name for name in names if raw is not ABSENT and type(raw) in CLASSES[name]), ABSENT)
        asked.append(
            Asked(at.pointer, self._control(at, "type"), at.pattern, Role.TYPE, asks, at.required, pick, steers=True)
        )
        return pick

    # Values of their own

    def _scalar(self, shape: Shape, raw: JsonValue, at: Spot, kind: str | None, *, may_fill: bool) -> Walked:
        leaf = shape.leaf
        if leaf is None or kind != shape.chosen:
            expansion = Expansion(self._graph, raw, kind, self._picker(at, raw)).run(shape.entries)
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
        again = bool(shape.recursive and shape.recursive & at.kinds)
        if not there and (again or self._is_all_filled(shape, raw, at)):
            control = self._control(at, "given")
            given = self._picks.get(control, ABSENT)
            if not isinstance(given, bool):
                given = True if raw is not ABSENT else ABSENT
            asks = Question(("boolean",), title=shape.offer.question.title, name=shape.name)
            asks = self._graph.cache("given").setdefault(shape, asks)
            asked.append(
                Asked(at.pointer, control, at.pattern, Role.GIVEN, asks, required=False, value=given, steers=True)
            )
            if given is not True:
                return Walked(ABSENT, answered=False, asked=asked)
            there = True
        if shape.recursive:
            at = at._replace(kinds=at.kinds | shape.recursive)
        values = raw if raw is not ABSENT else {}
        if there:
            found = self._rounds(shape, values, at, due=True)
            return Walked(found.value, forced or bool(asked) or found.answered, [*asked, *found.asked])
        if values:
            found = self._rounds(shape, values, at, due=True)
            if found.answered:
                return found
        found = self._rounds(shape, values, at, due=False)
        return Walked(found.value if found.answered else ABSENT, found.answered, found.asked)

    def _is_all_filled(self, shape: Shape, raw: JsonValue, at: Spot) -> bool:
        """Whether all that the object requires is there by itself, so that no answer could show it is given."""
        cache = self._graph.cache("all filled")
        if shape.fixed and shape in cache:
            return bool(cache[shape])
        picker = None if shape.fixed else self._picker(at, raw)
        plan = shape.plan(Expansion(self._graph, {}, "object", picker).run(shape.entries), "object")
        required = [child for child in plan.children if child.required]
        result = bool(required) and all(
            child.fill is not ABSENT
            or (child.leaf is None and child.shape.chosen == "object" and not child.shape.needs_pick
                and not child.shape.recursive and self._needs_nothing(child.shape))
            for child in required
        )  # fmt: skip
        if shape.fixed:
            cache[shape] = result
        return result

    def _needs_nothing(self, shape: Shape) -> bool:
        plan = shape.plan(Expansion(self._graph, {}, "object", None).run(shape.entries), "object")
        return not any(child.required for child in plan.children) or self._is_all_filled(
            shape, {}, Spot("", "", required=True)
        )

    def _rounds(self, shape: Shape, raw: dict[str, JsonValue], at: Spot, *, due: bool) -> Walked:
        if shape.fixed:
            return self._build(shape.fixed_plan("object"), raw, at, None, due=due)
        picker = self._picker(at, raw)
        document: JsonValue = {}
        kept: dict[str, tuple[Shape, bool, Walked]] = {}
        history: list[tuple[Any, Expansion]] = []
        found = NOWHERE
        while True:
            expansion = Expansion(self._graph, document, "object", picker).run(shape.entries)
            key = expansion.key
            if history and history[-1][0] == key:
                break
            place = next((place for place, (old, _) in enumerate(history) if old == key), None)
            if place is not None:
                plan = _circle(shape, [old for _, old in history[place:]], "object")
                found = self._build(plan, raw, at, kept, due=due)
                break
            history.append((key, expansion))
            found = self._build(shape.plan(expansion, "object"), raw, at, kept, due=due)
            if not expansion.looked:
                break
            document = found.value
        if expansion.controls:
            return Walked(found.value, found.answered, [*self._branch_controls(expansion.controls, at), *found.asked])
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
        read_only = at.read_only or bool(plan.question.keywords.get("readOnly"))
        pointer, pattern = at.pointer, at.pattern
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
            found = self._member(child, raw, at, kept, required=required, read_only=read_only)
            if found.value is not ABSENT:
                document[child.name] = found.value
            answered = answered or found.answered
            asked += found.asked
        if plan.is_map:
            answered = self._entries(plan, raw, at, document, asked, required=due) or answered
        return Walked(document, answered, asked)

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
            below += found.asked
        document.update(entries)
        control = at.pointer or ":"
        question = plan_of_map(self._graph, plan)
        asked.append(Asked(at.pointer, control, at.pattern, Role.MAP, question, required, entries, steers=False))
        asked += below
        return bool(entries)

    # Lists

    def _list(self, shape: Shape, raw: JsonValue, at: Spot, *, forced: bool) -> Walked:
        rows = rows_of(raw)
        if shape.fixed:
            return self._build_list(shape.fixed_plan("array"), rows, at, forced=forced)
        picker = self._picker(at, raw)
        document: JsonValue = []
        history: list[tuple[Any, Expansion]] = []
        found = NOWHERE
        while True:
            expansion = Expansion(self._graph, document, "array", picker).run(shape.entries)
            place = next((place for place, (old, _) in enumerate(history) if old == expansion.key), None)
            if place == len(history) - 1 and history:
                break
            if place is not None:
                plan = _circle(shape, [old for _, old in history[place:]], "array")
                found = self._build_list(plan, rows, at, forced=forced)
                break
            history.append((expansion.key, expansion))
            found = self._build_list(shape.plan(expansion, "array"), rows, at, forced=forced)
            if not expansion.looked:
                break
            document = [] if found.value is ABSENT else found.value
        if expansion.controls:
            return Walked(found.value, found.answered, [*self._branch_controls(expansion.controls, at), *found.asked])
        return found

    def _build_list(self, plan: Plan, rows: list[JsonValue] | None, at: Spot, *, forced: bool) -> Walked:
        layout = plan.rows
        control = at.pointer or ":"
        read_only = at.read_only or bool(plan.question.keywords.get("readOnly"))
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
                    self.gaps.add(f"{at.pointer}/{len(values)}")
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
                found = self.place(layout.rows, row, spot)
                if found.value is ABSENT:
                    self.gaps.add(spot.pointer)
                values.append(None if found.value is ABSENT else found.value)
                asked += found.asked
                answered = True
            shown = values if answered else ABSENT
            asked.insert(
                where, Asked(at.pointer, control, at.pattern, Role.LIST, layout.question, at.required, shown, steers)
            )
        if not values and (not answered or layout.places or (layout.minimum and not at.required and not forced)):
            there = (at.required and layout.places) or forced
            return Walked([] if there else ABSENT, answered and bool(there), asked)
        return Walked(values if answered or values else ABSENT, answered, asked)

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
        if value == [] and not at.required and not forced and layout.minimum:
            value, answered = ABSENT, False
        asks = Asked(at.pointer, at.pointer or ":", at.pattern, role, layout.question, at.required, value, steers)
        return Walked(value, answered or forced, (asks,))

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
            found.append(self.place(shape, row, spot, may_fill=due))
            asked += found[-1].asked
        end = max((index for index, one in enumerate(found) if one.answered), default=-1)
        if len(rows) > len(layout.places) and layout.rows is not None:
            end = len(layout.places) - 1
        while end + 1 < len(found) and found[end + 1].value is not ABSENT and (end + 1 < layout.minimum):
            end += 1
        values: list[JsonValue] = []
        for index, one in enumerate(found[: end + 1]):
            if one.value is ABSENT:
                self.gaps.add(f"{at.pointer}/{index}")
            values.append(None if one.value is ABSENT else one.value)
        return values, any(one.answered for one in found)


def _circle(shape: Shape, expansions: list[Expansion], kind: str) -> Plan:
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


def plan_of_map(graph: Graph, plan: Plan) -> Question:
    """The question of an object with free keys: `items` describes a value, where it is a scalar."""
    cache = graph.cache("maps")
    if plan not in cache:
        found: Question | None = None
        for node, shield in plan.entries:
            for inner in (*(member for _, member in node.patterns), node.additional, node.unevaluated):
                if inner is not None and not inner.never and not inner.blank and found is None:
                    leaf = Shape(graph, ((inner, shield),), plan.question.name).leaf
                    found = leaf.question if leaf else None
        own = plan.question
        cache[plan] = Question(
            ("object",), keywords=own.keywords, title=own.title, description=own.description, name=own.name, items=found
        )
    result: Question = cache[plan]
    return result


def _branches(graph: Graph, group: Group) -> Question:
    cache = graph.cache("branch questions")
    if group not in cache:
        options = tuple(
            Option(number, _title(branch), str(number))
            for number, branch in zip(group.numbers, group.branches, strict=True)
        )
        keywords = {"uniqueItems": True, "minItems": 1} if group.many else {}
        choice = Question(("integer",), options=options, name="")
        title = str(group.node.wording.get("title", ""))
        cache[group] = (
            Question(("array",), keywords=keywords, title=title, items=choice)
            if group.many
            else Question(("integer",), options=options, title=title)
        )
    result: Question = cache[group]
    return result


def _title(branch: Node) -> str:
    return next((str(node.wording["title"]) for node in closure(branch) if node.wording.get("title")), "")


def _types(graph: Graph, offer: Plan) -> Question:
    cache = graph.cache("type questions")
    if offer not in cache:
        names = [name for name in (*offer.question.types, "null") if name != "null" or "null" in offer.types]
        options = tuple(Option(name, "", name) for name in names)
        cache[offer] = Question(("string",), options=options, title=offer.question.title, name=offer.question.name)
    result: Question = cache[offer]
    return result


def _names(branch: Node) -> set[str]:
    return {name for node in wide_closure(branch) for name, inner in node.properties.items() if not inner.never}
