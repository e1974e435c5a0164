"""`format: tel`, a telephone number as people write it."""

from __future__ import annotations

import re

from formengine.core.formats import formats

_SHAPE = re.compile(r"\+?[0-9 ()/.\-]+")


@formats.register("tel")
def check(value: str) -> bool:
    """Whether *value* can be a telephone number: 3 to 15 digits, grouped in any usual way, perhaps with a country.

    Source: ITU-T E.164 (at most 15 digits); the groups follow DIN 5008 and everyday writing.

    >>> check("+49 (0)30 123-45 67")
    True
    """
    text = value.strip()
    return _SHAPE.fullmatch(text) is not None and 3 <= sum(c.isdigit() for c in text) <= 15
