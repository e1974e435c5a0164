"""What is wrong with a schema as a form, told when it is loaded (form-language, "Reported at load").

Decides which constructs can never work (errors) and which rarely mean what they say (warnings). Leaves to
`core.schemas` whether the document is a schema at all, and to `core.coverage` whether each question has a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from formengine.core import numbers
from formengine.core import pointer as pointers
from formengine.core.exclusions import exclusions, is_number, kept_by
from formengine.core.limits import MAX_TEXT
from formengine.core.loading_context import Loading
from formengine.core.outline import Part, Place, chosen_of, kind_of
from formengine.core.pointer import JsonValue, is_below
from formengine.core.slips import slips
from formengine.core.spelling import nearest, remedy

MAX_PLACES = 20_000  # SCH-02


def schema_findings(loading: Loading, filled: frozenset[str] | None) -> None:
    """Record what can't work in the schema, and what should be looked at.

    *filled* are the patterns of computed values; None if other forms may fill in anything.
    """
    finder = _Finder(loading, filled)
    if loading.outline.document is False:
        loading.schema_mistake("the root can have no value", "", cure="describe what is asked")
    for number, place in enumerate(_places(loading.outline.root)):
        if number >= MAX_PLACES:
            finder.tell("the schema describes more than 20 000 places", place, cure="make several forms of it")
            break
        finder.look(place)


def _places(root: Place) -> Iterator[Place]:
    """Every place, what contains itself only once, outer before inner."""
    seen: set[frozenset[str]] = set()
    waiting = [root]
    while waiting:
        place = waiting.pop()
        key = frozenset(part.at for part in place.starts)
        if key in seen:
            continue
        seen.add(key)
        yield place
        inner = [place.member(name) for name in place.names]
        waiting += reversed([one for one in [*inner, place.rows] if one is not None])


class _Finder:
    def __init__(self, loading: Loading, filled: frozenset[str] | None) -> None:
        self.loading, self.filled = loading, filled
        self._read: set[str] = set()
        self.found_endless = False

    def tell(self, message: str, at: Place | Part, *, cure: str = "", level: str = "error", below: str = "") -> None:
        """Record a finding at a place or at a part of one."""
        part = at if isinstance(at, Part) else next(iter(at.parts or at.starts), None)
        self.loading.schema_mistake(message, (part.at if part else "") + below, cure=cure, level=level)

    def warn(self, message: str, at: Place | Part, *, cure: str = "", below: str = "") -> None:
        """Record a warning."""
        self.tell(message, at, cure=cure, level="warning", below=below)

    def look(self, place: Place) -> None:
        """Record all findings at one place."""
        self._values(place)
        self._required(place)
        self._own_conditions(place)
        for part in place.parts:
            self._slips(part)
            self._open_if(place, part)
            self._unread(place, part)
            self._discriminator(place, part)
        self._untyped(place)
        self._shared(place)
        self._endless(place)

    def _values(self, place: Place) -> None:
        certain = [part for part in place.parts if part.certain]
        for part in place.parts:
            self._limits(place, [part])
        if len(certain) > 1:
            self._limits(place, certain)
        if any(_is_never(part.schema) for part in certain):
            self.tell(f"{_name(place)} can have no value: nothing is valid there", place, cure="take it out")
        types = [part.schema["type"] for part in certain if "type" in part.schema]
        left = place.kinds - {kind for part in certain for kind in _types_excluded(part.schema)}
        if (types and not place.kinds) or (place.kinds and not left):
            self.tell(f"{_name(place)} can have no value: its types exclude each other", place)
        options: dict[Any, Any] | None = None
        for part in certain:
            values = part.schema.get("enum")
            if isinstance(values, list):
                mine = {numbers.exact(value): value for value in values}
                options = mine if options is None else {key: one for key, one in options.items() if key in mine}
            if "const" in part.schema:
                key = numbers.exact(part.schema["const"])
                options = {key: part.schema["const"]} if options is None or key in options else {}
        if options is None:
            return
        out = {numbers.exact(value) for part in certain for value in _excluded(part.schema)}
        limits = [kept_by(part.schema) for part in certain]
        fitting = [
            one
            for key, one in options.items()
            if key not in out
            and (not types or _fits(kind_of(one), place.kinds))
            and all(keeps(one) for keeps in limits)
        ]
        if not fitting:
            self.tell(
                f"{_name(place)} can have no value: no option is left",
                place,
                cure="compare enum and const with type and limits",
            )

    def _limits(self, place: Place, parts: list[Part]) -> None:
        for found in exclusions(place, parts):
            self.tell(f"{_name(place)} can have no value: {found.why}", found.part, below=found.below)

    def _required(self, place: Place) -> None:
        if place.kinds and not place.is_a("object"):
            return  # there the keyword says nothing
        forbidden = _forbidden(place)
        for name, part in place.required().items():
            at = pointers.child(place.pattern, name)
            if place.member(name) is None and place.rows is None and not forbidden.get(name):
                close = nearest(name, place.names)
                cure = f'did you mean "{close}"?' if close else "describe it in properties, or take it out of required"
                self.tell(f"{at} is required but described nowhere", part, cure=cure, below="/required")
            elif forbidden.get(name):
                self.tell(f"{at} is required, and forbidden", part, cure="take it out of required", below="/required")
            member = place.member(name)
            if self.filled is None or member is None or member.pattern in self.filled or not _is_read_only(member):
                continue
            cure = "compute it in the definition, or take readOnly away"
            self.warn(
                f"{member.pattern} is readOnly and required, but nothing fills it in: it is asked", member, cure=cure
            )

    def _own_conditions(self, place: Place) -> None:
        required = place.required()
        for name in place.names:
            member = place.member(name)
            if member is None or not member.starts:
                continue
            pattern = member.pattern
            if all(any(is_below(read, pattern) for read in part.because) for part in member.starts):
                level = "error" if name in required else "warning"
                cure = "describe it in properties, beside the condition that reads it"
                self.tell(
                    f"{pattern} is described only where it is answered, so it is never asked",
                    member,
                    cure=cure,
                    level=level,
                )
        for part in place.parts:
            for name, inner in _dict(part.schema.get("properties")).items():
                pattern = pointers.pattern_child(place.pattern, name)
                if inner is False and any(is_below(read, pattern) for read in part.because):
                    self.warn(f"{pattern} takes itself away", part, below=pointers.child("/properties", name))

    def _open_if(self, place: Place, part: Part) -> None:
        condition = part.schema.get("if")
        if not isinstance(condition, dict) or not ("then" in part.schema or "else" in part.schema):
            return
        always = place.required(certain=True)
        named = {name for name in condition.get("required", ()) if isinstance(name, str)}
        for name, inner in _dict(condition.get("properties")).items():
            if name in named or name in always or inner is True or inner == {}:
                continue
            cure = f'add "required": ["{name}"] to the if'
            self.warn(f"this if also holds while {name} is not answered", part, cure=cure, below="/if")

    def _unread(self, place: Place, part: Part) -> None:
        """A condition that reads what nobody can answer."""
        condition = part.schema.get("if")
        if not isinstance(condition, dict) or place.rows is not None:
            return
        looks = _dict(condition.get("properties"))
        for name in dict.fromkeys([*looks, *_list(condition.get("required"))]):
            member = place.member(name) if isinstance(name, str) else None
            if member is None:
                cure = remedy(str(name), place.names)
                self.warn(f"this if reads {name}, which is described nowhere", part, cure=cure, below="/if")
                continue
            wanted, known = chosen_of(_dict(looks.get(name))), member.choices
            shown = {text if isinstance(text, str) else numbers.dumps(text): text for text in known}
            texts = [one if isinstance(one, str) else numbers.dumps(one) for one in wanted]
            if wanted and known and not {*map(numbers.exact, wanted)} & {*map(numbers.exact, known)}:
                why = f"this if waits for {name} to be {' or '.join(texts[:3])}, which it never is"
                self.warn(why, part, cure=remedy(texts[0], shown), below="/if")
            elif wanted and member.kinds and not any(_fits(kind_of(one), member.kinds) for one in wanted):
                why = f"this if waits for {name} to be {numbers.dumps(wanted[0])}, which is not of its type"
                self.warn(why, part, cure="write it in that type: true and numbers without quotes", below="/if")

    def _slips(self, part: Part) -> None:
        if part.at not in self._read:
            self._read.add(part.at)
            for slip in slips(part.schema):
                self.warn(slip.why, part, cure=slip.cure, below=pointers.child("", slip.word))

    def _discriminator(self, place: Place, part: Part) -> None:
        for word in ("oneOf", "anyOf"):
            branches = [one for one in _list(part.schema.get(word)) if isinstance(one, dict)]
            if len(branches) < 2 or len(branches) != len(_list(part.schema.get(word))):
                continue
            views = [self._view(place, part, f"{part.at}/{word}/{at}", one) for at, one in enumerate(branches)]
            for name in views[0].names:
                if not all(_is_fixed(view.member(name)) for view in views):
                    continue
                if name not in place.required(certain=True) and not all(name in view.required() for view in views):
                    cure = f'add "required": ["{name}"] to each of them'
                    self.warn(f"{name} tells the branches apart but is not required", part, cure=cure, below=f"/{word}")
                break

    def _view(self, place: Place, part: Part, at: str, branch: Mapping[str, Any]) -> Place:
        """What one branch alone says of *place*."""
        return Place(self.loading.outline, place.pattern, [Part(branch, at, part.because, certain=True)])

    def _untyped(self, place: Place) -> None:
        if place.is_a("array") and place.rows is None:
            self.warn(f"{_name(place)} is a list that does not say what stands in it", place, cure='add "items"')
        words = ("type", "enum", "const")
        if any(word in part.schema for part in place.parts for word in words):
            return
        asked = "a text" if not place.kinds else f"{' or '.join(sorted(place.kinds))}, from the other keywords,"
        self.warn(f"{_name(place)} has no type; {asked} is asked", place, cure='add "type"')

    def _shared(self, place: Place) -> None:
        loose = [Place(self.loading.outline, place.pattern, [start]) for start in place.starts if not start.certain]
        for number, one in enumerate(loose):
            for other in loose[:number]:
                if one.kinds and other.kinds and not any(_fits(kind, other.kinds) for kind in one.kinds):
                    cure = "an answer of one type is lost for the other; give them different names"
                    self.warn(f"{_name(place)} has different types in different branches", one, cure=cure)
                    return

    def _endless(self, place: Place) -> None:
        """A place that always contains itself again has no end (SCH-03)."""
        if self.found_endless:
            return
        start = {part.at for part in place.starts}
        waiting, seen = [place], set[str]()
        while waiting:
            here = waiting.pop()
            for name in here.required(certain=True):
                member = here.member(name)
                if member is None or len(member.pattern) > len(place.pattern) + 2000:
                    continue
                marks = {part.at for part in member.parts if part.certain}
                if start & marks or any(part.at in marks for part in place.parts if part.certain):
                    cure = "make one of the properties on the way optional, or a list"
                    self.tell(f"{_name(place)} contains itself without end", place, cure=cure)
                    self.found_endless = True
                    return
                key = str(sorted(marks))
                if key not in seen:
                    seen.add(key)
                    waiting.append(member)


def _forbidden(place: Place) -> dict[str, bool]:
    """The properties that are forbidden whatever the answers are."""
    found = {}
    names = {*place.required(), *place.names}
    for part in place.parts:
        if not part.certain:
            continue
        members = _dict(part.schema.get("properties"))
        closed = part.schema.get("additionalProperties") is False and "patternProperties" not in part.schema
        excluded = part.schema.get("not")
        alone = excluded.get("required") if isinstance(excluded, dict) and excluded.keys() <= {"required"} else None
        for name in names:
            if members.get(name) is False or (closed and name not in members) or alone == [name]:
                found[name] = True
    return found


def is_filled_in(place: Place) -> bool:
    """Whether the one value of *place* is known, so that nothing is asked where it is required."""
    for part in place.parts:
        if part.certain and ("const" in part.schema or part.schema.get("type") == "null"):
            return part.schema.get("const") is not True
        values = part.schema.get("enum")
        if part.certain and isinstance(values, list) and len(values) == 1:
            return values[0] is not True
    return False


def _is_never(schema: Mapping[str, Any]) -> bool:
    """Whether no value can be valid, as far as one schema says it by itself."""
    if schema.get("not") in ({}, True) or any(one is False for one in _list(schema.get("allOf"))):
        return True
    if any(schema.get(word) and all(one is False for one in _list(schema[word])) for word in ("anyOf", "oneOf")):
        return True
    return is_number(schema.get("minLength")) and schema["minLength"] > MAX_TEXT


def _is_read_only(place: Place) -> bool:
    return any(part.schema.get("readOnly") is True for part in place.parts) and not is_filled_in(place)


def _is_fixed(place: Place | None) -> bool:
    return place is not None and any("const" in part.schema or "enum" in part.schema for part in place.parts)


def _fits(kind: str, kinds: frozenset[str]) -> bool:
    return kind in kinds or (kind == "integer" and "number" in kinds) or (kind == "number" and "integer" in kinds)


def _name(place: Place) -> str:
    return place.pattern or "the root"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _types_excluded(schema: Mapping[str, Any]) -> set[str]:
    """The types that the `not` of *schema* takes away, if that is all that it says."""
    inner = schema.get("not")
    if not isinstance(inner, dict) or "type" not in inner or not inner.keys() <= {"type", "title"}:
        return set()
    found = {inner["type"]} if isinstance(inner["type"], str) else set(inner["type"])
    return found | {"integer"} if "number" in found else found


def _excluded(schema: Mapping[str, Any]) -> list[JsonValue]:
    """The values that the `not` of *schema* takes away, if that is all that it says."""
    inner = schema.get("not")
    if not isinstance(inner, dict):
        return []
    if inner.keys() <= {"const", "title"} and "const" in inner:
        return [inner["const"]]
    values = inner.get("enum") if inner.keys() <= {"enum", "title"} else None
    return values if isinstance(values, list) else []
