"""Several of several values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Option, Question, Role
from formengine.core.definition import Field
from formengine.core.numbers import dumps
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, NotOffered, Prompt, Raw, field_types
from formengine.i18n.catalogues import N_, Text


@field_types.register("choices")
class SomeOf(FieldType):
    """Any of the values of an `enum`. JSON: a list of them in the order of the schema. Control: checkboxes."""

    template = "choices"
    repeats = True
    hint = N_("Wählen Sie alles aus, was stimmt")
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Wählen Sie bei „{label}“ mindestens eine Antwort aus"),
        "minItems": N_("Wählen Sie bei „{label}“ mindestens {limit} Antworten aus"),
        "minItems-1": N_("Wählen Sie bei „{label}“ mindestens eine Antwort aus"),
        "maxItems": N_("Wählen Sie bei „{label}“ höchstens {limit} Antworten aus"),
        "maxItems-1": N_("Wählen Sie bei „{label}“ höchstens eine Antwort aus"),
        "parse": N_("Wählen Sie bei „{label}“ etwas aus"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Lists without doubles, the rows of which have options."""
        wanted = role is Role.VALUE and question.types == ("array",) and question.items is not None
        return 5 if wanted and question.items is not None and question.items.options is not None else 0

    def options(self, question: Question) -> tuple[Option, ...]:
        """Those of the rows."""
        return (question.items.options if question.items else None) or ()

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """What is ticked, in the order of the options; nothing is `[]` where an answer is due. Errors: NotOffered."""
        ticked = set(raw.get(OWN, ()))
        if not ticked <= prompt.places.keys():
            raise NotOffered(OWN)
        if not ticked and not prompt.required:
            return ABSENT
        return [choice.value for choice in prompt.choices if choice.text in ticked]

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The texts of what is ticked."""
        ticked = {dumps(row) for row in value} if isinstance(value, list) else set()
        return {OWN: tuple(choice.text for choice in prompt.choices if dumps(choice.value) in ticked)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The labels of what is ticked, with commas; "none" where nothing is."""
        if not isinstance(value, list):
            return super().display(value, question, field, text)
        return ", ".join(super(SomeOf, self).display(row, question, field, text) for row in value) or text.gettext(
            N_("Nichts davon")
        )
