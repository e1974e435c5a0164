"""`formengine doctor`: is the installation as it must be? Each thing that is not is named, with what helps (OPS-05)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import certifi

from formengine import bootstrap, health, metering
from formengine.bootstrap import Engine
from formengine.config import Settings, is_loopback
from formengine.errors import FormEngineError
from formengine.intake.scanning import Clamd, Verdict
from formengine.storage.keys import KeyRing

EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_WITHIN_S: Final = 5.0
_SOON_DAYS: Final = 30
_HEADERS: Final = ("content-security-policy", "x-content-type-options", "referrer-policy", "strict-transport-security")


@dataclass(frozen=True, slots=True)
class Line:
    """What was examined, and what is wrong with it ("": nothing)."""

    what: str
    wrong: str

    def __str__(self) -> str:
        return f"{'ok   ' if not self.wrong else 'WRONG'}  {self.what}" + (f": {self.wrong}" if self.wrong else "")


def examine(settings: Settings) -> Iterator[Line]:
    """A line for each thing, as soon as it is known."""
    with bootstrap.opened(settings) as engine:
        for part in health.parts(engine):
            yield Line(part.name, health.found(part))
        for what, check in _more(engine):
            yield Line(what, _said(check))


def _said(check: Callable[[], str]) -> str:
    try:
        return check()
    except FormEngineError as error:
        return str(error)
    except OSError as error:
        return f"{type(error).__name__}: {error.strerror}"


def _more(engine: Engine) -> Iterator[tuple[str, Callable[[], str]]]:
    settings = engine.settings
    yield "development switches", lambda: _development(settings)
    yield "virus found by the scanner (EICAR)", lambda: _eicar(engine)
    yield "keys are no test keys", lambda: _test_keys(engine)
    yield "worker's key", lambda: _loads(lambda: engine.job)
    yield "seal", lambda: _seal(engine)
    yield "channels", lambda: _loads(lambda: engine.channels)
    yield "forms", lambda: "" if engine.forms.ids() else "none is published; run `formengine publish`"
    yield "worker alive", lambda: _worker(engine)
    for tenant in settings.tenants:
        for origin in (tenant.origin or settings.origin, tenant.staff_origin or settings.staff_origin):
            yield f"site {origin}", lambda origin=origin: _site(origin)  # type: ignore[misc]  # bound in time


def _development(settings: Settings) -> str:
    on = [name for name, said in (("DEVELOPMENT_SIGN_IN", settings.development_sign_in),) if said]
    on += [] if settings.scans else ["SCANNER=off"]
    return f"FORMENGINE_{', FORMENGINE_'.join(on)}: never with real data" if on else ""


def _eicar(engine: Engine) -> str:
    scanner = engine.intake.scanner
    if not isinstance(scanner, Clamd):
        return "nothing is scanned; set FORMENGINE_SCANNER to clamd://HOST:PORT"
    verdict = scanner.scan(EICAR)
    if verdict is Verdict.INFECTED:
        return ""
    return f"clamd says {verdict.value} of the test virus; load its signatures (freshclam) and start it"


def _test_keys(engine: Engine) -> str:
    if any(key.test for key in KeyRing(engine.settings.ring).all()):
        return "they are; `formengine keys make` in an empty folder makes real ones"
    return ""


def _loads(part: Callable[[], object]) -> str:
    part()
    return ""


def _seal(engine: Engine) -> str:
    if engine.signer.seal != "sealed":
        return "it is a test key or none; set FORMENGINE_SIGNING_KEY_FILE"
    ends = metering.seal_ends(engine)
    left = metering.days_left(ends, datetime.now(UTC)) if ends is not None else _SOON_DAYS
    return f"its certificate ends in {left} days; get a new one" if left < _SOON_DAYS else ""


def _worker(engine: Engine) -> str:
    with engine.stores.read() as work:
        seen, now = work.workers.seen_at(), work.workers.clock()
    if seen is not None and (now - seen).total_seconds() < health.SKEW_S:
        return ""
    return "no worker was alive in the last minute; start `formengine worker`"


def _site(origin: str) -> str:
    """Whether the site answers from outside, by TLS that browsers trust, with its headers."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    with suppress(ssl.SSLError):
        head = _head(host, port, is_secure=is_secure)
        wanted = _HEADERS if is_secure else _HEADERS[:-1]
        missing = [name for name in wanted if f"\r\n{name}:" not in head.lower()]
        if " 200 " not in head.partition("\r\n")[0] + " ":
            return "it does not answer with its page; look at proxy and site"
        if missing:
            return f"the headers {', '.join(missing)} do not get through; look at the proxy"
        return "" if is_secure or is_loopback(host) else "it is served without TLS"
    return "its certificate is not trusted by browsers; look at the proxy"


def _head(host: str, port: int, *, is_secure: bool) -> str:
    with socket.create_connection((host, port), _WITHIN_S) as line:
        line.settimeout(_WITHIN_S)
        talk = line
        if is_secure:
            talk = ssl.create_default_context(cafile=certifi.where()).wrap_socket(line, server_hostname=host)
        talk.sendall(f"GET /livez HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head and len(head) < 65536:
            more = talk.recv(4096)
            if not more:
                break
            head += more
    return head.partition(b"\r\n\r\n")[0].decode("latin-1")
