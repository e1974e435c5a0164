"""What was typed into a step that could not be taken: shown again in its place, or beside what is stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Response, request
from werkzeug.datastructures import MultiDict

from formengine.core.applying import Asked, Evaluation, Role, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.outline import Outline
from formengine.core.pages import Page, PageKind, pages
from formengine.fields import display
from formengine.i18n import wording
from formengine.i18n.catalogues import N_
from formengine.services import rescuing
from formengine.services.clock import today
from formengine.services.rescuing import LatePost
from formengine.web import editing, progress, prompting, steps
from formengine.web.forms import ForgedField
from formengine.web.visits import Visit
from formengine.web.words import Words


def again(v: Visit) -> Response | None:
    """The step once more with what was typed, nothing of it kept (SES-08); None if the post was not to a step."""
    found = _step(v)
    if found is None:
        return None
    e, page = found
    typed = {name: tuple(request.form.getlist(name)) for name in request.form if not name.startswith("_")}
    notice = v.text.say(N_("Wir konnten Ihre Eingabe nicht prüfen. Senden Sie sie noch einmal ab."))
    return steps.show(v, e, page, typed=typed, notice=notice, status=400)


def both(v: Visit) -> list[dict[str, Any]]:
    """What was typed and what is stored, question by question, where the two differ."""
    found = _step(v)
    if found is None:
        return []
    e, page = found
    words = Words.of(e, v.text)
    rows = []
    for asked in page.asked:
        typed = _typed(asked)
        stored = display(asked, prompting.field_of(asked, page.step.fields), v.text)
        if typed and typed != stored:
            rows.append({"label": steps.label(asked, page, words), "typed": typed, "stored": stored or "–"})
    return rows


def keep_late(v: Visit) -> bool:
    """Whether what was posted into a step is kept for the return of its applicant: sealed to a fresh session."""
    posted = {name: tuple(request.form.getlist(name)) for name in request.form if not name.startswith("_")}
    if request.method != "POST" or request.endpoint != "apply.post_step" or v.form is None or not any(posted.values()):
        return False
    late = LatePost(v.form.id, (request.view_args or {}).get("segments", ""), posted)
    session = v.begin()
    return rescuing.keep(v.stores, session, late, client=request.remote_addr or "", now=v.now)


def refill(v: Visit, form: FormDefinition, late: LatePost | None) -> str | None:
    """Put what came too late into the opened draft, unchecked; the address of its step, None if it has none."""
    draft = v.the_draft()
    if late is None or draft.form != late.form:
        return None
    e = evaluate(form, draft.answers, today(v.now))
    page = next((one for one in pages(e) if str(one.address) == late.segments), None)
    if page is None or page.kind is not PageKind.QUESTION:
        return None
    try:
        typed = steps.typed(v, e, page, MultiDict([(name, text) for name in late.posted for text in late.posted[name]]))
    except ForgedField:
        return None
    editing.keep(v, page, typed, draft.revision)
    return progress.href_of(e, page.address)


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


def _step(v: Visit) -> tuple[Evaluation, Page] | None:
    draft = v.open_draft
    if request.endpoint != "apply.post_step" or v.form is None or draft is None:
        return None
    e = evaluate(v.form, draft.answers, today(v.now))
    segments = tuple((request.view_args or {}).get("segments", "").split("/"))
    for page in pages(e):
        if page.address.segments == segments and page.kind is PageKind.QUESTION:
            return e, page
    return None


def _typed(asked: Asked) -> str:
    """The posted texts of a question, as they came."""
    if asked.role in {Role.LIST, Role.MAP, Role.COMPUTED}:
        return ""
    names = [name for name in request.form if name == asked.control or name.startswith(f"{asked.control}:")]
    return " ".join(text for name in names for text in request.form.getlist(name) if text)
