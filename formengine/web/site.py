"""What every request of one site shares: the engine, its texts, static files and tenants."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlsplit

from flask import current_app
from markupsafe import Markup

from formengine.bootstrap import Engine
from formengine.config import Tenant, is_loopback
from formengine.core.definition import FormDefinition
from formengine.health import Readiness, parts
from formengine.i18n.catalogues import Catalogues, Text
from formengine.services.clock import Steps
from formengine.services.visiting import APPLICANTS
from formengine.web.assets import Assets
from formengine.web.compiled import Pages
from formengine.web.skeleton import Skeleton


@dataclass(frozen=True)
class Site:
    """One site, for *audience* (`applicants` or `staff`)."""

    engine: Engine
    audience: str
    assets: Assets
    catalogues: Catalogues
    questions: Pages = field(default_factory=Pages, repr=False)
    filled: dict[object, str] = field(default_factory=dict, repr=False)
    skeletons: dict[object, Skeleton] = field(default_factory=dict, repr=False)
    pieces: dict[object, Markup] = field(default_factory=dict, repr=False)
    frozen: dict[str, Catalogues] = field(default_factory=dict, repr=False)
    steps: Steps = field(default_factory=Steps, repr=False)

    def text_of(self, form: FormDefinition, language: str) -> Text:
        """The texts of *language* with those of *form*: of the version that is served as the catalogues are now, of any
        other as they were published with it, for its wording may have left them since.
        """
        catalogues = self.catalogues
        if self.engine.forms.served().get(form.id) not in {None, form.hash}:
            catalogues = self.frozen.get(form.hash) or self._frozen(form)
        return catalogues.text(language, form.id, source=form.languages[0])

    def _frozen(self, form: FormDefinition) -> Catalogues:
        if len(self.frozen) > 50:
            self.frozen.clear()
        own = self.engine.forms.catalogues(form.hash)
        found = self.frozen[form.hash] = self.catalogues.with_form(form.id, own) if own else self.catalogues
        return found

    def keep_piece(self, key: object, piece: Markup) -> None:
        """Remember a rendered piece; all are forgotten when there are too many."""
        if len(self.pieces) > 5_000:
            self.pieces.clear()
        self.pieces[key] = piece

    def origin_of(self, tenant: Tenant) -> str:
        """The origin at which the tenant's site is reached from outside (LIM-03: never from a request)."""
        staff = self.audience == "staff"
        own = tenant.staff_origin if staff else tenant.origin
        settings = self.engine.settings
        return (own or (settings.staff_origin if staff else settings.origin)).rstrip("/")

    @cached_property
    def readiness(self) -> Readiness:
        """Whether the parts work that it needs."""
        return Readiness(parts(self.engine))

    @cached_property
    def is_secure(self) -> bool:
        """Whether the site is reached by https, so that cookies are bound to it."""
        return self.origin_of(self.engine.settings.tenants[0]).startswith("https:")

    @cached_property
    def cookie_names(self) -> tuple[str, str]:
        """Those of session and guest: bound to the host over https, apart for the two sites (SES-01)."""
        prefix = "__Host-" if self.is_secure else ""
        kind = "" if self.audience == APPLICANTS else "-staff"
        return f"{prefix}formengine{kind}", f"{prefix}formengine-guest{kind}"

    @cached_property
    def _by_host(self) -> dict[str, Tenant]:
        tenants = reversed(self.engine.settings.tenants)
        return {urlsplit(self.origin_of(tenant)).hostname or "": tenant for tenant in tenants}

    def tenant_at(self, host: str) -> Tenant:
        """The tenant whose site answers at the host name *host*; on this machine alone, the first."""
        return self._by_host.get(host) or self.engine.settings.tenants[0]

    def hosts(self) -> list[str]:
        """The host names that are answered (LIM-03)."""
        names = set(self._by_host)
        if any(is_loopback(name) for name in names):
            names |= {"localhost", "127.0.0.1", "[::1]"}
        return sorted(names)


def site() -> Site:
    """The site of the running application."""
    found: Site = current_app.extensions["formengine"]
    return found
