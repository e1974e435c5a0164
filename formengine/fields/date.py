"""A calendar day, perhaps with parts that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar, NamedTuple

from formengine.core.asking import Question, Role
from formengine.core.definition import Field
from formengine.core.patterns import matcher
from formengine.core.pointer import ABSENT, JsonValue
from formengine.fields import FieldType, ParseProblem, Prompt, Raw, field_types, text_format
from formengine.i18n import parsing
from formengine.i18n.catalogues import N_, Text

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""ANS-07."""
DAY, MONTH, YEAR = "day", "month", "year"


class Layout(NamedTuple):
    """One way to write a date in JSON: text with `Y`, `M` and `D` where the parts stand."""

    text: str
    parts: tuple[str, ...]

    def write(self, numbers: Mapping[str, int]) -> str:
        """The date so written."""
        text = self.text.replace("YYYY", f"{numbers.get(YEAR, 0):04}")
        return text.replace("MM", f"{numbers.get(MONTH, 0):02}").replace("DD", f"{numbers.get(DAY, 0):02}")

    def read(self, value: str) -> dict[str, int] | None:
        """The parts of *value*, or None if it is not so written."""
        if len(value) != len(self.text) or not value.isascii():
            return None
        found: dict[str, str] = {}
        for have, want in zip(value, self.text, strict=True):
            if want in "YMD":
                found[want] = found.get(want, "") + have
            elif have != want:
                return None
        if not all(digits.isdigit() for digits in found.values()):
            return None
        read = {part: int(found[part[0].upper()]) for part in self.parts}
        return read if all(read.values()) else None


_ALL = (DAY, MONTH, YEAR)
FULL = (Layout("YYYY-MM-DD", _ALL), Layout("DD.MM.YYYY", _ALL))
_SHORT = (
    Layout("YYYY-MM", (MONTH, YEAR)),
    Layout("MM.YYYY", (MONTH, YEAR)),
    Layout("YYYY", (YEAR,)),
)


def _unknown(mark: str, known: tuple[str, ...]) -> tuple[Layout, ...]:
    """Both ways to write a date of which only the *known* parts are known, *mark* in the place of the others."""
    year, month, day = (
        letter * length if part in known else mark * length
        for part, letter, length in ((YEAR, "Y", 4), (MONTH, "M", 2), (DAY, "D", 2))
    )
    return (Layout(f"{year}-{month}-{day}", known), Layout(f"{day}.{month}.{year}", known))


_SOME = ((MONTH, YEAR), (YEAR,), (DAY, MONTH), (DAY,), (MONTH,), (DAY, YEAR))
_LESS = (
    *(way for known in _SOME for way in _unknown("X", known)),
    *_SHORT,
    *(way for known in _SOME for way in _unknown("0", known)),
)
_SAMPLE = {DAY: 31, MONTH: 3, YEAR: 1985}
_NAMES = {DAY: N_("Tag"), MONTH: N_("Monat"), YEAR: N_("Jahr")}
_NO_DATES = ("", "x", "31", "0123456789", "----------", "..........", "abcd-ef-gh", "ab.cd.efgh")


