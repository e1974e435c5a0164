"""Names made from property names: a label that people can read, and the id of a step.

Decides nothing else; wording of the schema or the definition always comes before these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_WORDS = re.compile(r"[A-ZÄÖÜ]+(?![a-zäöüß])|[A-ZÄÖÜ]?[a-zäöüß]+|[0-9]+|[^\W\d_]+")
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def readable(name: str) -> str:
    """*name* as people write it.

    >>> readable("dateOfBirth"), readable("date_of_birth"), readable("IBAN")
    ('Date of birth', 'Date of birth', 'IBAN')
    """
    words = [word if word.isupper() and len(word) > 1 else word.lower() for word in _WORDS.findall(name)]
    text = " ".join(words) or name
    return text[:1].upper() + text[1:]


def step_id(name: str, taken: Collection[str]) -> str:
    """An id for the step of the property *name*: lower case with hyphens, numbered where it is *taken*.

    >>> step_id("dateOfBirth", ()), step_id("Über uns", ()), step_id("a", {"a"})
    ('date-of-birth', 'ueber-uns', 'a-2')
    """
    lower = "-".join(_WORDS.findall(name)).lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "step"
    number, found = 2, base
    while found in taken:
        found = f"{base}-{number}"
        number += 1
    return found


def literal(text: str) -> str:
    """A schema's wording as it stands in a text whose braces hold expressions.

    >>> literal("a {b}")
    'a {{b}}'
    """
    return text.replace("{", "{{").replace("}", "}}")
