"""The functions that expressions may call beside CEL's own: age, days, months, addMonths, sum.

Decides how calendar days are counted. Dates are ISO strings; whatever is no date raises ValueError without naming
it, and the expression is undecided.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any


def _day(text: object) -> date:
    try:
        if isinstance(text, str) and len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("not a calendar day")


def age(born_on: str, on: str) -> int:
    """Completed years of life on the day *on*.

    Source: § 187 (2), § 188 (2) BGB: a year is completed with the day before the birthday; who was born on
    29 February is a year older from 1 March.

    >>> age("2008-02-29", "2023-02-28"), age("2008-02-29", "2023-03-01")
    (14, 15)
    """
    born, today = _day(born_on), _day(on)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def days(from_: str, to: str) -> int:
    """Calendar days from one day to another; negative if *to* is earlier."""
    return (_day(to) - _day(from_)).days


def months(from_: str, to: str) -> int:
    """Completed months from one day to another; negative if *to* is earlier.

    >>> months("2026-01-31", "2026-02-28"), months("2026-01-15", "2026-03-15")
    (0, 2)
    """
    first, last = _day(from_), _day(to)
    if last < first:
        return -months(to, from_)
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def add_months(day: str, count: int) -> str:
    """The day *count* months later, or the last of that month if it has no such day.

    Source: § 188 (3) BGB.

    >>> add_months("2026-01-31", 1)
    '2026-02-28'
    """
    start = _day(day)
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    if not 1 <= year <= 9999:
        raise ValueError("beyond the calendar")
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1])).isoformat()


def total(numbers: Sequence[Any]) -> Any:
    """The sum of a list of numbers; 0 of an empty one."""
    if any(isinstance(number, bool) or not isinstance(number, (int, float)) for number in numbers):
        raise ValueError("not a list of numbers")
    return sum(numbers)


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"age": age, "days": days, "months": months, "addMonths": add_months, "sum": total}
)
