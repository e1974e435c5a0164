"""The contract of a field type, the WTForms field that all of them share, and their registry.

A field type is one control: how typed text becomes JSON, how a value becomes text in the control and text to read,
and what is said when it is wrong. It is found by the question that it fits. It never judges a value: limits are the
schema's. Its HTML is a Jinja macro of the same name, drawn through WTForms (`web.compiled`).

*Raw* is what a browser sends for one question: the texts by part (`""` is the value's own control).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, ClassVar, TypeAlias

from markupsafe import Markup
from wtforms import Field as WTFormsField
from wtforms.fields.core import UnboundField
from wtforms.utils import unset_value

from formengine.core.answers import HOLE
from formengine.core.asking import Asked, Option, Question, Role
from formengine.core.definition import Field
from formengine.core.numbers import dumps
from formengine.core.pointer import ABSENT, JsonValue, element_id
from formengine.core.validation import Problem
from formengine.errors import ConfigError
from formengine.i18n import parsing, wording
from formengine.i18n.catalogues import Phrase, Text
from formengine.i18n.wording import MESSAGES, NO_WORDING, Wording
from formengine.registry import Registry

Raw: TypeAlias = Mapping[str, Sequence[str]]

OWN = ""
NONE = "none"


class ParseProblem(ValueError):
    """Raised where typed text has no meaning for its control. *reason* chooses the wording, *part* is what to mend."""

    def __init__(self, reason: str, part: str = OWN, **params: JsonValue) -> None:
        super().__init__(reason)
        self.reason = reason
        self.part = part
        self.params = params


class NotOffered(ValueError):
    """Raised where a value is posted that the control did not offer; *part* names the control."""

    def __init__(self, part: str = OWN) -> None:
        super().__init__(part)
        self.part = part


@dataclass(frozen=True, slots=True)
class Choice:
    """One option in the page's language; *text* is what the browser sends."""

    text: str
    label: Phrase
    value: JsonValue


@dataclass(frozen=True, eq=False)
class Prompt:
    """One question as it is put on a page, in one language: all that does not change from person to person.

    *rest* is the control's name and *at* the value's pointer, both without the page's scope (the item it is about).
    *doubled* are the parts before which the colon is doubled, for another control has the name.
    """

    rest: str
    at: str
    pattern: str
    role: Role
    question: Question
    field: Field
    text: Text
    kind: FieldType
    required: bool = False
    doubled: frozenset[str] = frozenset()

    @cached_property
    def label(self) -> Wording:
        """What the question is called."""
        return self.kind.label(self)

    @cached_property
    def hint(self) -> Wording:
        """The sentence below the label."""
        return wording.hint(self.question, self.field, self.text) or self.kind.usual_hint(self)

    @cached_property
    def help(self) -> Wording:
        """Longer help, folded."""
        return wording.written(self.field.help, self.text)

    @cached_property
    def why(self) -> Wording:
        """Why we ask, folded, below the buttons."""
        return wording.written(self.field.why, self.text)

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The options in the page's language."""
        return tuple(Choice(o.text, self.kind.option_label(o, self), o.value) for o in self.kind.options(self.question))

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each option by the text that the browser sends."""
        return {choice.text: place for place, choice in enumerate(self.choices)}

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts of the value, in the order of their controls."""
        return self.kind.parts_of(self.question)


