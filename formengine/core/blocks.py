"""Long lists on a page: so many rows are drawn at once, the next ones stand on a page of their own (SCH-11).

Decides which questions stand together; leaves addresses and order to `pages`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from formengine.core.asking import Asked, Question, Role
from formengine.core.nodes import Graph

MOST_ROWS: Final = 50
"""Rows of a list, or entries of a map, drawn on one page."""
_CONTAINERS: Final = frozenset((Role.LIST, Role.MAP))


class Cut(NamedTuple):
    """Of the list that is asked at *place* of a block, only the rows from *first* to before *end* stand there."""

    place: int
    first: int
    end: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Block:
    """One page's share: which of all that is asked, by number, and which lists go on elsewhere."""

    asked: tuple[int, ...]
    cuts: tuple[Cut, ...] = ()


def blocks(asked: Sequence[Asked], numbers: Sequence[int]) -> list[Block]:
    """The questions *numbers* of one page in blocks: all in the first, and then what is left of long lists."""
    of_container, rows_of = _rows(asked, numbers)
    long = {container: count for container, count in rows_of.items() if count > MOST_ROWS}
    if not long:
        return [Block(tuple(numbers))]
    return [
        _block(asked, numbers, of_container, long, number)
        for number in range((max(long.values()) - 1) // MOST_ROWS + 1)
    ]


def _block(
    asked: Sequence[Asked],
    numbers: Sequence[int],
    of_container: Mapping[int, tuple[int, int]],
    long: Mapping[int, int],
    number: int,
) -> Block:
    here: list[int] = []
    cuts: list[Cut] = []
    for one in numbers:
        container, row = of_container.get(one, (one, 0))
        if container not in long:
            here += [one] if number == 0 else []
        elif one != container:
            here += [one] if row // MOST_ROWS == number else []
        elif number * MOST_ROWS < long[one]:
            start, end = number * MOST_ROWS, min((number + 1) * MOST_ROWS, long[one])
            before = asked[one].question.places
            cuts.append(Cut(len(here), before + start, before + end, end == long[one]))
            here.append(one)
    return Block(tuple(here), tuple(cuts))


def _rows(asked: Sequence[Asked], numbers: Sequence[int]) -> tuple[dict[int, tuple[int, int]], dict[int, int]]:
    """In which outermost list each question lies and in which of its rows, and how many rows each has."""
    of_container: dict[int, tuple[int, int]] = {}
    rows_of: dict[int, int] = {}
    around: int | None = None
    seen: dict[str, int] = {}
    for one in numbers:
        if around is not None and asked[one].pointer.startswith(f"{asked[around].pointer}/"):
            tail = asked[one].pointer[len(asked[around].pointer) + 1 :]
            row = seen.setdefault(tail.partition("/")[0], len(seen))
            of_container[one] = (around, row)
            rows_of[around] = len(seen)
        elif asked[one].role in _CONTAINERS:
            around, seen = one, {}
    return of_container, rows_of


def cut_question(graph: Graph, question: Question, cut: Cut) -> Question:
    """*question*, of a list, as it is asked where only some of its rows stand: the others count as places before."""
    cache = graph.cache("blocks")
    key = (question, cut.first, cut.end, cut.is_last)
    found: Question | None = cache.get(key)
    if found is None:
        keywords = question.keywords if cut.is_last else {**question.keywords, "maxItems": cut.end}
        found = cache[key] = replace(question, places=cut.first, keywords=keywords)
    return found
