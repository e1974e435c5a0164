"""A file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import FieldType, Prompt, Raw, field_types
from formengine.i18n.catalogues import N_, Text


@field_types.register("upload")
class Upload(FieldType):
    """A file. JSON: its path in the delivery, or its bytes; put there when the file arrives, never read from text.

    Control: a file input, never hidden behind a button.
    """

    template = "upload"
    reads = False
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Laden Sie „{label}“ hoch"),
        "parse": N_("Laden Sie „{label}“ noch einmal hoch"),
        "contentMediaType": N_("Bei „{label}“ können wir nur PDF, JPG, PNG und HEIC lesen"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Strings with `contentMediaType`."""
        return 7 if role is Role.VALUE and question.keywords.get("contentMediaType") and not question.options else 0

    def takes(self, question: Question, role: Role) -> bool:
        """A list or object of any shape can be declared a file."""
        del question
        return role in {Role.VALUE, Role.LIST, Role.MAP}

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """One file input."""
        del question
        return self.parts

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """Nothing: files do not come as text."""
        del raw, prompt
        return ABSENT

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The file's name; "uploaded" where the value holds its bytes."""
        del field
        if isinstance(value, str) and not question.keywords.get("contentEncoding"):
            return value.rsplit("/", 1)[-1]
        return text.gettext(N_("Hochgeladen"))
