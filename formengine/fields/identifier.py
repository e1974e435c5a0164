"""Numbers that an authority gave: tax, pension, health insurance, benefit unit, postcode."""

from __future__ import annotations

from typing import NamedTuple

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import OWN, FieldType, Prompt, Raw, field_types, text_format
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_, Text


class _Kind(NamedTuple):
    groups: tuple[int, ...]
    message: str
    inputmode: str = "text"
    width: str = "20"


_KINDS = {
    "idnr": _Kind(
        (2, 3, 3, 3), N_("Die Steuer-ID hat 11 Ziffern. Vergleichen Sie sie mit Ihrem Steuerbescheid"), "numeric"
    ),
    "rvnr": _Kind(
        (2, 6, 1, 2, 1),
        N_("Die Versicherungsnummer hat 12 Zeichen. Vergleichen Sie sie mit Ihrem Versicherungsausweis"),
    ),
    "kvnr": _Kind(
        (), N_("Die Versichertennummer hat einen Buchstaben und 9 Ziffern. Sie steht auf der Gesundheitskarte")
    ),
    "bgnr": _Kind((), N_("Die Nummer steht auf Briefen vom Jobcenter, zum Beispiel 12345//0001234")),
    "plz": _Kind((), N_("Die Postleitzahl hat 5 Ziffern, zum Beispiel 04109"), "numeric", "4"),
}
"""Groups as `domain/sgb2-forms.md` 2 shows them."""


@field_types.register("identifier")
class Identifier(FieldType):
    """A number with a check of its own. JSON: without blanks, upper case. Control: text from left to right."""

    exact = True
    capitals = "characters"

    def fits(self, question: Question, role: Role) -> int:
        """`format` idnr, rvnr, kvnr, bgnr, plz."""
        return 4 if role is Role.VALUE and _kind(question) else 0

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The number in its normal form."""
        del prompt
        text = parsing.plain(raw.get(OWN, ("",))[0])
        return text.replace(" ", "").upper() or ABSENT

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """In its usual groups."""
        return {OWN: (_grouped(str(value), prompt.question),)}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """In its usual groups."""
        return _grouped(value, question) if isinstance(value, str) else super().display(value, question, field, text)

    def inputmode(self, prompt: Prompt) -> str:
        """Digits only where there are no letters."""
        kind = _kind(prompt.question)
        return kind.inputmode if kind else "text"

    def width_of(self, prompt: Prompt) -> str:
        """As wide as the number is."""
        kind = _kind(prompt.question)
        return kind.width if kind else ""

    def _sentence(self, code: str, limit: JsonValue, prompt: Prompt, *, named: bool = False) -> str:
        kind = _kind(prompt.question)
        if kind and code in {"format", "pattern", "minLength", "maxLength", "parse"}:
            return kind.message
        return super()._sentence(code, limit, prompt, named=named)


def _kind(question: Question) -> _Kind | None:
    return _KINDS.get(text_format(question))


def _grouped(value: str, question: Question) -> str:
    kind = _kind(question)
    if kind is None or sum(kind.groups) != len(value):
        return value
    ends = [sum(kind.groups[: place + 1]) for place in range(len(kind.groups))]
    return " ".join(value[start:end] for start, end in zip([0, *ends], ends, strict=False))