@field_types.register("date")
class Date(FieldType):
    """A day. JSON: an ISO date, or what the schema's pattern writes. Control: three text inputs, each with a label."""

    template = "date"
    parts = _ALL
    hint = N_("Zum Beispiel 31 3 1980")
    messages: ClassVar[Mapping[str, str]] = {
        "required": N_("Geben Sie „{label}“ ein"),
        "missing-day": N_("Bei „{label}“ fehlt der Tag"),
        "missing-month": N_("Bei „{label}“ fehlt der Monat"),
        "missing-year": N_("Bei „{label}“ fehlt das Jahr"),
        "day": N_("Schreiben Sie den Tag bei „{label}“ als Zahl von 1 bis 31"),
        "month": N_("Schreiben Sie den Monat bei „{label}“ als Zahl von 1 bis 12 oder als Wort"),
        "year": N_("Schreiben Sie das Jahr bei „{label}“ mit 4 Ziffern, zum Beispiel 1980"),
        "range": N_("Das Jahr bei „{label}“ muss zwischen {first} und {last} liegen"),
        "real": N_("Das Datum bei „{label}“ gibt es nicht. Prüfen Sie Tag, Monat und Jahr"),
        "pattern": N_("Prüfen Sie das Datum bei „{label}“"),
        "format": N_("Prüfen Sie das Datum bei „{label}“"),
    }

    def fits(self, question: Question, role: Role) -> int:
        """`format: date`, and patterns that take dates."""
        if role is not Role.VALUE or question.options is not None or question.types != ("string",):
            return 0
        if text_format(question) == "date":
            return 4
        return 3 if layouts(question) else 0

    def parts_of(self, question: Question) -> tuple[str, ...]:
        """Only the parts that some way of writing has."""
        asked = tuple(part for part in _ALL if any(part in layout.parts for layout in layouts(question)))
        return (*asked, "none") if question.nullable else asked

    def parts_may_lack(self, question: Question) -> bool:
        """Whether the schema takes dates with fewer parts beside the fullest."""
        return len({way.parts for way in layouts(question)}) > 1

    def to_json(self, raw: Raw, prompt: Prompt) -> JsonValue:
        """The date typed in its parts, or whole in the first of them."""
        typed = {part: parsing.plain(raw.get(part, ("",))[0]) for part in _ALL}
        filled = [part for part in _ALL if typed[part]]
        if not filled:
            return ABSENT
        if len(filled) == 1:
            whole = parsing.day(typed[filled[0]], prompt.text.language)
            if whole is not None:
                typed = dict(zip(_ALL, whole, strict=True))
        if len(filled) == 1 and any(way.read(typed[filled[0]]) for way in layouts(prompt.question)):
            return typed[filled[0]]  # written as the schema writes it
        numbers = _numbers(typed, prompt.text.language)
        layout = next((way for way in layouts(prompt.question) if set(way.parts) == set(numbers)), None)
        if layout is None:
            wanted = layouts(prompt.question)[0].parts
            missing = [part for part in wanted if part not in numbers] or [
                part for part in numbers if part not in wanted
            ]
            raise ParseProblem(f"missing-{missing[-1] if YEAR in missing else missing[0]}", missing[0])
        if YEAR in numbers and not FIRST_YEAR <= numbers[YEAR] <= LAST_YEAR:
            raise ParseProblem("range", YEAR, first=str(FIRST_YEAR), last=str(LAST_YEAR))
        if not parsing.real_day(numbers.get(YEAR, 2000), numbers.get(MONTH, 1), numbers.get(DAY, 1)):
            raise ParseProblem("real", self.parts_of(prompt.question)[0])
        return layout.write(numbers)

    def to_raw(self, value: JsonValue, prompt: Prompt) -> Raw:
        """The parts without leading zeros; what is no such date stands in the first part whole."""
        numbers = _read(value, prompt.question)
        if numbers is None:
            return {self.parts_of(prompt.question)[0]: (str(value),)}
        return {part: (str(number),) for part, number in numbers.items()}

    def display(self, value: JsonValue, question: Question, field: Field, text: Text) -> str:
        """The date in words."""
        numbers = _read(value, question)
        if numbers is None:
            return super().display(value, question, field, text)
        if YEAR not in numbers or (DAY in numbers and MONTH not in numbers):
            return ", ".join(f"{text.gettext(_NAMES[part])} {number}" for part, number in numbers.items())
        known = [f"{numbers[part]:0{width}}" for part, width in ((YEAR, 4), (MONTH, 2), (DAY, 2)) if part in numbers]
        return text.day("-".join(known))


@lru_cache(maxsize=8192)
def layouts(question: Question) -> tuple[Layout, ...]:
    """The ways in which *question* takes a date, the fullest first; none if it asks no date."""
    keywords = question.keywords
    patterns = keywords.get("pattern") or ()
    if "date" in (keywords.get("format") or ()):
        return FULL[:1]
    if not patterns or not keywords.get("maxLength", 10) >= 7:
        return ()
    found = tuple(way for way in (*FULL, *_LESS) if _takes(patterns, way.write(_SAMPLE)))
    if not found or any(_takes(patterns, text) for text in _NO_DATES):
        return ()
    if len(found[0].parts) == 3:
        return found
    wrong_month = found[0].write({**_SAMPLE, MONTH: 13})
    return found if len(found[0].parts) == 2 and not _takes(patterns, wrong_month) else ()


def _takes(patterns: tuple[str, ...], text: str) -> bool:
    return all(matcher(pattern).is_valid(text) for pattern in patterns)


def _read(value: JsonValue, question: Question) -> dict[str, int] | None:
    if not isinstance(value, str):
        return None
    if len(value) == 10 and value[4] == value[7] == "-" and value.isascii():  # the usual one first: it is read often
        year, month, day = value[:4], value[5:7], value[8:]
        if year.isdigit() and month.isdigit() and day.isdigit() and int(month) and int(day):
            return {DAY: int(day), MONTH: int(month), YEAR: int(year)}
    return next((numbers for way in (*FULL, *layouts(question)) if (numbers := way.read(value)) is not None), None)


def _numbers(typed: Mapping[str, str], language: str) -> dict[str, int]:
    """The parts typed as numbers; one that is blank or zeros is not known. Errors: ParseProblem."""
    numbers: dict[str, int] = {}
    for part in _ALL:
        text = typed[part].rstrip(". ")
        if not text.strip("0"):
            continue
        if part == MONTH:
            try:
                numbers[MONTH] = parsing.month(text, language)
            except parsing.Unreadable:
                raise ParseProblem(MONTH, MONTH) from None
        elif not text.isdigit() or (len(text) != 4 and (part == YEAR or len(text) > 2)):
            raise ParseProblem(part, part)
        else:
            numbers[part] = int(text)
    if numbers.get(DAY, 1) > 31:
        raise ParseProblem(DAY, DAY)
    if not 1 <= numbers.get(MONTH, 1) <= 12:
        raise ParseProblem(MONTH, MONTH)
    return numbers
