"""The page that tells of another version of the form: what is new, what to look at again; or that it was withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core.applying import Asked, Evaluation, evaluate
from formengine.core.pages import PageKind
from formengine.core.pages import pages as pages_of
from formengine.services import moving, submitting
from formengine.services.clock import today
from formengine.services.moving import Ahead
from formengine.web import pages, review, steps
from formengine.web.access import applicant, in_any_version
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

version = Blueprint("version", __name__)


@version.get("/<form:form>/version")
@applicant
@in_any_version
def tell(form: str) -> Response | WerkzeugResponse:
    """What the version that is served now means for this application, or that its own was withdrawn."""
    v = visit()
    to = _ahead(v)
    if to is not None:
        return _news(v, to)
    if v.site.engine.forms.is_withdrawn(v.the_draft().form_hash):
        return _withdrawn(v)
    return redirect(f"/{form}/tasks", 303)


@version.post("/<form:form>/version")
@applicant
@in_any_version
def go_on(form: str) -> WerkzeugResponse:
    """Go on in the version that is served now."""
    v = visit()
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"/{form}/version", 303)
    to = _ahead(v)
    if to is not None:
        moving.move(v.stores, to, v.the_draft(), revision=steps.posted_revision(), now=v.now)
    return redirect(f"/{form}/tasks", 303)


def _ahead(v: Visit) -> Ahead | None:
    return moving.ahead(v.site.engine.forms, v.the_form(), v.the_draft(), now=v.now)


def _news(v: Visit, to: Ahead) -> Response:
    e, change = to.evaluation, to.change
    words = Words.of(e, v.text)
    asked = {(one.proof.id, one.item_key) for one in change.proofs}
    declared = {one.id for one in change.declarations}
    return pages.page(
        "version.html",
        "version",
        has_form=True,
        title=words.title(),
        revision=v.the_draft().revision,
        new=_named(e, words, change.new),
        again=_named(e, words, change.again),
        proofs=[
            words.fill(one.proof.title, item=one.item_pointer, scope=one.names.scope)
            for one in change.proofs
            if (one.proof.id, one.item_key) in asked
        ],
        declarations=[words.fill(one.text) for one in submitting.declarations(e) if one.id in declared],
    )


def _named(e: Evaluation, words: Words, these: Iterable[Asked]) -> list[dict[str, Any]]:
    """These questions as they are called, each with the page on which it stands, in the order of the pages."""
    wanted = {one.control for one in these}
    return [
        {
            "page": words.step(page.step, item=page.item),
            "label": steps.label(asked, page, words),
            "pointer": asked.pointer,
        }
        for page in pages_of(e)
        if page.kind is not PageKind.INFO
        for asked in page.asked
        if asked.control in wanted
    ]


def _withdrawn(v: Visit) -> Response:
    form, draft = v.the_form(), v.the_draft()
    e = evaluate(form, draft.answers, today(v.now))
    words = Words.of(e, v.text)
    can_begin = form.id in v.site.engine.forms.ids()
    return pages.page(
        "withdrawn.html",
        "withdrawn",
        title=words.title(),
        until=v.text.day(today(draft.expires_at).isoformat()),
        sections=review.answered(e, words),
        begin=f"/{form.id}/{v.query}" if can_begin else "",
        form_id=form.id,
        delete=f"/{form.id}/delete",
    )
