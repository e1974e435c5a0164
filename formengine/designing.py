"""What form designers wrote: published, or told what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from formengine.bootstrap import load_plug_ins, opened, widgets
from formengine.config import Settings
from formengine.core.answers import Answers
from formengine.core.applying import Role, evaluate
from formengine.core.definition import Field, FormDefinition
from formengine.core.loading import Mistakes, form_id
from formengine.core.pointer import JsonValue
from formengine.errors import ConfigError, DefinitionError, StorageError
from formengine.fields import field_type, field_types
from formengine.services import publishing
from formengine.services.publishing import Checked
from formengine.storage import database
from formengine.storage.definitions import Folder, FormFiles, missing, read_folder


def publish(settings: Settings) -> tuple[tuple[FormDefinition, ...], tuple[DefinitionError, ...]]:
    """Publish what is new in the folders: the forms that were, and the mistakes of those that could not be."""
    load_plug_ins()
    folder = _folder(settings)
    checked: list[Checked] = []
    mistakes = list(folder.mistakes)
    for files in folder.forms:
        try:
            checked.append(files.checked(widgets()))
        except Mistakes as error:
            mistakes += [mistake for mistake in error.errors if mistake.level == "error"]
    with opened(settings) as engine:
        published, refused = publishing.publish(engine.stores, checked, now=datetime.now(UTC))
    return published, (*dict.fromkeys(mistakes), *refused)


def check(settings: Settings, paths: Sequence[Path]) -> tuple[DefinitionError, ...]:
    """Every mistake and warning of these files, or of all forms in the folders. Errors: ConfigError."""
    load_plug_ins()
    if not paths:
        folder = _folder(settings)
        return tuple(dict.fromkeys((*folder.mistakes, *_findings(settings, folder))))
    found: list[DefinitionError] = []
    for path in paths:
        if path.is_dir():
            raise ConfigError(f"{path} is a folder; name files, or nothing for all of the folders that are set")
        if not path.is_file():
            raise ConfigError(f"{path}: there is no such file")
        found += _check_file(settings, path.absolute())
    return tuple(found)


def _check_file(settings: Settings, path: Path) -> list[DefinitionError]:
    """A definition is checked with the schemas beside its folder; a schema alone, unless a form of its name exists."""
    own = path.is_relative_to(settings.forms) or path.is_relative_to(settings.schemas)
    if path.is_relative_to(settings.schemas) and form_id(path.name) is not None:
        folder = _folder(settings)
        files = folder.form(form_id(path.name) or "")
        if files is None:
            return [mistake for mistake in folder.mistakes if Path(mistake.file).name == path.name]
        return _findings(settings, folder, files)
    if own or path.parent.name == "forms":
        forms = settings.forms if own else path.parent
        schemas = settings.schemas if own else path.parent.with_name("schemas")
        folder = read_folder(forms, schemas, terms=dict(settings.tenants[0].terms))
    else:
        folder = read_folder(settings.forms, settings.schemas, files=[path], terms=dict(settings.tenants[0].terms))
    files = folder.form(form_id(path.name) or path.name)
    unread = [mistake for mistake in folder.mistakes if Path(mistake.file).name == path.name]
    return unread or (_findings(settings, folder, files) if files else [])


def _findings(settings: Settings, folder: Folder, *forms: FormFiles) -> list[DefinitionError]:
    """What is wrong with these *forms*, or all, also with regard to what is published where there is a database."""
    found: list[DefinitionError] = []
    sound: list[Checked] = []
    for files in forms or folder.forms:
        is_ours = files.definition is not None and Path(files.definition.name).absolute().parent == settings.forms
        own = [*files.check(widgets()), *missing(files, folder, settings.translations if is_ours else None)]
        found += own
        if not any(one.level == "error" for one in own):
            sound.append(files.checked(widgets()))
            found += _unfit(sound[-1])
    if sound and database.is_there(settings.database_url):
        # no database that was migrated, no pepper: nothing is published yet
        with suppress(StorageError, ConfigError), opened(settings) as engine:
            found += publishing.refusals(engine.stores, sound)
    return found


def _unfit(checked: Checked) -> list[DefinitionError]:
    """The controls that a definition names for questions that they cannot ask, as far as a new applicant meets them."""
    form, definition = checked.form, checked.definition
    if definition is None:
        return []
    found = []
    for asked in evaluate(form, Answers(), datetime.now(UTC).date()).asked:
        field = form.field(asked.pattern)
        if field is None or field.widget not in field_types or asked.role is not Role.VALUE:
            continue
        if not field_type(field.widget).takes(asked.question, asked.role):
            can = [name for name in field_types if field_type(name).takes(asked.question, asked.role)]
            at = next(_named(definition.value, "", field), "/steps")
            why = f"{field.widget} cannot ask {asked.pattern}"
            found.append(definition.error(why, at, remedy=f"{' or '.join(can)} can", level="warning"))
    return found


def _named(value: JsonValue, at: str, field: Field) -> Iterator[str]:
    """Where in a definition the control of *field* is named."""
    if isinstance(value, dict) and value.get("widget") == field.widget:
        if field.pattern.endswith(str(value.get("field"))):
            yield f"{at}/widget"
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _named(inner, f"{at}/{key}", field)


def _folder(settings: Settings) -> Folder:
    return read_folder(
        settings.forms,
        settings.schemas,
        files=settings.schema_files,
        translations=settings.translations,
        terms=dict(settings.tenants[0].terms),
    )
