"""A page's text kept as it was typed; rows of lists and entries of maps added and removed by their buttons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from werkzeug.exceptions import BadRequest

from formengine.core.answers import HOLE, Answers
from formengine.core.applying import Asked, Role
from formengine.core.pages import Page
from formengine.core.pointer import ABSENT, parent
from formengine.errors import NotFound
from formengine.services import drafting
from formengine.services.drafting import Reading
from formengine.web.visits import Visit


def keep(v: Visit, page: Page, typed: Mapping[str, tuple[str, ...]], revision: int) -> int:
    """Keep *typed*, unchecked, in the place of what was kept of *page*; the revision of the draft afterwards."""
    draft = v.the_draft()
    drafting.check_revision(v.stores, draft, revision)
    controls = {asked.control for asked in page.asked}
    before = {name: text for name, text in draft.answers.typed.items() if _belongs(name, controls)}
    if before != dict(typed):
        _save(v, draft.answers.without_typed(list(before)).with_typed(typed))
    return v.the_draft().revision


def edit_rows(
    v: Visit, page: Page, reading: Reading, typed: Mapping[str, tuple[str, ...]], *, action: str, revision: int
) -> None:
    """Do *action* (`add:/list`, `remove:/list/0`) after what was typed beside it is kept.

    Errors: BadRequest, NotFound, Stale.
    """
    verb, _, pointer = action.partition(":")
    container = _container(page, pointer if verb == "add" else parent(pointer))
    revision = keep(v, page, typed, revision)
    draft = v.the_draft()
    if container.role is Role.MAP:
        added = {at: value for at, value in reading.values.items() if value is HOLE and parent(at) == pointer}
        _save(v, draft.answers.with_values(added if verb == "add" else {pointer: ABSENT}))
    elif verb == "add":
        v.draft = drafting.add_item(v.stores, v.the_form(), draft, pointer, revision=revision, now=v.now).draft
    else:
        index = pointer.rpartition("/")[2]
        key = draft.answers.item_key(container.pointer, int(index)) if index.isdigit() else None
        if key is None:
            raise NotFound("no such row")
        v.draft = drafting.remove_item(
            v.stores, v.the_form(), draft, container.pointer, key, revision=revision, now=v.now
        )


def _save(v: Visit, answers: Answers) -> None:
    draft = v.the_draft()
    v.draft = drafting.save(v.stores, v.the_form(), draft, replace(draft, answers=answers), now=v.now)


def _container(page: Page, pointer: str) -> Asked:
    for asked in page.asked:
        if asked.pointer == pointer and asked.role in {Role.LIST, Role.MAP}:
            return asked
    raise BadRequest


def _belongs(name: str, controls: Collection[str]) -> bool:
    return name in controls or name.rpartition(":")[0].removesuffix(":") in controls
