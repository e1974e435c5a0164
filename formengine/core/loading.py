"""The texts of a form -> its `FormDefinition`, or every mistake in them.

Decides nothing by itself: `definition_keys` knows the keys, `loading_steps` and `loading_rules` what they mean,
`findings` what is wrong with the schema, `implied` what a schema without a definition asks. Here it comes together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from formengine.core import versions
from formengine.core.coverage import unasked
from formengine.core.definition import RESERVED_FORMS, FormDefinition
from formengine.core.definition_keys import check_keys
from formengine.core.figures import Figures
from formengine.core.findings import schema_findings
from formengine.core.implied import implied_steps
from formengine.core.loading_context import Loading
from formengine.core.loading_rules import RuleReader
from formengine.core.loading_steps import StepReader
from formengine.core.naming import literal, readable
from formengine.core.outline import Outline
from formengine.core.pointer import JsonValue
from formengine.core.schemas import Schema, SchemaRefused
from formengine.core.source import Source, of_value
from formengine.core.spelling import remedy
from formengine.errors import DefinitionError, FormEngineError

_FORM_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Mistakes(FormEngineError):
    """Raised by `load_form`: *errors* are all mistakes and warnings of one form, in the order of the files."""

    def __init__(self, errors: tuple[DefinitionError, ...]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def load_form(
    id: str,  # noqa: A002  # what it is called everywhere
    definition: Source | None,
    schemas: Mapping[str, Source],
    values: Source | None = None,
    *,
    terms: Mapping[str, str] | None = None,
    widgets: Collection[str] | None = None,
) -> tuple[FormDefinition, tuple[DefinitionError, ...]]:
    """The form *id* and the warnings about it.

    *schemas* are by path relative to `schemas/`, the form's own and all that it may refer to; *values* is
    `forms/values.json`; *terms* are the operator's; *widgets* the names of the controls that exist.
    Errors: Mistakes, with warnings too.
    """
    errors = _check_id(id, definition)
    found, more = _schema_of(id, definition, schemas)
    errors += more
    figures = _figures(values, errors, terms or {})
    if found is None:
        raise Mistakes(tuple(errors))
    source = definition or of_value(found.name, {"id": id, "title": id})
    documents = {name: one.value for name, one in schemas.items()}
    name = next(name for name, one in schemas.items() if one is found)
    schema = _load_schema(found, name, documents, errors, schemas)
    if schema is None:
        raise Mistakes(_sorted(errors))
    loading = Loading(source, schema, Outline(schema.bundled, schema.draft), figures, dict(schemas), errors)
    raw = source.value if isinstance(source.value, dict) else {}
    form = _definition(id, raw, loading, schema, given=definition is not None, widgets=widgets)
    schema_findings(loading, None if form.sources else frozenset(one.at for one in form.computed))
    if any(error.level == "error" for error in errors):
        raise Mistakes(_sorted(errors))
    return form, _sorted(errors)


def check_form(
    id: str,  # noqa: A002
    definition: Source | None,
    schemas: Mapping[str, Source],
    values: Source | None = None,
    *,
    terms: Mapping[str, str] | None = None,
    widgets: Collection[str] | None = None,
) -> tuple[DefinitionError, ...]:
    """All errors and warnings of a form; takes what `load_form` takes. Without an error the form loads."""
    try:
        return load_form(id, definition, schemas, values, terms=terms, widgets=widgets)[1]
    except Mistakes as mistakes:
        return mistakes.errors


def form_id(file_name: str) -> str | None:
    """The id of the form that a definition or schema of this file name is for; None if it is no form's file."""
    for ending in (".schema.json", ".json"):
        if file_name.endswith(ending):
            stem = file_name[: -len(ending)]
            is_form = not stem.endswith(".tests") and file_name not in {"values.json", "form-definition.schema.json"}
            return stem if is_form else None
    return None


def _sorted(errors: Collection[DefinitionError]) -> tuple[DefinitionError, ...]:
    unique = {(error.file, error.line, error.column, error.message): error for error in errors}
    return tuple(sorted(unique.values(), key=lambda error: (error.file, error.line, error.column)))


def _check_id(own: str, definition: Source | None) -> list[DefinitionError]:
    errors = []
    file = definition.name if definition else own
    if not _FORM_ID.fullmatch(own) or len(own) > 64:
        cure = "name the file with letters, digits, . _ and -"
        errors.append(DefinitionError(f'"{own}" can be no id of a form', file=file, line=1, column=1, remedy=cure))
    elif own in RESERVED_FORMS:
        cure = "give the file another name"
        errors.append(DefinitionError(f'"{own}" is an address of the engine', file=file, line=1, column=1, remedy=cure))
    if definition is None:
        return errors
    errors += check_keys(definition)
    said = definition.value.get("id") if isinstance(definition.value, dict) else None
    if isinstance(said, str) and said != own:
        errors.append(definition.error(f'the id is "{said}", the file is named {own}', "/id", remedy=f'write "{own}"'))
    return errors


def _schema_of(
    own: str, definition: Source | None, schemas: Mapping[str, Source]
) -> tuple[Source | None, list[DefinitionError]]:
    if definition is None:
        for name in (f"{own}.schema.json", f"{own}.json"):
            if name in schemas:
                return schemas[name], []
        return None, [DefinitionError(f"there is no schema for {own}", file=own, line=1, column=1)]
    wanted = definition.value.get("schema") if isinstance(definition.value, dict) else None
    if not isinstance(wanted, str):
        return None, []
    if wanted in schemas:
        return schemas[wanted], []
    cure = remedy(wanted, schemas, otherwise="schemas lie in schemas/, named from there")
    return None, [definition.error(f'there is no schema "{wanted}"', "/schema", remedy=cure)]


