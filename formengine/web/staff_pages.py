"""Pages of the staff site: the frame with areas, the person, and what must be said on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from werkzeug.http import dump_options_header
from werkzeug.urls import iri_to_uri

from formengine.auth import Role
from formengine.errors import NotFound
from formengine.i18n.catalogues import N_, Phrase
from formengine.services.ports import Fetched
from formengine.web.pages import page
from formengine.web.visits import Visit, visit

CASES = (Role.CASEWORKER, Role.CASE_LEAD)
"""Who may see applications (ACC-05)."""
LOGS = (Role.AUDITOR,)
"""Who may see the audit log, and nothing else."""

_AREAS = (
    ("/inbox", N_("Eingang"), CASES),
    ("/audit", N_("Protokoll"), LOGS),
    ("/sessions", N_("Sitzungen"), tuple(Role)),
)


_DOWNLOAD = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""UPL-11."""


@dataclass(frozen=True, slots=True)
class Area:
    """One link of the navigation."""

    href: str
    text: Phrase
    current: bool


def staff_page(template: str, mark: str, *, status: int = 200, **context: Any) -> Response:
    """The response with a page of the staff site."""
    v = visit()
    return page(
        template,
        mark,
        status=status,
        person=v.session.person if v.session is not None else None,
        areas=areas(v),
        notices=_notices(v),
        **context,
    )


def areas(v: Visit) -> list[Area]:
    """Where the person who signed in may go."""
    roles = set(v.session.person.get("roles", ())) if v.session is not None else set()
    return [
        Area(href, v.text.say(text), request.path == href)
        for href, text, allowed in _AREAS
        if roles & {role.value for role in allowed}
    ]


def staff_id(v: Visit) -> str:
    """Who is asking, as the audit log knows them. Errors: NotFound if nobody signed in."""
    if v.session is None:
        raise NotFound("nobody has signed in")
    return str(v.session.person["id"])


def attachment(found: Fetched) -> Response:
    """The response with a file that can only be saved."""
    response = Response(found.data, content_type=found.media_type)
    response.headers.update(_DOWNLOAD)
    plain = found.name.encode("ascii", "replace").decode().replace("?", "_")
    extended = f"UTF-8''{iri_to_uri(found.name)}"  # RFC 8187
    options = {"filename": plain} if plain == found.name else {"filename": plain, "filename*": extended}
    response.headers["Content-Disposition"] = dump_options_header("attachment", options)
    return response


def _notices(v: Visit) -> list[Phrase]:
    """What is unsafe here and meant for development alone: said on every page."""
    settings = v.site.engine.settings
    said = []
    if settings.development_sign_in:
        said.append(v.text.say(N_("Entwicklung: Hier kann sich jeder ohne Passwort anmelden.")))
    if not settings.scans:
        said.append(v.text.say(N_("Entwicklung: Dateien werden nicht auf Viren geprüft.")))
    return said
