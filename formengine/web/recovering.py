"""What was typed into a step that could not be taken: shown again in its place, or beside what is stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from flask import Response, request

from formengine.core import routing
from formengine.core.applying import Evaluation, evaluate
from formengine.core.outline import Outline
from formengine.core.pages import Page, PageKind
from formengine.i18n import wording
from formengine.i18n.catalogues import N_
from formengine.services import rescuing
from formengine.services.clock import today
from formengine.services.rescuing import LatePost
from formengine.web import steps
from formengine.web.visits import Visit

UNCHECKED: Final = N_("Wir konnten Ihre Eingabe nicht prüfen. Senden Sie sie noch einmal ab.")
UNSAVED: Final = N_("Wir können gerade nicht speichern. Ihr letzter gespeicherter Stand ist sicher.")


def again(v: Visit, *, notice: str, status: int) -> Response | None:
    """The step once more with what was typed, nothing of it kept (SES-08, F-02); None if the post was not to a step."""
    found = step(v)
    if found is None:
        return None
    e, page = found
    typed = {name: tuple(request.form.getlist(name)) for name in request.form if not name.startswith("_")}
    made_from = (request.form.get("_revision", ""), request.form.get("_base", ""))
    return steps.show(v, e, page, typed=typed, notice=v.text.say(notice), made_from=made_from, status=status)


def keep_late(v: Visit) -> bool:
    """Whether what was posted into a step is kept for the return of its applicant: sealed to a fresh session."""
    posted = {name: tuple(request.form.getlist(name)) for name in request.form if not name.startswith("_")}
    is_something = any(any(texts) for texts in posted.values())
    if request.method != "POST" or request.endpoint != "apply.post_step" or v.form is None or not is_something:
        return False
    posted["_base"] = (request.form.get("_base", ""),)
    late = LatePost(v.form.id, (request.view_args or {}).get("segments", ""), posted)
    session = v.begin()
    return rescuing.keep(v.stores, session, late, client=request.remote_addr or "", now=v.now)


def named(v: Visit, kept: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Posted names and texts with what the questions are called in place of the names; a date's parts become one."""
    if v.form is None:
        return list(kept)
    outline = Outline(v.form.schema.bundled, v.form.schema.draft)
    found: dict[str, tuple[str, str]] = {}
    for name, text in kept:
        pointer = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
        label = _called(v, outline, pointer)
        found[pointer] = (label, f"{found[pointer][1]} {text}" if pointer in found else text)
    return list(found.values())


def _called(v: Visit, outline: Outline, pointer: str) -> str:
    pattern = re.sub(r"/\d+(?=/|$)", "/*", pointer)
    field = v.the_form().field(pattern)
    if field is not None and field.label and "{" not in field.label:
        return v.text.of_form(field.label).plain
    place = outline.find(pattern)
    title = place.title() if place is not None else ""
    return v.text.of_form(title).plain or wording.readable(pointer.rpartition("/")[2]) or pointer


def step(v: Visit) -> tuple[Evaluation, Page] | None:
    """The evaluation and the page that was posted to; None if the post was not to a question."""
    draft = v.open_draft
    if request.endpoint != "apply.post_step" or v.form is None or draft is None:
        return None
    e = evaluate(v.form, draft.answers, today(v.now))
    segments = (request.view_args or {}).get("segments", "").split("/")
    page = routing.page_named(e, segments)
    return (e, page) if page is not None and page.kind is PageKind.QUESTION else None
