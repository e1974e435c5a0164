"""A list that is asked row by row on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import FieldType, Prompt, Raw, field_types, fitting
from formengine.i18n.catalogues import N_, Text


@field_types.register("rows")
class Rows(FieldType):
    """A list of scalars. JSON: a list. Control: its rows, each with its own control, and a button to add one."""

    template = "rows"
    reads = False
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Geben Sie bei „{label}“ mindestens einen Eintrag an"),
        "contains": N_("Bei „{label}“ fehlt ein Eintrag, der nötig ist"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Lists that are neither choices nor files."""
        del question
        return 5 if role is Role.LIST else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """No control of its own."""
        del question
        return self.parts

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """Nothing: the rows are read by their own controls."""
        del raw, prompt
        return ABSENT

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """Nothing: the rows are shown by their own controls."""
        del value, prompt
        return {}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The rows with commas; "none" for an empty list."""
        if not isinstance(value, list):
            return super().display(value, question, field, text)
        if question.items is None:
            return str(len(value)) if value else text.gettext(N_("Keine"))
        kind = fitting(question.items, Role.VALUE)
        return ", ".join(kind.display(row, question.items, field, text) for row in value) or text.gettext(N_("Keine"))
