"""Forms as files on disk, and as the immutable bundles that are published from them.

A bundle holds the texts of everything that a version was made of: definition, the schemas that it reaches, figures,
terms and catalogues. What is loaded from it is the same form, on whatever machine.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from formengine.core import source
from formengine.core.definition import FormDefinition
from formengine.core.loading import Mistakes, check_form, form_id, load_form
from formengine.core.source import Source
from formengine.core.spelling import remedy
from formengine.errors import ConfigError, DefinitionError, FormClosed, NotFound
from formengine.services.ports import Stores
from formengine.services.publishing import Checked

_log = logging.getLogger(__name__)
VERSIONS_KEPT_LOADED = 64
"""How many versions a process keeps compiled; the others are loaded again when they are asked for."""

SERVED_FOR_S = 2.0

Widgets = Sequence[str]


@dataclass(frozen=True, slots=True)
class FormFiles:
    """The texts of one form. *schemas* are by path relative to `schemas/`; *catalogues* are `.po` by language.

    *unread* are the mistakes that keep its schema from being read at all.
    """

    id: str
    definition: Source | None
    schemas: Mapping[str, Source]
    values: Source | None = None
    terms: Mapping[str, str] = field(default_factory=dict)
    catalogues: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[DefinitionError, ...] = ()

    def load(self, widgets: Widgets) -> tuple[FormDefinition, tuple[DefinitionError, ...]]:
        """The form and the warnings about it. Errors: Mistakes."""
        if self.unread:
            raise Mistakes(self.unread)
        return load_form(self.id, self.definition, self.schemas, self.values, terms=self.terms, widgets=widgets)

    def check(self, widgets: Widgets) -> tuple[DefinitionError, ...]:
        """Every mistake and warning."""
        found = check_form(self.id, self.definition, self.schemas, self.values, terms=self.terms, widgets=widgets)
        if self.unread:  # then it is not missing
            found = (*self.unread, *(one for one in found if one.pointer != "/schema"))
        return found

    def checked(self, widgets: Widgets) -> Checked:
        """The form with its bundle, to be published. Errors: Mistakes."""
        form, _ = self.load(widgets)
        return Checked(form, _packed(self, form.schema.files), self.definition)


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in the folders: the forms, and the mistakes that keep files from being read at all."""

    forms: tuple[FormFiles, ...]
    mistakes: tuple[DefinitionError, ...]

    def form(self, id: str) -> FormFiles | None:  # noqa: A002  the field's word
        """The form of this id, or None."""
        return next((form for form in self.forms if form.id == id), None)


def read_folder(
    forms: Path,
    schemas: Path,
    *,
    files: Sequence[Path] = (),
    translations: Path | None = None,
    terms: Mapping[str, str] | None = None,
) -> Folder:
    """All forms of the folders, and those of single schema *files*. Errors: ConfigError if a folder is missing."""
    mistakes: list[DefinitionError] = []
    for folder in (forms, schemas):
        if not folder.is_dir():
            raise ConfigError(f"{shown(folder)}: there is no such folder")

    def sources(paths: Sequence[Path], name: Callable[[Path], str]) -> dict[str, Source]:
        found = {}
        for path in sorted(paths):
            try:
                found[name(path)] = source.read(shown(path), path.read_bytes())
            except DefinitionError as error:
                mistakes.append(error)
        return found

    named = sources(list(schemas.rglob("*.json")), lambda path: path.relative_to(schemas).as_posix())
    single = sources(files, lambda path: path.name)
    definitions = sources([path for path in forms.glob("*.json") if form_id(path.name)], lambda path: path.name)
    values = sources(list(forms.glob("values.json")), lambda path: path.name).get("values.json")
    unread = {Path(error.file).name for error in mistakes}
    made: dict[str, FormFiles] = {}

    def add(name: str, definition: Source | None, around: Mapping[str, Source]) -> None:
        catalogues = {
            path.parts[-3]: path.read_text(encoding="utf-8")
            for path in (sorted(translations.glob(f"*/LC_MESSAGES/{name}.po")) if translations else ())
        }
        schema = _schema_named(definition, name) if definition is not None else ""
        broken = tuple(one for one in mistakes if schema and Path(one.file).name == Path(schema).name)
        made[name] = FormFiles(name, definition, around, values, terms or {}, catalogues, broken)

    described = {_schema_named(definition, name) for name, definition in definitions.items()}
    for name, definition in definitions.items():
        add(form_id(name) or name, definition, named)
    for name in named:
        id_ = form_id(name) if "/" not in name else None
        if id_ and name not in described and id_ not in made and f"{id_}.json" not in unread:
            add(id_, None, named)
    for name in single:
        add(form_id(name) or name, None, {**named, name: single[name]})
    return Folder(tuple(made[name] for name in sorted(made)), tuple(mistakes))


