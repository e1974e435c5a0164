"""The right spelling that is nearest to a wrong one, for remedies in messages to designers."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """The word of *known* that is spelled most like *word*, or "".

    >>> nearest("titel", ["id", "title"])
    'title'
    """
    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else ""


def closest(word: str, known: Iterable[str]) -> str:
    """The word of *known* of which *word* is most likely a slip, or ""."""
    found = get_close_matches(word, known, n=1, cutoff=0.75)
    return found[0] if found else ""


def remedy(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """A question after the nearest spelling, else *otherwise*, else the few that there are."""
    names = list(known)
    close = nearest(word, names)
    if close:
        return f'did you mean "{close}"?'
    if otherwise:
        return otherwise
    return f"there is: {', '.join(names)}" if 0 < len(names) <= 12 else ""
