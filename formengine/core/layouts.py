"""The pages of a form without answers: worked out once for each set of questions that a form came to ask.

Decides on which page a question stands; `pages` puts in the answers and the keys of items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from formengine.core import pointer as pointers
from formengine.core.addresses import ROOT, StepAddress, key_of
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked
from formengine.core.blocks import Block, Cut, blocks, cut_question
from formengine.core.definition import Step
from formengine.core.expressions import Expression, Names

MOST_LAYOUTS = 64
"""For so many sets of questions the pages of a form are remembered."""


class Layout(NamedTuple):
    """The pages without the answers, what compares each, and the ids of their sections."""

    places: tuple[Place, ...]
    orders: tuple[tuple[int, ...], ...]
    sections: tuple[str, ...]


def layout_of(e: Evaluation) -> Layout:
    """The pages without the answers, from what is asked where and from which information is open."""
    known = e.form.layouts
    key = (e.sign, tuple(_informed(e, e.form.informing, ())))
    found: Layout | None = known.get(key)
    if found is None:
        if len(known) >= MOST_LAYOUTS:
            known.clear()
        places = tuple(_Walk(e).steps(e.form.steps, _Around()))
        sections = dict.fromkeys(place.address.steps[0][0] for place in places)
        found = known[key] = Layout(places, tuple(place.order for place in places), tuple(sections))
    return found


def _informed(e: Evaluation, steps: Sequence[Step], indexes: tuple[int, ...]) -> Iterator[bool | int]:
    """What the pages hang on besides what is asked: which pages of information are open, and for how many items."""
    for step in steps:
        if not e.form.informs(step):
            continue
        if step.repeat is not None:
            count = e.items(pointers.resolve(step.repeat, indexes))
            yield count
            for index in range(count):
                yield from _informed(e, step.steps, (*indexes, index))
        elif step.steps:
            yield from _informed(e, step.steps, indexes)
        else:
            yield _holds(e, step, indexes)


class Place(NamedTuple):
    """A page without answers. *asked* says which of all that is asked stands there; *items* which steps of the address
    take the key of an item: place in the address, pointer of the list, index.
    """

    address: StepAddress
    chain: tuple[Step, ...]
    indexes: tuple[int, ...]
    order: tuple[int, ...]
    asked: tuple[int, ...]
    items: tuple[tuple[int, str, int], ...]
    cuts: tuple[Cut, ...] = ()

    def address_in(self, e: Evaluation) -> StepAddress:
        """The address with the keys of the items of *e*."""
        if not self.items:
            return self.address
        steps = list(self.address.steps)
        for place, pointer, index in self.items:
            steps[place] = (steps[place][0], key_of(e, pointer, index))
        return StepAddress(tuple(steps))

    def asked_in(self, e: Evaluation) -> tuple[Asked, ...]:
        """The questions with the answers of *e*."""
        asked = [e.asked[place] for place in self.asked]
        for cut in self.cuts:
            one = asked[cut.place]
            asked[cut.place] = one._replace(question=cut_question(e.form.schema.graph, one.question, cut))
        return tuple(asked)


class _Walk:
    """One way through all steps."""

    def __init__(self, e: Evaluation) -> None:
        self.e, self.by_page = e, _by_page(e)

    def steps(self, steps: tuple[Step, ...], around: _Around) -> Iterator[Place]:
        """The pages of *steps*, which lie in *around*."""
        for place, step in enumerate(steps):
            here = around.then(step, place)
            if step.repeat is not None:
                yield from self._list(step, here)
            elif step.steps:
                yield from self.steps(step.steps, replace(here, order=(*here.order, 0)))
            elif not step.body:
                asked = self.by_page.get((id(step), here.indexes), [])
                if asked:
                    yield from here.blocks(blocks(self.e.asked, self._in_field_order(step, asked)))
            elif _holds(self.e, step, here.indexes):
                yield here.place(())

    def _list(self, step: Step, here: _Around) -> Iterator[Place]:
        asked = self.by_page.get((id(step), here.indexes), [])
        if step.owns and not asked:
            return
        if step.owns:
            yield replace(here, order=(*here.order, -1)).place(asked)
        pointer = pointers.resolve(step.repeat or "", here.indexes)
        for index in range(self.e.items(pointer)):
            yield from self.steps(step.steps, here.item(pointer, index))

    def _in_field_order(self, step: Step, asked: Sequence[int]) -> list[int]:
        patterns = {field.pattern: place for place, field in enumerate(step.fields)}

        def place(one: int) -> float:
            pattern = here = self.e.asked[one].pattern
            while here not in patterns:
                if not here:
                    below = pattern + "/"
                    return min((at - 0.5 for known, at in patterns.items() if known.startswith(below)), default=0)
                here = here.rpartition("/")[0]
            return patterns[here]

        return sorted(asked, key=place)


@dataclass(frozen=True, slots=True)
class _Around:
    """Where a walk is: the address, the steps around, the items, and what compares it."""

    address: StepAddress = ROOT
    chain: tuple[Step, ...] = ()
    indexes: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    items: tuple[tuple[int, str, int], ...] = ()

    def then(self, step: Step, place: int) -> _Around:
        return _Around(self.address.then(step.id), (*self.chain, step), self.indexes, (*self.order, place), self.items)

    def item(self, pointer: str, index: int) -> _Around:
        items = (*self.items, (len(self.address.steps) - 1, pointer, index))
        return _Around(self.address, self.chain, (*self.indexes, index), (*self.order, index), items)

    def place(self, asked: Sequence[int]) -> Place:
        return next(self.blocks([Block(tuple(asked))]))

    def blocks(self, found: Sequence[Block]) -> Iterator[Place]:
        """A page for each block; behind the first, the number of the block is the end of the address."""
        *above, (own, _) = self.address.steps or (("", ""),)
        for number, block in enumerate(found):
            address = StepAddress((*above, (own, str(number + 1)))) if number else self.address
            order = (*self.order, number) if number else self.order
            yield Place(address, self.chain, self.indexes, order, block.asked, self.items, block.cuts)


def _by_page(e: Evaluation) -> dict[tuple[int, tuple[int, ...]], list[int]]:
    """What is asked, by the step and the items of its page."""
    found: dict[tuple[int, tuple[int, ...]], list[int]] = {}
    known: dict[str, tuple[tuple[Step, ...], tuple[int, ...]]] = {}
    for number, asked in enumerate(e.asked):
        entry = known.get(asked.pattern)
        if entry is None:
            chain = e.form.chain(asked.pattern)
            scope = chain[-1].scope if chain else ""
            entry = known[asked.pattern] = (
                chain,
                tuple(place for place, token in enumerate(scope.split("/")) if token == "*"),
            )
        chain, stars = entry
        if not chain:
            continue
        if stars:
            tokens = asked.pointer.split("/")
            indexes = tuple(int(tokens[place]) for place in stars)
        else:
            indexes = ()
        found.setdefault((id(chain[-1]), indexes), []).append(number)
    return found


def _holds(e: Evaluation, step: Step, indexes: tuple[int, ...]) -> bool:
    if not step.when:
        return True
    expression = e.form.expressions.get((step.scope, step.when))
    names = Names(e.document, e.today, e.form.figures, pointers.resolve(step.scope, indexes), step.scope)
    return isinstance(expression, Expression) and expression.holds(names, undecided=False)
