"""A form's schema, loaded: references resolved, validators compiled, its parts known by pointer.

Decides whether a document is a schema that we can ask and validate by, and which validator judges what. Leaves to
`nodes` what its parts say, to `applying` what is asked, to `validation` what its errors mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

import jsonschema_rs

from formengine.core import limits, patterns, reference
from formengine.core import pointer as pointers
from formengine.core.branches import groups
from formengine.core.bundling import Bundle, bundle, inner_schemas
from formengine.core.dynamic import dynamic_mistakes
from formengine.core.formats import formats as registered
from formengine.core.misfits import misfit
from formengine.core.nodes import Graph
from formengine.core.pointer import JsonValue
from formengine.errors import DefinitionError

Formats = Mapping[str, Callable[[str], bool]]
MOST_MISTAKES = 100
"""More of them help nobody."""

_CLASSES: dict[str, type[jsonschema_rs.Validator]] = {
    "04": jsonschema_rs.Draft4Validator,
    "06": jsonschema_rs.Draft6Validator,
    "07": jsonschema_rs.Draft7Validator,
    "2019-09": jsonschema_rs.Draft201909Validator,
    "2020-12": jsonschema_rs.Draft202012Validator,
}
_METASCHEMAS = {
    "04": "http://json-schema.org/draft-04/schema#",
    "06": "http://json-schema.org/draft-06/schema#",
    "07": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


class SchemaRefused(DefinitionError):
    """Raised where a schema cannot be loaded; *errors* are all of its mistakes, each with file and pointer."""

    def __init__(self, errors: tuple[DefinitionError, ...]) -> None:
        first = errors[0]
        super().__init__(first.message, file=first.file, pointer=first.pointer, remedy=first.remedy)
        self.errors = errors


class Schema:
    """A schema ready to be asked and to validate.

    *name* is its file's name, *document* as it was published, *bundled* the same with all that it refers to, in
    which every reference is local; *draft* is `04`, `06`, `07`, `2019-09` or `2020-12`; *graph* knows its parts.
    Immutable; the caches that hang on its graph are filled while it is used.
    """

    def __init__(
        self, document: JsonValue, name: str, others: Mapping[str, JsonValue], parts: Bundle, formats: Formats
    ) -> None:
        self.name = name
        self.document = document
        self.draft = parts.draft
        self.bundled = parts.document
        self._parts = parts
        self._others = others
        self._formats = formats
        options: dict[str, Any] = {
            "offline": True,
            "validate_formats": True,
            "formats": dict(formats),
            "pattern_options": patterns.OPTIONS,
        }
        self.validator = _CLASSES[parts.draft](parts.document, **options)
        addressed = parts.document
        if isinstance(addressed, dict) and "$schema" not in addressed:
            addressed = {"$schema": _METASCHEMAS[parts.draft], **addressed}
        self._map = jsonschema_rs.validator_map_for(addressed, **options)
        self.graph = Graph(parts.document, parts.draft, self.validator_at)
        for node in tuple(self.graph.nodes):  # now, not in a request: what kind each choice is
            groups(self.graph, node)

    def __repr__(self) -> str:
        return f"Schema({self.name!r}, draft={self.draft!r})"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that the schema is made of, its own first."""
        return tuple(dict.fromkeys((self.name, *self._parts.homes.values())))

    @classmethod
    def load(
        cls,
        document: JsonValue,
        *,
        name: str,
        others: Mapping[str, JsonValue] | None = None,
        formats: Formats | None = None,
    ) -> Schema:
        """The schema *document*, a file *name* beside the files *others* that it may refer to.

        *formats* are the checks of `format` beyond the standard's; without them, those of the registry.
        Errors: SchemaRefused.
        """
        if formats is None:
            registered.load()
            formats = dict(registered.items())
        parts = bundle(document, name, others or {})
        errors = list(parts.errors)
        if not errors:
            errors += _mistakes(parts)
            errors += dynamic_mistakes(
                {one: document if one == name else (others or {})[one] for one in parts.homes.values()}
            )
        if errors:
            raise SchemaRefused(tuple(errors))
        try:
            loaded = cls(document, name, others or {}, parts, formats)
            loaded.reference  # noqa: B018  now, not at the first submission
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            wrong = DefinitionError(f"the schema cannot be compiled: {type(error).__name__}", file=name)
            raise SchemaRefused((wrong,)) from error
        return loaded

    def validator_at(self, pointer: str) -> jsonschema_rs.Validator:
        """The validator of the subschema at *pointer* of the bundle."""
        found = self._map.get("#" + pointer)
        if found is None:  # a place that only a reference makes a schema
            root = self.bundled if isinstance(self.bundled, dict) else {}
            wrapped = {"$schema": _METASCHEMAS[self.draft], "x-bundle": root, "allOf": [pointers.get(root, pointer)]}
            wrapped = _relocated(wrapped)
            found = _CLASSES[self.draft](wrapped, offline=True, validate_formats=True, formats=dict(self._formats),
                                         pattern_options=patterns.OPTIONS)  # fmt: skip
        return found

    def origin(self, pointer: str) -> tuple[str, str]:
        """The file and the pointer in it of what stands at *pointer* of the bundle."""
        return self._parts.origin(pointer)

    @cached_property
    def reference(self) -> reference.Reference:
        """The second validator, `jsonschema`, over the documents as they were published."""
        return reference.Reference(self.document, self.name, self._others, self.draft, self._formats)

    def is_valid(self, document: JsonValue) -> bool:
        """Whether *document* is valid by this schema, formats asserted."""
        return self.validator.is_valid(document)


