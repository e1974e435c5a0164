"""`format: cents`, an amount of money as a whole number of cents."""

from __future__ import annotations

import re

from formengine.core.formats import formats

_SHAPE = re.compile(r"-?(0|[1-9][0-9]*)")


@formats.register("cents")
def check(value: str) -> bool:
    """Whether *value* writes a whole number. JSON integers, the usual case, are amounts by themselves.

    >>> check("120")
    True
    """
    return _SHAPE.fullmatch(value) is not None
