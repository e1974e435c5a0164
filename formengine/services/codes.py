"""Codes that people type: references, resume codes, keys of items. Pure but for the random bits.

Symbols are Crockford's base 32 (no I, L, O, U). Where a check symbol is, it stands last and makes zero the sum of the
symbols' values, the one *i* places from the end times x^i, in GF(32) with x^5 + x^2 + 1: x has 31 powers, so
every wrong symbol and every swap of two neighbours is found in up to 31 symbols (form-language, "What is submitted").
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from formengine.core.lifecycle import DraftId, FileId, Reference
from formengine.services.values import CODE, Reader

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RESUME_SYMBOLS: Final = 24
"""120 random bits (RES-01; BSI TR-02102-1 asks for that since 2022)."""
REFERENCE_SYMBOLS: Final = 10
ITEM_KEY_SYMBOLS: Final = 5

_VALUES: Final = {symbol: value for value, symbol in enumerate(SYMBOLS)} | {"I": 1, "L": 1, "O": 0}
_POLYNOMIAL: Final = 0b100101


def random_symbols(count: int) -> str:
    """*count* random symbols, five bits each, from the system's source of secrets."""
    number = secrets.randbits(5 * count)
    return "".join(SYMBOLS[number >> 5 * place & 31] for place in range(count))


def _sum(symbols: str) -> int:
    """The sum over *symbols*, by Horner's rule; 0 if the last one checks the others."""
    total = 0
    for symbol in symbols:
        total <<= 1  # times x
        if total & 0b100000:
            total ^= _POLYNOMIAL
        total ^= _VALUES[symbol]
    return total


def checked(symbols: str) -> str:
    """*symbols* with their check symbol behind them."""
    return symbols + SYMBOLS[_sum(symbols + "0")]


def read(text: str, *, count: int) -> str | None:
    """The *count* symbols and the check symbol that *text* means, or None if it is mistyped.

    Case, spaces and dashes do not count; I and L mean 1, O means 0 (RES-02).

    >>> read("ol-il 0", count=4)
    >>> read(checked("0111").lower(), count=4) == checked("0111")
    True
    """
    if len(text) > 4 * (count + 1):
        return None
    symbols = "".join(symbol for symbol in text.upper() if not symbol.isspace() and symbol not in "-‐‑‒–—−")
    if len(symbols) != count + 1 or any(symbol not in _VALUES for symbol in symbols) or _sum(symbols):
        return None
    return "".join(SYMBOLS[_VALUES[symbol]] for symbol in symbols)


def new_reference() -> Reference:
    """A new reference, shown and stored as `XXXX-XXXX-XXX`."""
    return _grouped_reference(checked(random_symbols(REFERENCE_SYMBOLS)))


def read_reference(text: str) -> Reference | None:
    """The reference that *text* means, or None if it is mistyped."""
    symbols = read(text, count=REFERENCE_SYMBOLS)
    return None if symbols is None else _grouped_reference(symbols)


def _grouped_reference(symbols: str) -> Reference:
    return Reference(f"{symbols[:4]}-{symbols[4:8]}-{symbols[8:]}")


def new_item_key(taken: Collection[str]) -> str:
    """A new key for an item of a list: five lower-case symbols, none of *taken*."""
    while (key := random_symbols(ITEM_KEY_SYMBOLS).lower()) in taken:
        pass
    return key


def new_draft_id() -> DraftId:
    """A new id of 128 random bits (LIM-05)."""
    return DraftId(secrets.token_hex(16))


def new_key() -> bytes:
    """A new key for a draft: 256 random bits."""
    return secrets.token_bytes(32)


def new_file_id() -> FileId:
    """A new id of 128 random bits (UPL-10)."""
    return FileId(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class ResumeCode:
    """A resume code: the one thing that opens a draft. Shown once; the server keeps only what `lookup` makes of it."""

    symbols: str = field(repr=False)

    def __str__(self) -> str:
        """The code as people read it: groups of four and the check symbol (never to be logged: RES-03)."""
        return "-".join(self.symbols[start : start + 4] for start in range(0, len(self.symbols), 4))

    def lookup(self, pepper: bytes) -> bytes:
        """What the draft is found by: HMAC(pepper, HKDF(code)), 32 bytes (security.md 3)."""
        code = self.symbols[:RESUME_SYMBOLS].encode()
        derived = HKDF(SHA256(), 32, salt=None, info=b"formengine/resume/lookup/1").derive(code)
        return hmac.digest(pepper, derived, hashlib.sha256)

    def reader(self, pepper: bytes) -> Reader:
        """Who holds the code, as a reader of what it opens."""
        return Reader(CODE, {self.lookup(pepper).hex(): self.symbols[:RESUME_SYMBOLS].encode()})


def new_resume_code() -> ResumeCode:
    """A new resume code."""
    return ResumeCode(checked(random_symbols(RESUME_SYMBOLS)))


def read_resume_code(text: str) -> ResumeCode | None:
    """The resume code that *text* means, or None if it is mistyped."""
    symbols = read(text, count=RESUME_SYMBOLS)
    return None if symbols is None else ResumeCode(symbols)
