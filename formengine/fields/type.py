"""Which of several types of answer one gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Option, Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, chosen, field_types
from formengine.i18n import wording
from formengine.i18n.catalogues import N_, Phrase, Text

_NAMES = {
    "string": N_("Ein Text"),
    "integer": N_("Eine ganze Zahl"),
    "number": N_("Eine Zahl"),
    "boolean": N_("Ja oder Nein"),
    "object": N_("Mehrere Angaben"),
    "array": N_("Eine Liste"),
    "null": N_("Weiß ich nicht"),
}


@field_types.register("type")
class OneType(FieldType):
    """The type of an answer that may have several. A pick: the type's name. Control: radios."""

    template = "choice"
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Wählen Sie bei „{label}“ aus, wie Sie antworten möchten"),
        "parse": N_("Wählen Sie bei „{label}“ aus, wie Sie antworten möchten"),
        "type": N_("Wählen Sie bei „{label}“ aus, wie Sie antworten möchten"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """The choice of a type."""
        del question
        return 9 if role is Role.TYPE else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One group."""
        del question
        return (OWN,)

    def options(self, question: Question) -> tuple[Option, ...]:
        """The types."""
        names = question.types if not question.nullable else (*question.types, "null")
        return question.options or tuple(Option(name, "", name) for name in names)

    def option_label(self, option: Option, prompt: Prompt) -> Phrase:
        """The type in everyday words, unless schema or definition have others."""
        return _named(option, prompt.field, prompt.text)

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The type's name. Errors: NotOffered."""
        choice = chosen(raw, prompt)
        return ABSENT if choice is None else choice.value

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The type in everyday words."""
        return next((_named(one, field, text).plain for one in self.options(question) if one.value == value), "")


def _named(option: Option, field: Field, text: Text) -> Phrase:
    if option.label or option.text in field.options or str(option.value) not in _NAMES:
        return wording.option(option, field, text)
    return text.say(_NAMES[str(option.value)])
