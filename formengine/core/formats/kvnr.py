"""`format: kvnr`, the number on the health insurance card."""

from __future__ import annotations

import re

from formengine.core.formats import formats

_SHAPE = re.compile(r"[A-Z][0-9]{9}")


@formats.register("kvnr")
def check(value: str) -> bool:
    """Whether *value* is the unchanging part of a Krankenversichertennummer.

    Shape: a letter and nine digits, the last of them the check digit; spaces allowed, either case.
    Source: § 290 SGB V.

    >>> check("A123456780")
    True
    """
    text = value.replace(" ", "").upper()
    if not _SHAPE.fullmatch(text):
        return False
    digits = f"{ord(text[0]) - 64:02d}{text[1:9]}"
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(digits))
    return total % 10 == int(text[9])