def _load_schema(
    found: Source,
    name: str,
    documents: Mapping[str, JsonValue],
    errors: list[DefinitionError],
    schemas: Mapping[str, Source],
) -> Schema | None:
    try:
        return Schema.load(found.value, name=name, others={key: one for key, one in documents.items() if key != name})
    except SchemaRefused as refused:
        for error in refused.errors:
            source = schemas.get(error.file, found)
            errors.append(source.error(error.message, error.pointer, remedy=error.remedy, level=error.level))
        return None


def _figures(values: Source | None, errors: list[DefinitionError], terms: Mapping[str, str]) -> Figures:
    if values is None:
        return Figures(overrides=dict(terms))
    value = values.value if isinstance(values.value, dict) else {}
    read: dict[str, dict[str, JsonValue]] = {"values": {}, "terms": {}}
    for group, entries in value.items():
        if group not in read or not isinstance(entries, dict):
            cure = 'there is "values" and "terms", each an object'
            errors.append(values.error(f'"{group}" is not expected here', f"/{group}", key=True, remedy=cure))
            continue
        for name, entry in entries.items():
            at = f"/{group}/{name}"
            wrong = _wrong_entry(entry, text_only=group == "terms")
            if wrong or not _NAME.fullmatch(name):
                message = wrong or "a name has letters, digits and _, no digit first"
                errors.append(
                    values.error(f"{group}.{name}: {message}", at, remedy='as in [{"from": "2026-01-01", "value": 1}]')
                )
            else:
                read[group][name] = entry
    return Figures(read["values"], read["terms"], dict(terms))


def _wrong_entry(entry: JsonValue, *, text_only: bool) -> str:
    if not isinstance(entry, list) or not entry:
        return "a name has a list of dated entries"
    days, kinds = [], set()
    for one in entry:
        if not isinstance(one, dict) or set(one) != {"from", "value"}:
            return 'an entry has "from" and "value" alone'
        try:
            days.append(date.fromisoformat(str(one["from"])))
        except ValueError:
            return '"from" is a day, as in "2026-01-01"'
        kinds.add(type(one["value"]))
    if days != sorted(set(days)):
        return "the entries stand in order of their days, no day twice"
    if len(kinds) > 1 or kinds - ({str} if text_only else {str, int, bool}):
        return "all entries are texts" if text_only else "all entries are whole numbers, or texts, or true and false"
    return ""


def _definition(
    own: str,
    raw: Mapping[str, Any],
    loading: Loading,
    schema: Schema,
    *,
    given: bool,
    widgets: Collection[str] | None,
) -> FormDefinition:
    reader = StepReader(loading, widgets)
    is_listed = given and isinstance(raw.get("steps"), list)
    steps = reader.read(raw["steps"]) if is_listed else implied_steps(loading.outline.root, readable(own))
    rules = RuleReader(loading)
    languages = tuple(one for one in _list(raw, "languages") if isinstance(one, str)) or ("de",)
    if len(set(languages)) != len(languages):
        loading.mistake("a language stands twice", "/languages", cure="keep it once")
    retention = raw.get("retention")
    texts = {name: loading.text(_text(raw, name), f"/{name}", "") for name in ("title", "start")}
    parts: dict[str, Any] = {
        "proofs": rules.proofs(_list(raw, "proofs")),
        "checks": rules.checks(_list(raw, "checks")),
        "computed": rules.computed(_list(raw, "computed")),
        "declarations": rules.declarations(_list(raw, "declarations")),
    }
    reached = {name: loading.schemas[name].value for name in schema.files}
    form = FormDefinition(
        id=own,
        version=_text(raw, "version"),
        hash=versions.content_hash(raw if given else None, reached, _used_figures(loading)),
        schema=schema,
        schema_name=schema.name,
        title=texts["title"] if given else literal(loading.outline.root.title() or readable(own)),
        languages=languages,
        steps=steps,
        minutes=raw["minutes"] if isinstance(raw.get("minutes"), int) else None,
        start=texts["start"],
        sources=tuple(one for one in _list(raw, "from") if isinstance(one, str)),
        quick=_text(raw, "quick"),
        draft_days=retention.get("draftDays", 30) if isinstance(retention, dict) else 30,
        expressions=loading.expressions,
        figures=loading.figures,
        **parts,
    )
    if given and not reader.has_gaps:
        unasked(form, loading)
    return form


def _used_figures(loading: Loading) -> JsonValue:
    """The figures and terms that the form's expressions can read, as they stand in the file."""
    used: dict[str, dict[str, JsonValue]] = {"values": {}, "terms": {}}
    sources = " ".join(source for _, source in loading.expressions)
    for group, entries in (("values", loading.figures.values), ("terms", loading.figures.terms)):
        for name in sorted(entries):
            if re.search(rf"\b{group}\s*(\.\s*{name}\b|\[)", sources):
                used[group][name] = entries[name]
    return used


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _list(raw: Mapping[str, Any], name: str) -> list[Any]:
    value = raw.get(name)
    return value if isinstance(value, list) else []
