"""One document out of a schema and those that it refers to: every `$ref` in it names a place within it.

Decides what a reference means, by `$id`, anchor or file name, in the drafts 04 to 2020-12, and refuses what leads
out of the given documents (SCH-01). Leaves compiling to `schemas`. The bundle means what the documents mean, so that
every subschema has one pointer, by which validators, questions and errors find each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import dirname, relpath
from typing import Any, Final
from urllib.parse import quote, unquote
from urllib.parse import urljoin as _urljoin

from formengine.core import pointer as pointers
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.spelling import nearest
from formengine.errors import DefinitionError

DRAFTS: Final = {
    "http://json-schema.org/draft-04/schema": "04",
    "http://json-schema.org/draft-06/schema": "06",
    "http://json-schema.org/draft-07/schema": "07",
    "https://json-schema.org/draft/2019-09/schema": "2019-09",
    "https://json-schema.org/draft/2020-12/schema": "2020-12",
}
OLD_DRAFTS: Final = frozenset({"04", "06", "07"})
"""In these, what stands beside `$ref` is dead but for its wording."""
MOST_NODES: Final = 20_000
"""Subschemas of one form, references followed once (SCH-02)."""

_SINGLE: Final = (
    "items", "additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else",
    "unevaluatedItems", "unevaluatedProperties", "contentSchema",
)  # fmt: skip
_LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_MAPS: Final = ("properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies")
_BASE: Final = "https://schemas.invalid/"  # never a real host (RFC 6761); urljoin knows no schemes of ours


def draft_of(document: JsonValue) -> str | None:
    """The draft that *document* names, 2020-12 if it names none, or None for one that is not known."""
    named = document.get("$schema") if isinstance(document, dict) else None
    if named is None:
        return "2020-12"
    if not isinstance(named, str):
        return None
    named = named.rstrip("#").rstrip("/")
    return DRAFTS.get(named) or DRAFTS.get(named.replace("http://", "https://"))


def urljoin(base: str, reference: str) -> str:
    """*reference* as it is read at *base*; where it is no address at all, one that nothing has."""
    try:
        return _urljoin(base, reference)
    except ValueError:
        return f"{_BASE}?{quote(reference)}"


def published_beside(documents: Mapping[str, JsonValue], first: str) -> Iterator[tuple[str, str]]:
    """Addresses at which *documents* can be named: what stands beside a file stands beside its published id too.

    Shape: (URI, file name); the ids of *first* come first.
    """
    for name in (first, *documents):
        document = documents[name]
        own = document.get("$id", document.get("id")) if isinstance(document, dict) else None
        if isinstance(own, str) and "://" in own:
            yield own.rstrip("#"), name
            for other in documents:
                yield urljoin(own, quote(relpath(other, dirname(name) or "."))), other


def local_target(reference: str) -> str:
    """The pointer that a reference of a bundle names."""
    return unquote(reference[1:])


def inner_schemas(schema: Mapping[str, JsonValue]) -> Iterator[tuple[tuple[str, ...], JsonValue]]:
    """Each subschema directly within *schema*, with the tokens that lead to it."""
    for word in _SINGLE:
        if isinstance(schema.get(word), dict | bool):
            yield (word,), schema[word]
    for word in _LISTS:
        members = schema.get(word)
        if isinstance(members, list):
            for place, inner in enumerate(members):
                if isinstance(inner, dict | bool):
                    yield (word, str(place)), inner
    for word in _MAPS:
        members = schema.get(word)
        if isinstance(members, dict):
            for name, inner in members.items():
                if isinstance(inner, dict | bool):
                    yield (word, name), inner


@dataclass(slots=True)
class _Place:
    """A subschema in one of the documents; *base* is the URI against which its references are read."""

    document: str
    pointer: str
    schema: dict[str, JsonValue]
    base: str


@dataclass(slots=True)
class Bundle:
    """The bundled document, and where each of its parts comes from. *errors* are the references that fail."""

    document: JsonValue
    draft: str
    homes: dict[str, str] = field(default_factory=dict)
    errors: list[DefinitionError] = field(default_factory=list)

    def origin(self, pointer: str) -> tuple[str, str]:
        """The file's name and the pointer in it of what stands at *pointer* in the bundle."""
        for home, name in self.homes.items():
            if home and pointers.is_below(pointer, home):
                return name, pointer[len(home) :]
        return self.homes[""], pointer


def bundle(document: JsonValue, name: str, others: Mapping[str, JsonValue]) -> Bundle:
    """*document* with all that it reaches in *others* (by path beside it) in one, all references local."""
    draft = draft_of(document)
    if draft is None:
        wrong = DefinitionError("this $schema is not known", file=name, pointer="/$schema", remedy="use draft 2020-12")
        return Bundle(True, "2020-12", {"": name}, [wrong])
    return _Bundler(document, name, others, draft).run()


