"""The steps of a definition -> `Step` and `Field`, with every mistake in them.

Decides which pages there are and what stands on each, and makes the repeated steps of lists that the definition
does not mention. Leaves proofs, checks and computed values to `core.loading_rules`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from formengine.core.definition import AUTOFILL, RESERVED_IN_ITEM, RESERVED_STEPS, Field, Step, Video
from formengine.core.definition_keys import TABLES
from formengine.core.implied import Budget, is_repeated, lists_in, made_step
from formengine.core.loading_context import Loading
from formengine.core.outline import Place, chosen_of
from formengine.core.slips import KEYWORDS
from formengine.core.spelling import closest, remedy

_KINDS = ("fields", "steps", "body")
_OF_FILES = ("path", "name", "type", "size", "sha256", "sha512", "base64")
_TEXTS = ("label", "hint", "help", "why")

MOST_LEVELS = 10  # SCH-11


class StepReader:
    """Reads the steps of one definition. *widgets* are the names of controls, None if they are not known here."""

    def __init__(self, loading: Loading, widgets: Collection[str] | None) -> None:
        self.loading, self.widgets = loading, widgets
        self.asked: dict[str, str] = {}  # pattern of a field -> where in the definition
        self.owners: dict[str, str] = {}  # pattern of a list -> where in the definition
        self.has_gaps = False
        """Whether a mistake kept something from being read, which may be what then seems to be missing."""
        self._lists: set[str] = set()
        self.budget = Budget()

    def read(self, steps: list[Any]) -> tuple[Step, ...]:
        """The top-level steps."""
        self._collect_lists(steps, "")
        return self._steps(steps, "/steps", "", RESERVED_STEPS)

    def _collect_lists(self, steps: list[Any], scope: str) -> None:
        for step in steps:
            if not isinstance(step, dict):
                continue
            inner = scope
            if isinstance(step.get("repeat"), str):
                inner = f"{scope}{step['repeat']}/*"
                self._lists.add(scope + step["repeat"])
            if isinstance(step.get("steps"), list):
                self._collect_lists(step["steps"], inner)

    def _steps(self, steps: list[Any], at: str, scope: str, reserved: frozenset[str]) -> tuple[Step, ...]:
        read: list[Step] = []
        ids = {str(step.get("id")) for step in steps if isinstance(step, dict)}
        seen: set[str] = set()
        for place, raw in enumerate(steps):
            here = f"{at}/{place}"
            if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
                self.has_gaps = True
                continue
            if raw["id"] in reserved:
                self.loading.mistake(
                    f'"{raw["id"]}" is an address of the engine', f"{here}/id", cure="give the step another id"
                )
            if raw["id"] in seen:
                self.loading.mistake(
                    f'two steps here have the id "{raw["id"]}"', f"{here}/id", cure="change one of them"
                )
            seen.add(raw["id"])
            step, lists = self._step(raw, here, scope)
            if step.repeat is not None or step.fields or step.steps or step.body:
                read.append(step)
            for one in lists:
                made = made_step(one, self.budget, scope=scope, taken={*ids, *seen, *reserved})
                seen.add(made.id)
                self.owners.setdefault(one.pattern, here)
                read.append(made)
        return tuple(read)

    def _step(self, raw: Mapping[str, Any], at: str, scope: str) -> tuple[Step, list[Place]]:
        """The step that *raw* says, and the lists of objects in its fields."""
        self._check_kind(raw, at)
        text = self.loading.text
        step = Step(
            id=raw["id"],
            title=text(_text(raw, "title"), f"{at}/title", scope),
            scope=scope,
            hint=text(_text(raw, "hint"), f"{at}/hint", scope),
            help=text(_text(raw, "help"), f"{at}/help", scope),
            body=text(_text(raw, "body"), f"{at}/body", scope),
            when=_text(raw, "when"),
            video=_video(raw.get("video")),
        )
        if step.when:
            self.loading.expression(step.when, f"{at}/when", scope, kind="bool")
        lists: list[Place] = []
        if isinstance(raw.get("fields"), list):
            step = replace(step, fields=self._fields(raw["fields"], f"{at}/fields", scope, lists))
        inner_scope, reserved = scope, frozenset[str]()
        if isinstance(raw.get("repeat"), str):
            step = self._repeat(step, raw, at)
            inner_scope, reserved = step.inner_scope, RESERVED_IN_ITEM
        if isinstance(raw.get("steps"), list) and at.count("/steps/") == MOST_LEVELS:
            self.loading.mistake(
                f"steps lie more than {MOST_LEVELS} deep in each other", f"{at}/steps", cure="make it flatter"
            )
        elif isinstance(raw.get("steps"), list):
            step = replace(step, steps=self._steps(raw["steps"], f"{at}/steps", inner_scope, reserved))
        return step, lists

    def _check_kind(self, raw: Mapping[str, Any], at: str) -> None:
        given = [name for name in _KINDS if name in raw]
        if len(given) > 1:
            self.loading.mistake(f"a step has one of {', '.join(given)}", at, cure="make two steps of it")
        elif not given:
            self.has_gaps = True
            if raw.keys() <= TABLES["step"].keys():  # else it is misspelled, which is said
                self.loading.mistake("this step asks nothing", at, cure='give it "fields", "steps" or "body"')
        self.has_gaps |= any(not isinstance(raw[name], list) for name in ("fields", "steps") if name in raw)
        if "repeat" in raw and "steps" not in raw:
            self.loading.mistake(
                "a repeated step has steps, one or more for each item", at, cure='put "fields" into a step in "steps"'
            )
        if "when" in raw and "body" not in raw:
            cure = "a question is opened by an if in the schema"
            self.loading.mistake('"when" belongs to information pages alone', f"{at}/when", key=True, cure=cure)
        for name in ("itemTitle", "fixed"):
            if name in raw and "repeat" not in raw:
                self.loading.mistake(
                    f'"{name}" belongs to repeated steps', f"{at}/{name}", key=True, cure='add "repeat"'
                )

    def _repeat(self, step: Step, raw: Mapping[str, Any], at: str) -> Step:
        pattern = step.scope + raw["repeat"]
        place = self.loading.place(raw["repeat"], f"{at}/repeat", step.scope)
        self.has_gaps |= place is None
        if place is not None and not place.is_a("array"):
            cure = "a step repeats a list (an array of the schema)"
            self.loading.mistake(f"{pattern} is no list", f"{at}/repeat", cure=cure)
        owns = pattern not in self.owners
        self.owners.setdefault(pattern, at)
        if not owns and "fixed" in raw:
            cure = f"that step begins in line {self._line(self.owners[pattern])}"
            self.loading.mistake(
                '"fixed" stands in the first step that repeats a list', f"{at}/fixed", key=True, cure=cure
            )
        step = replace(step, repeat=pattern, owns=owns, fixed=raw["fixed"] if isinstance(raw.get("fixed"), int) else 0)
        most = place.says("maxItems") if place is not None else None
        if isinstance(most, int) and step.fixed > most:
            self.loading.mistake(f"the schema allows {most} items at most", f"{at}/fixed")
        title = self.loading.text(_text(raw, "itemTitle"), f"{at}/itemTitle", step.inner_scope)
        return replace(step, item_title=title)

    def _fields(self, entries: list[Any], at: str, scope: str, lists: list[Place]) -> tuple[Field, ...]:
        fields = []
        for number, entry in enumerate(entries):
            here = f"{at}/{number}"
            raw = {"field": entry} if isinstance(entry, str) else entry
            if not isinstance(raw, dict) or not isinstance(raw.get("field"), str):
                self.has_gaps = True
                continue
            pointer_at = here if isinstance(entry, str) else f"{here}/field"
            place = self.loading.place(raw["field"], pointer_at, scope)
            if place is None:
                self.has_gaps = True
                continue
            if place.pattern in self.asked:
                cure = f"it is asked in line {self._line(self.asked[place.pattern])} already"
                self.loading.mistake(f"{place.pattern or 'the root'} is asked twice", pointer_at, cure=cure)
                continue
            self.asked[place.pattern] = here
            field = self._field(raw, here, place, scope)
            if field.widget not in {"upload", "matrix"} and not field.fills:
                lists += [one for one in lists_in(place, self.budget) if self._is_unowned(one, lists)]
                if is_repeated(place):
                    continue
            fields.append(field)
        return tuple(fields)

    def _line(self, at: str) -> int:
        return self.loading.definition.place(at)[0]

    def _is_unowned(self, place: Place, lists: list[Place]) -> bool:
        return place.pattern not in self._lists and all(place.pattern != one.pattern for one in lists)

    def _field(self, raw: Mapping[str, Any], at: str, place: Place, scope: str) -> Field:
        texts = {name: self.loading.text(_text(raw, name), f"{at}/{name}", scope) for name in _TEXTS}
        options = _texts(raw.get("options"))
        self._check_options(options, f"{at}/options", place)
        self._check_words(raw, at)
        widget = _text(raw, "widget")
        if widget and self.widgets is not None and widget not in self.widgets:
            self.loading.mistake(
                f'there is no control "{widget}"', f"{at}/widget", cure=f"there is: {', '.join(sorted(self.widgets))}"
            )
        return Field(
            pattern=place.pattern,
            widget=widget,
            autocomplete=_text(raw, "autocomplete"),
            inputmode=_text(raw, "inputmode"),
            width=_text(raw, "width"),
            options=options,
            messages=_texts(raw.get("messages")),
            fills=self._fills(raw, at, place),
            sensitive=raw.get("sensitive") is True,
            **texts,
        )

    def _check_words(self, raw: Mapping[str, Any], at: str) -> None:
        """Words that nobody outside checks: what browsers fill in, and keywords that have wordings of their own."""
        filled = _text(raw, "autocomplete").rpartition(" ")[2]
        if filled and filled not in AUTOFILL:
            cure = remedy(filled, AUTOFILL, otherwise="HTML names what browsers fill in: given-name, email, bday …")
            self.loading.warn(f'no browser fills in "{filled}"', f"{at}/autocomplete", cure=cure)
        for word in _texts(raw.get("messages")):
            close = closest(word, KEYWORDS) if word not in KEYWORDS else ""
            if close:
                cure = f'did you mean "{close}"?'
                self.loading.warn(f'"{word}" is no keyword, so this is never said', f"{at}/messages/{word}", cure=cure)

    def _fills(self, raw: Mapping[str, Any], at: str, place: Place) -> dict[str, str]:
        """What a file fills: a property of the file to a pointer within the object, or within each of the list."""
        fills = _texts(raw.get("fills"))
        target = place.rows if place.is_a("array") and place.rows is not None else place
        for name, pointer in fills.items():
            if name not in _OF_FILES:
                cure = remedy(name, _OF_FILES, otherwise=f"there is: {', '.join(_OF_FILES)}")
                self.loading.mistake(f'a file has no "{name}"', f"{at}/fills/{name}", key=True, cure=cure)
            self.loading.place(pointer, f"{at}/fills/{name}", target.pattern)
        if fills and _text(raw, "widget") != "upload":
            self.loading.mistake('"fills" belongs to uploads', f"{at}/fills", key=True, cure='add "widget": "upload"')
        return fills

    def _check_options(self, options: Mapping[str, str], at: str, place: Place) -> None:
        if not options:
            return
        known = {_option_text(value) for part in place.parts for value in chosen_of(part.schema)}
        rows = place.rows
        known |= {_option_text(value) for part in (rows.parts if rows else ()) for value in chosen_of(part.schema)}
        for value in options:
            if known and value not in known:
                cure = remedy(value, sorted(known), otherwise=f"there is: {', '.join(sorted(known)[:12])}")
                self.loading.mistake(f'{place.pattern} has no option "{value}"', f"{at}/{value}", key=True, cure=cure)


def _option_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""


def _texts(value: Any) -> dict[str, str]:
    return {key: one for key, one in value.items() if isinstance(one, str)} if isinstance(value, dict) else {}


def _video(raw: Any) -> Video | None:
    if not isinstance(raw, dict):
        return None
    return Video(
        _text(raw, "src"),
        _texts(raw.get("captions")),
        _text(raw, "transcript"),
        _text(raw, "title"),
        _text(raw, "poster"),
        _text(raw, "signLanguage"),
    )
