"""Which keys a form definition has and what stands at each: the tables of form-language, "The definition".

Decides the shape alone: unknown keys, missing ones, wrong types, each with its place and what to do. What the
values mean is for `core.loading` and its siblings. `schemas/form-definition.schema.json` says the same; a test
compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from formengine.core import pointer as pointers
from formengine.core.pointer import JsonValue
from formengine.core.source import Source
from formengine.core.spelling import nearest, remedy
from formengine.errors import DefinitionError

MAX_TEXT = 10_000  # SCH-02
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Key:
    """What stands at a key: *kind* is a simple kind, or the name of another table; *many*: a list of them."""

    kind: str
    required: bool = False
    many: bool = False


_TEXT, _NEED, _AT = Key("text"), Key("text", required=True), Key("pointer")

TABLES: Mapping[str, Mapping[str, Key]] = {
    "form": {
        "$schema": _TEXT, "id": _NEED, "version": _NEED, "schema": _NEED, "title": _NEED,
        "languages": Key("tag", many=True), "minutes": Key("count"), "start": _TEXT, "from": Key("text", many=True),
        "quick": _TEXT,
        "steps": Key("step", many=True), "proofs": Key("proof", many=True), "checks": Key("check", many=True),
        "computed": Key("computed", many=True), "declarations": Key("declaration", many=True),
        "retention": Key("retention"),
    },
    "step": {
        "id": Key("id", required=True), "title": _NEED, "fields": Key("field", many=True),
        "steps": Key("step", many=True), "body": _TEXT, "when": _TEXT, "repeat": _AT, "itemTitle": _TEXT,
        "fixed": Key("count"), "hint": _TEXT, "help": _TEXT, "video": Key("video"),
    },
    "field": {
        "field": Key("pointer", required=True), "label": _TEXT, "hint": _TEXT, "help": _TEXT, "why": _TEXT,
        "widget": _TEXT, "autocomplete": _TEXT, "inputmode": _TEXT, "width": _TEXT, "options": Key("texts"),
        "messages": Key("texts"), "fills": Key("texts"), "sensitive": Key("bool"),
    },
    "proof": {
        "id": Key("id", required=True), "title": _NEED, "each": _AT, "when": _TEXT, "reason": _TEXT, "hint": _TEXT,
        "required": Key("bool"), "accept": Key("media", many=True), "maxFiles": Key("count"), "at": _AT,
    },
    "check": {"rule": _NEED, "at": Key("pointer", required=True), "message": _NEED, "each": _AT, "level": Key("level")},
    "computed": {"at": Key("pointer", required=True), "value": _NEED, "each": _AT},
    "declaration": {"id": Key("id", required=True), "text": _NEED, "required": Key("bool"), "when": _TEXT},
    "video": {
        "src": _NEED, "captions": Key("texts", required=True), "transcript": _NEED, "title": _TEXT, "poster": _TEXT,
        "signLanguage": _TEXT,
    },
    "retention": {"draftDays": Key("days", required=True)},
}  # fmt: skip

_TESTS: Mapping[str, tuple[Callable[[JsonValue], bool], str]] = {
    "text": (lambda v: isinstance(v, str) and 0 < len(v) <= MAX_TEXT, f"a text of 1 to {MAX_TEXT} characters"),
    "pointer": (lambda v: isinstance(v, str) and len(v) <= MAX_TEXT, 'a pointer, as in "/applicant/name"'),
    "id": (
        lambda v: isinstance(v, str) and len(v) <= 64 and bool(_ID.fullmatch(v)),
        "an id: up to 64 lower-case letters, digits and single hyphens",
    ),
    "tag": (lambda v: isinstance(v, str) and bool(_TAG.fullmatch(v)), 'a language, as in "de", "uk" or "de-x-ls"'),
    "media": (lambda v: isinstance(v, str) and bool(_MEDIA.fullmatch(v)), 'a kind of file, as in "application/pdf"'),
    "bool": (lambda v: isinstance(v, bool), "true or false"),
    "count": (lambda v: isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 1000, "a number from 1 to 1000"),
    "days": (lambda v: isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 90, "a number of days, 1 to 90"),
    "level": (lambda v: v in ("error", "warning"), '"error" or "warning"'),
    "texts": (
        lambda v: isinstance(v, dict) and all(isinstance(one, str) and len(one) <= MAX_TEXT for one in v.values()),
        "an object whose values are texts",
    ),
}


def check_keys(source: Source) -> Iterator[DefinitionError]:
    """All that is wrong with the keys of the definition *source* and the types of their values."""
    yield from _object(source, "", source.value, "form")


def _object(source: Source, pointer: str, value: JsonValue, table: str) -> Iterator[DefinitionError]:
    keys = TABLES[table]
    if not isinstance(value, dict):
        article = "an" if table[0] in "aeiou" else "a"
        yield source.error(f"here stands no {table}", pointer, remedy=f"{article} {table} is an object in {{ }}")
        return
    unknown = [name for name in value if name not in keys]
    missing = [name for name, key in keys.items() if key.required and name not in value]
    for name in unknown:
        cure = remedy(name, keys, otherwise=f"there is: {', '.join(sorted(keys))}")
        meant = nearest(name, keys) or (missing[0] if len(missing) == len(unknown) == 1 else "")
        if meant in missing:  # written under another name: that is one mistake, not two
            missing.remove(meant)
            cure = f'did you mean "{meant}"?'
        yield source.error(f'a {table} has no key "{name}"', pointers.child(pointer, name), key=True, remedy=cure)
    for name, key in keys.items():
        at = pointers.child(pointer, name)
        if name not in value:
            if name in missing:
                yield source.error(f'the key "{name}" is missing in this {table}', pointer, remedy=f'add "{name}": …')
        elif not key.many:
            yield from _one(source, at, name, value[name], key.kind)
        elif not isinstance(value[name], list):
            yield source.error(f'"{name}" is a list', at, remedy="put it into [ ]")
        else:
            for place, one in enumerate(value[name]):
                yield from _one(source, f"{at}/{place}", name, one, key.kind)


def _one(source: Source, at: str, name: str, value: JsonValue, kind: str) -> Iterator[DefinitionError]:
    if kind in TABLES:
        if kind == "field" and isinstance(value, str):
            return
        yield from _object(source, at, value, kind)
        return
    test, words = _TESTS[kind]
    if not test(value):
        yield source.error(f'"{name}" is to be {words}', at, remedy="write it that way")
