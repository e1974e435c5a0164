"""An amount of money in euros."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, ParseProblem, Prompt, Raw, field_types
from formengine.i18n import formatting, parsing
from formengine.i18n.catalogues import N_, Text

CENT = Decimal("0.01")
_UNIT = re.compile(r"^(€|eur|euro)\s*|\s*(€|eur|euro)$|,-+$", re.IGNORECASE)


@field_types.register("money")
class Money(FieldType):
    """An amount of money. JSON: integer cents, or a number with two decimals. Control: text, local decimal comma."""

    exact = True
    unit = N_("Euro")
    width = "10"
    hint = N_("Zum Beispiel {example}")
    messages: ClassVar[Mapping[str, str]] = {
        "parse": N_("Geben Sie „{label}“ als Betrag in Euro ein, zum Beispiel {example}"),
        "decimals": N_("Geben Sie bei „{label}“ höchstens 2 Stellen nach dem Komma ein"),
        "digits": N_("„{label}“ darf höchstens {limit} Ziffern haben"),
        "minimum": N_("„{label}“ muss {limit} oder mehr sein"),
        "maximum": N_("„{label}“ muss {limit} oder weniger sein"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format: cents` on an integer; `multipleOf: 0.01` on a number."""
        if role is not Role.VALUE or question.options is not None:
            return 0
        return 3 if _in_cents(question) or _in_euros(question) else 0

    def takes(self, question: Question, role: Role) -> bool:
        """Also any number, read as euros."""
        return (role is Role.VALUE and "number" in question.types) or self.fits(question, role) > 0

    def inputmode(self, prompt: Prompt) -> str:
        """The keyboard for digits; where the schema takes less than zero, one with a minus sign."""
        if min(prompt.question.keywords.get(key) or 0 for key in ("minimum", "exclusiveMinimum")) < 0:
            return "text"
        return "decimal"

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The amount typed: cents where the schema counts cents, else euros."""
        typed = raw.get(OWN, ("",))[0]
        if parsing.is_blank(typed):
            return ABSENT
        try:
            euros = parsing.number(_UNIT.sub("", parsing.plain(typed)), prompt.text.language, grouped=True)
        except parsing.Unreadable as problem:
            raise ParseProblem(problem.reason, limit=parsing.MAX_DIGITS) from None
        if euros != euros.quantize(CENT):
            raise ParseProblem("decimals")
        if _in_cents(prompt.question):
            return int(euros * 100)
        return int(euros) if euros == euros.to_integral_value() else euros

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The amount with two decimals, as one types it."""
        euros = _euros(value, prompt.question)
        if euros is None:
            return super().to_raw(value, prompt)
        return {OWN: (formatting.format_plain(euros, prompt.text.language),)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The amount with its unit."""
        euros = _euros(value, question)
        return super().display(value, question, field, text) if euros is None else text.money(euros)

    def _limit(self, code: str, limit: JsonValue, prompt: Prompt) -> str:
        euros = None if code == "digits" else _euros(limit, prompt.question)
        return super()._limit(code, limit, prompt) if euros is None else prompt.text.money(euros)

    def _example(self, prompt: Prompt) -> str:
        examples = prompt.question.keywords.get("examples") or ()
        euros = _euros(examples[0], prompt.question) if isinstance(examples, list | tuple) and examples else None
        return formatting.format_plain(Decimal("480.50") if euros is None else euros, prompt.text.language)


def _in_cents(question: Question) -> bool:
    return question.types == ("integer",) and "cents" in (question.keywords.get("format") or ())


def _in_euros(question: Question) -> bool:
    steps = question.keywords.get("multipleOf") or ()
    return "number" in question.types and any(Decimal(step) == CENT for step in steps)


def _euros(value: JsonValue, question: Question) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    euros = Decimal(value) / 100 if _in_cents(question) else Decimal(value)
    return euros.quantize(CENT) if euros == euros.quantize(CENT) else euros
