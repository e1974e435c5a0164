"""How big and how tangled a schema may be: told before anything walks along its references (SCH-02, SCH-03).

Decides by counting alone, in time linear in the text, so that no schema can make loading, asking or validating slow:
texts, names, options, parts, the parts that references multiply, depth, cycles, and conditions that wait for each
other. Leaves to `source` the limits of the text, to `findings` the number of questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from formengine.core import pointer as pointers
from formengine.core.bundling import MOST_NODES, OLD_DRAFTS, inner_schemas, local_target
from formengine.core.chains import longest_chain
from formengine.core.components import components
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.regex_cost import cost

MAX_TEXT: Final = 10_000
MAX_FIELDS: Final = 2000
MAX_NAME: Final = 64
MAX_OPTIONS: Final = 5000
MAX_ALL_OPTIONS: Final = 25_000
"""Options of all choices, each counted for every way that leads to it."""
MAX_BRANCHES: Final = 500
"""Branches of one choice that are more than a value: all of them are compared with each other."""
MAX_REQUIRED: Final = 2000
MAX_PLACES_OF_TUPLE: Final = 100
MAX_PATTERN_NAMES: Final = 100
MAX_LEVELS: Final = 32
"""Objects and lists within each other, references followed."""
MAX_STEPS: Final = 100
"""References, conditions and branches behind each other."""
MAX_RETURNS: Final = 60
"""References that lead back to what contains them."""
MAX_CONDITIONS: Final = 250
"""Conditions and choices of one object (decision 0011)."""
MAX_WAITING: Final = 2500
"""Conditions of one object, times how many of them wait for each other's answers: what one evaluation costs."""
MAX_PATTERNS: Final = 300_000
"""What all patterns together may cost to compile (`regex_cost`)."""

