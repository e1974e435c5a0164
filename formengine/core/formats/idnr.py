"""`format: idnr`, the tax identification number."""

from __future__ import annotations

import re
from collections import Counter

from formengine.core.formats import formats

_SHAPE = re.compile(r"[1-9][0-9]{10}")  # a leading 0 marks numbers for tests


@formats.register("idnr")
def check(value: str) -> bool:
    """Whether *value* is a Steuerliche Identifikationsnummer.

    Shape: 11 digits, spaces allowed. Among the first ten exactly one digit stands two or three times, three times
    never in a row, and all others at most once.
    Source: § 139b AO; check digit by ISO/IEC 7064, MOD 11,10.

    >>> check("12 345 678 995")
    True
    """
    text = value.replace(" ", "")
    if not _SHAPE.fullmatch(text):
        return False
    first = text[:10]
    often = [digit for digit, count in Counter(first).items() if count > 1]
    if len(often) != 1 or first.count(often[0]) > 3 or often[0] * 3 in first:
        return False
    product = 10
    for digit in first:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(text[10])
