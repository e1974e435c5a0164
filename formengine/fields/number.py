"""A number."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, ParseProblem, Prompt, Raw, field_types
from formengine.i18n import formatting, parsing
from formengine.i18n.catalogues import N_, Text


@field_types.register("number")
class Number(FieldType):
    """A number. JSON: integer or number, exact. Control: text with the keyboard for numbers, local decimal sign."""

    exact = True
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Geben Sie „{label}“ als Zahl ein, zum Beispiel {example}"),
        "type": N_("„{label}“ muss eine ganze Zahl sein, zum Beispiel {example}"),
        "digits": N_("„{label}“ darf höchstens {limit} Ziffern haben"),
        "ambiguous": N_("Schreiben Sie bei „{label}“ eine eindeutige Zahl, zum Beispiel {whole} oder {fraction}"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """Integers and numbers without a list of values."""
        numeric = bool(question.types) and set(question.types) <= {"integer", "number"}
        return 2 if role is Role.VALUE and numeric and question.options is None else 0

    def inputmode(self, prompt: Prompt) -> str:
        """The keyboard for digits; where the schema takes less than zero, one with a minus sign."""
        if min(prompt.question.keywords.get(key) or 0 for key in ("minimum", "exclusiveMinimum")) < 0:
            return "text"
        return "numeric" if "number" not in prompt.question.types else "decimal"

    def width_of(self, prompt: Prompt) -> str:
        """Four digits wide where no more can be meant, as of days in a week."""
        most = prompt.question.keywords.get("maximum")
        return "4" if most is not None and 0 <= most < 10_000 and "number" not in prompt.question.types else "20"

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The number typed, in the way of the page's language."""
        typed = raw.get(OWN, ("",))[0]
        if parsing.is_blank(typed):
            return ABSENT
        language = prompt.text.language
        try:
            value = parsing.number(typed, language, whole="number" not in prompt.question.types)
        except parsing.Unreadable as problem:
            raise ParseProblem(
                problem.reason,
                limit=parsing.MAX_DIGITS,
                whole=formatting.format_plain(1234, language),
                fraction=formatting.format_plain(Decimal("12.34"), language),
            ) from None
        return int(value) if value == value.to_integral_value() else value

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The number as one types it."""
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return {OWN: (formatting.format_plain(value, prompt.text.language),)}
        return super().to_raw(value, prompt)

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The number, grouped."""
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return text.number(value)
        return super().display(value, question, field, text)

    def _example(self, prompt: Prompt) -> str:
        given = super()._example(prompt)
        if given:
            return given
        usual = Decimal(12) if "number" not in prompt.question.types else Decimal("12.5")
        limits = prompt.question.keywords
        least, most = limits.get("minimum"), limits.get("maximum")
        fitting = min(max(usual, least if least is not None else usual), most if most is not None else usual)
        return prompt.text.number(fitting)
