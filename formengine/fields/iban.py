"""The number of a bank account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, ParseProblem, Prompt, Raw, field_types, text_format
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_, Text

GERMAN: Final = 22
"""How many characters an IBAN from Germany has."""


@field_types.register("iban")
class Iban(FieldType):
    """An IBAN. JSON: without blanks, upper case. Control: text from left to right, shown in groups of four."""

    exact = True
    capitals = "characters"
    hint = N_("Steht auf Ihrer Bankkarte. Eine deutsche IBAN beginnt mit DE und hat 22 Zeichen")
    width = "34"
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Die IBAN stimmt nicht. Vergleichen Sie sie mit Ihrer Bankkarte"),
        "format": N_("Die IBAN stimmt nicht. Vergleichen Sie sie mit Ihrer Bankkarte"),
        "pattern": N_("Die IBAN stimmt nicht. Vergleichen Sie sie mit Ihrer Bankkarte"),
        "maxLength": N_("Die IBAN ist zu lang. Eine deutsche IBAN hat 22 Zeichen"),
        "minLength": N_("Die IBAN ist zu kurz. Eine deutsche IBAN hat 22 Zeichen"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format: iban`."""
        return 4 if role is Role.VALUE and text_format(question) == "iban" else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Any free string."""
        return role is Role.VALUE and "string" in question.types and question.options is None

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The IBAN in its normal form."""
        text = parsing.plain(raw.get(OWN, ("",))[0]).replace(" ", "").upper()
        if text.startswith("DE") and text_format(prompt.question) == "iban" and len(text) != GERMAN:
            raise ParseProblem("minLength" if len(text) < GERMAN else "maxLength")
        return text or ABSENT

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """In groups of four."""
        del prompt
        return {OWN: (_grouped(str(value)),)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """In groups of four."""
        return _grouped(value) if isinstance(value, str) else super().display(value, question, field, text)


def _grouped(value: str) -> str:
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))
