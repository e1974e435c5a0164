"""How long a chain of conditions can get at one place: each round of an evaluation settles one of them.

Decides from names alone: a condition waits for another if that one's consequence names what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from formengine.core.components import components
from formengine.core.pointer import JsonValue

Look = Callable[[str], tuple[JsonValue, list[str]]]
"""The schema at a pointer, and the pointers of those that apply at the same place."""

_CHECKING = ("/not", "/if")


@dataclass(frozen=True, slots=True)
class _Condition:
    """*reads* None: it looks at more than names tell."""

    reads: frozenset[str] | None
    names: frozenset[str]


def longest_chain(head: str, look: Look) -> tuple[int, int]:
    """How many conditions and choices there are at the place of *head*, and how many can wait for each other."""
    found: list[_Condition] = []
    for at, schema in _around(head, look):
        if "if" in schema:
            branches = (_names(f"{at}/{word}", look) for word in ("then", "else") if word in schema)
            found.append(_Condition(_reads(f"{at}/if", look), frozenset[str]().union(*branches)))
        for word in ("dependentSchemas", "dependentRequired", "dependencies"):
            for name, what in _mapping(schema.get(word)).items():
                token = name.replace("~", "~0").replace("/", "~1")
                names = frozenset(what) if isinstance(what, list) else _names(f"{at}/{word}/{token}", look)
                found.append(_Condition(frozenset((name,)), names))
        for word in ("oneOf", "anyOf"):
            branches = (_names(f"{at}/{word}/{n}", look) for n in range(len(schema.get(word) or ())))
            names = frozenset[str]().union(*branches)
            found += [_Condition(names, names)] if word in schema else []
    return len(found), _longest(found)


def _longest(found: list[_Condition]) -> int:
    """The most conditions in a row of which each waits for the one before; a circle counts with all of its own."""
    readers: dict[str, list[int]] = {}
    everything = [at for at, one in enumerate(found) if one.reads is None]
    for at, one in enumerate(found):
        for name in one.reads or ():
            readers.setdefault(name, []).append(at)
    edges = {
        at: sorted(
            {*everything, *(other for name in one.names for other in readers.get(name, ()))} if one.names else ()
        )
        for at, one in enumerate(found)
    }
    length: dict[int, int] = {}
    for group in components(edges):
        inside = set(group)
        beyond = max((length[to] for at in group for to in edges[at] if to not in inside), default=0)
        length.update(dict.fromkeys(group, beyond + len(group)))
    return max(length.values(), default=0)


def _around(head: str, look: Look, *, checking: bool = False) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """Every subschema that may apply where *head* does; with *checking*, those that only check too."""
    seen, waiting = {head}, [head]
    while waiting:
        at = waiting.pop()
        schema, here = look(at)
        if isinstance(schema, dict):
            yield at, schema
        for target in here:
            if target not in seen and (checking or not target.endswith(_CHECKING) or target[: -len("/if")] != at):
                seen.add(target)
                waiting.append(target)


def _names(head: str, look: Look) -> frozenset[str]:
    """What a consequence describes or asks for."""
    names: set[str] = set()
    for _, schema in _around(head, look):
        names |= _mapping(schema.get("properties")).keys()
        names |= set(schema.get("required") or ()) if isinstance(schema.get("required"), list) else set()
    return frozenset(names)


def _reads(head: str, look: Look) -> frozenset[str] | None:
    names: set[str] = set()
    for _, schema in _around(head, look, checking=True):
        if schema.keys() & {"minProperties", "maxProperties", "propertyNames", "additionalProperties"}:
            return None
        names |= _mapping(schema.get("properties")).keys()
        names |= set(schema.get("required") or ()) if isinstance(schema.get("required"), list) else set()
    return frozenset(names)


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}
