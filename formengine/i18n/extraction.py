"""The texts to translate: those of forms and schemas, with their place as the translator's comment, and the engine's.

A definition says which of its keys are wording; in a schema it is `title`, `description`, and the names of options.
What looks alike elsewhere (a property called `title`, an example) is data. Registered with Babel as the extractor
`formengine`; `formengine translations` uses the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from formengine.core import source
from formengine.core.bundling import bundle
from formengine.core.pointer import JsonValue, child
from formengine.errors import DefinitionError
from formengine.i18n.catalogues import ENGINE

_WORDING = frozenset(
    ("title", "itemTitle", "label", "hint", "help", "why", "body", "start", "message", "reason", "text")
)
_TABLES = frozenset(("options", "messages"))
_OF_VIDEO = frozenset(("title", "transcript"))
_SCHEMA_WORDING = frozenset(("title", "description"))
_SCHEMAS = frozenset(
    ("items", "additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else")
) | {"unevaluatedItems", "unevaluatedProperties"}
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items"))
_MAPS = frozenset(("properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"))
_KEYWORDS = {"N_": None, "_": None, "ngettext": (1, 2), "_n": (1, 2)}
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]

Found = tuple[str, str]
"""The pointer of a text, and the text."""


def definition_texts(value: JsonValue, at: str = "") -> Iterator[Found]:
    """The wording in a form definition, in its order."""
    if isinstance(value, list):
        for place, member in enumerate(value):
            yield from definition_texts(member, child(at, place))
    elif isinstance(value, dict):
        for key, member in value.items():
            here = child(at, key)
            if isinstance(member, str):
                if key in _WORDING and member:
                    yield here, member
            elif key in _TABLES and isinstance(member, dict):
                yield from (
                    (child(here, name), text) for name, text in member.items() if isinstance(text, str) and text
                )
            elif key == "video" and isinstance(member, dict):
                yield from (
                    (child(here, name), str(text)) for name, text in member.items() if name in _OF_VIDEO and text
                )
            else:
                yield from definition_texts(member, here)


def schema_texts(schema: JsonValue, at: str = "") -> Iterator[Found]:
    """The wording in a JSON Schema, in its order."""
    if not isinstance(schema, dict):
        return
    for key, member in schema.items():
        here = child(at, key)
        if key in _SCHEMA_WORDING and isinstance(member, str) and member:
            yield here, member
        elif key in ("enumNames", "x-enumNames") and isinstance(member, list):
            yield from (
                (child(here, place), text) for place, text in enumerate(member) if isinstance(text, str) and text
            )
        elif key in _LISTS and isinstance(member, list):
            for place, inner in enumerate(member):
                yield from schema_texts(inner, child(here, place))
        elif key in _MAPS and isinstance(member, dict):
            for name, inner in member.items():
                yield from schema_texts(inner, child(here, name))
        elif key in _SCHEMAS:
            yield from schema_texts(member, here)


def term_texts(values: JsonValue, at: str = "/terms") -> Iterator[Found]:
    """The terms of `forms/values.json`: names of benefits and authority, which texts may hold."""
    terms = values.get("terms", {}) if isinstance(values, dict) else {}
    for name, entry in terms.items():
        here = child(at, name)
        if isinstance(entry, str):
            yield here, entry
        for place, dated in enumerate(entry if isinstance(entry, list) else ()):
            if isinstance(dated, dict) and isinstance(dated.get("value"), str):
                yield f"{child(here, place)}/value", dated["value"]


def texts(value: JsonValue) -> Iterator[Found]:
    """The wording in any of our files, told apart by what it holds."""
    if isinstance(value, dict) and "version" in value and "schema" in value:
        yield from definition_texts(value)
    elif isinstance(value, dict) and isinstance(value.get("terms"), dict) and "values" in value:
        yield from term_texts(value)
    else:
        yield from schema_texts(value)


def extract(
    fileobj: IO[bytes], keywords: object, comment_tags: object, options: Mapping[str, Any]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's interface to `texts`: line, no function, text, and the pointer as comment."""
    del keywords, comment_tags, options
    found = source.read(Path(getattr(fileobj, "name", "")).name, fileobj.read())
    for pointer, text in texts(found.value):
        yield found.place(pointer)[0], "", text, [pointer]


def form_template(form_id: str, forms: Path, schemas: Path) -> Catalog:
    """The texts of a form: definition, the schemas that it reaches, the terms. Errors: DefinitionError, OSError."""
    template = Catalog(project="Formengine", charset="utf-8", fuzzy=False)
    definition = forms / f"{form_id}.json"
    name = f"{form_id}.schema.json"
    if definition.exists():
        found = source.read(definition.name, definition.read_bytes())
        _add(template, "forms", found)
        name = found.value.get("schema", name) if isinstance(found.value, dict) else name
    documents = {str(path.relative_to(schemas)): path for path in sorted(schemas.rglob("*.json"))}
    others = {file: source.read(file, path.read_bytes()) for file, path in documents.items()}
    if name in others:
        values = {file: found.value for file, found in others.items()}
        reached = dict.fromkeys((name, *bundle(values[name], name, values).homes.values()))
        for file in reached:
            _add(template, "schemas", others[file])
    if (forms / "values.json").exists():
        _add(template, "forms", source.read("values.json", (forms / "values.json").read_bytes()))
    return template


def engine_template(package: Path) -> Catalog:
    """The engine's own texts, marked in its code and templates."""
    template = Catalog(project="Formengine", charset="utf-8", fuzzy=False)
    found = extract_from_dir(package, _METHODS, keywords=_KEYWORDS, comment_tags=("Translators:",))
    for file, _, message, comments, _ in sorted(found, key=lambda one: (one[0], one[1])):
        template.add(message, auto_comments=[*comments, str(file)])
    return template


def domains(forms: Path, schemas: Path) -> list[str]:
    """The ids of all forms: definitions, and schemas that stand alone."""
    defined = {path.name.removesuffix(".json") for path in forms.glob("*.json")}
    ids = {name for name in defined if not name.endswith(".tests") and name != "values"}
    ids |= {path.name.removesuffix(".schema.json") for path in schemas.glob("*.schema.json")} - {"form-definition"}
    return sorted(ids)


def templates(forms: Path, schemas: Path) -> Iterator[tuple[str, Catalog]]:
    """Each domain with its texts, the engine's first; a form that cannot be read is left to `formengine check`."""
    yield ENGINE, engine_template(Path(__file__).parents[1])
    for form_id in domains(forms, schemas):
        try:
            yield form_id, form_template(form_id, forms, schemas)
        except DefinitionError:
            continue


def _add(template: Catalog, folder: str, found: source.Source) -> None:
    for pointer, text in texts(found.value):
        template.add(text, auto_comments=[f"{folder}/{found.name}#{pointer}"])


def pieces(text: str | Iterable[str]) -> frozenset[str]:
    """What stands in braces in *text*: a translation must hold the same."""
    whole = text if isinstance(text, str) else " ".join(text)
    found, depth, start = [], 0, 0
    for place, character in enumerate(whole.replace("{{", "\0\0").replace("}}", "\0\0")):
        if character == "{":
            depth, start = depth + 1, place if depth == 0 else start
        elif character == "}" and depth:
            depth -= 1
            if depth == 0:
                found.append("".join(whole[start : place + 1].split()))
    return frozenset(found)
