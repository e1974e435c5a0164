"""Headers, hosts, sizes, and the proof that a post comes from our own page (HDR-01 to HDR-04, LIM-03, SES-07)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import IO, Any, Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.middleware.proxy_fix import ProxyFix

from formengine.config import is_loopback
from formengine.web.access import SessionEnded, is_for_applicants
from formengine.web.site import Site
from formengine.web.visits import visit

CONTENT_SECURITY_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        *(
            f"{kind}-src 'self'"
            for kind in ("script", "style", "img", "font", "connect", "media", "manifest", "worker")
        ),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)
"""HDR-01: everything from ourselves, nothing inline, no data: addresses."""

_OFF: Final = (
    "accelerometer, autoplay, camera, display-capture, encrypted-media, fullscreen, geolocation, gyroscope, "
    "magnetometer, microphone, midi, payment, picture-in-picture, publickey-credentials-get, screen-wake-lock, "
    "usb, xr-spatial-tracking"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(f"{name.strip()}=()" for name in _OFF.split(",")),
}
STRICT_TRANSPORT: Final = "max-age=63072000; includeSubDomains"

FORM_BYTES: Final = 2_000_000
"""The largest post without files."""
UPLOAD_BYTES: Final = 110_000_000
"""The largest post with files: five of 20 MB and their wrapping (UPL-01 caps each file)."""
VERIFY_BYTES: Final = 22_000_000
"""The largest post with a PDF to be verified: 20 MB and its wrapping."""
FORM_FIELDS: Final = 5_000
"""The most fields of a post: far more than a page asks (ANS-08)."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Forged(BadRequest):
    """A post that our own page did not send: no token, another's, twice, or from another site.

    *is_ours*: nothing says that it came from another site; its token may only be too old.
    """

    def __init__(self, *, is_ours: bool) -> None:
        super().__init__()
        self.is_ours = is_ours


class CutOff(BadRequest):
    """A post that lacks its last field: the network broke it off."""


def install(app: Flask, site: Site) -> None:
    """Let *app* answer only for its hosts, take only posts of a sensible size, and send the headers."""
    app.config["TRUSTED_HOSTS"] = site.hosts()
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_BYTES
    app.config["MAX_FORM_PARTS"] = FORM_FIELDS
    inner = app.wsgi_app
    if proxies := site.engine.settings.proxies:  # the address alone: host and scheme are known without asking (LIM-03)
        inner = ProxyFix(inner, x_for=proxies, x_proto=0, x_host=0)
    app.wsgi_app = _Headers(inner, is_secure=site.is_secure)  # type: ignore[method-assign]  # Flask's own advice


class FewFields(FormDataParser):
    """Reads a post, unless it has too many fields: Werkzeug counts those of `multipart/form-data` alone (ANS-08)."""

    def parse(self, stream: IO[bytes], mimetype: str, *about: Any, **more: Any) -> Any:
        """What is posted. Errors: RequestEntityTooLarge."""
        if mimetype == "application/x-www-form-urlencoded":
            body = stream.read(FORM_BYTES + 1)
            if len(body) > FORM_BYTES or body.count(b"&") >= FORM_FIELDS:
                raise RequestEntityTooLarge
            stream = BytesIO(body)
        return super().parse(stream, mimetype, *about, **more)


class _Headers:
    """Adds the headers to whatever leaves, behind everything else: no response can lack them."""

    def __init__(self, app: WSGIApplication, *, is_secure: bool) -> None:
        headers = HEADERS | {"Cache-Control": "no-store"}
        if is_secure:
            headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        self._app = app
        self._headers = [(name.lower(), name, value) for name, value in headers.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            present = {name.lower() for name, _ in headers}
            own = [(name, value) for key, name, value in self._headers if key not in present]
            return start_response(status, headers + own, *error)

        return self._app(environ, start)


def check_post() -> None:
    """Nothing, if the request changes nothing or comes whole from our own page.

    Errors: SessionEnded, Forged, CutOff.
    """
    if request.method in _SAFE or request.endpoint is None:
        return
    if not from_our_site():
        raise Forged(is_ours=False)
    if visit().session is None and (is_for_applicants(request.endpoint) or request.endpoint == "leaving.leave"):
        raise SessionEnded
    if request.endpoint.endswith("proof") or (
        request.endpoint == "apply.post_step" and request.mimetype == "multipart/form-data"
    ):  # only now: files of nobody's session are not read (UPL-01)
        request.max_content_length = UPLOAD_BYTES
    if request.endpoint == "verify.answer":
        request.max_content_length = VERIFY_BYTES
    tokens = request.form.getlist("_token")
    if len(tokens) != 1 or not hmac.compare_digest(tokens[0].encode(), visit().token.encode()):
        raise Forged(is_ours=True)
    if request.form.getlist("_end") != ["1"]:
        raise CutOff


def from_our_site() -> bool:
    """Whether nothing says that the request was sent from another site."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    v = visit()
    if origin == v.site.origin_of(v.tenant):
        return True
    return is_loopback(urlsplit(origin).hostname or "") and origin == request.host_url.rstrip("/")
