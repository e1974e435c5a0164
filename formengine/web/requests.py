"""A line in the log for each request: what LOG-01 allows, and nothing that a person sent or is known by."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Final

from flask import Flask, Response, g, request

from formengine.web.visits import Visit

_log = logging.getLogger(__name__)
_QUIET: Final = frozenset({"static", "public.live", "public.ready", "health.live", "health.ready"})


def install(app: Flask) -> None:
    """Log every request of *app* but those for static files and health."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(6)
    g.began = time.monotonic()


def _end(response: Response) -> Response:
    """The route stands as its template: the address itself may name an application or a code."""
    if request.endpoint not in _QUIET and "began" in g and _log.isEnabledFor(logging.INFO):
        v: Visit | None = g.get("visit")
        form = v.form if v is not None else None
        line = {
            "request": g.request_id,
            "method": request.method,
            "route": str(request.url_rule or "-"),
            "status": response.status_code,
            "ms": round((time.monotonic() - g.began) * 1000),
            "tenant": v.tenant.id if v is not None else "",
        }
        if form is not None:
            line |= {"form": form.id, "version": form.version}
        _log.info("request", extra=line)
    return response
