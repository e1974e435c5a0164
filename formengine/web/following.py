"""From an application that was sent on to another form that its answers fill in: the long one behind a short one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import following as rules
from formengine.core import numbers, routing
from formengine.core.applying import evaluate
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Earlier
from formengine.errors import FormClosed, NotFound
from formengine.services import delivering, drafting, visiting
from formengine.services.clock import today
from formengine.web import progress
from formengine.web.access import public
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

following = Blueprint("following", __name__)


def onward(v: Visit) -> list[dict[str, Any]]:
    """The forms that the application of the visit may fill in, each with its title and address."""
    own, forms, found = v.the_form().id, v.site.engine.forms, []
    for form_id in forms.filled_by(own):
        try:
            form = forms.newest(form_id)
        except FormClosed:
            continue  # the others run (F-17)
        title = words_of(v, form).title()
        found.append({"title": title, "href": f"/{own}/onward/{form.id}", "whole": form.quick == own})
    return found


def words_of(v: Visit, form: FormDefinition) -> Words:
    """The wording of a form that is not the visit's own, in the visit's language where it has that."""
    language = v.language if v.language in form.languages else form.languages[0]
    return Words(form, v.site.catalogues.text(language, form.id, source=form.languages[0]), today(v.now))


@following.post("/<form:form>/onward/<form:other>")
@public
def go_on(form: str, other: str) -> WerkzeugResponse:
    """Begin *other* with what was sent; who has begun it already goes on there. Errors: NotFound, FormClosed."""
    v = visit()
    definition = v.site.engine.forms.newest(other)
    if v.reference is None or v.session is None or other not in v.site.engine.forms.filled_by(form):
        raise NotFound("nothing to go on from")
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"/{form}/confirmation", 303)
    if visiting.holds_draft(v.stores, v.session, other):
        return redirect(f"/{other}/welcome", 303)
    sent = delivering.load(v.stores, v.reference)
    filled = rules.carried(definition, numbers.loads(sent.payload), today(v.now))
    draft = drafting.start(
        v.stores,
        definition,
        tenant=v.tenant.id,
        language=v.language if v.language in definition.languages else definition.languages[0],
        session=v.session,
        now=v.now,
        earlier=Earlier(sent.reference, sent.received_at, filled),
    )
    e = evaluate(definition, draft.answers, today(v.now))
    return redirect(progress.href_of(e, next(iter(routing.path(e)), None)), 303)
