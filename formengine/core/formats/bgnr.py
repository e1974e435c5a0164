"""`format: bgnr`, the number of a benefit unit."""

from __future__ import annotations

import re

from formengine.core.formats import formats

_SHAPE = re.compile(r"[0-9]{5}(//|BG)[0-9]{7}")


@formats.register("bgnr")
def check(value: str) -> bool:
    """Whether *value* has the shape of a Nummer der Bedarfsgemeinschaft of the Federal Employment Agency.

    Shape: five digits, `//` or `BG`, seven digits; spaces allowed, either case. It has no check digit. Municipal
    carriers number differently: their forms take a `pattern` instead.
    Source: the Agency's letters and notes on payments.

    >>> check("12345//0001234")
    True
    """
    return _SHAPE.fullmatch(value.replace(" ", "").upper()) is not None
