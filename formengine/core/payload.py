"""What is submitted: the effective document as canonical bytes, with their digest.

Decides the bytes; leaves to `validation` whether they may be sent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from formengine.core import numbers
from formengine.core.applying import Evaluation
from formengine.core.pointer import ABSENT, JsonValue


@dataclass(frozen=True, slots=True)
class Payload:
    """The submitted JSON: *document*, its canonical *bytes* (UTF-8), and their SHA-512 in lower-case hex."""

    document: JsonValue
    bytes: bytes
    sha512: str

    def __repr__(self) -> str:
        return f"Payload(sha512={self.sha512!r})"


def payload(e: Evaluation) -> Payload:
    """What would be submitted now: the effective document, keys in the schema's order.

    Shape: `null` where nothing at all was answered and the root is no object.
    """
    document = None if e.document is ABSENT else e.document
    text = numbers.dumps(document).encode("utf-8")
    return Payload(document, text, hashlib.sha512(text).hexdigest())
