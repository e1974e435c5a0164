"""An e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types, text_format
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_


@field_types.register("email")
class Email(FieldType):
    """An e-mail address. JSON: a string without blanks around it. Control: `type=email`, from left to right."""

    exact = True
    html_type = "email"
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Geben Sie die E-Mail-Adresse so ein: name@beispiel.de"),
        "format": N_("Geben Sie die E-Mail-Adresse so ein: name@beispiel.de"),
        "pattern": N_("Geben Sie die E-Mail-Adresse so ein: name@beispiel.de"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format: email`, `idn-email`."""
        return 4 if role is Role.VALUE and text_format(question) in {"email", "idn-email"} else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Any free string."""
        return role is Role.VALUE and "string" in question.types and question.options is None

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The address as typed."""
        del prompt
        text = parsing.clean(raw.get(OWN, ("",))[0], lines=False)
        return ABSENT if parsing.is_blank(text) else text.strip()

    def inputmode(self, prompt: Prompt) -> str:
        """The keyboard with @."""
        del prompt
        return "email"
