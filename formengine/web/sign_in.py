"""Sign-in and sign-out of staff, with the provider that is configured. Only on the staff site (SES-03)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from formengine.auth import Person, Provider, Role, providers
from formengine.errors import NotAllowed
from formengine.i18n.catalogues import N_
from formengine.services import signed_in
from formengine.web.access import public, staff
from formengine.web.staff_pages import staff_page
from formengine.web.visits import Visit, visit

sign_in = Blueprint("sign_in", __name__)

ROLES: Final = {
    Role.CASEWORKER: N_("Sachbearbeitung"),
    Role.CASE_LEAD: N_("Leitung der Sachbearbeitung"),
    Role.DESIGNER: N_("Gestaltung der Anträge"),
    Role.PUBLISHER: N_("Freigabe der Anträge"),
    Role.TENANT_ADMIN: N_("Verwaltung der Behörde"),
    Role.AUDITOR: N_("Prüfung des Protokolls"),
    Role.OPERATOR: N_("Technischer Betrieb"),
}
_OWN_PATH = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/?)*")


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody whom one can be."""

    id: str
    element: str
    name: str
    roles: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The one thing that is wrong: nobody was picked, or somebody who may not."""

    id: str
    pointer: str
    code: str
    text: str


@sign_in.get("/sign-in")
@public
def ask() -> AnyResponse:
    """The page where one picks who one is; whoever is signed in goes on."""
    v = visit()
    if v.session is not None and v.session.person:
        return redirect(_next(), 303)
    return _ask(v)


@sign_in.post("/sign-in")
@public
def finish() -> AnyResponse:
    """A new session for the person who was picked (SES-04)."""
    v = visit()
    provider = _provider(v)
    if provider is None:
        raise NotAllowed("no sign-in is configured")
    try:
        person = provider.finish({"person": request.form.get("_person", "")}, {})
    except NotAllowed:
        return _ask(v, wrong=N_("Wählen Sie aus, wer Sie sind"))
    if person.tenant != v.tenant.id:
        raise NotAllowed("another tenant's")
    if signed_in.is_blocked(v.stores, person.id, v.tenant.id):
        return _ask(v, wrong=N_("Ihr Zugang ist gesperrt. Wenden Sie sich an die Verwaltung Ihrer Behörde"))
    v.renew()
    v.keep(person=person.as_session())
    return redirect(_next(), 303)


@sign_in.post("/sign-out")
@staff()
def sign_out() -> AnyResponse:
    """The session's end (SES-06)."""
    visit().end()
    response = redirect("/sign-in", 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _ask(v: Visit, *, wrong: str = "") -> Response:
    provider = _provider(v)
    people = provider.begin(callback=f"{v.site.origin_of(v.tenant)}/sign-in").choices if provider is not None else ()
    choices = [_choice(v, number, person) for number, person in enumerate(people)]
    problems = [Wrong("person", "", "required", v.text.say(wrong))] if wrong else []
    return staff_page(
        "staff/sign_in.html",
        "sign-in",
        status=422 if wrong else 200,
        choices=choices,
        problems=problems,
        problems_title=v.text.ngettext("Bitte prüfen Sie 1 Angabe", "Bitte prüfen Sie {n} Angaben", len(problems)),
    )


def _choice(v: Visit, number: int, person: Person) -> Choice:
    roles = ", ".join(v.text.gettext(ROLES[role]) for role in ROLES if role in person.roles)
    return Choice(person.id, f"person-{number + 1}" if number else "person", person.name, roles)


def _provider(v: Visit) -> Provider | None:
    settings = v.site.engine.settings
    if not settings.development_sign_in:
        return None
    return _development(tuple(tenant.id for tenant in settings.tenants))


@cache
def _development(tenants: tuple[str, ...]) -> Provider:
    return providers.load_one("development")(tenants, {})


def _next() -> str:
    """Where one wanted to go: a plain path of ours, or the start (LIM-04)."""
    wanted = request.args.get("next", "")
    return wanted if _OWN_PATH.fullmatch(wanted) else "/"
