"""A web address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types, text_format
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_


@field_types.register("uri")
class WebAddress(FieldType):
    """A web address. JSON: a string without blanks around it. Control: `type=url`, from left to right."""

    exact = True
    html_type = "url"
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Geben Sie die Internet-Adresse so ein: https://www.beispiel.de"),
        "format": N_("Geben Sie die Internet-Adresse so ein: https://www.beispiel.de"),
        "pattern": N_("Geben Sie die Internet-Adresse so ein: https://www.beispiel.de"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format` uri, iri and their references."""
        known = {"uri", "iri", "uri-reference", "iri-reference"}
        return 4 if role is Role.VALUE and text_format(question) in known else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Any free string."""
        return role is Role.VALUE and "string" in question.types and question.options is None

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The address as typed; one that begins with `www.` gets its scheme."""
        del prompt
        text = parsing.clean(raw.get(OWN, ("",))[0], lines=False)
        text = text.strip()
        if text.startswith("www."):
            return f"https://{text}"
        return ABSENT if parsing.is_blank(text) else text

    def inputmode(self, prompt: Prompt) -> str:
        """The keyboard with a slash."""
        del prompt
        return "url"
