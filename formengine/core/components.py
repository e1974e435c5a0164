"""Which nodes of a graph lead to each other: Tarjan's strongly connected components, without recursion."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def components(edges: Mapping[T, Sequence[T]]) -> Iterator[list[T]]:
    """The components, each after all to which it leads. Every target of an edge is a key of *edges* too.

    >>> [sorted(one) for one in components({"a": ["b"], "b": ["c"], "c": ["b"]})]
    [['b', 'c'], ['a']]
    """
    number: dict[T, int] = {}
    low: dict[T, int] = {}
    open_: list[T] = []
    is_open: set[T] = set()
    for start in edges:
        if start in number:
            continue
        number[start] = low[start] = len(number)
        open_.append(start)
        is_open.add(start)
        way = [(start, iter(edges[start]))]
        while way:
            node, targets = way[-1]
            target = next(targets, None)
            if target is None:
                way.pop()
                if way:
                    low[way[-1][0]] = min(low[way[-1][0]], low[node])
                if low[node] == number[node]:
                    yield _closed(node, open_, is_open)
            elif target not in number:
                number[target] = low[target] = len(number)
                open_.append(target)
                is_open.add(target)
                way.append((target, iter(edges[target])))
            elif target in is_open:
                low[node] = min(low[node], number[target])


def _closed(node: T, open_: list[T], is_open: set[T]) -> list[T]:
    group: list[T] = []
    while not group or group[-1] != node:
        group.append(open_.pop())
        is_open.discard(group[-1])
    return group