def _relocated(value: Any) -> Any:
    """*value* with its local references led below `x-bundle`."""
    if isinstance(value, dict):
        moved = {key: _relocated(member) for key, member in value.items()}
        target = moved.get("$ref")
        if isinstance(target, str) and target.startswith("#"):
            moved["$ref"] = "#/x-bundle" + target[1:]
        return moved
    return [_relocated(member) for member in value] if isinstance(value, list) else value


def _mistakes(parts: Bundle) -> list[DefinitionError]:
    """What is wrong with the bundle: against its metaschema, in its size, in its patterns. Mends patterns."""
    found: list[DefinitionError] = []
    meta = _CLASSES[parts.draft]({"$ref": _METASCHEMAS[parts.draft]}, offline=True)
    for error in islice(meta.iter_errors(parts.document), MOST_MISTAKES):
        at = pointers.build(error.instance_path)
        message, remedy = misfit(error.instance_path, pointers.get(parts.document, at), error.kind.name)
        file, pointer = parts.origin(at)
        found.append(DefinitionError(message, file=file, pointer=pointer, remedy=remedy))
    for breach in () if found else limits.breaches(parts.document, parts.draft):
        file, pointer = parts.origin(breach.pointer)
        found.append(DefinitionError(breach.message, file=file, pointer=pointer, remedy=breach.remedy))
    if found:
        return found
    waiting: list[tuple[str, JsonValue]] = [("", parts.document)]
    while waiting:
        pointer, schema = waiting.pop()
        if isinstance(schema, dict):
            found += _mend(parts, pointer, schema)
            waiting += [(pointer + pointers.build(tokens), inner) for tokens, inner in inner_schemas(schema)]
    return found


def _mend(parts: Bundle, pointer: str, schema: dict[str, JsonValue]) -> list[DefinitionError]:
    found: list[DefinitionError] = []

    def refuse(at: str) -> None:
        file, place = parts.origin(at)
        remedy = "write it as ECMA-262 has it, escape - [ ] { } that stand for themselves"
        found.append(DefinitionError("the pattern cannot be read", file=file, pointer=place, remedy=remedy))

    if isinstance(schema.get("pattern"), str):
        try:
            schema["pattern"] = patterns.mended(schema["pattern"])
        except ValueError:
            refuse(f"{pointer}/pattern")
    named = schema.get("patternProperties")
    if isinstance(named, dict):
        for text in list(named):
            try:
                patterns.mended(text)
                patterns.matcher(text)
            except ValueError:
                refuse(pointers.child(f"{pointer}/patternProperties", text))
    return found
