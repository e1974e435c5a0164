"""Come back with a code."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing
from formengine.core.applying import Evaluation, evaluate
from formengine.core.pages import Page
from formengine.core.pages import pages as pages_of
from formengine.errors import ResumeRefused
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import rescuing, resuming, visiting
from formengine.services.clock import today
from formengine.web import conflicts, pages, progress
from formengine.web.access import applicant, public
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

coming_back = Blueprint("coming_back", __name__)


@coming_back.get("/resume")
@public
def ask_code() -> Response:
    """Where one types the code."""
    return _ask()


@coming_back.post("/resume")
@public
def open_draft() -> Response | WerkzeugResponse:
    """Open what the code opens, in a session of its own secret (SES-04).

    What this browser posted after its session ended stands in its step again. Whose device it is is asked first.
    """
    v = visit()
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect("/resume", 303)
    typed = request.form.get("_code", "")
    if not typed.strip():
        return _ask(v.text.say(N_("Geben Sie Ihren Code ein")))
    try:
        resumed = resuming.resume(v.stores, typed, client=request.remote_addr or "", now=v.now)
    except ResumeRefused:
        return _ask(
            v.text.say(N_("Wir finden keinen gespeicherten Antrag zu diesem Code. Prüfen Sie die Eingabe")), typed
        )
    draft = resumed.draft
    late = rescuing.find(v.stores, v.session, now=v.now, steps=v.site.steps) if v.session is not None else None
    if v.session is None and not v.query:
        v.language = draft.language
    session = v.renew()
    v.keep(language=v.language)
    visiting.hold(v.stores, session, draft.form, draft=draft, reference=resumed.reference)
    resuming.keep(v.stores, resumed)
    if resumed.reference:
        return redirect(f"/{draft.form}/confirmation", 303)
    v.draft, v.form = draft, v.site.engine.forms.version(draft.form_hash)
    choice = conflicts.refill(v, v.form, late)
    return choice if choice is not None else redirect(f"/{draft.form}/device", 303)


@coming_back.get("/<form:form>/welcome")
@applicant
def welcome(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """Where one was, what was typed and not taken yet, and how often the code was used: others would be noticed."""
    v = visit()
    draft = v.the_draft()
    e = evaluate(v.the_form(), draft.answers, today(v.now))
    words = Words.of(e, v.text)
    page = _where(v, e)
    count, before = resuming.openings(v.stores, draft)
    return pages.page(
        "welcome.html",
        "welcome",
        title=words.title(),
        section=words.step(page.chain[0]) if page is not None else v.text.say(N_("Prüfen und absenden")),
        typed=page is not None and _is_typed(page, draft.answers.typed),
        count=count - 1,
        before=v.text.moment(before) if before is not None else "",
        next=progress.href_of(e, page.address) if page is not None else progress.on(v, e),
        tasks=f"/{e.form.id}/tasks",
        code=f"/{e.form.id}/save",
        until=v.text.day(today(draft.expires_at).isoformat()),
    )


def _where(v: Visit, e: Evaluation) -> Page | None:
    """The page where text waits that was not taken yet, else the first with something left; None before the end."""
    typed = v.the_draft().answers.typed
    waiting = next((page for page in pages_of(e) if _is_typed(page, typed)), None) if typed else None
    at = routing.resume_at(e) if waiting is None else None
    return routing.page_at(e, at) if at is not None else waiting


def _is_typed(page: Page, typed: Mapping[str, object]) -> bool:
    return any(name == one.control or name.startswith(f"{one.control}:") for one in page.asked for name in typed)


def _ask(error: Phrase | None = None, typed: str = "") -> Response:
    v = visit()
    summary = ""
    if error is not None:
        problem = {"id": "code", "pointer": "", "code": "code", "text": error}
        summary = pages.summary(v, [problem])
    return pages.page(
        "resume.html", "resume", status=422 if error else 200, has_form=True, error=error, typed=typed, summary=summary
    )
