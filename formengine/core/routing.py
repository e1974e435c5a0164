"""The path through a form: which page is next, which was before, where to go on, and how far one is.

Decides all of it from one evaluation; nothing is remembered. Which pages there are is for `core.pages` to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from formengine.core import pointer as pointers
from formengine.core.addresses import ROOT, StepAddress, index_of, order_of
from formengine.core.applying import Evaluation
from formengine.core.asking import Asked
from formengine.core.definition import FormDefinition, Step
from formengine.core.expressions import Names
from formengine.core.pages import Page, PageKind, pages
from formengine.core.pointer import ABSENT
from formengine.core.validation import Problem, problems
from formengine.errors import NotFound

__all__ = ["Page", "PageKind", "Progress", "SectionState", "Status", "pages"]


def path(e: Evaluation) -> tuple[StepAddress, ...]:
    """The addresses of all pages that apply, in order."""
    return tuple(page.address for page in pages(e))


def step_at(form: FormDefinition, address: StepAddress) -> Step:
    """The step of *address*. Errors: NotFound."""
    steps, found = form.steps, None
    for own, _ in address.steps:
        found = steps[form.place(steps, own)]
        steps = found.steps
    if found is None:
        raise NotFound("no step")
    return found


def page_at(e: Evaluation, address: StepAddress) -> Page | None:
    """The page at *address*, or None if it does not apply."""
    return pages(e).at(address)


def page_named(e: Evaluation, segments: Sequence[str]) -> Page | None:
    """The page that *segments*, all of its address behind the form's, name; None if it does not apply."""
    try:
        address = parse(e.form, e, segments)
    except NotFound:
        return None
    return page_at(e, address) if address.segments == tuple(segments) else None


def asked_on(e: Evaluation, address: StepAddress) -> tuple[Asked, ...]:
    """What is asked on the page at *address*, in the order of its fields; nothing if it does not apply."""
    page = page_at(e, address)
    return page.asked if page else ()


def problems_on(e: Evaluation, address: StepAddress, found: Sequence[Problem] | None = None) -> tuple[Problem, ...]:
    """The problems of the page at *address*; *found* are those of *e*, if they are known."""
    page = page_at(e, address)
    return _of_page(page, problems(e) if found is None else found) if page else ()


def _of_page(page: Page, found: Sequence[Problem]) -> tuple[Problem, ...]:
    controls = {asked.control for asked in page.asked}
    return tuple(problem for problem in found if problem.control in controls)


def names_at(e: Evaluation, address: StepAddress) -> Names:
    """What the names in the texts of the page at *address* mean. Errors: NotFound."""
    step, indexes = step_at(e.form, address), _indexes(e, address)
    return Names(e.document, e.today, e.form.figures, pointers.resolve(step.scope, indexes), step.scope)


def _indexes(e: Evaluation, address: StepAddress) -> tuple[int, ...]:
    steps = e.form.steps
    indexes: tuple[int, ...] = ()
    for own, key in address.steps:
        step = steps[e.form.place(steps, own)]
        if key and step.repeat is not None:
            index = index_of(e, pointers.resolve(step.repeat, indexes), key)
            if index is None:
                raise NotFound("no such item")
            indexes = (*indexes, index)
        steps = step.steps
    return indexes


def parse(form: FormDefinition, e: Evaluation, segments: Sequence[str]) -> StepAddress:
    """The page that the *segments* behind a form's address name; of a group or an item, its first page.

    It need not apply: compare with `path`. Errors: NotFound if there is no such step or item.
    """
    steps, address = form.steps, ROOT
    indexes: tuple[int, ...] = ()
    left = list(segments)
    step: Step | None = None
    while left:
        own = left.pop(0)
        step = steps[form.place(steps, own)]
        key = ""
        if step.repeat is not None and left:
            key = left.pop(0)
            index = index_of(e, pointers.resolve(step.repeat, indexes), key)
            if index is None:
                raise NotFound("no such item")
            indexes = (*indexes, index)
        address, steps = address.then(own, key), step.steps
        if step.is_page and len(left) == 1 and left[0].isascii() and left[0].isdigit() and len(left[0]) < 5:
            further = StepAddress((*address.steps[:-1], (own, left.pop())))
            address = further if page_at(e, further) else address  # else the list became shorter
    if step is None:
        raise NotFound("no step is named")
    is_overview = step.repeat is not None and step.owns and not address.steps[-1][1]
    if is_overview or step.is_page:
        return address
    first = first_below(e, address)
    if first is None:
        raise NotFound("no page of it applies")
    return first


def first_below(e: Evaluation, address: StepAddress) -> StepAddress | None:
    """The first page that applies below a group or an item, or None."""
    order = order_of(e, address)
    within = order if address.steps[-1][1] else order[:-1]
    below = pages(e).below(within)
    return next((page.address for page in below if len(page.address.steps) > len(address.steps)), None)


def item_address(e: Evaluation, overview: StepAddress, key: str) -> StepAddress | None:
    """The first page of the item *key* of the list whose overview is at *overview*, or None."""
    own, _ = overview.steps[-1]
    return first_below(e, StepAddress((*overview.steps[:-1], (own, key))))


