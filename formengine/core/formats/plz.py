"""`format: plz`, a German postal code."""

from __future__ import annotations

import re

from formengine.core.formats import formats

_SHAPE = re.compile(r"(0[1-9]|[1-9][0-9])[0-9]{3}")


@formats.register("plz")
def check(value: str) -> bool:
    """Whether *value* can be a German Postleitzahl: five digits, never beginning with 00.

    Source: Deutsche Post, the system of postal codes of 1993.

    >>> check("01067")
    True
    """
    return _SHAPE.fullmatch(value) is not None
