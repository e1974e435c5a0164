"""An object the keys of which the applicant names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.numbers import dumps
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import FieldType, ParseProblem, Prompt, Raw, field_types
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_, Text

KEY = "key"
MAX_KEY = 64
"""SCH-02: a name has at most so many characters."""


@field_types.register("map")
class FreeKeys(FieldType):
    """Entries with a name each. JSON: an object. Control: the entries, each with its own control, and a text for the
    name of a new one.
    """

    template = "map"
    parts = (KEY,)
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Geben Sie bei „{label}“ mindestens einen Eintrag an"),
        "propertyNames": N_("Der Name eines Eintrags bei „{label}“ ist hier nicht möglich"),
        "taken": N_("Den Namen gibt es bei „{label}“ schon"),
        "long": N_("Der Name eines Eintrags bei „{label}“ darf höchstens {limit} Zeichen lang sein"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Objects with free keys."""
        del question
        return 5 if role is Role.MAP else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """The name of a new entry."""
        del question
        return self.parts

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The name of the new entry. Errors: ParseProblem if it is too long."""
        del prompt
        text = parsing.clean(raw.get(KEY, ("",))[0], lines=False)
        if parsing.is_blank(text):
            return ABSENT
        if len(text) > MAX_KEY:
            raise ParseProblem("long", KEY, limit=MAX_KEY)
        return text

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """Nothing: entries are shown by their own controls."""
        del value, prompt
        return {}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """Names and values with commas."""
        if not isinstance(value, dict):
            return super().display(value, question, field, text)
        shown = (f"{key}: {row if isinstance(row, str) else dumps(row)}" for key, row in value.items())
        return ", ".join(shown) or text.gettext(N_("Keine"))