class _Bundler:
    def __init__(self, document: JsonValue, name: str, others: Mapping[str, JsonValue], draft: str) -> None:
        self.name, self.draft = name, draft
        self.sources: dict[str, JsonValue] = {**others, name: document}
        self.copies: dict[str, JsonValue] = {}
        self.places: list[_Place] = []
        self.seen: set[tuple[str, str]] = set()
        self.resources: dict[str, tuple[str, str]] = {}
        self.bundle = Bundle(True, draft, {"": name})

    def run(self) -> Bundle:
        for other in self.sources:
            self.resources[urljoin(_BASE, quote(other))] = (other, "")
        for uri, name in published_beside(self.sources, self.name):
            self.resources.setdefault(uri, (name, ""))
        for other in self.sources:
            self._open(other)
        at = 0
        targets: list[tuple[_Place, str, tuple[str, str]]] = []
        while at < len(self.places):
            place = self.places[at]
            at += 1
            for word in ("$ref", "$dynamicRef", "$recursiveRef"):
                reference = place.schema.get(word)
                if isinstance(reference, str):
                    target = self._resolve(place, reference)
                    if target:
                        targets.append((place, word, target))
        self._assemble(targets)
        return self.bundle

    def _open(self, name: str) -> None:
        source = self.sources[name]
        self.copies[name] = _copy(source)
        says = isinstance(source, dict) and "$schema" in source
        if says and name != self.name and draft_of(source) != self.draft:
            self._mistake(name, "/$schema", f"this schema is of another draft than {self.name}", "use one draft")
        self._walk(name, "", self.copies[name], urljoin(_BASE, quote(name)))

    def _walk(self, name: str, pointer: str, schema: JsonValue, base: str) -> None:
        waiting = [(pointer, schema, base)]
        while waiting:
            pointer, here, base = waiting.pop()
            if not isinstance(here, dict) or (name, pointer) in self.seen:
                continue
            self.seen.add((name, pointer))
            if len(self.places) > 4 * MOST_NODES:
                self._mistake(name, pointer, "the schema has too many parts", "divide it")
                return
            base = self._identify(name, pointer, here, base)
            self.places.append(_Place(name, pointer, here, base))
            inner = [(pointer + pointers.build(tokens), sub, base) for tokens, sub in inner_schemas(here)]
            waiting += reversed(inner)

    def _identify(self, name: str, pointer: str, schema: dict[str, JsonValue], base: str) -> str:
        dead = "$ref" in schema and self.draft in OLD_DRAFTS
        for word in ("$id", "id"):
            own = schema.get(word)
            if not isinstance(own, str) or (word == "id") != (self.draft == "04"):
                continue
            del schema[word]
            if dead:
                continue
            if own.startswith("#"):
                self.resources.setdefault(base.partition("#")[0] + own, (name, pointer))
            elif pointer or ":" in own:
                base = urljoin(base, own).rstrip("#")
                self.resources.setdefault(base, (name, pointer))
        for word in ("$anchor", "$dynamicAnchor"):
            anchor = schema.pop(word, None)
            if isinstance(anchor, str):
                self.resources.setdefault(f"{base.partition('#')[0]}#{anchor}", (name, pointer))
        for word in ("$recursiveAnchor", "$vocabulary"):
            schema.pop(word, None)
        if pointer or name != self.name:
            schema.pop("$schema", None)
        return base

    def _resolve(self, place: _Place, reference: str) -> tuple[str, str] | None:
        uri, _, fragment = urljoin(place.base, reference).partition("#") if reference else (place.base, "", "")
        if reference.startswith("#"):  # urljoin drops an empty fragment and knows no schemes of others
            uri, fragment = place.base.partition("#")[0], reference[1:]
        fragment = unquote(fragment)
        found = self.resources.get(f"{uri}#{fragment}") if fragment and not fragment.startswith("/") else None
        if found is None and (not fragment or fragment.startswith("/")):
            found = self.resources.get(uri) or self.resources.get(unquote(uri))
            if found:
                found = (found[0], found[1] + fragment)
        target = pointers.get(self.copies[found[0]], found[1]) if found else ABSENT
        if found is None or not isinstance(target, dict | bool):
            remote = "://" in reference or reference.startswith("//")
            message = f"the reference {reference!r} leads nowhere"
            close = self._near(*found) if found else ""
            remedy = f"did you mean {close!r}?" if close else "name a schema that exists"
            remedy = "nothing is fetched: put the schema into schemas/common/" if remote else remedy
            self._mistake(place.document, place.pointer, message, remedy)
            return None
        if found not in self.seen and isinstance(target, dict):
            self._walk(found[0], found[1], target, urljoin(_BASE, quote(found[0])))
        return found

    def _near(self, document: str, pointer: str) -> str:
        """The reference to what stands beside *pointer* and is spelled most like it, or ""."""
        above, name = pointers.parent(pointer), (pointers.parse(pointer) or ("",))[-1]
        beside = pointers.get(self.copies[document], above)
        close = nearest(name, beside) if isinstance(beside, dict) else ""
        return f"#{pointers.child(above, close)}" if close else ""

    def _assemble(self, targets: list[tuple[_Place, str, tuple[str, str]]]) -> None:
        reached, waiting = {self.name}, [self.name]
        while waiting:
            here = waiting.pop()
            for place, _, target in targets:
                if place.document == here and target[0] not in reached:
                    reached.add(target[0])
                    waiting.append(target[0])
        root = self.copies[self.name]
        home = {self.name: ""}
        word = "definitions" if self.draft in OLD_DRAFTS else "$defs"
        for other in sorted(reached - {self.name}):
            container = root.setdefault(word, {})
            key = other
            while key in container:
                key += "_"
            container[key] = self.copies[other]
            home[other] = pointers.build((word, key))
            self.bundle.homes[home[other]] = other
        for place, word, target in targets:
            if place.document in reached:
                del place.schema[word]
                place.schema["$ref"] = "#" + quote(home[target[0]] + target[1], safe="/~!$&'()*+,;=:@-._")
        self.bundle.errors = [error for error in self.bundle.errors if error.file in reached]
        self.bundle.document = root

    def _mistake(self, file: str, pointer: str, message: str, remedy: str) -> None:
        self.bundle.errors.append(DefinitionError(message, file=file, pointer=pointer, remedy=remedy))


def _copy(value: JsonValue) -> Any:
    if isinstance(value, dict):
        return {key: _copy(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_copy(member) for member in value]
    return value
