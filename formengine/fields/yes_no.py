"""Yes or no, and perhaps "don't know"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Option, Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, chosen, field_types
from formengine.i18n.catalogues import N_
from formengine.i18n.wording import Wording

_ANSWERS = (Option(value=True, label="", text="true"), Option(value=False, label="", text="false"))
_UNKNOWN = Option(value=None, label="", text="null")


@field_types.register("yes_no")
class YesNo(FieldType):
    """Yes or no. JSON: a boolean, or null where that is allowed. Control: radios, none chosen beforehand."""

    template = "choice"
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Wählen Sie bei „{label}“ eine Antwort aus"),
        "parse": N_("Wählen Sie bei „{label}“ eine Antwort aus"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Booleans that may be false; whether an optional object is given."""
        if role is Role.GIVEN:
            return 6
        return 6 if role is Role.VALUE and question.types == ("boolean",) and not question.tick else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One group; null is an answer of its own."""
        del question
        return (OWN,)

    def label(self, prompt: Prompt) -> Wording:
        """The question; of an object that may be given, whether it is to be."""
        words = super().label(prompt)
        if prompt.role is not Role.GIVEN or words.pieces:
            return words
        return Wording(prompt.text.say(N_("Möchten Sie „{what}“ angeben?"), what=words.phrase.plain))

    def options(self, question: Question) -> tuple[Option, ...]:
        """Those of the schema, else yes, no, and don't know where null is allowed."""
        return question.options or ((*_ANSWERS, _UNKNOWN) if question.nullable else _ANSWERS)

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The answer chosen. Errors: NotOffered."""
        choice = chosen(raw, prompt)
        return ABSENT if choice is None else choice.value

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The answer's text."""
        return {OWN: tuple(choice.text for choice in prompt.choices if choice.value is value)}
