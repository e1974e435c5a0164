"""What a `$ref` names: inside its document, or in another one that was given by file name.

Decides that nothing is ever fetched (SCH-01): a reference that leads nowhere is simply not found. Leaves to
`core.outline` what the schema at its end describes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from formengine.core import pointer as pointers
from formengine.core.pointer import ABSENT, JsonValue

_OLD = ("draft-03", "draft-04", "draft-06", "draft-07")  # keywords beside $ref are dead there


class References:
    """The references of *document*. *others* are the schemas that it may refer to, by file name."""

    def __init__(self, document: JsonValue, name: str, others: Mapping[str, JsonValue] | None = None) -> None:
        self.name = name
        self._documents: dict[str, JsonValue] = {**(others or {}), name: document}
        self._indexes: dict[str, dict[str, str]] = {}

    def resolve(self, document: str, reference: str) -> tuple[str, str, JsonValue] | None:
        """Document, pointer and value of what *reference* names from within *document*, or None."""
        target, _, fragment = reference.partition("#")
        fragment = unquote(fragment)
        base = ""
        if target:
            found = self._document(document, target)
            if found is None:
                return None
            document, base = found
        if fragment and not fragment.startswith("/"):
            anchor = self._index(document).get("#" + fragment)
            if anchor is None:
                return None
            base, fragment = anchor, ""
        at = base + fragment
        value = pointers.get(self._documents[document], at)
        return None if value is ABSENT else (document, at, value)

    def reached(self) -> tuple[str, ...]:
        """Names of the documents that the root refers to, itself included, sorted."""
        seen = {self.name}
        waiting = [self.name]
        while waiting:
            here = waiting.pop()
            for schema in _mappings(self._documents[here]):
                reference = schema.get("$ref")
                found = self.resolve(here, reference) if isinstance(reference, str) else None
                if found and found[0] not in seen:
                    seen.add(found[0])
                    waiting.append(found[0])
        return tuple(sorted(seen))

    def document(self, name: str) -> JsonValue:
        """The document of that name."""
        return self._documents[name]

    def is_old(self, document: str) -> bool:
        """Whether *document* is of a draft in which keywords beside `$ref` say nothing."""
        value = self._documents[document]
        draft = value.get("$schema", "") if isinstance(value, dict) else ""
        return isinstance(draft, str) and any(old in draft for old in _OLD)

    def _document(self, here: str, target: str) -> tuple[str, str] | None:
        beside = normpath(join(dirname(here), target))
        for name in (beside, target):
            if name in self._documents:
                return name, ""
        for name in self._documents:
            at = self._index(name).get(target.rstrip("#"))
            if at is not None:
                return name, at
        last = target.rpartition("/")[2]
        for name in self._documents:
            own = self._documents[name].get("$id", "") if isinstance(self._documents[name], dict) else ""
            if isinstance(own, str) and own.rpartition("/")[2] == last and "/" in own and "://" not in target:
                return name, ""
        return None

    def _index(self, name: str) -> dict[str, str]:
        """Pointers of what *name* gives an id or an anchor."""
        if name not in self._indexes:
            index: dict[str, str] = {}
            waiting: list[tuple[str, JsonValue]] = [("", self._documents[name])]
            while waiting:
                at, value = waiting.pop()
                if isinstance(value, dict):
                    for key in ("$id", "id"):
                        own = value.get(key)
                        if isinstance(own, str):
                            index.setdefault(own if own.startswith("#") else own.rstrip("#"), at)
                    for key in ("$anchor", "$dynamicAnchor"):
                        if isinstance(value.get(key), str):
                            index.setdefault("#" + value[key], at)
                    waiting += [(pointers.child(at, key), member) for key, member in value.items()]
                elif isinstance(value, list):
                    waiting += [(f"{at}/{place}", member) for place, member in enumerate(value)]
            self._indexes[name] = index
        return self._indexes[name]


def _mappings(value: JsonValue) -> Iterator[Mapping[str, JsonValue]]:
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield here
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
