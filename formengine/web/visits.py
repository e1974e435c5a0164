"""The visit: who asks, in which language, and what their session holds. Opened once a request, with one read."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

from flask import Response, g, request

from formengine.config import Tenant
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft, DraftStatus, Reference
from formengine.errors import FormClosed, NotFound
from formengine.i18n.catalogues import SOURCE, Text
from formengine.services import drafting, visiting
from formengine.services.clock import ticks
from formengine.services.ports import Session, Stores
from formengine.web.site import Site, site


@dataclass(slots=True)
class Visit:
    """One request. *query* is what links carry on while the language stands in the address alone (ux.md 3.3)."""

    site: Site
    tenant: Tenant
    stores: Stores
    now: datetime
    session: Session | None = None
    form: FormDefinition | None = None
    draft: Draft | None = None
    reference: Reference | None = None
    language: str = SOURCE
    languages: tuple[str, ...] = (SOURCE,)
    query: str = ""
    had_cookie: bool = False
    guest: str = field(default="", repr=False)
    cookie: str | None = field(default=None, repr=False)
    showing: str | None = None
    closed: FormClosed | None = field(default=None, repr=False)

    @property
    def text(self) -> Text:
        """The texts of the visit's language, with those of its form."""
        form = self.form
        if form is None:
            return self.site.catalogues.text(self.language)
        return self.site.text_of(form, self.language)

    @property
    def token(self) -> str:
        """What a post must carry: the session's, or before there is one, one bound to a cookie of its own (SES-07)."""
        if self.session is not None:
            return self.session.csrf
        if not self.guest:
            self.guest = secrets.token_urlsafe(32)
        return hashlib.sha256(b"post|" + self.guest.encode()).hexdigest()

    @property
    def open_draft(self) -> Draft | None:
        """The draft of the form that this session can go on with."""
        draft = self.draft
        return draft if draft is not None and draft.status is DraftStatus.OPEN else None

    def the_form(self) -> FormDefinition:
        """The form of the address. Errors: NotFound, FormClosed."""
        if self.closed is not None:
            raise self.closed
        if self.form is None:
            raise NotFound("no such form")
        return self.form

    def the_draft(self) -> Draft:
        """The draft of the form. Errors: NotFound; `access.applicant` has made sure that there is one."""
        if self.draft is None:
            raise NotFound("no draft")
        return self.draft

    def begin(self) -> Session:
        """The session, a new one if there was none; its cookie goes out with the response."""
        if self.session is None:
            self.cookie, self.session = visiting.begin(
                self.stores,
                tenant=self.tenant.id,
                language=self.language,
                now=self.now,
                audience=self.site.audience,
            )
            self.stores = self.stores.opened_by(visiting.reader_of(self.cookie))
        return self.session

    def renew(self) -> Session:
        """A session with a new secret that holds what the old one held (SES-04)."""
        if self.session is None:
            return self.begin()
        self.cookie, self.session = visiting.renew(self.stores, self.session, now=self.now)
        self.stores = self.stores.opened_by(visiting.reader_of(self.cookie))
        return self.session

    def keep(self, **changes: object) -> None:
        """Write *changes* (language, theme, shared) into the session, if they are new; the draft keeps the language."""
        session = self.begin()
        changed = replace(session, **changes)  # type: ignore[arg-type]  # names are checked by the dataclass
        if changed != session:
            self.session = visiting.change(self.stores, changed)
        draft = self.open_draft
        if draft is not None and "language" in changes and draft.language != changed.language:
            spoken = replace(draft, language=changed.language)
            self.draft = drafting.save(self.stores, self.the_form(), draft, spoken, now=self.now)

    def end(self) -> None:
        """End the session; the cookie is taken back."""
        if self.session is not None:
            visiting.end(self.stores, self.session)
        self.session = self.draft = self.reference = None
        self.cookie = ""


def visit() -> Visit:
    """The visit of the present request."""
    return cast("Visit", g.visit)


def showing_name(here: Site) -> str:
    """The name of the cookie that says that the next page shows the code, once: it says nothing else (RES-07)."""
    return f"{'__Host-' if here.is_secure else ''}formengine-show"


def open_visit() -> None:
    """Find session, form and language of the request, before its view."""
    here, asked = site(), request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  asked often
    host, cookies = asked.host, asked.cookies
    tenant = here.tenant_at(host.rpartition(":")[0] or host)
    v = Visit(here, tenant, here.engine.stores.of(tenant.id), datetime.now(UTC))
    here.steps.look(v.now, ticks())
    g.visit = v
    if asked.endpoint == "static":
        return
    form_id = (asked.view_args or {}).get("form", "")
    session_cookie, guest_cookie = here.cookie_names
    secret = cookies.get(session_cookie, "")
    if secret:
        v.had_cookie = True
        try:
            opened = visiting.find(v.stores, secret, now=v.now, form=form_id, audience=here.audience, steps=here.steps)
        except NotFound:
            pass
        else:
            v.session, v.draft, v.reference = opened.session, opened.draft, opened.reference
            v.stores = v.stores.opened_by(visiting.reader_of(secret))
    if v.session is None:
        v.guest = cookies.get(guest_cookie, "")
    if form_id:
        v.form = _form(v, form_id)
    _choose_language(v, asked.args.get("lang", ""))


def _form(v: Visit, form_id: str) -> FormDefinition | None:
    forms = v.site.engine.forms
    try:
        draft = v.open_draft
        return forms.version(draft.form_hash) if draft is not None else forms.newest(form_id)
    except NotFound:
        return None
    except FormClosed as closed:
        v.closed = closed
        return None


def _choose_language(v: Visit, asked: str) -> None:
    v.languages = v.form.languages if v.form is not None else v.site.catalogues.languages
    kept = v.session.language if v.session is not None else ""
    if asked in v.languages:
        v.language = asked
        v.query = f"?lang={asked}" if asked != (kept or v.languages[0]) else ""
    else:
        v.language = kept if kept in v.languages else v.languages[0]


def close_visit(response: Response) -> Response:
    """The response with the cookies that the visit changed."""
    v: Visit | None = g.get("visit")
    if v is None:
        return response
    session_cookie, guest_cookie = v.site.cookie_names
    if v.cookie is not None:
        _set(response, session_cookie, v.cookie, secure=v.site.is_secure)
    if v.showing is not None:
        _set(response, showing_name(v.site), v.showing, secure=v.site.is_secure)
    if v.session is not None or v.cookie:
        if guest_cookie in request.cookies:
            _set(response, guest_cookie, "", secure=v.site.is_secure)
    elif v.guest and request.cookies.get(guest_cookie) != v.guest:
        _set(response, guest_cookie, v.guest, secure=v.site.is_secure)
    return response


def _set(response: Response, name: str, value: str, *, secure: bool) -> None:
    """A cookie for as long as the browser runs, or none where *value* is empty."""
    response.set_cookie(
        name, value, max_age=None if value else 0, path="/", secure=secure, httponly=True, samesite="Lax"
    )


def typed(form: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a person typed into a posted form: the engine's own fields and blanks left out."""
    return [(name, value) for name, value in form.items() if not name.startswith("_") and value.strip()]
