"""The WSGI applications: `create_app` builds the applicants' site or the staff's from an engine."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from io import BytesIO
from typing import IO, Any, Final, NoReturn
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Request, Response
from werkzeug.routing import BaseConverter, RequestRedirect

from formengine import config, logs, metrics
from formengine.bootstrap import Engine, build
from formengine.services.visiting import APPLICANTS
from formengine.web import (
    apply,
    by_hand,
    casework,
    coming_back,
    crowding,
    errors,
    following,
    languages,
    leaving,
    own_data,
    proving,
    public,
    requests,
    resume,
    review,
    security,
    sign_in,
    staff_sessions,
    status,
    verify,
    version,
    visits,
)
from formengine.web.access import public as anybody
from formengine.web.assets import Assets
from formengine.web.site import Site

BLUEPRINTS = {
    "applicants": (
        public.pages,
        apply.wizard,
        proving.proofs,
        review.review,
        resume.resume,
        leaving.leaving,
        coming_back.coming_back,
        status.status,
        following.following,
        verify.verify,
        version.version,
        own_data.own_data,
    ),
    "staff": (public.health, sign_in.sign_in, casework.casework, by_hand.by_hand, staff_sessions.staff_sessions),
}
"""What each site is made of; they share no route but the health checks."""
_COLLECT: Final = (10_000, 10, 10)
"""So many new objects are looked through for circles at a time: by then most requests are over and left none behind."""


class _App(Flask):
    """Flask for views that all run as they are: it need not look at each call whether one is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """*func* itself."""
        return func

    def raise_routing_exception(self, request: Request) -> NoReturn:
        """Lead on to a path alone, where only the address is written otherwise: who asks may name any port (LIM-03)."""
        error = request.routing_exception
        if isinstance(error, RequestRedirect):
            error.new_url = urlunsplit(("", "", *urlsplit(error.new_url)[2:]))
        super().raise_routing_exception(request)


class _Request(Request):
    """A request that holds files in memory: nothing that is uploaded touches a disk in the clear (ENC-11)."""

    form_data_parser_class = security.FewFields

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        return BytesIO()


class _FormId(BaseConverter):
    """The id of a form, as `core.loading` takes it."""

    regex = r"(?!static\Z)[A-Za-z0-9._-]+"


class _Key(BaseConverter):
    """The opaque key of an item."""

    regex = r"[0-9a-z]{1,5}"


class _Segment(BaseConverter):
    """The id of a step or proof."""

    regex = r"[A-Za-z0-9._-]+"


class _Segments(BaseConverter):
    """The segments of a step's address, `children/ab2cd/lunch`."""

    regex = r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*"
    part_isolating = False


def create_app(engine: Engine, audience: str = APPLICANTS) -> Flask:
    """The site for *audience* (`applicants` or `staff`); they share no cookie and no process (SES-03)."""
    app = _App("formengine.web", static_folder=None)
    app.request_class = _Request
    app.url_map.converters.update(form=_FormId, key=_Key, segment=_Segment, segments=_Segments)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    site = Site(engine, audience, Assets(), engine.catalogues)
    app.extensions["formengine"] = site
    site.assets.install(app)
    languages.install(app, engine.catalogues)
    security.install(app, site)
    errors.install(app)
    requests.install(app)
    crowding.install(app, engine.settings.web_threads)
    app.before_request(visits.open_visit)
    app.before_request(security.check_post)
    app.after_request(visits.close_visit)
    app.add_url_rule("/static/<path:path>", "static", anybody(_static(site.assets)), methods=["GET"])
    for blueprint in BLUEPRINTS[audience]:
        app.register_blueprint(blueprint)
    return app


def _static(assets: Assets) -> Callable[[str], Response]:
    def static(path: str) -> Response:
        return assets.serve(path)

    return static


def from_environment() -> Flask:
    """The site that the environment describes, for gunicorn (`wsgi.py`)."""
    settings = config.load(os.environ)
    logs.configure(settings.log_level)
    if settings.metrics_address:
        metrics.configure(settings.data)
    app = create_app(build(settings), settings.audience)
    gc.freeze()  # what is there now stays: the collector need not walk it again and again
    gc.set_threshold(*_COLLECT)
    return app
