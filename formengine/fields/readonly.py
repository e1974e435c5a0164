"""A value that is shown and not asked."""

from __future__ import annotations

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types, fitting
from formengine.i18n.catalogues import Text


@field_types.register("readonly")
class ReadOnly(FieldType):
    """A computed or prefilled value. JSON: never read from a post. Control: none; the value as text."""

    template = "readonly"
    reads = False
    heads = False
    may_be_optional = False

    def fits(self, question: Question, role: Role) -> int:
        """Whatever is shown and not asked."""
        del question
        return 9 if role is Role.COMPUTED else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One text."""
        del question
        return self.parts

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """Nothing."""
        del raw, prompt
        return ABSENT

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The value as text to read."""
        return {OWN: (self.display(value, prompt.question, prompt.field, prompt.text),)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """As the control would show it that fits the value."""
        return fitting(question, Role.VALUE).display(value, question, field, text)