def missing(files: FormFiles, folder: Folder, translations: Path | None) -> list[DefinitionError]:
    """What a definition names beside its schema and is not there: other forms, and catalogues of its languages.

    *translations* is None for a form of elsewhere, of which nobody knows where its catalogues are.
    """
    definition = files.definition
    if definition is None or not isinstance(definition.value, dict):
        return []
    found = []
    others = [form.id for form in folder.forms if form.id != files.id]
    quick, sources, languages = (definition.value.get(name) for name in ("quick", "from", "languages"))
    if isinstance(quick, str) and quick not in others:
        cure = remedy(quick, others, otherwise="a short form is a form of its own, named by its id")
        found.append(definition.error(f'there is no other form "{quick}"', "/quick", remedy=cure))
    for place, named in enumerate(sources if isinstance(sources, list) else ()):
        if isinstance(named, str) and named not in {*others, files.id}:
            cure = remedy(named, others, otherwise="take it out, unless it was published before")
            why = f'there is no form "{named}" whose answers could fill in this one'
            found.append(definition.error(why, f"/from/{place}", remedy=cure, level="warning"))
    have = {path.parts[-3] for path in translations.glob(f"*/LC_MESSAGES/{files.id}.po")} if translations else set()
    for place, language in enumerate(languages if isinstance(languages, list) and translations else ()):
        if place and language not in have:
            cure = "formengine translations update makes its catalogue, to be filled in; or take the language out"
            why = f'nothing of this form is translated to "{language}"'
            found.append(definition.error(why, f"/languages/{place}", remedy=cure, level="warning"))
    return found


