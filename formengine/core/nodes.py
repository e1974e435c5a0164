"""The parts of a schema: one `Node` a subschema, linked as they describe, and what each condition reads.

Decides how the keywords of all drafts map to one structure. Leaves what they mean together to `merging`, which
branches exclude each other to `branches`, and what applies to `applying`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

import jsonschema_rs

from formengine.core import patterns
from formengine.core import pointer as pointers
from formengine.core.bundling import OLD_DRAFTS
from formengine.core.pointer import ABSENT, JsonValue

Reads = tuple[int, tuple[tuple[str, Any], ...]]
"""What a condition looks at: whether at the value itself (1) and all within it (2), and at what within it by name
(`*`: every row)."""
NOTHING: Final[Reads] = (0, ())
HERE: Final[Reads] = (1, ())
WHOLE: Final[Reads] = (2, ())
ROWS: Final[Reads] = (0, (("*", WHOLE),))


def join(one: Reads, other: Reads) -> Reads:
    """All that either of the two looks at."""
    if other in (one, NOTHING):
        return one
    if one == NOTHING:
        return other
    members = dict(one[1])
    for name, reads in other[1]:
        members[name] = join(members[name], reads) if name in members else reads
    return (max(one[0], other[0]), tuple(sorted(members.items())))


def within(reads: Reads | None, name: str) -> Reads | None:
    """What of *reads* concerns the member *name*; None if nothing."""
    if reads is None:
        return None
    inner = next((inner for member, inner in reads[1] if member == name), None)
    return inner if reads[0] < 2 else join(inner or NOTHING, WHOLE)


MADE: Final = "?"
"""The pointer of nodes that stand in no schema."""


class Condition:
    """An `if`: its validator, what it reads, and by which names of the object it stands in (None: the whole)."""

    __slots__ = ("names", "otherwise", "reads", "then", "validator")

    def __init__(
        self,
        validator: jsonschema_rs.Validator,
        reads: Reads,
        names: frozenset[str] | None,
        then: Node | None,
        otherwise: Node | None,
    ) -> None:
        self.validator, self.reads, self.names = validator, reads, names
        self.then, self.otherwise = then, otherwise

    def outcome(self, document: JsonValue, _pick: object = None) -> bool | None:
        """Whether it holds for *document*; None where nothing is there yet (rule 4)."""
        if document is ABSENT:
            return None
        names = self.names
        if names is not None and isinstance(document, dict) and len(document) > len(names):
            document = {name: document[name] for name in names if name in document}
        return self.validator.is_valid(document)


class Node:
    """One subschema. *never* says that it is `false`; *blank* that it says nothing (`true`, `{}`).

    *own* are the keywords that count for a value of its own (all but those that lead elsewhere); *title* and
    *description* are wording, which stands also beside a dead `$ref`. *groups* are `oneOf` and `anyOf` as they stand:
    keyword and branches. *no_fill* marks made nodes whose single value is never filled in; *choices* are the values
    of a made node, with labels, or None; *loose* marks made nodes that count only where nothing else describes a place.
    """

    __slots__ = (
        "additional", "all_of", "blank", "choices", "condition", "dependent_required", "dependent_schemas",
        "groups", "id", "items", "loose", "never", "no_fill", "own", "patterns", "pointer", "prefix", "properties",
        "ref", "required", "types", "unevaluated", "unevaluated_items", "wording",
    )  # fmt: skip

    def __init__(self, number: int, pointer: str) -> None:
        self.id = number
        self.pointer = pointer
        self.never = False
        self.blank = False
        self.no_fill = False
        self.loose = False
        self.own: Mapping[str, JsonValue] = {}
        self.wording: Mapping[str, JsonValue] = {}
        self.types: frozenset[str] | None = None
        self.choices: tuple[tuple[JsonValue, str], ...] | None = None
        self.ref: Node | None = None
        self.all_of: tuple[Node, ...] = ()
        self.condition: Condition | None = None
        self.dependent_schemas: tuple[tuple[str, Node], ...] = ()
        self.dependent_required: tuple[tuple[str, tuple[str, ...]], ...] = ()
        self.groups: tuple[tuple[str, tuple[Node, ...]], ...] = ()
        self.properties: dict[str, Node] = {}
        self.patterns: tuple[tuple[jsonschema_rs.Validator, Node], ...] = ()
        self.additional: Node | None = None
        self.unevaluated: Node | None = None
        self.items: Node | None = None
        self.unevaluated_items: Node | None = None
        self.prefix: tuple[Node, ...] = ()
        self.required: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Node({self.pointer!r})"


_ASSERTIONS: Final = (
    "type", "enum", "const", "not", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "contains",
    "minProperties", "maxProperties",
    "propertyNames", "contentMediaType", "contentEncoding", "readOnly", "default", "examples", "example", "enumNames",
    "x-enumNames", "minContains", "maxContains",
)  # fmt: skip
_WORDING: Final = ("title", "description", "examples", "example", "default", "enumNames", "x-enumNames")
_MORE: Final = ("minProperties", "maxProperties", "propertyNames", "additionalProperties", "patternProperties",
                "unevaluatedProperties", "dependentRequired", "dependentSchemas", "dependencies")  # fmt: skip
_VALUE: Final = ("type", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
                 "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems",
                 "contains", "items", "prefixItems")  # fmt: skip


class Graph:
    """All nodes that can be reached from the root of *document*, a bundle.

    *names_read* are the properties that any condition or discriminator reads; *looks_at_more* says that one looks at
    more than names tell.
    """

    def __init__(self, document: JsonValue, draft: str, validator_at: Callable[[str], jsonschema_rs.Validator]) -> None:
        self.document, self.draft, self.validator_at = document, draft, validator_at
        self.nodes: list[Node] = []
        self.caches: dict[str, dict[Any, Any]] = {}
        self.names_read: set[str] = set()
        self.looks_at_more = False
        self.names_with_colon: set[str] = set()
        self._by_pointer: dict[str, Node] = {}
        self._waiting: list[tuple[Node, JsonValue]] = []
        self.root = self.at("")

    def at(self, pointer: str) -> Node:
        """The node at *pointer* of the bundle, linked with all that it leads to."""
        node = self._node(pointer, pointers.get(self.document, pointer))
        while self._waiting:
            self._fill(*self._waiting.pop())
        return node

    def make(self) -> Node:
        """A new node that stands in no schema."""
        node = Node(len(self.nodes), MADE)
        self.nodes.append(node)
        return node

    def cache(self, name: str) -> dict[Any, Any]:
        """The cache of that name, which lives as long as the schema."""
        return self.caches.setdefault(name, {})

    def _node(self, pointer: str, schema: JsonValue) -> Node:
        node = self._by_pointer.get(pointer)
        if node is None:
            node = Node(len(self.nodes), pointer)
            self.nodes.append(node)
            self._by_pointer[pointer] = node
            self._waiting.append((node, schema))
        return node

    def _fill(self, node: Node, schema: JsonValue) -> None:
        if not isinstance(schema, dict):
            node.never = schema is False
            node.blank = not node.never
            return
        node.blank = not schema
        node.wording = {word: schema[word] for word in _WORDING if word in schema}
        target = schema.get("$ref")
        if isinstance(target, str):
            node.ref = self._at_reference(target)
            if self.draft in OLD_DRAFTS:
                return
        own = {word: schema[word] for word in _ASSERTIONS if word in schema}
        if self.draft == "04":
            _modernise(own)
        node.own = own
        node.types = _types(own.get("type"))
        node.all_of = self._list(node, schema, "allOf")
        node.groups = tuple((word, self._list(node, schema, word)) for word in ("oneOf", "anyOf") if schema.get(word))
        self._fill_conditions(node, schema)
        self._fill_object(node, schema)
        self._fill_list(node, schema)

    def _at_reference(self, target: str) -> Node:
        pointer = _decoded(target)
        return self._node(pointer, pointers.get(self.document, pointer))

    def _list(self, node: Node, schema: Mapping[str, JsonValue], word: str) -> tuple[Node, ...]:
        members = schema.get(word)
        if not isinstance(members, list):
            return ()
        return tuple(self._node(f"{node.pointer}/{word}/{place}", inner) for place, inner in enumerate(members))

    def _child(self, node: Node, schema: Mapping[str, JsonValue], word: str) -> Node | None:
        inner = schema.get(word)
        return self._node(f"{node.pointer}/{word}", inner) if isinstance(inner, dict | bool) else None

    def _fill_conditions(self, node: Node, schema: Mapping[str, JsonValue]) -> None:
        if "if" in schema and ("then" in schema or "else" in schema) and self.draft not in {"04", "06"}:
            reads, more = self._reads(schema["if"], set())
            names = None if more or reads[0] else frozenset(name for name, _ in reads[1])
            self._note(reads)
            self.looks_at_more = self.looks_at_more or names is None
            then, otherwise = self._child(node, schema, "then"), self._child(node, schema, "else")
            node.condition = Condition(self.validator_at(f"{node.pointer}/if"), reads, names, then, otherwise)
        needs: list[tuple[str, tuple[str, ...]]] = []
        inner: list[tuple[str, Node]] = []
        for word in ("dependentRequired", "dependentSchemas", "dependencies"):
            for name, what in _mapping(schema.get(word)).items():
                self.names_read.add(name)
                if isinstance(what, list):
                    needs.append((name, tuple(what)))
                elif isinstance(what, dict | bool):
                    inner.append((name, self._node(pointers.child(f"{node.pointer}/{word}", name), what)))
        node.dependent_required, node.dependent_schemas = tuple(needs), tuple(inner)

    def _fill_object(self, node: Node, schema: Mapping[str, JsonValue]) -> None:
        for name, inner in _mapping(schema.get("properties")).items():
            if ":" in name:
                self.names_with_colon.add(name)
            node.properties[name] = self._node(pointers.child(f"{node.pointer}/properties", name), inner)
        node.patterns = tuple(
            (
                patterns.matcher(patterns.mended(text)),
                self._node(pointers.child(f"{node.pointer}/patternProperties", text), inner),
            )
            for text, inner in _mapping(schema.get("patternProperties")).items()
        )
        node.additional = self._child(node, schema, "additionalProperties")
        node.unevaluated = self._child(node, schema, "unevaluatedProperties")
        required = schema.get("required")
        node.required = tuple(required) if isinstance(required, list) else ()

    def _fill_list(self, node: Node, schema: Mapping[str, JsonValue]) -> None:
        if self.draft == "2020-12":
            node.prefix = self._list(node, schema, "prefixItems")
            node.items = self._child(node, schema, "items")
        elif isinstance(schema.get("items"), list):
            node.prefix = self._list(node, schema, "items")
            node.items = self._child(node, schema, "additionalItems")
        else:
            node.items = self._child(node, schema, "items")
        node.unevaluated_items = self._child(node, schema, "unevaluatedItems")

    def _note(self, reads: Reads) -> None:
        for name, inner in reads[1]:
            self.names_read.add(name)
            self._note(inner)

    def _reads(self, schema: JsonValue, seen: set[int]) -> tuple[Reads, bool]:
        """What a condition looks at, and whether at more than names say."""
        if not isinstance(schema, dict) or id(schema) in seen:
            return NOTHING, False
        seen.add(id(schema))
        reads: Reads = HERE if any(word in schema and word != "type" for word in _VALUE) else NOTHING
        if "type" in schema and schema["type"] != "object":
            reads = HERE
        if "const" in schema or "enum" in schema:
            reads = WHOLE
        more = any(word in schema for word in _MORE)
        if isinstance(schema.get("$ref"), str):
            inner, deep = self._reads(pointers.get(self.document, _decoded(schema["$ref"])), seen)
            reads, more = join(reads, inner), more or deep
        for word in ("allOf", "anyOf", "oneOf"):
            for member in schema.get(word) or ():
                inner, deep = self._reads(member, seen)
                reads, more = join(reads, inner), more or deep
        for word in ("not", "if", "then", "else"):
            inner, deep = self._reads(schema.get(word), seen)
            reads, more = join(reads, inner), more or deep
        for name, member in _mapping(schema.get("properties")).items():
            reads = join(reads, (0, ((name, self._reads(member, seen)[0]),)))
        for name in schema.get("required") or ():
            reads = join(reads, (0, ((name, HERE),)))
        for word in ("items", "contains", "additionalItems"):
            if isinstance(schema.get(word), dict):
                reads = join(reads, (1, (("*", self._reads(schema[word], seen)[0]),)))
        seen.discard(id(schema))
        return reads, more


def _decoded(target: str) -> str:

    return unquote(target[1:])


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _types(value: JsonValue) -> frozenset[str] | None:
    if isinstance(value, str):
        return frozenset((value,))
    if isinstance(value, list):
        return frozenset(value)
    return None


def _modernise(own: dict[str, JsonValue]) -> None:
    """Draft 04 says `exclusiveMinimum: true` beside `minimum`, and knows neither `const` nor `contains`."""
    own.pop("const", None)
    own.pop("contains", None)
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        strict = own.pop(exclusive, None)
        if strict is True and bound in own:
            own[exclusive] = own.pop(bound)
