"""What stands in the questions of a page, as short marks that the page carries: what it was made from (REL-04)."""

from __future__ import annotations

from hashlib import blake2b

from formengine.core.answers import Answers
from formengine.core.applying import Asked, Role
from formengine.core.pages import Page


def standing(page: Page, answers: Answers) -> str:
    """What stands in the questions of *page*, for the page to carry: the item that it is about, and a mark each."""
    marks = Marks(answers)
    return f"{page.item}|{'.'.join(marks.of(one, page.item) for one in page.asked)}"


class Marks:
    """The marks of what stands in questions by the *answers* of one moment."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self._typed: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for name, texts in sorted(answers.typed.items()):
            for end in [*(place for place, char in enumerate(name) if char == ":"), len(name)]:
                self._typed.setdefault(name[:end], []).append((name, texts))

    def of(self, one: Asked, item: str) -> str:
        """What stands in one question: its answer or what was typed; of a list or map, which rows it has."""
        stands: object = one.value
        if one.role is Role.LIST:
            stands = self.answers.keys.get(one.pointer, ())
        elif one.role is Role.MAP:
            stands = tuple(one.value) if isinstance(one.value, dict) else ()
        elif kept := self._typed.get(one.control):
            stands = (stands, kept)
        return short(f"{one.control[len(item) :]}\0{stands!r}")


def short(text: str) -> str:
    """*text* as a mark."""
    return blake2b(text.encode(), digest_size=4).hexdigest()
