"""One of several values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.numbers import dumps
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, chosen, field_types
from formengine.i18n.catalogues import N_

RADIOS = 7
"""Up to so many options are radios; more are a select (ux 5)."""


@field_types.register("choice")
class OneOf(FieldType):
    """One of the values of an `enum`. JSON: that value. Control: radios up to 7 options, a select above."""

    template = "choice"
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Wählen Sie bei „{label}“ eine Antwort aus"),
        "parse": N_("Wählen Sie bei „{label}“ eine Antwort aus"),
        "enum": N_("Wählen Sie bei „{label}“ eine der Antworten aus"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """A question with options, for one value."""
        return 5 if role is Role.VALUE and question.options is not None and "array" not in question.types else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One group; null, where allowed, is among the options."""
        del question
        return (OWN,)

    def template_of(self, prompt: Prompt) -> str:
        """Radios, or a select for many options; an empty text among them cannot be told from none in a select."""
        many = len(prompt.choices) > RADIOS and all(choice.text for choice in prompt.choices)
        return "select" if many else "choice"

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The value chosen. Errors: NotOffered."""
        choice = chosen(raw, prompt)
        return ABSENT if choice is None else choice.value

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The option's text."""
        exact = dumps(value)
        return {OWN: tuple(choice.text for choice in prompt.choices if dumps(choice.value) == exact)}