def shown(path: Path) -> str:
    """*path* as the designer would write it: from the present folder where it lies below that."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


@dataclass(frozen=True, slots=True)
class Links:
    """The other forms that a form names: its short one, and those whose answers may fill it in."""

    quick: str = ""
    sources: tuple[str, ...] = ()


class Published:
    """`services.ports.Forms`: the published versions, compiled when first asked for and kept."""

    def __init__(self, stores: Stores, widgets: Widgets) -> None:
        self._stores = stores
        self._widgets = widgets
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, tuple[FormDefinition, FormFiles]] = OrderedDict()
        self._broken: dict[str, FormClosed] = {}
        self._linked: dict[str, Links] = {}
        self._state: tuple[float, Mapping[str, str], frozenset[str]] = (-SERVED_FOR_S, {}, frozenset())

    def served(self) -> Mapping[str, str]:
        """The hash of the version of each form that was published last, by id; seen within two seconds."""
        return self._now()[1]

    def is_withdrawn(self, hash: str) -> bool:  # noqa: A002  the field's word
        """Whether that version may neither be begun nor sent; seen within two seconds."""
        return hash in self._now()[2]

    def ids(self) -> tuple[str, ...]:
        """The ids of the forms that are served, sorted."""
        return tuple(sorted(form for form, hash_ in self.served().items() if not self.is_withdrawn(hash_)))

    def newest(self, form: str) -> FormDefinition:
        """The version that is served. Errors: NotFound, FormClosed."""
        found = self.served().get(form)
        if found is None:
            raise NotFound("there is no such form")
        if self.is_withdrawn(found):
            raise FormClosed(f"the version of {form} was withdrawn")
        return self.version(found)

    def version(self, hash: str) -> FormDefinition:  # noqa: A002  the field's word
        """A version that was published. Errors: NotFound, FormClosed if it does not load any more."""
        return self._entry(hash)[0]

    def filled_by(self, form: str) -> tuple[str, ...]:
        """The ids of the served forms that an application of *form* may fill in, sorted."""
        return tuple(one for one, links in self._links() if form and (form == links.quick or form in links.sources))

    def short_forms(self) -> frozenset[str]:
        """The ids of the forms that are the short one of another."""
        return frozenset(links.quick for _, links in self._links() if links.quick)

    def _links(self) -> list[tuple[str, Links]]:
        """What each served form names, read once a version and without compiling it: there may be hundreds."""
        served = self.served()
        new = [hash_ for hash_ in served.values() if hash_ not in self._linked]
        if new:
            with self._stores.read() as work:
                self._linked |= {hash_: _links_in(work.versions.bundle(hash_)) for hash_ in new}
        return [(form, self._linked[served[form]]) for form in self.ids()]

    def _now(self) -> tuple[float, Mapping[str, str], frozenset[str]]:
        if time.monotonic() - self._state[0] >= SERVED_FOR_S:
            with self._stores.read() as work:
                served, withdrawn = work.versions.served(), work.versions.withdrawn()
            self._state = (time.monotonic(), served, withdrawn)
        return self._state

    def catalogues(self, hash: str) -> Mapping[str, bytes]:  # noqa: A002  the field's word
        """The version's own catalogues: `.po` by language."""
        return {language: text.encode() for language, text in self._entry(hash)[1].catalogues.items()}

    def _entry(self, hash_: str) -> tuple[FormDefinition, FormFiles]:
        with self._lock:
            entry = self._loaded.get(hash_)
            if entry is not None:
                self._loaded.move_to_end(hash_)
                return entry
        if hash_ in self._broken:
            raise self._broken[hash_]
        with self._stores.read() as work:
            bundle = work.versions.bundle(hash_)
        try:
            files = _unpacked(bundle)
            entry = (files.load(self._widgets)[0], files)
        except (
            Mistakes,
            DefinitionError,
            ArithmeticError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            reason = error.errors[0].message if isinstance(error, Mistakes) else type(error).__name__
            _log.error("version %s of a form does not load any more: %s", hash_[:12], reason)
            self._broken[hash_] = FormClosed("a published version does not load any more")
            raise self._broken[hash_] from error
        with self._lock:
            self._loaded[hash_] = entry
            while len(self._loaded) > VERSIONS_KEPT_LOADED:
                self._loaded.popitem(last=False)
        return entry


def _schema_named(definition: Source, file_name: str) -> str:
    value = definition.value
    named = value.get("schema") if isinstance(value, dict) else None
    return named if isinstance(named, str) else f"{form_id(file_name)}.schema.json"


def _packed(files: FormFiles, reached: Sequence[str]) -> bytes:
    def pair(one: Source | None) -> list[str] | None:
        return [one.name, one.text] if one else None

    content = {
        "id": files.id,
        "definition": pair(files.definition),
        "schemas": {name: pair(files.schemas[name]) for name in sorted(reached)},
        "values": pair(files.values),
        "terms": dict(files.terms),
        "catalogues": dict(files.catalogues),
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True).encode()


def _links_in(bundle: bytes) -> Links:
    """What a version names; nothing where it does not load any more."""
    try:
        definition = json.loads(bundle)["definition"]
        said = json.loads(definition[1]) if definition else {}
        return Links(said.get("quick", ""), tuple(said.get("from", ())))
    except (AttributeError, LookupError, TypeError, ValueError):
        return Links()


def _unpacked(bundle: bytes) -> FormFiles:
    content = json.loads(bundle)

    def one(pair: list[str] | None) -> Source | None:
        return source.read(*pair) if pair else None

    return FormFiles(
        content["id"],
        one(content["definition"]),
        {name: source.read(*pair) for name, pair in content["schemas"].items()},
        one(content["values"]),
        content["terms"],
        content["catalogues"],
    )
