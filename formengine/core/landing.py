"""Where an error of the schema is mended: from the validator's errors to the controls that are asked.

Decides which of an error's readings concerns the applicant (those of the branch that was picked), and at which asked
control it lands (form-language, rule 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from formengine.core import pointer as pointers
from formengine.core.applying import PICKS, Asked, Evaluation, Role
from formengine.core.branches import Group, Kind, groups
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.values import closure, type_of

Found = tuple[str, str, Mapping[str, JsonValue]]
"""Pointer, keyword, and its limits."""

_LIMITS = {
    "minLength": "limit", "maxLength": "limit", "minimum": "limit", "maximum": "limit", "exclusiveMinimum": "limit",
    "exclusiveMaximum": "limit", "minItems": "limit", "maxItems": "limit", "minProperties": "limit",
    "maxProperties": "limit", "multipleOf": "multiple_of", "format": "format", "pattern": "pattern", "type": "types",
    "additionalItems": "limit",
}  # fmt: skip


_FOLLOW_UPS = frozenset({"unevaluatedProperties", "unevaluatedItems"})


class Landing:
    """The controls of one evaluation, by where they can mend something."""

    def __init__(self, e: Evaluation) -> None:
        self._e = e
        self._document = e.document
        self._within: dict[str, list[Asked]] = {}
        for asked in e.asked:
            if asked.role is not Role.COMPUTED:
                pointer = asked.pointer
                while pointer:
                    pointer = pointers.parent(pointer)
                    self._within.setdefault(pointer, []).append(asked)

    def errors(self) -> Iterator[Found]:
        """What the schema finds wrong with E, read as the applicant's picks have it."""
        found = list(self._read(self._e.form.schema.validator.iter_errors(self._document)))
        # A property whose own subschema fails counts as unevaluated: a follow-up, no fault of its own.
        yield from [one for one in found if one[1] not in _FOLLOW_UPS] or found

    def control(self, pointer: str, code: str = "") -> tuple[str, str, bool]:
        """Pointer and name of the control that mends *pointer*, and whether that is only the nearest container."""
        e = self._e
        here = e.asked_as(pointer) or e.asked_at(pointer)
        if here is not None and here.role is Role.COMPUTED:
            here = None
        picked = here is not None and here.role in PICKS and here.value is not ABSENT and here.control != pointer
        below = self._within.get(pointer, ()) if here is None or picked else ()
        if here is not None and not below:
            return here.pointer, here.control, False
        if below:
            needed = code in {"required", "minProperties"}
            first = next((a for a in below if needed and a.required and a.value is ABSENT), None)
            first = first or next((a for a in below if a.required), below[0])
            return first.pointer, first.control, False
        while pointer:
            pointer = pointers.parent(pointer)
            here = e.asked_at(pointer)
            if here is not None and here.role is not Role.COMPUTED:
                return here.pointer, here.control, True
            inside = self._within.get(pointer)
            if inside:
                return inside[0].pointer, inside[0].control, True
        first_of_all = next((a for a in e.asked if a.role is not Role.COMPUTED), None) or next(iter(e.asked), None)
        return (first_of_all.pointer, first_of_all.control, True) if first_of_all else ("", ":", True)

    def _read(self, errors: Iterable[Any]) -> Iterator[Found]:
        for error in errors:
            yield from self._one(error)

    def _one(self, error: Any) -> Iterator[Found]:
        kind = error.kind
        code = kind.name
        at = pointers.build(error.instance_path)
        if code in {"oneOf", "anyOf"}:
            yield from self._group(error, at, code)
        elif code == "required":
            yield from self._required(pointers.child(at, kind.property))
        elif code == "minItems" and self._e.asked_at(at) is None and (due := self._due(at)):
            yield from due
        elif code in {"additionalProperties", "unevaluatedProperties"}:
            for name in kind.unexpected:
                yield pointers.child(at, name), code, {}
        elif code == "propertyNames":
            name = getattr(kind.error, "instance", "")
            yield (pointers.child(at, name) if isinstance(name, str) else at), code, {}
        elif code == "not":
            yield from self._not(error, at)
        else:
            limit = getattr(kind, _LIMITS[code], None) if code in _LIMITS else None
            yield at, code, {} if limit is None else {"limit": limit}

    def _required(self, at: str) -> Iterator[Found]:
        """A missing property; of an object that is not asked itself, the leaves that it requires."""
        if self._e.asked_at(at) is None:
            due = self._due(at)
            if due:
                yield from due
                return
        yield at, "required", {}

    def _due(self, at: str) -> list[Found]:
        """The required answers below *at* that are not given."""
        return [
            (asked.pointer, "required", {})
            for asked in self._within.get(at, ())
            if asked.required and asked.value is ABSENT
        ]

    def _not(self, error: Any, at: str) -> Iterator[Found]:
        schema = getattr(error.kind, "schema", None)
        names = list(_named(schema)) if isinstance(schema, dict) else []
        value = pointers.get(self._document, at)
        if isinstance(value, dict) and names:
            given = [name for name in names if name in value]
            for name in given or names:
                yield pointers.child(at, name), "not", {"names": [pointers.child(at, one) for one in names]}
            return
        yield at, "not", {}

    # Branches

    def _group(self, error: Any, at: str, code: str) -> Iterator[Found]:
        context: list[list[Any]] = error.kind.context
        group = self._find(error, code)
        value = pointers.get(self._document, at)
        if group is None or group.kind is Kind.ALL:
            yield from self._shared(context, at, code)
        elif group.kind is Kind.VALUES:
            yield at, "enum", {}
        elif group.kind is Kind.TYPES:
            places = [
                n for n, types in zip(group.numbers, group.types, strict=True) if types and type_of(value) in types
            ]
            yield from self._picked(context, places, at, code)
        elif group.kind is Kind.BARE:
            yield from self._bare(context, at, code, group)
        elif group.kind is Kind.DISCRIMINATED:
            yield from self._discriminated(context, at, code, group, value)
        else:
            control = self._branch_control(group, at)
            picks = control.value if control is not None else ABSENT
            places = picks if isinstance(picks, list) else [] if picks is ABSENT else [picks]
            if places and any(context[place] for place in places if place < len(context)):
                yield from self._picked(context, places, at, code)
            else:
                yield f"{at}:branch" if control else at, "required" if control and not places else code, {}

    def _find(self, error: Any, code: str) -> Group | None:
        graph = self._e.form.schema.graph
        path = list(error.schema_path)
        if not path or path[-1] != code:
            return None
        node = graph.at(pointers.build(path[:-1]))
        return next((group for group in groups(graph, node) if group.word == code), None)

    def _branch_control(self, group: Group, at: str) -> Asked | None:
        here = [asked for asked in self._e.asked if asked.pointer == at and asked.role is Role.BRANCH]
        options = [o.value for o in self._options(here[0])] if here else []
        if len(here) == 1 and options == list(group.numbers):
            return here[0]
        return next(
            (asked for asked in here if asked.control.endswith(f"branch{group.number + 2}")), here[0] if here else None
        )

    def _options(self, asked: Asked) -> tuple[Any, ...]:
        question = asked.question.items or asked.question
        return question.options or ()

    def _discriminated(
        self, context: list[list[Any]], at: str, code: str, group: Group, value: JsonValue
    ) -> Iterator[Found]:
        here = pointers.child(at, group.name)
        picked = group.told(value)
        if picked is None:
            if group.required:
                yield here, "required", {}
            else:
                shared = list(self._common(context))
                yield from shared or [(here, code, {})]
            return
        places = [group.numbers[place] for place in picked]
        if places and any(context[place] for place in places if place < len(context)):
            yield from self._picked(context, places, at, code)
        else:
            yield here, "enum" if not places else code, {}

    def _picked(self, context: list[list[Any]], places: Iterable[int], at: str, code: str) -> Iterator[Found]:
        found = False
        for place in places:
            for one in self._read(context[place] if place < len(context) else ()):
                found = True
                yield one
        if not found:
            yield at, code, {}

    def _bare(self, context: list[list[Any]], at: str, code: str, group: Group) -> Iterator[Found]:
        """`oneOf`/`anyOf` of constraints: every property that one of them wants; if several hold, those given."""
        value = pointers.get(self._document, at)
        wanted = list(
            dict.fromkeys(name for branch in group.branches for node in closure(branch) for name in node.required)
        )
        if isinstance(value, dict) and wanted:
            names = [pointers.child(at, name) for name in wanted]
            valid = sum(not errors for errors in context)
            some = [pointers.child(at, name) for name in wanted if (name in value) is (valid > 1)] or names
            for name in some:
                yield name, code, {"names": names}
            return
        yield from self._shared(context, at, code)

    def _shared(self, context: list[list[Any]], at: str, code: str) -> Iterator[Found]:
        shared = list(self._common(context))
        yield from shared or [(at, code, {})]

    def _common(self, context: list[list[Any]]) -> Iterator[Found]:
        """The errors that all branches have: same place, same keyword."""
        readings = [list(self._read(errors)) for errors in context]
        if not readings or not all(readings):
            return
        for at, code, params in readings[0]:
            if all((at, code, params) in other for other in readings[1:]):
                yield at, code, params


def _named(schema: Mapping[str, JsonValue]) -> Iterator[str]:
    """The properties that a `not` speaks of."""
    yield from schema.get("required") or ()
    yield from schema.get("properties") or {}
    for word in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(word) or ():
            if isinstance(inner, dict):
                yield from _named(inner)


__all__ = ["PICKS", "Found", "Landing"]
