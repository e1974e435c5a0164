"""Whose device it is, the session and its end, and deletion."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing
from formengine.core.applying import evaluate
from formengine.i18n.catalogues import N_
from formengine.services import drafting, resuming, retention, visiting
from formengine.services.clock import today
from formengine.web import pages, progress
from formengine.web.access import applicant, in_any_version, public
from formengine.web.visits import Visit, visit

leaving = Blueprint("leaving", __name__)
CLEAR = '"cache", "storage"'
"""What a browser is told to forget when a session ends (SES-06)."""


@leaving.get("/<form:form>/device")
@public
def device(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """Whose device it is: asked before the first data (ux.md 6.3)."""
    visit().the_form()
    return _device(visit())


def _device(v: Visit, *, wrong: bool = False) -> Response:
    text = v.text.say(N_("Wählen Sie aus, ob Sie ein eigenes Gerät benutzen"))
    problems = [{"id": "geraet", "pointer": "", "code": "required", "text": text}] if wrong else []
    return pages.page(
        "device.html",
        "device",
        status=422 if wrong else 200,
        has_form=True,
        title=None,
        error=text if wrong else "",
        summary=pages.summary(v, problems),
        shared=v.session.shared if v.session is not None and v.open_draft is not None else None,
    )


@leaving.post("/<form:form>/device")
@public
def keep_device(form: str) -> Response | WerkzeugResponse:
    """Keep whose device it is, and go on to the application, which begins here if there is none yet."""
    v = visit()
    v.the_form()
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"/{form}/device", 303)
    chosen = request.form.get("_device")
    if chosen not in {"own", "shared"}:
        return _device(v, wrong=True)
    if v.open_draft is not None:
        v.keep(shared=chosen == "shared", language=v.language)
        return redirect(f"/{form}/welcome", 303)
    v.renew()
    v.keep(shared=chosen == "shared", language=v.language)
    return begin(v)


def begin(v: Visit) -> WerkzeugResponse:
    """Begin a new application in the session, and on to its first step."""
    definition = v.site.engine.forms.newest(v.the_form().id)
    draft = drafting.start(
        v.stores, definition, tenant=v.tenant.id, language=v.language, session=v.session, now=v.now
    )  # fmt: skip
    e = evaluate(definition, draft.answers, today(v.now))
    return redirect(progress.href_of(e, next(iter(routing.path(e)), None)), 303)


@leaving.get("/<form:form>/leave")
@applicant
@in_any_version
def ask_to_leave(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """What stays and what one needs to come back, before one leaves."""
    return _ask(visit())


@leaving.post("/<form:form>/leave")
@public
def leave(form: str) -> Response | WerkzeugResponse:
    """End the session and clear what the browser kept (SES-06); without a code, ask first: nothing opens it again."""
    v = visit()
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"/{form}/leave", 303)
    draft = v.open_draft
    if draft is not None and not request.form.get("_sure") and not resuming.has_code(v.stores, draft):
        return _ask(v)
    href = pages.ended_href(v, form)
    v.end()
    return cleared(href)


def _ask(v: Visit) -> Response:
    draft = v.open_draft
    return pages.page(
        "leave.html",
        "leave",
        has_form=True,
        has_code=draft is None or resuming.has_code(v.stores, draft),
        address=f"/{request.view_args['form']}/leave" if request.view_args else "",
        code=f"/{request.view_args['form']}/save" if request.view_args else "",
    )


@leaving.get("/<form:form>/ended")
@public
def ended(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """That the session is over, and the ways on."""
    v = visit()
    v.the_form()
    return pages.page("ended.html", "ended", is_kept="kept" in request.args, form=v.the_form().id)


@leaving.post("/<form:form>/session")
@applicant
@in_any_version
def extend(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """Go on with the session; how many seconds it lasts, and how many at most (SES-05)."""
    v = visit()
    if v.session is not None:
        v.session = visiting.seen(v.stores, v.session, now=v.now)
    response = Response("", 204)
    left = pages.session_of(v)
    if left is not None:
        response.headers["Session-Left"] = str(left.left_s)
    return response


@leaving.get("/<form:form>/delete")
@applicant
@in_any_version
def ask_to_delete(form: str) -> Response:
    """Ask before everything is deleted."""
    return pages.page("delete.html", "delete", has_form=True, keep=f"/{form}/tasks")


@leaving.post("/<form:form>/delete")
@applicant
@in_any_version
def delete(form: str) -> WerkzeugResponse:
    """Delete the draft with its files and keys at once (GDP-02); what the browser kept goes too."""
    v = visit()
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"/{form}/delete", 303)
    retention.delete_draft(v.stores, v.the_draft().id, now=v.now)
    v.end()
    return cleared(f"/{form}/")


def cleared(href: str) -> WerkzeugResponse:
    """On to *href*, with a browser that forgets what it kept."""
    response = redirect(href, 303)
    response.headers["Clear-Site-Data"] = CLEAR
    return response