def next_step(e: Evaluation, address: StepAddress) -> StepAddress | None:
    """The page behind *address*, or None behind the last.

    Behind the last page of an item comes the overview of its list; behind an overview, what follows the list.
    *address* itself need not apply any more.
    """
    order = order_of(e, address)
    behind = next((page for page in pages(e).behind(order) if not page.address.is_below(address)), None)
    overview = _overview_of(e, address)
    if overview is None:
        return behind.address if behind else None
    size = len(order_of(e, overview))
    if behind and behind.order[:size] == order[:size]:
        return behind.address
    return overview if page_at(e, overview) else next_step(e, overview)


def previous_step(e: Evaluation, address: StepAddress) -> StepAddress | None:
    """The page before *address*, or None before the first; before the first of an item, its list's overview."""
    all_of_them = pages(e)
    number = all_of_them.before(order_of(e, address))
    if not number:
        return None
    last = all_of_them[number - 1].address
    for size in range(1, len(last.steps)):
        overview = page_at(e, StepAddress((*last.steps[: size - 1], (last.steps[size - 1][0], ""))))
        if overview and overview.kind is PageKind.LIST and not _is_in_item(address, overview.address, last):
            return overview.address
    return last


def _is_in_item(address: StepAddress, overview: StepAddress, last: StepAddress) -> bool:
    """Whether *address* lies in the same item of the list *overview* as *last*."""
    size = len(overview.steps)
    return address.steps[:size] == last.steps[:size]


def _overview_of(e: Evaluation, address: StepAddress) -> StepAddress | None:
    """The overview of the innermost list that asks for the item in which *address* lies, or None."""
    for size in range(len(address.steps), 0, -1):
        own, key = address.steps[size - 1]
        if not key or step_at(e.form, StepAddress(address.steps[:size])).repeat is None:
            continue
        overview = StepAddress((*address.steps[: size - 1], (own, "")))
        if step_at(e.form, overview).owns:
            return overview
        return None
    return None


def resume_at(e: Evaluation) -> StepAddress | None:
    """The first page with something wrong or missing, or None if nothing is: then to the review."""
    wrong = {problem.control for problem in problems(e) if problem.level == "error"}
    for page in pages(e) if wrong else ():
        if any(asked.control in wrong for asked in page.asked):
            return page.address
    return None


@dataclass(frozen=True, slots=True)
class Progress:
    """Section *number* (from 1) *of* so many."""

    number: int
    of: int
    section: Step


def progress(e: Evaluation, address: StepAddress) -> Progress:
    """In which section *address* lies, among those that apply. Errors: NotFound."""
    section = step_at(e.form, StepAddress(address.steps[:1]))
    ids = pages(e).sections
    number = ids.index(section.id) + 1 if section.id in ids else 1
    return Progress(number, max(len(ids), 1), section)


class Status(StrEnum):
    """How far a section is."""

    DONE = "done"
    STARTED = "started"
    NOT_STARTED = "not started"
    CHECK = "check"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class SectionState:
    """A top-level step in the task list.

    *left* counts the answers that are missing or wrong; *address* is where its link leads: the first page with such
    a one, else its first. A locked one has no address and waits for the section *waits_for*.
    """

    step: Step
    status: Status
    left: int = 0
    address: StepAddress | None = None
    waits_for: Step | None = None


def sections(e: Evaluation) -> tuple[SectionState, ...]:
    """The sections that apply, in order, with those that can't be known yet."""
    found: dict[str, list[Page]] = {}
    for page in pages(e):
        found.setdefault(page.address.steps[0][0], []).append(page)
    wrong: dict[str, list[Problem]] = {}
    for problem in problems(e):
        if problem.level == "error":
            wrong.setdefault(problem.control, []).append(problem)
    states = []
    for step in e.form.steps:
        if step.id in found:
            states.append(_state(step, found[step.id], wrong))
        elif (owner := _waits_for(e, step)) is not None:
            states.append(SectionState(step, Status.LOCKED, waits_for=owner))
    return tuple(states)


def _state(step: Step, of_section: list[Page], wrong: Mapping[str, Sequence[Problem]]) -> SectionState:
    by_page = [
        (page, [problem for asked in page.asked for problem in wrong.get(asked.control, ())]) for page in of_section
    ]
    left = sum(len(found) for _, found in by_page)
    if not left:
        return SectionState(step, Status.DONE, 0, of_section[0].address)
    first = next(page for page, found in by_page if found)
    values = {asked.control: asked.value for page in of_section for asked in page.asked}
    if any(
        values[problem.control] is not ABSENT and problem.code != "required" for _, each in by_page for problem in each
    ):
        status = Status.CHECK
    elif any(value is not ABSENT for value in values.values()):
        status = Status.STARTED
    else:
        status = Status.NOT_STARTED
    return SectionState(step, status, left, first.address)


def _waits_for(e: Evaluation, step: Step) -> Step | None:
    """The section that has to be filled in before *step* can be known, or None if it just does not apply."""
    for inner in step.walk():
        if inner.repeat is None or inner.owns or "*" in inner.repeat:
            continue
        owner = e.form.owner(inner.repeat)
        asked = e.asked_at(inner.repeat)
        if owner and asked is not None and asked.value is ABSENT:
            return owner[0]
    return None
