"""Dates, numbers, money, sizes and times of receipt as a reader of one language expects them.

A language is a BCP 47 tag. Babel knows no private use (`de-x-ls`), so formats come from what stands before it;
English is British, as fits a European authority. Days are calendar days and never shift; instants are shown in
Europe/Berlin (ANS-07).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError, dates, numbers

BERLIN = ZoneInfo("Europe/Berlin")
_PREFERRED = {"en": "en_GB"}


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """Babel's locale for the tag *language*: the longest part of it that Babel knows, else German.

    >>> str(locale_of("de-x-ls"))
    'de'
    """
    parts = language.split("-x-", maxsplit=1)[0].replace("_", "-").split("-")
    while parts:
        tag = "_".join(parts)
        try:
            return Locale.parse(_PREFERRED.get(tag, tag))
        except (UnknownLocaleError, ValueError):
            parts.pop()
    return Locale.parse("de")


@lru_cache(maxsize=256)
def direction(language: str) -> str:
    """`rtl` for a language that is written from right to left, else `ltr`."""
    return str(locale_of(language).text_direction)


@lru_cache(maxsize=256)
def name_of(language: str) -> str:
    """The language's name in itself; the names of variants that Babel does not know are given here."""
    if language == "de-x-ls":
        return "Leichte Sprache"
    return str(Locale.parse(locale_of(language).language).display_name).capitalize()


def format_day(value: str, language: str) -> str:
    """An ISO calendar day as `9. März 2026`; a month as `März 2026`, a year as `2026`; other text as it is.

    Unknown parts may be left out or be zeros (`1985-00-00`).

    >>> format_day("1985-03", "de")
    'März 1985'
    """
    parts = value.split("-")
    known = [part for part in parts if part.strip("0")]
    if not all(part.isascii() and part.isdigit() for part in parts) or len(parts[0]) != 4 or len(parts) > 3:
        return value
    locale = locale_of(language)
    try:
        if len(known) == 3:
            return dates.format_date(date(int(known[0]), int(known[1]), int(known[2])), "long", locale=locale)
        if len(known) == 2 and known == parts[:2]:
            return dates.format_skeleton("yMMMM", date(int(known[0]), int(known[1]), 1), locale=locale)
    except ValueError:
        return value
    return parts[0] if len(known) == 1 and known[0] == parts[0] else value


def format_number(value: Decimal | int, language: str) -> str:
    """A number with the language's separators and all of its digits, never rounded.

    >>> format_number(Decimal("1234.5"), "de")
    '1.234,5'
    """
    return str(numbers.format_decimal(Decimal(value), locale=locale_of(language), decimal_quantization=False))


def format_plain(value: Decimal | int, language: str) -> str:
    """A number as one types it: the language's decimal sign, no grouping, no exponent.

    >>> format_plain(Decimal("1234.50"), "de")
    '1234,50'
    """
    return format(Decimal(value), "f").replace(".", decimal_sign(language))


@lru_cache(maxsize=256)
def decimal_sign(language: str) -> str:
    """`,` or `.`, whichever the language writes before the fraction."""
    return "." if numbers.get_decimal_symbol(locale_of(language)) == "." else ","


def format_money(value: Decimal, language: str) -> str:
    """An amount in euros as `480,50 €`; exact, never rounded to the cent where it has more places."""
    exact = value if value != value.quantize(Decimal("0.01")) else value.quantize(Decimal("0.01"))
    return str(numbers.format_currency(exact, "EUR", locale=locale_of(language), decimal_quantization=False))


def format_size(size_bytes: int, language: str) -> str:
    """A file's size, `340 KB` or `1,2 MB`; units of 1,000 as file managers show them."""
    if size_bytes < 1000 * 1000:
        return f"{max(1, round(size_bytes / 1000)) if size_bytes else 0} KB"
    megabytes = (Decimal(size_bytes) / (1000 * 1000)).quantize(Decimal("0.1"))
    return f"{format_number(megabytes.normalize(), language)} MB"


def format_moment(instant: datetime, language: str) -> str:
    """An instant in Berlin's time, to the minute, `9. März 2026, 14:35 Uhr`. The instant carries its zone.

    In the hour that comes twice in autumn it says which of them: `02:30 Uhr (Mitteleuropäische Sommerzeit)`.
    """
    there = instant.astimezone(BERLIN)
    locale = locale_of(language)
    day = dates.format_date(there.date(), "long", locale=locale)
    said = f"{day}, {format_clock(there.strftime('%H:%M'), language)}"
    if there.replace(fold=0).utcoffset() == there.replace(fold=1).utcoffset():
        return said
    return f"{said} ({dates.get_timezone_name(there, 'long', locale=locale)})"


def format_clock(value: str, language: str) -> str:
    """A time of day to the minute, `14:35 Uhr` in German, `14:35` elsewhere; seconds only where they count."""
    clock = value[:5] if value[5:8] in ("", ":00") else value[:8]
    return f"{clock} Uhr" if locale_of(language).language == "de" else clock
