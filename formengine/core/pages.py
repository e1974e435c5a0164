"""The pages of a form for given answers: which there are, in order, and what is asked on each.

Decides what a page holds; `core.routing` reads the order, and nothing of this is ever stored. A page is made when it is
looked at, so that one page of a long form costs no more than one of a short form.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from enum import StrEnum

from formengine.core import pointer as pointers
from formengine.core.addresses import StepAddress, order_of
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked
from formengine.core.definition import Step
from formengine.core.layouts import Place, layout_of
from formengine.errors import NotFound


class PageKind(StrEnum):
    """What a page is."""

    QUESTION = "question"
    LIST = "list"
    INFO = "info"


class Page:
    """One page: its *step* with the steps around it in *chain*, and *indexes* of the items that it lies in.

    *order* compares pages; *asked* are its questions in the order of its fields. What costs something is worked out
    when it is asked for: of the pages of a long form, one is shown.
    """

    __slots__ = ("_address", "_asked", "_e", "_place")

    def __init__(self, place: Place, e: Evaluation) -> None:
        self._place, self._e = place, e
        self._address: StepAddress | None = None
        self._asked: tuple[Asked, ...] | None = None

    @property
    def address(self) -> StepAddress:
        """Where it is, with the keys of its items."""
        if self._address is None:
            self._address = self._place.address_in(self._e)
        return self._address

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Its questions, with their answers."""
        if self._asked is None:
            self._asked = self._place.asked_in(self._e)
        return self._asked

    @property
    def step(self) -> Step:
        """The step that it shows."""
        return self._place.chain[-1]

    @property
    def chain(self) -> tuple[Step, ...]:
        """The steps around it, outermost first, and its own."""
        return self._place.chain

    @property
    def indexes(self) -> tuple[int, ...]:
        """The places of the items that it lies in, outermost first."""
        return self._place.indexes

    @property
    def order(self) -> tuple[int, ...]:
        """What compares it with other pages."""
        return self._place.order

    @property
    def kind(self) -> PageKind:
        """Whether it asks, lists items or informs."""
        if self.step.repeat is not None:
            return PageKind.LIST
        return PageKind.INFO if self.step.body else PageKind.QUESTION

    @property
    def item(self) -> str:
        """The pointer of the innermost item that it lies in, or ""."""
        return pointers.resolve(self.step.scope, self.indexes)

    @property
    def list(self) -> str:
        """The pointer of the list of an overview, else ""."""
        return pointers.resolve(self.step.repeat, self.indexes) if self.step.repeat is not None else ""


class Pages:
    """All pages that apply, in order."""

    def __init__(self, e: Evaluation) -> None:
        self._e, self._layout = e, layout_of(e)
        self._made: dict[int, Page] = {}

    def __len__(self) -> int:
        return len(self._layout.places)

    def __getitem__(self, number: int) -> Page:
        if number < 0:
            number += len(self)
        made = self._made.get(number)
        if made is None:
            made = self._made[number] = Page(self._layout.places[number], self._e)
        return made

    def __iter__(self) -> Iterator[Page]:
        return map(self.__getitem__, range(len(self)))

    @property
    def sections(self) -> tuple[str, ...]:
        """The ids of the sections that apply, in order."""
        return self._layout.sections

    def at(self, address: StepAddress) -> Page | None:
        """The page at *address*, or None if it does not apply."""
        try:
            order = order_of(self._e, address)
        except NotFound:
            return None
        number = self.before(order)
        if number == len(self) or self._layout.orders[number] != order:
            return None
        page = self[number]
        return page if page.address == address else None

    def before(self, order: tuple[int, ...]) -> int:
        """How many pages come before *order*."""
        return bisect_left(self._layout.orders, order)

    def behind(self, order: tuple[int, ...]) -> Iterator[Page]:
        """The pages that come behind *order*."""
        return map(self.__getitem__, range(bisect_right(self._layout.orders, order), len(self)))

    def below(self, order: tuple[int, ...]) -> Iterator[Page]:
        """The pages the order of which begins with *order*."""
        for number in range(self.before(order), len(self)):
            if self._layout.orders[number][: len(order)] != order:
                return
            yield self[number]


def pages(e: Evaluation) -> Pages:
    """All pages that apply, in order."""
    known: Pages | None = e.memo.get("pages")
    if known is None:
        known = e.memo["pages"] = Pages(e)
    return known
