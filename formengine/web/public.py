"""Pages without a form: the list of forms, the notices, and whether the site is alive."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.errors import FormClosed
from formengine.i18n.catalogues import N_, Phrase
from formengine.services.visiting import STAFF
from formengine.web import following, notices
from formengine.web import pages as page_of
from formengine.web.access import public
from formengine.web.site import site
from formengine.web.visits import visit

pages = Blueprint("public", __name__)
health = Blueprint("health", __name__)

THEMES = {"": N_("automatisch"), "light": N_("hell"), "dark": N_("dunkel")}


@pages.get("/")
@public
def forms() -> Response:
    """The forms that one can apply with."""
    v = visit()
    found = []
    known = v.site.engine.forms
    for form_id in known.ids():
        if form_id in known.short_forms():
            continue  # one comes to it from the long one
        try:
            form = known.newest(form_id)
        except FormClosed:
            continue  # the others run (F-17)
        language = v.language if v.language in form.languages else form.languages[0]
        title = following.words_of(v, form).title()
        marked = title if title.lang or language == v.language else Phrase(title.plain, language)
        found.append({"id": form.id, "title": marked, "minutes": form.minutes})
    return page_of.page("forms.html", "forms", forms=found)


@pages.get("/privacy")
@public
def privacy() -> Response:
    """What happens with personal data."""
    return _notice("privacy", N_("Datenschutz"))


@pages.get("/<form:form>/privacy")
@public
def form_privacy(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """The same, within a form."""
    visit().the_form()
    return _notice("privacy", N_("Datenschutz"))


@pages.get("/imprint")
@public
def imprint() -> Response:
    """Who runs this site."""
    return _notice("imprint", N_("Impressum"))


@pages.get("/accessibility")
@public
def accessibility() -> Response:
    """How accessible the site is, help in other formats, and the setting of light and dark."""
    v = visit()
    choices = [{"value": value, "label": v.text.say(label)} for value, label in THEMES.items()]
    return _notice("accessibility", N_("Barrierefreiheit"), appearance=choices)


@pages.post("/accessibility")
@public
def appearance() -> WerkzeugResponse:
    """Keep the choice of light or dark."""
    v = visit()
    theme = request.form.get("_theme", "")
    if theme in THEMES:
        v.keep(theme=theme)
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
    return redirect(f"/accessibility{v.query}#darstellung", 303)


def _notice(name: str, heading: str, **context: Any) -> Response:
    v = visit()
    body = page_of.prose(notices.text(v.tenant, name, v.text), notices.ANCHORS.get(name, ()))
    return page_of.page(
        "notice.html",
        name,
        has_form="appearance" in context,
        heading=v.text.say(heading),
        body=body,
        **context,
    )


def live() -> Response:
    """That this process answers."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


def ready() -> Response:
    """Whether it can take applications; the staff site also names what fails, also what it can do without."""
    here = site()
    failing = here.readiness.failing()
    essential = [part.name for part in here.readiness.parts if part.essential]
    named = "".join(f"{name}: fails\n" for name in failing) if here.audience == STAFF else ""
    if any(name in essential for name in failing):
        return Response(f"not ready\n{named}", 503, content_type="text/plain; charset=utf-8")
    return Response(f"ok\n{named}", content_type="text/plain; charset=utf-8")


for blueprint in (pages, health):
    blueprint.add_url_rule("/livez", view_func=public(live), methods=["GET"])
    blueprint.add_url_rule("/readyz", view_func=public(ready), methods=["GET"])
