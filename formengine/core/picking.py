"""Picks: which branch, which type, whether given. What was chosen, or what the answers speak for (rule 14).

Decides the names of their controls and what they offer; leaves to `walking` when they are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from formengine.core.answers import without_holes
from formengine.core.asking import Asked, Option, Question, Role
from formengine.core.branches import Group
from formengine.core.leaf import CLASSES
from formengine.core.nodes import MADE, Graph, Node
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.shapes import Plan, Shape
from formengine.core.spots import Spot
from formengine.core.values import closure, wide_closure

Controls = Sequence[tuple[Group, int, Sequence[int]]]
"""Picked groups, each with the number in its control's name and what is picked."""


class Picks:
    """What was picked, by control name, and what is to be picked, over one schema."""

    def __init__(self, graph: Graph, picks: Mapping[str, JsonValue]) -> None:
        self._graph, self._picks = graph, picks

    def given(self, control: str, raw: JsonValue) -> bool | None:
        """Whether the object of that control is given; None where neither a pick nor *raw* says so."""
        pick = self._picks.get(control)
        if isinstance(pick, bool):
            return pick
        return None if raw is ABSENT else True

    def control(self, at: Spot, part: str) -> str:
        """The name of the control for *part* of what stands at that place."""
        name = at.pointer.rpartition("/")[2]
        colon = "::" if self._graph.names_with_colon and f"{name}:{part}" in self._graph.names_with_colon else ":"
        return f"{at.pointer}{colon}{part}"

    def _branch_control(self, at: Spot, number: int) -> str:
        return self.control(at, f"branch{number or ''}")

    def picker(self, at: Spot, raw: JsonValue) -> Callable[[Group, int], Sequence[int]]:
        """What says, for a group at that place, which branches are picked."""

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
            if branch.pointer != MADE and self._graph.validator_at(branch.pointer).is_valid(value)
        ]
        if valid:
            return tuple(valid) if group.many else (valid[0],)
        if not isinstance(value, dict):
            return ()
        described = [len(_names(branch) & value.keys()) for branch in group.branches]
        most = max(described, default=0)
        return (group.numbers[described.index(most)],) if most else ()

    def branch_controls(self, controls: Sequence[tuple[Group, int, Sequence[int]]], at: Spot) -> list[Asked]:
        """What asks for the picks of *controls*."""
        return [
            Asked(
                at.pointer, self._branch_control(at, number), at.pattern, Role.BRANCH, _branches(self._graph, group),
                at.required, (list(picked) if group.many else picked[0]) if picked else ABSENT, steers=True,
            )
            for group, number, picked in controls
        ]  # fmt: skip

    def is_typed(self, at: Spot) -> bool:
        """Whether the type at that place was picked, not only read from the answers."""
        return self.control(at, "type") in self._picks

    def type_pick(self, offer: Plan, raw: JsonValue, at: Spot, asked: list[Asked]) -> Any:
        """The type picked at that place, or ABSENT; adds to *asked* what asks for it."""
        asks = _types(self._graph, offer)
        names = [option.value for option in asks.options or ()]
        pick = self._picks.get(self.control(at, "type"), ABSENT)
        if pick not in names:
            pick = next((name for name in names if raw is not ABSENT and type(raw) in CLASSES[name]), ABSENT)
        asked.append(
            Asked(at.pointer, self.control(at, "type"), at.pattern, Role.TYPE, asks, at.required, pick, steers=True)
        )
        return pick


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
