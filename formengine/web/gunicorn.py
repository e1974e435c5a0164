"""Settings of gunicorn for one of the two sites: `gunicorn -c python:formengine.web.gunicorn wsgi:app`.

Gunicorn reads the names of this module. They follow `Settings`; the operator's own flags win over them.
"""

import os
import resource

import gunicorn.http.wsgi

from formengine.config import load
from formengine.web.crowding import DOORMEN, ROOM

_settings = load(os.environ)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no crash writes what its workers hold to a disk (ENC-12)

bind = f"{_settings.host}:{_settings.staff_port if _settings.audience == 'staff' else _settings.port}"
workers = 1 if _settings.audience == "staff" else _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads + ROOM + DOORMEN  # those above wait for their turn, or say that there is no room
timeout = 60  # seconds: a worker that is silent so long is replaced
graceful_timeout = 30  # seconds (REL-13)
keepalive = 5  # seconds (LIM-02)
preload_app = False  # database connections must not cross a fork
limit_request_line = 2000  # bytes; addresses here are short
control_socket_disable = True
accesslog = None  # the application logs what LOG-01 allows
errorlog = "-"
loglevel = "warning"

_default_headers = gunicorn.http.wsgi.Response.default_headers


def _headers_without_server(response: gunicorn.http.wsgi.Response) -> list[str]:
    headers: list[str] = _default_headers(response)  # type: ignore[no-untyped-call]  # gunicorn has no types
    return [line for line in headers if not line.lower().startswith("server:")]


def post_worker_init(_worker: object) -> None:
    """Send no `Server` header that names the software (HDR-05)."""
    gunicorn.http.wsgi.Response.default_headers = _headers_without_server  # type: ignore[method-assign]  # no setting
