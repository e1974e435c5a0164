"""A telephone number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types, text_format
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_


@field_types.register("tel")
class Telephone(FieldType):
    """A telephone number. JSON: a string without blanks around it. Control: `type=tel`, from left to right."""

    exact = True
    html_type = "tel"
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Geben Sie die Telefonnummer so ein: 0151 23456789 oder +49 151 23456789"),
        "format": N_("Geben Sie die Telefonnummer so ein: 0151 23456789 oder +49 151 23456789"),
        "pattern": N_("Geben Sie die Telefonnummer so ein: 0151 23456789 oder +49 151 23456789"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format: tel`."""
        return 4 if role is Role.VALUE and text_format(question) in {"tel", "phone"} else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Any free string."""
        return role is Role.VALUE and "string" in question.types and question.options is None

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The number as typed, digits of any script as ours."""
        del prompt
        text = parsing.plain(raw.get(OWN, ("",))[0])
        return text or ABSENT

    def inputmode(self, prompt: Prompt) -> str:
        """The keyboard of a telephone."""
        del prompt
        return "tel"
