"""`format: rvnr`, the pension insurance number (also called social security number)."""

from __future__ import annotations

import re

from formengine.core.formats import formats

_SHAPE = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{2}[A-Z][0-9]{3}")
_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


@formats.register("rvnr")
def check(value: str) -> bool:
    """Whether *value* is a Rentenversicherungsnummer: area, date, letter, serial number, check digit.

    Shape: 12 characters, spaces allowed, either case. Day and month may be 00 (unknown), the day may be raised
    by 50 (a number given a second time). Whether the date is the person's is not looked at.
    Source: § 147 SGB VI; §§ 2 to 4 VKVV.

    >>> check("65 170839 J 003")
    True
    """
    text = value.replace(" ", "").upper()
    found = _SHAPE.fullmatch(text)
    if not found:
        return False
    area, day, month = (int(part) for part in found.groups())
    if not 1 <= area <= 89 or not (day <= 31 or 50 <= day <= 81) or month > 12:
        return False
    digits = f"{text[:8]}{ord(text[8]) - 64:02d}{text[9:11]}"
    total = sum(sum(divmod(int(digit) * weight, 10)) for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return total % 10 == int(text[11])
