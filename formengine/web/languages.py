"""Flask-Babel reads the engine's own catalogues and the locale of the visit.

Templates say `_` from the visit's `Text`, which marks what is not translated; what other libraries translate goes
through Flask-Babel and finds the same catalogues. Babel knows no `de-x-ls`, so it is given the locale that formats
come from, and never a folder to list.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, has_request_context
from flask_babel import Babel, Domain

from formengine.i18n import formatting
from formengine.i18n.catalogues import SOURCE, Catalogues


class _Catalogue:
    """The engine's catalogue of the visit's language, as gettext's interface has it."""

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues

    def ugettext(self, message: str) -> str:
        return self._catalogues.text(_language()).gettext(message)

    def ungettext(self, singular: str, plural: str, n: int) -> str:
        return self._catalogues.text(_language()).ngettext(singular, plural, n).plain

    gettext, ngettext = ugettext, ungettext


class _Domain(Domain):
    def __init__(self, catalogues: Catalogues) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Flask-Babel has no types
        self._catalogue = _Catalogue(catalogues)

    def get_translations(self) -> Any:
        return self._catalogue


def _language() -> str:
    found = g.get("visit") if has_request_context() else None
    return str(found.language) if found is not None else SOURCE


def install(app: Flask, catalogues: Catalogues) -> None:
    """Give *app* Flask-Babel."""
    babel = Babel()  # type: ignore[no-untyped-call]  # Flask-Babel has no types
    babel.init_app(  # type: ignore[no-untyped-call]  # likewise
        app, locale_selector=lambda: str(formatting.locale_of(_language())), default_timezone="Europe/Berlin"
    )
    babel.domain_instance = _Domain(catalogues)