class FieldType:
    """One control. A class in a module of this package, entered by `@field_types.register("its name")`."""

    template: ClassVar[str] = "text"
    html_type: ClassVar[str] = "text"
    exact: ClassVar[bool] = False
    """Whether it is a code or number: written from left to right, no spelling checked."""
    capitals: ClassVar[str] = "off"
    unit: ClassVar[str] = ""
    width: ClassVar[str] = ""
    hint: ClassVar[str] = ""
    """What the hint says where neither definition nor schema has one."""
    parts: ClassVar[tuple[str, ...]] = (OWN,)
    repeats: ClassVar[bool] = False
    """Whether a name may be sent more than once (ANS-08)."""
    reads: ClassVar[bool] = True
    """Whether the value is read from what is posted; files come another way, computed values not at all."""
    heads: ClassVar[bool] = True
    """Whether its label can be the heading of a page."""
    may_be_optional: ClassVar[bool] = True
    """Whether "optional" is worth saying."""
    messages: ClassVar[Mapping[str, str]] = {}

    def fits(self, question: Question, role: Role) -> int:
        """How well this control fits: 0 is not at all, the highest wins, a tie is an error."""
        raise NotImplementedError

    def takes(self, question: Question, role: Role) -> bool:
        """Whether a definition's `widget` may choose this control."""
        return self.fits(question, role) > 0

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The value that was typed, ABSENT where the control is blank. Errors: ParseProblem."""
        raise NotImplementedError

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """What the control shows for *value*: the texts that a browser would send for it."""
        del prompt
        return {OWN: (str(value),)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """*value* as text to read, in the language of *text*. Total: any JSON value gives something."""
        for choice in self.options(question):
            if dumps(choice.value) == dumps(value):
                return wording.option(choice, field, text).plain
        return wording.plain_value(value, text).plain

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """The parts for this question: `:none` is added where null may be chosen beside a value."""
        return (*self.parts, NONE) if question.nullable else self.parts

    def options(self, question: Question) -> tuple[Option, ...]:
        """What can be chosen here."""
        return question.options or ()

    def option_label(self, option: Option, prompt: Prompt) -> Phrase:
        """What an option is called here."""
        return wording.option(option, prompt.field, prompt.text)

    def template_of(self, prompt: Prompt) -> str:
        """The macro file that draws this question."""
        del prompt
        return self.template

    def repeats_for(self, question: Question) -> bool:
        """Whether a name of this question may be sent more than once (ANS-08)."""
        del question
        return self.repeats

    def parts_may_lack(self, question: Question) -> bool:
        """Whether a part of the value need not be known."""
        del question
        return False

    def inputmode(self, prompt: Prompt) -> str:
        """The keyboard for it, where the definition names none."""
        del prompt
        return ""

    def width_of(self, prompt: Prompt) -> str:
        """How wide the control is, in characters, where the definition says nothing."""
        del prompt
        return self.width

    def usual_hint(self, prompt: Prompt) -> Wording:
        """The hint where there is no other."""
        if not self.hint:
            return NO_WORDING
        return Wording(prompt.text.say(self.hint, example=self._example(prompt)))

    def label(self, prompt: Prompt) -> Wording:
        """What the question is called here."""
        return wording.label(prompt.question, prompt.field, prompt.text, at=prompt.at, pattern=prompt.pattern)

    def message(self, problem: Problem, prompt: Prompt, label: str) -> str:
        """The sentence for *problem*: the schema's own, else this control's for the code, else the engine's."""
        code = str(problem.params.get("reason", "parse")) if problem.code == "parse" else problem.code
        own = prompt.field.messages.get(problem.code) or prompt.field.messages.get(code)
        if own or problem.message:
            return prompt.text.of_form(own or problem.message).plain
        limit = problem.params.get("limit", prompt.question.keywords.get(code))
        return prompt.text.gettext(
            self._sentence(code, limit, prompt, named=isinstance(problem.params.get("names"), str)),
            label=label,
            limit=self._limit(code, limit, prompt),
            example=self._example(prompt),
            length=problem.params.get("length", ""),
            **{k: v for k, v in problem.params.items() if k not in {"reason", "limit", "length", "label", "example"}},
        )

    def _sentence(self, code: str, limit: JsonValue, prompt: Prompt, *, named: bool = False) -> str:
        """The sentence for a code, in the source language."""
        special = (
            f"{code}-names"
            if named
            else f"{code}-1"
            if limit == 1
            else f"{code}-example"
            if self._example(prompt)
            else code
        )
        for key in (special, code, "parse"):
            sentence = self.messages.get(key) or MESSAGES.get(key)
            if sentence:
                return sentence
        raise AssertionError

    def _limit(self, code: str, limit: JsonValue, prompt: Prompt) -> str:
        """A limit in words."""
        del code
        if isinstance(limit, list | tuple):
            limit = limit[0] if len(limit) == 1 else None
        if isinstance(limit, bool) or not isinstance(limit, int | Decimal):
            return limit if isinstance(limit, str) else ""
        return prompt.text.number(limit)

    def _example(self, prompt: Prompt) -> str:
        """An example of a value, as one types it; the schema's first."""
        examples = prompt.question.keywords.get("examples")
        if isinstance(examples, list | tuple) and examples:
            return self.display(examples[0], prompt.question, prompt.field, prompt.text)
        return ""

    def control(self, prompt: Prompt) -> UnboundField:
        """The WTForms field for *prompt*, to be bound to a form."""
        unbound: UnboundField = Control(prompt=prompt, label=prompt.label.phrase.plain)  # type: ignore[assignment]
        return unbound


def text_format(question: Question) -> str:
    """The `format` of a free text, the first where there are several; "" for anything else."""
    formats = question.keywords.get("format") or ()
    free = question.options is None and set(question.types) <= {"string"}
    return str(formats[0]) if free and formats else ""


