"""The card of a submission: who applies, by name and date of birth, for the list of the inbox. A blob of its own.

The definition says which answers these are, by `autocomplete`; where it does not, the card is empty.
"""

from __future__ import annotations

from typing import Final

from formengine.core import numbers
from formengine.core.applying import Evaluation

FACTS: Final = {"given-name": "given", "family-name": "family", "name": "name", "bday": "born"}
"""What a card holds, by the token of `autocomplete` (HTML, 4.10.18.7)."""


def card(e: Evaluation) -> bytes:
    """The card of what was answered, as JSON."""
    return numbers.dumps(facts(e)).encode()


def facts(e: Evaluation) -> dict[str, str]:
    """The first answer of each kind that stands in no list."""
    found: dict[str, str] = {}
    for asked in e.asked:
        field = e.form.field(asked.pattern)
        fact = FACTS.get(field.autocomplete.split()[-1]) if field is not None and field.autocomplete else None
        if fact and fact not in found and "*" not in asked.pattern and isinstance(asked.value, str):
            found[fact] = asked.value
    return found
