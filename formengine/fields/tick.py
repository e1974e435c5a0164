"""One box that has to be, or may be, ticked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Option, Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, chosen, field_types
from formengine.i18n.catalogues import N_

_TICKED = Option(value=True, label="", text="true")


@field_types.register("tick")
class Tick(FieldType):
    """Agreement. JSON: `true`; unticked is no answer, never `false`. Control: one checkbox, never ticked beforehand."""

    template = "tick"
    heads = False
    may_be_optional = False
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Bestätigen Sie: „{label}“"),
        "const": N_("Bestätigen Sie: „{label}“"),
        "enum": N_("Bestätigen Sie: „{label}“"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Booleans that must be true."""
        return 9 if role is Role.VALUE and question.tick else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One box."""
        del question
        return (OWN,)

    def options(self, question: Question) -> tuple[Option, ...]:
        """The one value."""
        return question.options or (_TICKED,)

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The value if it is ticked. Errors: NotOffered."""
        choice = chosen(raw, prompt)
        return ABSENT if choice is None else choice.value

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """Ticked if the value is there."""
        del value
        return {OWN: (prompt.choices[0].text,)}
