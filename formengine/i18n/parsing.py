"""What people type, read leniently: clean text, numbers and days in the way of their language.

Decides what typed text means; whether the value is allowed is the schema's alone. A text that could mean two
things is refused, never guessed (ux 5). Every function is total: it returns a value or raises `Unreadable`.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import dates

from formengine.i18n import formatting

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
# Characters that show nothing beyond what Python calls blank (ANS-04).
_INVISIBLE = re.compile(r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
                        r"\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]+")  # fmt: skip
MAX_DIGITS = 15
MAX_TEXT = 10_000
"""Characters of one answer, whatever a schema allows (SCH-11)."""
MAX_LINES = 500
"""Lines of one answer: each costs the PDF more than its characters do (SCH-11)."""


class Unreadable(ValueError):
    """Raised where typed text has no meaning of the kind asked for. *reason* is a word, never the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean(text: str, *, lines: bool) -> str:
    """*text* without what no reader can see or no receiver can take; line ends are LF.

    Out go control characters other than tab and line feed, lone surrogates, and, where there is one line
    (*lines* false), overrides of direction.
    Source: ANS-03, ANS-04.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text)
    if not lines:
        text = _OVERRIDES.sub("", text)
    return text


def excess(text: str) -> tuple[str, int] | None:
    """Which limit *text* breaks, `maxLength` or `lines`, and how high it is; None for one of a size to be read."""
    if len(text) <= MAX_LINES:
        return None
    pairs = text.count("\r\n")
    if len(text) - pairs > MAX_TEXT:
        return "maxLength", MAX_TEXT
    return ("lines", MAX_LINES) if text.count("\n") + text.count("\r") - pairs >= MAX_LINES else None


def has_unseen(text: str) -> bool:
    """Whether `clean` would take something out of *text* beyond line ends, in a control of one line."""
    return bool(_CONTROL.search(text.replace("\r\n", "\n")) or _OVERRIDES.search(text))


def is_blank(text: str) -> bool:
    """Whether nothing in *text* can be seen (ANS-04).

    >>> is_blank(chr(0x200b))
    True
    """
    return not _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """*text* in one form: compatible characters and digits of all scripts as ASCII, dashes as `-`, blanks single."""
    text = unicodedata.normalize("NFKC", clean(text, lines=False))
    out = []
    for character in text:
        digit = unicodedata.decimal(character, -1)
        out.append(str(digit) if digit >= 0 else _SIGNS.get(character, character))
    return " ".join(_OVERRIDES.sub("", "".join(out)).replace("\u200e", "").replace("\u200f", "").split())


_SIGNS = {"\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "٫": ",", "٬": "'"}
_NUMBER = re.compile(r"[+-]?(?:[0-9][0-9.,]*|[.,][0-9]+)")


def number(text: str, language: str, *, whole: bool = False, grouped: bool = False) -> Decimal:
    """The number that *text* says; *whole* where only an integer can be meant, *grouped* where `1.234` has no
    other meaning than one thousand and so on (an amount of money).

    Errors: Unreadable with `number`, `ambiguous` (`1.234`, where it may be a fraction) or `digits` (more than 15).

    >>> number("1.234,56", "de")
    Decimal('1234.56')
    """
    text = re.sub(r"(?<=[0-9])[ '’](?=[0-9])", "", plain(text))
    if not _NUMBER.fullmatch(text):
        raise Unreadable("number")
    sign = -1 if text[0] == "-" else 1
    digits = _resolve(text.lstrip("+-"), formatting.decimal_sign(language), whole=whole, grouped=grouped)
    if len(digits.replace(".", "").lstrip("0")) > MAX_DIGITS:
        raise Unreadable("digits")
    return sign * Decimal(digits)


def _resolve(text: str, point: str, *, whole: bool, grouped: bool) -> str:
    """*text* of digits, dots and commas with at most one dot, the decimal point."""
    other = "." if point == "," else ","
    marks = [c for c in text if c in ".,"]
    if not marks:
        return text
    if len(set(marks)) == 2:
        last = marks[-1]
        if marks.count(last) > 1 or (last != point and point == ","):
            raise Unreadable("number")
        head, tail = text.rsplit(last, 1)
        return _ungroup(head, other if last == point else point) + "." + _fraction(tail)
    mark = marks[0]
    if len(marks) > 1:
        if mark == point == ",":
            raise Unreadable("number")
        return _ungroup(text, mark)
    head, tail = text.split(mark)
    thousands = len(tail) == 3 and 1 <= len(head) <= 3 and head[0] != "0"
    if thousands and (mark == other or (whole and point == ".")):
        if not (whole or grouped):
            raise Unreadable("ambiguous")
        return head + tail
    return (head or "0") + "." + _fraction(tail)


def _fraction(tail: str) -> str:
    if not tail:
        raise Unreadable("number")
    return tail


def _ungroup(text: str, mark: str) -> str:
    head, *groups = text.split(mark)
    if not 1 <= len(head) <= 3 or any(len(group) != 3 for group in groups) or not "".join((head, *groups)).isdigit():
        raise Unreadable("number")
    return head + "".join(groups)


def month(text: str, language: str) -> int:
    """The number of a month given as number or name, in *language*, German or English.

    Errors: Unreadable with `month`.

    >>> month("Febr.", "de")
    2
    """
    text = plain(text).casefold().strip(". ")
    if text.isdigit() and len(text) <= 2:
        return int(text)
    for tongue in (language, "de", "en"):
        names = _months(tongue)
        found = {names[text]} if text in names else {n for name, n in names.items() if name.startswith(text)}
        if len(found) == 1 and len(text) >= 3:
            return found.pop()
    raise Unreadable("month")


@lru_cache(maxsize=64)
def _months(language: str) -> dict[str, int]:
    names = {"jänner": 1, "maerz": 3, "feber": 2}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for position, name in dates.get_month_names(width, context, formatting.locale_of(language)).items():
                names[plain(name).casefold().strip(". ")] = int(position)
    return names


_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY = re.compile(r"([0-9]{1,2})\s*[./\- ]\s*([0-9]{1,2}|[^\W\d_]+\.?)\s*[./\- ]?\s*([0-9]{4})")


def day(text: str, language: str) -> tuple[str, str, str] | None:
    """Day, month and year of a date that was put into one control whole, or None if it is no such date.

    Day before month, as everywhere outside North America; ISO too.

    >>> day("1. Februar 1990", "de")
    ('1', '2', '1990')
    """
    text = plain(text)
    found = _ISO.fullmatch(text)
    if found:
        return found[3], found[2], found[1]
    found = _DAY.fullmatch(text)
    if not found:
        return None
    try:
        return found[1], str(month(found[2], language)), found[3]
    except Unreadable:
        return None


def real_day(year: int, month_number: int, day_number: int) -> bool:
    """Whether the calendar has this day."""
    try:
        date(year, month_number, day_number)
    except ValueError:
        return False
    return True
