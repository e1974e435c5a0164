"""One line of text: what any string can be typed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_


@field_types.register("text")
class TextLine(FieldType):
    """A line of text. JSON: a string. Control: text, in the direction of what is typed."""

    messages: ClassVar[Mapping[str, str]] = {
        "pattern": N_("Geben Sie „{label}“ so ein, wie es verlangt ist"),
        "pattern-example": N_("Geben Sie „{label}“ so ein: {example}"),
        "format": N_("Geben Sie „{label}“ in der richtigen Form ein"),
        "format-example": N_("Geben Sie „{label}“ so ein: {example}"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """The last resort for every value."""
        del question
        return 1 if role is Role.VALUE else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Any free string."""
        return role is Role.VALUE and "string" in question.types and question.options is None

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The text as it was typed. Blanks around it go where something else than the text itself is meant."""
        text = parsing.clean(raw.get(OWN, ("",))[0], lines=False)
        if parsing.is_blank(text):
            return ABSENT
        keywords = prompt.question.keywords
        if prompt.field.autocomplete or keywords.get("pattern") or keywords.get("format"):
            return text.strip()
        return text
