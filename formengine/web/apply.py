"""The applicant's wizard: start, sections, questions, lists."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing
from formengine.core.applying import Evaluation, evaluate
from formengine.core.lifecycle import Draft
from formengine.core.pages import Page, PageKind
from formengine.errors import NotFound, StepNotOpen
from formengine.services.clock import today
from formengine.web import conflicts, leaving, listing, pages, progress, steps
from formengine.web.access import applicant, public
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

wizard = Blueprint("apply", __name__)


@wizard.get("/<form:form>/")
@public
def start(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """What the form is for, what one needs, and the button that begins."""
    v = visit()
    definition = v.the_form()
    words = Words(definition, v.text, today(v.now))
    draft = v.open_draft
    return pages.page(
        "start.html",
        "start",
        title=words.title(),
        intro=pages.prose(words.fill(definition.start)) if definition.start else None,
        draft={"href": _resume_href(v, draft)} if draft is not None else None,
        minutes=definition.minutes,
        proofs=progress.needed(words),
        quick=_quick(v),
        privacy=f"/{definition.id}/privacy",
        has_form=False,
    )


def _quick(v: Visit) -> str:
    """Where one begins the short form that can be sent first, "" if there is none."""
    short = v.the_form().quick
    return f"/{short}/device{v.query}" if short in v.site.engine.forms.ids() else ""


@wizard.post("/<form:form>/")
@public
def begin(form: str) -> WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """On to whose device it is, where the application begins; whoever said so already begins anew at once."""
    v = visit()
    v.the_form()
    started = v.open_draft is not None
    v.renew()
    v.keep(language=v.language)
    return leaving.begin(v) if started else redirect(f"/{v.the_form().id}/device", 303)


@wizard.get("/<form:form>/tasks")
@applicant
def tasks(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """The sections, and how far each is."""
    v = visit()
    e = evaluation(v)
    words = Words.of(e, v.text)
    done, total, groups = progress.tasks(v, e, words)
    return pages.page(
        "tasks.html",
        "tasks",
        title=words.title(),
        done=done,
        total=total,
        groups=groups,
        next=progress.on(v, e),
    )


@wizard.get("/<form:form>/<segments:segments>/")
@applicant
def step(form: str, segments: str) -> Response | WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """A step: questions, a list's items, or information."""
    v = visit()
    e = evaluation(v)
    page = _page(e, segments)
    if str(page.address) != segments:
        return redirect(progress.href_of(e, page.address, review=request.args.get("return") == "review"), 303)
    if page.kind is PageKind.LIST:
        return listing.show(v, e, page)
    return steps.show(v, e, page)


@wizard.post("/<form:form>/<segments:segments>/")
@applicant
def post_step(form: str, segments: str) -> Response | WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """Take what was answered, or keep what was typed, and lead on."""
    v = visit()
    e = evaluation(v)
    page = routing.page_named(e, segments.split("/"))
    if page is None:
        if steps.posted_revision() == v.the_draft().revision and request.form.get("_action") != conflicts.BRING_BACK:
            _page(e, segments)  # NotFound where there never was such a step
            raise StepNotOpen(segments)
        found = conflicts.bring_back(v, segments)
        if isinstance(found, Response):
            return found
        e, page = found
    if page.kind is PageKind.LIST:
        return listing.post(v, e, page)
    return conflicts.post(v, e, page)


@wizard.get("/<form:form>/<segments:segments>/<key:key>/remove")
@applicant
def ask_to_remove(form: str, segments: str, key: str) -> Response:  # noqa: ARG001  the visit has read it
    """Ask before an item is removed."""
    v = visit()
    e = evaluation(v)
    return listing.ask_to_remove(v, e, _list(e, segments), key)


@wizard.post("/<form:form>/<segments:segments>/<key:key>/remove")
@applicant
def remove(form: str, segments: str, key: str) -> Response | WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """Remove the item, or keep it."""
    v = visit()
    e = evaluation(v)
    return listing.remove(v, e, _list(e, segments), key)


def evaluation(v: Visit) -> Evaluation:
    """The one evaluation of the visit's draft, today."""
    return evaluate(v.the_form(), v.the_draft().answers, today(v.now))


def _page(e: Evaluation, segments: str) -> Page:
    """The page that *segments* name. Errors: NotFound, StepNotOpen if it does not apply now."""
    page = routing.page_at(e, routing.parse(e.form, e, segments.split("/")))
    if page is None:
        raise StepNotOpen(segments)
    return page


def _list(e: Evaluation, segments: str) -> Page:
    page = _page(e, segments)
    if page.kind is not PageKind.LIST:
        raise NotFound("no such list")
    return page


def _resume_href(v: Visit, draft: Draft) -> str:
    e = evaluate(v.the_form(), draft.answers, today(v.now))
    return progress.on(v, e)
