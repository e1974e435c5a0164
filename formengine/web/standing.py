"""What stands in the questions of a page, as short marks that the page carries: what it was made from (REL-04)."""

from __future__ import annotations

from hashlib import blake2b

from formengine.core.answers import Answers
from formengine.core.applying import Asked, Role
from formengine.core.pages import Page


def standing(page: Page, answers: Answers) -> str:
    """What stands in the questions of *page*, for the page to carry: the item that it is about, and a mark each."""
    return f"{page.item}|{'.'.join(mark(one, page.item, answers) for one in page.asked)}"


def mark(one: Asked, item: str, answers: Answers) -> str:
    """What stands in one question: its answer or what was typed; of a list or map, which rows it has."""
    stands: object = one.value
    if one.role is Role.LIST:
        stands = answers.keys.get(one.pointer, ())
    elif one.role is Role.MAP:
        stands = tuple(one.value) if isinstance(one.value, dict) else ()
    elif answers.typed:
        name = one.control
        kept = sorted((n, t) for n, t in answers.typed.items() if n == name or n.startswith(f"{name}:"))
        stands = (stands, kept) if kept else stands
    return short(f"{one.control[len(item) :]}\0{stands!r}")


def short(text: str) -> str:
    """*text* as a mark."""
    return blake2b(text.encode(), digest_size=4).hexdigest()
