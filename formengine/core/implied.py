"""The steps of a schema that has no definition, and of the lists that a definition does not mention.

Decides which properties make a step of their own: objects and lists do, the rest is asked on a first step together.
A list of objects (or of lists) is a repeated step; so are the lists within its items.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator

from formengine.core.definition import RESERVED_IN_ITEM, RESERVED_STEPS, Field, Step
from formengine.core.naming import literal, readable, step_id
from formengine.core.outline import Place

_WORDS = frozenset({"oneOf", "anyOf"})
MAX_LEVELS = 5  # SCH-03: how deep what contains itself is asked
MAX_PLACES = 2000  # SCH-02: places looked at in one form
MAX_STEPS = 200  # of what contains itself in several ways; beyond it, lists are asked on the page around them


class Budget:
    """How many places may still be looked at and how many steps made: for schemas that contain themselves."""

    def __init__(self, levels: int = MAX_LEVELS) -> None:
        self.places, self.steps, self.levels = MAX_PLACES, MAX_STEPS, levels

    @property
    def is_spent(self) -> bool:
        """Whether something had to be left to the page around it."""
        return self.places <= 0 or self.steps <= 0


def implied_steps(root: Place, title: str) -> tuple[Step, ...]:
    """The steps of a schema without a definition: `general`, then one for each object or list at the top.

    What contains itself in several ways gets fewer levels of steps, but the same everywhere.
    """
    for levels in range(MAX_LEVELS, 0, -1):
        budget = Budget(levels)
        steps = _steps(root, title, budget)
        if not budget.is_spent:
            return steps
    return steps


def _steps(root: Place, title: str, budget: Budget) -> tuple[Step, ...]:
    if is_repeated(root):
        return (made_step(root, budget, scope="", taken=RESERVED_STEPS, name="general", title=title),)
    steps = [Step("general", literal(root.title() or title), fields=(Field(""),))]
    taken = {"general", *RESERVED_STEPS}
    for name in root.names:
        place = root.member(name)
        if place is None or not (place.is_a("object") or place.is_a("array")):
            continue
        for step in steps_of(place, budget, scope="", taken=taken):
            taken.add(step.id)
            steps.append(step)
    return tuple(steps)


def steps_of(place: Place, budget: Budget, *, scope: str, taken: Collection[str]) -> Iterator[Step]:
    """The step of one object or list, and behind it those of the lists of objects within."""
    names = set(taken)
    if not is_repeated(place):
        name = _name(place)
        step = Step(step_id(name, names), _title(place), scope=scope, fields=(Field(place.pattern),))
        names.add(step.id)
        yield step
    for inner in lists_in(place, budget):
        step = made_step(inner, budget, scope=scope, taken=names)
        names.add(step.id)
        yield step


def made_step(
    place: Place, budget: Budget, *, scope: str, taken: Collection[str], name: str = "", title: str = "", level: int = 0
) -> Step:
    """The repeated step of the list at *place*: one page an item, then the lists within the item."""
    budget.steps -= 1
    rows = place.rows
    title = literal(title) if title else _title(place)
    item_scope = place.pattern + "/*"
    inner: list[Step] = []
    if rows is not None and not is_repeated(rows):
        inner.append(Step("item", literal(rows.title()) or title, scope=item_scope, fields=(Field(item_scope),)))
    if rows is not None and level < budget.levels:
        names = {"item", *RESERVED_IN_ITEM}
        for deeper in lists_in(rows, budget):
            step = made_step(deeper, budget, scope=item_scope, taken=names, level=level + 1)
            names.add(step.id)
            inner.append(step)
    return Step(
        step_id(name or _name(place), taken), title, scope=scope, repeat=place.pattern, owns=True, steps=tuple(inner)
    )


def is_repeated(place: Place) -> bool:
    """Whether *place* is a list whose rows are objects or lists, so that each needs a page.

    A place that may hold something else too, or of which a branch is picked, is asked on a page of its own.
    """
    if place.kinds != {"array"} or is_tuple(place) or any(not _WORDS.isdisjoint(part.schema) for part in place.parts):
        return False
    rows = place.rows
    return rows is not None and (rows.is_a("object") or rows.is_a("array"))


def is_tuple(place: Place) -> bool:
    """Whether each row of the list at *place* has a meaning of its own."""
    return isinstance(place.says("prefixItems"), list) or isinstance(place.says("items"), list)


def lists_in(place: Place, budget: Budget) -> Iterator[Place]:
    """The repeated lists at or below *place*, those within their items left out, in the schema's order."""
    found: list[Place] = []
    waiting: deque[tuple[Place, tuple[str, ...]]] = deque([(place, ())])
    while waiting and budget.places > 0 and len(found) < budget.steps:
        here, way = waiting.popleft()
        budget.places -= 1
        if is_repeated(here):
            found.append(here)
            continue
        marks = tuple(part.at for part in here.parts if "properties" in part.schema)
        if any(way.count(mark) >= MAX_LEVELS for mark in marks):
            continue
        inner = [here.member(name) for name in here.names]
        if is_tuple(here):
            inner += [here.step(str(number)) for number in range(len(_tuple_of(here)))]
        waiting += [(one, way + marks) for one in inner if one is not None]
    yield from sorted(found, key=lambda one: order_in(place, one.pattern))


def order_in(place: Place, pattern: str) -> tuple[int, ...]:
    """Where *pattern* stands in the schema's order below *place*."""
    order: list[int] = []
    here: Place | None = place
    for token in pattern[len(place.pattern) :].split("/")[1:]:
        if here is None:
            break
        names = [member.pattern.rpartition("/")[2] for name in here.names if (member := here.member(name))]
        order.append(names.index(token) if token in names else len(names))
        here = here.step(token)
    return tuple(order)


def _tuple_of(place: Place) -> list[object]:
    for word in ("prefixItems", "items"):
        value = place.says(word)
        if isinstance(value, list):
            return value
    return []


def _name(place: Place) -> str:
    last = place.pattern.rpartition("/")[2]
    return "list" if last == "*" else last.replace("~2", "*").replace("~1", "/").replace("~0", "~")


def _title(place: Place) -> str:
    return literal(place.title() or readable(_name(place)))
