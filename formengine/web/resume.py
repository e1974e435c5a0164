"""Save, and the code with which one comes back: shown, written down, shown again, changed."""

from __future__ import annotations

import segno
from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core.applying import evaluate
from formengine.i18n.catalogues import N_
from formengine.services import resuming
from formengine.services.clock import today
from formengine.services.codes import ResumeCode
from formengine.web import pages, progress
from formengine.web.access import applicant, in_any_version
from formengine.web.visits import Visit, showing_name, visit
from formengine.web.words import Words

resume = Blueprint("resume", __name__)


def save_and_leave(v: Visit) -> WerkzeugResponse:
    """On to the page that says what is saved; a draft's first code is made here and shown there, once (RES-07)."""
    draft = v.the_draft()
    if not resuming.has_code(v.stores, draft):
        resuming.save(v.stores, draft)
        v.showing = "1"
    return redirect(f"/{v.the_form().id}/save", 303)


@resume.get("/<form:form>/save")
@applicant
@in_any_version
def saved(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """That all is saved until a day; the code, if the page before said so, else the buttons that show or change it."""
    v = visit()
    if request.cookies.get(showing_name(v.site)) != "1" or v.session is None:
        return _saved(v, None)
    v.showing = ""
    return _saved(v, resuming.kept(v.stores, v.session, v.the_draft()))


@resume.post("/<form:form>/save")
@applicant
@in_any_version
def about_the_code(form: str) -> Response | WerkzeugResponse:
    """Show the code again, make a new one in its place, or check that it was written down."""
    v = visit()
    draft, action = v.the_draft(), request.form.get("_action", "next")
    if action == "next":
        action = "written" if request.form.get("_shown") else "show"
    kept = resuming.kept(v.stores, v.session, draft) if v.session is not None else None
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        v.showing = "1" if request.form.get("_shown") else None
    elif action == "written" and kept is not None:
        typed = request.form.get("_last", "")
        if not (request.form.get("_written") == "true" and resuming.is_last_group(kept, typed)):
            return _saved(v, kept, wrong=True, typed=typed)
        return redirect(f"/{form}/save?written=1", 303)
    else:
        if action == "new" or not resuming.has_code(v.stores, draft):
            resuming.save(v.stores, draft)
        v.showing = "1"
    return redirect(f"/{form}/save", 303)


def _saved(v: Visit, code: ResumeCode | None, *, wrong: bool = False, typed: str = "") -> Response:
    draft = v.the_draft()
    e = evaluate(v.the_form(), draft.answers, today(v.now))
    kept = code or (resuming.kept(v.stores, v.session, draft) if v.session is not None else None)
    problems = _problems(v, typed) if wrong else []
    return pages.page(
        "save.html",
        "save",
        status=422 if wrong else 200,
        has_form=True,
        form_id=v.the_form().id,
        title=Words.of(e, v.text).title(),
        prefix=f"{v.text.gettext(N_('Fehler:'))} " if wrong else "",
        summary=pages.summary(v, problems),
        errors={problem["id"]: problem["text"] for problem in problems},
        until=v.text.day(today(draft.expires_at).isoformat()),
        code=_shown(v, code) if code is not None else None,
        ticked=request.form.get("_written") == "true" if wrong else False,
        has_code=resuming.has_code(v.stores, draft),
        is_kept=kept is not None,
        written="written" in request.args,
        next=progress.on(v, e),
        leave=f"/{v.the_form().id}/leave",
        delete=f"/{v.the_form().id}/delete",
    )


def _problems(v: Visit, typed: str) -> list[dict[str, str]]:
    """What is wrong with the check: the tick, the group, or both."""
    found = []
    if request.form.get("_written") != "true":
        found.append(("notiert", v.text.gettext(N_("Bestätigen Sie, dass Sie den Code notiert haben"))))
    kept = resuming.kept(v.stores, v.session, v.the_draft()) if v.session is not None else None
    if kept is None or not resuming.is_last_group(kept, typed):
        say = N_("Die Zeichen stimmen nicht. Vergleichen Sie sie mit dem Code") if typed.strip() else N_(
            "Geben Sie die letzte Gruppe Ihres Codes ein"
        )  # fmt: skip
        found.append(("letzte", v.text.gettext(say)))
    return [{"id": id_, "pointer": "", "code": id_, "text": text} for id_, text in found]


def _shown(v: Visit, code: ResumeCode) -> dict[str, object]:
    address = f"{v.site.origin_of(v.tenant)}/resume"
    alternative = v.text.gettext(N_("QR-Code: öffnet Ihren gespeicherten Antrag"))
    *groups, check = str(code).split("-")
    return {
        "groups": [*groups[:-1], f"{groups[-1]}-{check}"],
        "text": str(code),
        "address": address,
        "qr": qr(f"{address}#{code}", alternative),
    }


def qr(content: str, alternative: str) -> Markup:
    """A QR code as SVG for a page: nothing of it travels in an address (RES-04)."""
    svg = segno.make(content, micro=False).svg_inline(
        svgclass="app-qr", lineclass=None, omitsize=True, border=4, light="#fff", title=alternative
    )
    return Markup(svg.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - segno escapes the title
