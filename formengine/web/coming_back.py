"""Come back with a code."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.errors import ResumeRefused
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import rescuing, resuming, visiting
from formengine.web import conflicts, pages
from formengine.web.access import public
from formengine.web.visits import visit

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

    What this browser posted after its session ended stands in its step again.
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
    late = rescuing.find(v.stores, v.session, now=v.now) if v.session is not None else None
    if v.session is None and not v.query:
        v.language = draft.language
    session = v.renew()
    v.keep(language=v.language)
    visiting.hold(v.stores, session, draft.form, draft=draft, reference=resumed.reference)
    if resumed.reference:
        return redirect(f"/{draft.form}/confirmation", 303)
    v.draft, v.form = draft, v.site.engine.forms.version(draft.form_hash)
    at = conflicts.refill(v, v.form, late) or f"/{draft.form}/tasks"
    return at if isinstance(at, Response) else redirect(at, 303)


def _ask(error: Phrase | None = None, typed: str = "") -> Response:
    v = visit()
    summary = ""
    if error is not None:
        problem = {"id": "code", "pointer": "", "code": "code", "text": error}
        summary = pages.summary(v, [problem])
    return pages.page(
        "resume.html", "resume", status=422 if error else 200, has_form=True, error=error, typed=typed, summary=summary
    )