def chosen(raw: Raw, prompt: Prompt) -> Choice | None:
    """The one option that was posted, or None where nothing was or "no answer". Errors: NotOffered."""
    texts = raw.get(OWN)
    if not texts or (texts[0] == "" and "" not in prompt.places):
        return None
    place = prompt.places.get(texts[0])
    if place is None:
        raise NotOffered
    return prompt.choices[place]


def read_posted(kind: FieldType, raw: Raw, prompt: Prompt) -> JsonValue:
    """The value posted for *prompt*, with `:none` looked at. Errors: ParseProblem."""
    for part, texts in raw.items():
        for text in texts:
            if excess := parsing.excess(text):
                raise ParseProblem(excess[0], part, limit=excess[1])
    value = kind.to_json(raw, prompt)
    if not raw.get(NONE):
        return value
    if value is not ABSENT:
        raise ParseProblem("none", NONE)
    return None


def raw_of(value: JsonValue, prompt: Prompt) -> Raw:
    """What the controls of *prompt* show for *value*; a default where there is none."""
    if value is ABSENT or value is HOLE:
        value = prompt.question.keywords.get("default", ABSENT)
        if value is ABSENT:
            return {}
    if value is None and NONE in prompt.parts:
        return {NONE: ("true",)}
    return prompt.kind.to_raw(value, prompt)


class Drawn:
    """A WTForms widget that leaves the drawing to the form's meta, which knows the templates."""

    def __call__(self, control: Control, **options: Any) -> Markup:
        """The control's HTML."""
        html: Markup = control.meta.draw(control, **options)
        return html


class Control(WTFormsField):
    """The one WTForms field: reads all parts of a value and is drawn by a macro. Carries no validators."""

    widget = Drawn()

    def __init__(self, *, prompt: Prompt, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self.prompt = prompt
        self.id = element_id(self.name)
        self.raw: Raw = {}
        self.problem: ParseProblem | None = None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read what was posted, or take the value that is given."""
        del extra_filters
        self.process_errors = ()
        self.problem = None
        if formdata is None:
            self.data = ABSENT if data is unset_value else data
            self.raw = raw_of(self.data, self.prompt)
            return
        self.raw = {part: texts for part in self.prompt.parts if (texts := formdata.getlist(self.name_of(part)))}
        try:
            self.data = read_posted(self.prompt.kind, self.raw, self.prompt)
        except ParseProblem as problem:
            self.data = ABSENT
            self.problem = problem
            self.process_errors = (problem.reason,)

    def name_of(self, part: str) -> str:
        """The HTML name of a part."""
        if not part:
            return str(self.name)
        own = "" if self.name == ":" else self.name
        return f"{own}::{part}" if part in self.prompt.doubled else f"{own}:{part}"

    def id_of(self, part: str, place: int = 0) -> str:
        """The element id of a part's control, or of its option number *place*. The first one has the field's own."""
        own = self.id if part == self.prompt.parts[0] else element_id(self.name_of(part))
        return f"{own}-{place + 1}" if place else own

    @property
    def pointer(self) -> str:
        """The pointer of the value."""
        return str(self.name)[: len(self.name) - len(self.prompt.rest)] + self.prompt.at


field_types: Registry[type[FieldType]] = Registry("formengine.fields")


@lru_cache(maxsize=64)
def field_type(name: str) -> FieldType:
    """The field type *name*, made once. Errors: ConfigError if there is none."""
    return field_types[name]()


@lru_cache(maxsize=8192)
def fitting(question: Question, role: Role, widget: str = "") -> FieldType:
    """The field type of a question: the one that *widget* names, if it takes the question, else the one that fits best.

    Errors: ConfigError if two fit equally or none does.
    """
    if widget in field_types and field_type(widget).takes(question, role):
        return field_type(widget)
    ranked = sorted(((field_type(name).fits(question, role), name) for name in field_types), reverse=True)
    if not ranked or ranked[0][0] <= 0:
        raise ConfigError(f"no field type fits a question of the types {question.types} with role {role}")
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        raise ConfigError(f"the field types {ranked[0][1]!r} and {ranked[1][1]!r} fit a question equally well")
    return field_type(ranked[0][1])


def display(asked: Asked, field: Field, text: Text) -> str:
    """The answer to *asked* as text to read, `""` where there is none. The only way from an answer to such text."""
    if asked.value is ABSENT:
        return ""
    return fitting(asked.question, asked.role, field.widget).display(asked.value, asked.question, field, text)