_IN_PLACE: Final = frozenset(
    ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies")
)
_ELSEWHERE: Final = frozenset(("$defs", "definitions"))


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that is not kept: what, the pointer in the bundle, and what to do."""

    message: str
    pointer: str
    remedy: str = "make several forms of it, or several files"


@dataclass(slots=True)
class _Part:
    """A subschema: what it leads to at its own place, and what at places within."""

    schema: JsonValue
    here: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)


def breaches(document: JsonValue, draft: str) -> tuple[Breach, ...]:
    """All limits that *document*, a bundle, does not keep; empty if it is safe to walk."""
    found = list(_texts(document))
    parts = _parts(document, draft)
    if len(parts) > MOST_NODES:
        return (*found, Breach(f"the schema has more than {MOST_NODES} parts", ""))
    spent = 0
    for pointer, part in parts.items():
        if isinstance(part.schema, dict):
            found += _counts(pointer, part.schema)
            spent += sum(map(cost, _patterns(part.schema)))
            if spent > MAX_PATTERNS:
                found.append(Breach("the patterns are too many or too large", pointer, "repeat less within patterns"))
                break
    circle = _circle(parts)
    if circle is not None:
        found.append(Breach("this refers to itself without end", circle, "put a property or a list on the way"))
    if found:
        return tuple(found)
    found += _expanded(parts)
    return tuple(found or _waiting(parts))


def _texts(document: JsonValue) -> Iterator[Breach]:
    waiting: list[tuple[str, JsonValue]] = [("", document)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                yield Breach(f"this text has more than {MAX_TEXT} characters", pointer, "write less")
        elif isinstance(value, dict):
            waiting += [(pointers.child(pointer, key), member) for key, member in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{place}", member) for place, member in enumerate(value)]


def _parts(document: JsonValue, draft: str) -> dict[str, _Part]:
    """Every subschema by its pointer, as far as the limit goes."""
    parts = {"": _Part(document)}
    waiting = [""]
    while waiting and len(parts) <= MOST_NODES:
        pointer = waiting.pop()
        part = parts[pointer]
        schema = part.schema
        if not isinstance(schema, dict):
            continue
        target = schema.get("$ref")
        inner = [(pointer + pointers.build(tokens), sub, tokens[0]) for tokens, sub in inner_schemas(schema)]
        if isinstance(target, str):
            at = local_target(target)
            inner.append((at, pointers.get(document, at), "$ref"))
            if draft in OLD_DRAFTS:
                inner = [(at, sub, word if word in {"$ref", *_ELSEWHERE} else "definitions") for at, sub, word in inner]
        for at, sub, word in inner:
            if sub is ABSENT:
                continue
            if at not in parts:
                parts[at] = _Part(sub)
                waiting.append(at)
            if word not in _ELSEWHERE:
                (part.here if word in _IN_PLACE else part.below).append(at)
    return parts


def _counts(pointer: str, schema: dict[str, JsonValue]) -> Iterator[Breach]:
    def long(word: str) -> int:
        value = schema.get(word)
        return len(value) if isinstance(value, list | dict) else 0

    if long("enum") > MAX_OPTIONS:
        yield Breach(
            f"more than {MAX_OPTIONS} options", f"{pointer}/enum", "let people type it, and check it by format"
        )
    for word in ("oneOf", "anyOf"):
        if long(word) > MAX_BRANCHES:
            branches = schema[word]
            simple = all(_is_value(branch) for branch in branches)
            if not simple or len(branches) > MAX_OPTIONS:
                most = MAX_OPTIONS if simple else MAX_BRANCHES
                yield Breach(f"more than {most} options", f"{pointer}/{word}", "divide the choice into two questions")
    for word, most in (
        ("required", MAX_REQUIRED),
        ("prefixItems", MAX_PLACES_OF_TUPLE),
        ("patternProperties", MAX_PATTERN_NAMES),
    ):
        if long(word) > most:
            yield Breach(f"more than {most} entries in {word}", f"{pointer}/{word}")
    if isinstance(schema.get("items"), list) and long("items") > MAX_PLACES_OF_TUPLE:
        yield Breach(f"more than {MAX_PLACES_OF_TUPLE} entries in items", f"{pointer}/items")
    members = schema.get("properties")
    for name in members if isinstance(members, dict) else ():
        if len(name) > MAX_NAME:
            at = pointers.child(f"{pointer}/properties", name)
            yield Breach(f"the name {name[:20]}… is longer than {MAX_NAME} characters", at, "choose a short name")


def _options(schema: JsonValue) -> int:
    values = schema.get("enum") if isinstance(schema, dict) else None
    return len(values) if isinstance(values, list) else 0


def _is_value(branch: JsonValue) -> bool:
    return isinstance(branch, dict) and "const" in branch and not branch.keys() & {"properties", "allOf", "$ref", "if"}


def _patterns(schema: dict[str, JsonValue]) -> Iterator[str]:
    if isinstance(schema.get("pattern"), str):
        yield schema["pattern"]
    named = schema.get("patternProperties")
    yield from named if isinstance(named, dict) else ()


def _circle(parts: dict[str, _Part]) -> str | None:
    """A subschema that applies to a value because it applies to it already, or None."""
    for group in components({at: part.here for at, part in parts.items()}):
        if len(group) > 1 or group[0] in parts[group[0]].here:
            return min(group, key=len)
    return None


def _expanded(parts: dict[str, _Part]) -> Iterator[Breach]:
    """What references multiply, and how deep they lead; what contains itself is not followed twice on one way."""
    levels: dict[str, int] = {}
    steps: dict[str, int] = {}
    returns = 0
    for group in components({at: [*part.here, *part.below] for at, part in parts.items()}):
        inside = set(group)
        level = step = 0
        for at in group:
            for deeper, targets in ((0, parts[at].here), (1, parts[at].below)):
                for target in targets:
                    if target not in inside:
                        level, step = max(level, levels[target] + deeper), max(step, steps[target] + 1)
                    elif not target.startswith(f"{at}/"):
                        returns += 1
        levels.update(dict.fromkeys(group, level))
        steps.update(dict.fromkeys(group, step))
    if levels[""] > MAX_LEVELS:
        yield Breach(f"objects and lists lie more than {MAX_LEVELS} deep in each other", "", "make it flatter")
    elif steps[""] > MAX_STEPS:
        yield Breach(f"more than {MAX_STEPS} references lead to each other", "", "refer to the last one at once")
    elif returns > MAX_RETURNS:
        yield Breach(f"more than {MAX_RETURNS} references lead back to what contains them", "")
    else:
        yield from _followed(parts)


def _followed(parts: dict[str, _Part]) -> Iterator[Breach]:
    """Too many parts or questions, each counted once for every way that leads to it."""
    count = options = 0
    on_way: set[str] = set()
    places: dict[str, str] = {}
    holders: set[str] = set()
    waiting: list[tuple[str, str | None, bool]] = [("", "", True)]
    while waiting:
        at, place, enters = waiting.pop()
        if not enters:
            on_way.discard(at)
            continue
        count += 1
        if count > MOST_NODES:
            yield Breach(f"with all references followed, the schema has more than {MOST_NODES} parts", "")
            return
        if place is not None:
            places.setdefault(place, at)
            options += _options(parts[at].schema)
        if options > MAX_ALL_OPTIONS:
            yield Breach(f"all choices together have more than {MAX_ALL_OPTIONS} options", at, "let people type it")
            return
        if at in on_way:
            continue
        on_way.add(at)
        waiting.append((at, place, False))
        waiting += [(to, None if to.startswith((f"{at}/not", f"{at}/if")) else place, True) for to in parts[at].here]
        for to in parts[at].below:
            word = to[len(at) :]
            asked = place is not None and not word.startswith(("/contains", "/propertyNames", "/contentSchema"))
            if asked and place is not None:
                holders.add(place)
            waiting.append((to, f"{place}{word}" if asked else None, True))
    fields = [at for place, at in places.items() if place not in holders]
    if len(fields) > MAX_FIELDS:
        yield Breach(f"the schema has more than {MAX_FIELDS} questions", fields[MAX_FIELDS], "make several forms of it")


def _waiting(parts: dict[str, _Part]) -> Iterator[Breach]:
    """Objects with too many conditions, or with too many that wait for each other."""
    heads = {"", *(at for part in parts.values() for at in part.below)}
    for head in sorted(heads):
        conditions, chain = longest_chain(head, lambda at: (parts[at].schema, parts[at].here))
        if conditions > MAX_CONDITIONS:
            cure = "divide the object: each answer looks at all of them again"
            yield Breach(f"more than {MAX_CONDITIONS} conditions and choices at one place", head, cure)
        elif conditions * chain > MAX_WAITING:
            cure = "let them read the first answers, or divide the object"
            yield Breach(f"{chain} conditions wait for each other's answers", head, cure)
