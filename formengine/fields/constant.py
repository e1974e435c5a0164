"""A value that leaves no choice but to give it or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, chosen, field_types
from formengine.i18n.catalogues import N_, Phrase
from formengine.i18n.wording import Wording


@field_types.register("constant")
class Constant(FieldType):
    """An optional `const`. JSON: that value, if ticked. Control: one checkbox. A required one is never asked."""

    template = "tick"
    heads = False
    may_be_optional = False
    messages: ClassVar[Mapping[str, str]] = {"required": N_("Bestätigen Sie: „{label}“")}

    def fits(self, question: Question, role: Role) -> int:
        """Questions with one option that is not "must be true"."""
        one = question.options is not None and len(question.options) == 1
        return 8 if role is Role.VALUE and one and not question.tick and "array" not in question.types else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One box."""
        del question
        return (OWN,)

    def label(self, prompt: Prompt) -> Wording:
        """The question and its one answer."""
        words = super().label(prompt)
        if prompt.field.label or prompt.question.options is None or prompt.question.options[0].value is True:
            return words
        answer = self.option_label(prompt.question.options[0], prompt)
        return Wording(Phrase(f"{words.phrase.plain}: {answer.plain}", words.phrase.lang))

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The value if it is ticked. Errors: NotOffered."""
        choice = chosen(raw, prompt)
        return ABSENT if choice is None else choice.value

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """Ticked if the value is there."""
        del value
        return {OWN: (prompt.choices[0].text,)}
