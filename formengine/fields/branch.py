"""Which of several kinds of answers one gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Option, Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, NotOffered, Prompt, Raw, field_types
from formengine.i18n import wording
from formengine.i18n.catalogues import N_, Phrase, Text


@field_types.register("branch")
class Branch(FieldType):
    """The branch of a `oneOf` (radios) or of an `anyOf` (checkboxes). A pick: its number, or a list of numbers."""

    template = "choice"
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Wählen Sie bei „{label}“ aus, was auf Sie zutrifft"),
        "parse": N_("Wählen Sie bei „{label}“ aus, was auf Sie zutrifft"),
        "oneOf": N_("Wählen Sie bei „{label}“ aus, was auf Sie zutrifft"),
        "anyOf": N_("Wählen Sie bei „{label}“ aus, was auf Sie zutrifft"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """The choice of a branch."""
        del question
        return 9 if role is Role.BRANCH else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One group."""
        del question
        return (OWN,)

    def template_of(self, prompt: Prompt) -> str:
        """Checkboxes where several branches may be meant."""
        return "choices" if _several(prompt.question) else "choice"

    def repeats_for(self, question: Question) -> bool:
        """Checkboxes of one question share a name."""
        return _several(question)

    def options(self, question: Question) -> tuple[Option, ...]:
        """The branches by number."""
        return question.options or (question.items.options if question.items else None) or ()

    def option_label(self, option: Option, prompt: Prompt) -> Phrase:
        """The branch's title; a branch without one is counted."""
        return _named(option, prompt.field, prompt.text)

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The number of the branch, or the numbers. Errors: NotOffered."""
        texts = raw.get(OWN, ())
        if any(text not in prompt.places for text in texts):
            raise NotOffered(OWN)
        if not texts:
            return ABSENT
        places = sorted({prompt.places[text] for text in texts})
        picked = [prompt.choices[place].value for place in places]
        return picked if _several(prompt.question) else picked[0]

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The texts of what is picked."""
        picked = value if isinstance(value, list) else [value]
        return {OWN: tuple(choice.text for choice in prompt.choices if choice.value in picked)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The titles of the branches."""
        picked = value if isinstance(value, list) else [value]
        return ", ".join(_named(one, field, text).plain for one in self.options(question) if one.value in picked)


def _named(option: Option, field: Field, text: Text) -> Phrase:
    if option.label or option.text in field.options:
        return wording.option(option, field, text)
    return text.say(N_("Möglichkeit {n}"), n=int(option.value) + 1)


def _several(question: Question) -> bool:
    return "array" in question.types
