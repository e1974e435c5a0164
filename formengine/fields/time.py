"""A time of day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, ParseProblem, Prompt, Raw, field_types, text_format
from formengine.i18n import formatting, parsing
from formengine.i18n.catalogues import N_, Text

ZONE = "+01:00"
"""JSON Schema's `time` wants an offset (RFC 3339, full-time); a time without a day gets Germany's in winter."""
_TYPED = re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2})(?:[:.]([0-9]{2}))?)?( ?Uhr| ?h)?", re.IGNORECASE)
_FULL = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE)


@field_types.register("time")
class Time(FieldType):
    """A time of day. JSON: RFC 3339 full-time. Control: text; `14:30`, `14.30` and `14 Uhr` are read."""

    exact = True
    width = "4"
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Geben Sie „{label}“ als Uhrzeit ein, zum Beispiel 14:30"),
        "format": N_("Geben Sie „{label}“ als Uhrzeit ein, zum Beispiel 14:30"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format: time`."""
        return 4 if role is Role.VALUE and text_format(question) == "time" else 0

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The time with its offset."""
        del prompt
        text = parsing.plain(raw.get(OWN, ("",))[0])
        if not text or _FULL.fullmatch(text):
            return text or ABSENT
        found = _TYPED.fullmatch(text)
        if not found or int(found[1]) > 23 or int(found[2] or 0) > 59 or int(found[3] or 0) > 59:
            raise ParseProblem("parse")
        return f"{int(found[1]):02}:{found[2] or '00'}:{found[3] or '00'}{ZONE}"

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The clock alone where the offset is ours, else the whole value."""
        del prompt
        clock, ours, _ = str(value).partition(ZONE)
        return {OWN: (clock.removesuffix(":00") if ours and clock.count(":") == 2 else str(value),)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The clock; another offset than ours stands behind it."""
        if not isinstance(value, str) or not _FULL.fullmatch(value):
            return super().display(value, question, field, text)
        offset = "" if value.endswith(ZONE) else f" ({value[8:]})"
        return formatting.format_clock(value[:8], text.language) + offset
