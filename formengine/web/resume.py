"""Save; the kind of device; leave; delete."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core.applying import evaluate
from formengine.i18n.catalogues import N_
from formengine.services import resuming, retention
from formengine.services.clock import today
from formengine.services.codes import ResumeCode
from formengine.web import handing, pages, progress
from formengine.web.access import applicant, in_any_version, public
from formengine.web.visits import Visit, handed_name, visit
from formengine.web.words import Words

resume = Blueprint("resume", __name__)


def save_and_leave(v: Visit) -> WerkzeugResponse:
    """On to the page that says what is saved; a draft's first code is made here and shown there, once (RES-07)."""
    draft = v.the_draft()
    if not resuming.has_code(v.stores, draft):
        _hand_over(v)
    return redirect(f"/{v.the_form().id}/save", 303)


@resume.get("/<form:form>/save")
@applicant
@in_any_version
def saved(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """That all is saved until a day, with the code if it was just made, else the button that makes one."""
    v = visit()
    return _saved(v, _handed_over(v))


@resume.post("/<form:form>/save")
@applicant
@in_any_version
def new_code(form: str) -> Response | WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """A new code; the old one opens nothing any more."""
    v = visit()
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
    else:
        _hand_over(v)
    return redirect(f"/{v.the_form().id}/save", 303)


def _hand_over(v: Visit) -> None:
    """Make a code, and give it sealed to the browser for the page that follows."""
    if v.session is not None:
        code = resuming.save(v.stores, v.the_draft())
        v.handed = handing.seal(code, v.stores.pepper, v.session.id, now=v.now)


def _handed_over(v: Visit) -> ResumeCode | None:
    """The code that the page before made, once: the browser forgets it with this response."""
    sealed = request.cookies.get(handed_name(v.site), "")
    if not sealed or v.session is None:
        return None
    v.handed = ""
    return handing.unseal(sealed, (v.stores.pepper, *v.stores.former_peppers), v.session.id, now=v.now)


def _saved(v: Visit, code: ResumeCode | None) -> Response:
    draft = v.the_draft()
    e = evaluate(v.the_form(), draft.answers, today(v.now))
    shown = None
    if code is not None:
        address = f"{v.site.origin_of(v.tenant)}/resume"
        alternative = v.text.gettext(N_("QR-Code: öffnet Ihren gespeicherten Antrag"))
        shown = {
            "groups": str(code).split("-"),
            "text": str(code),
            "address": address,
            "qr": qr(f"{address}#{code}", alternative),
        }
    return pages.page(
        "save.html",
        "save",
        has_form=shown is None,
        form_id=v.the_form().id,
        title=Words.of(e, v.text).title(),
        until=v.text.day(today(draft.expires_at).isoformat()),
        code=shown,
        has_code=shown is None and resuming.has_code(v.stores, draft),
        next=progress.on(v, e),
        device=f"/{v.the_form().id}/device",
        delete=f"/{v.the_form().id}/delete",
    )


def qr(content: str, alternative: str) -> Markup:
    """A QR code as SVG for a page: nothing of it travels in an address (RES-04)."""
    svg = segno.make(content, micro=False).svg_inline(
        svgclass="app-qr", lineclass=None, omitsize=True, border=4, light="#fff", title=alternative
    )
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - segno escapes the title


@resume.get("/<form:form>/device")
@public
def device(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """Whose device it is, and the way to leave it clean."""
    v = visit()
    v.the_form()
    return pages.page(
        "device.html",
        "device",
        has_form=True,
        title=None,
        shared=v.session.shared if v.session is not None else None,
        can_leave=v.session is not None,
    )


@resume.post("/<form:form>/device")
@public
def keep_device(form: str) -> WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """Keep whose device it is, or end the session and clear what the browser kept (SES-06)."""
    v = visit()
    home = f"/{v.the_form().id}/"
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"{home}device", 303)
    if request.form.get("_action") == "leave":
        v.end()
        response = redirect(home, 303)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
    chosen = request.form.get("_device")
    if chosen in {"own", "shared"}:
        v.keep(shared=chosen == "shared", language=v.language)
    return redirect(f"{home}tasks" if v.open_draft is not None else home, 303)


@resume.get("/<form:form>/delete")
@applicant
@in_any_version
def ask_to_delete(form: str) -> Response:
    """Ask before everything is deleted."""
    return pages.page("delete.html", "delete", has_form=True, keep=f"/{form}/tasks")


@resume.post("/<form:form>/delete")
@applicant
@in_any_version
def delete(form: str) -> WerkzeugResponse:
    """Delete the draft with its files and keys at once (GDP-02); what the browser kept goes too."""
    v = visit()
    home = f"/{form}/"
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"{home}delete", 303)
    retention.delete_draft(v.stores, v.the_draft().id, now=v.now)
    v.end()
    response = redirect(home, 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
