"""Several lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_

LONG = 200


@field_types.register("textarea")
class TextArea(FieldType):
    """Free text of more than a line. JSON: a string with LF between lines. Control: textarea."""

    template = "textarea"
    messages: ClassVar[Mapping[str, str]] = {"pattern": N_("Schreiben Sie „{label}“ so, wie es verlangt ist")}

    def fits(self, question: Question, role: Role) -> int:
        """Strings that may be longer than 200 characters."""
        return 2 if self.takes(question, role) and question.keywords.get("maxLength", 0) > LONG else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Any free string."""
        return role is Role.VALUE and "string" in question.types and question.options is None

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The text as it was typed; nothing visible is nothing."""
        del prompt
        text = parsing.clean(raw.get(OWN, ("",))[0], lines=True)
        return ABSENT if parsing.is_blank(text) else text
