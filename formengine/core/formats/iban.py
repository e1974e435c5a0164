"""`format: iban`, an account number."""

from __future__ import annotations

from stdnum import iban

from formengine.core.formats import formats


@formats.register("iban")
def check(value: str) -> bool:
    """Whether *value* is an IBAN: country, length and check digits.

    Shape: 15 to 34 characters, spaces allowed between groups, either case. Any country, not Germany alone.
    Source: ISO 13616-1; check digits by ISO/IEC 7064, MOD 97-10. A bank's own check digits are not looked at.

    >>> check("GB82 WEST 1234 5698 7654 32")
    True
    """
    text = value.replace(" ", "")
    return text.isascii() and text.isalnum() and bool(iban.is_valid(text, check_country=False))
