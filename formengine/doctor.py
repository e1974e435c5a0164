"""`formengine doctor`: is the installation as it must be? Each thing that is not is named, with what helps (OPS-05)."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import certifi

from formengine import bootstrap, health, metering
from formengine.bootstrap import Engine
from formengine.config import Settings, Tenant, is_loopback, variable
from formengine.documents import fonts
from formengine.documents.rendering import Renderer
from formengine.errors import FormEngineError, StorageError
from formengine.intake.scanning import Clamd, Verdict
from formengine.storage.accounts import account, own_name
from formengine.storage.keys import KeyRing
from formengine.storage.opener_socket import REFUSED, OpenerClient

EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_WITHIN_S: Final = 5.0
_PORTS: Final = {"sftp": 22, "email": 587}
_SOON_DAYS: Final = 30
_HELPS: Final = {
    "database": "; does it run, and is FORMENGINE_DATABASE_URL right?",
    "files": "; does it run, and are FORMENGINE_FILES_URL and, for S3, the AWS_… variables right?",
}
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
            wrong = health.found(part)
            yield Line(part.name, wrong + (_HELPS.get(part.name, "") if "failed: " in wrong else ""))
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
    yield "authority's keys are named by a second person", lambda: _named(settings)
    yield "private keys are private", lambda: _private(settings)
    yield "addresses behind the proxy", lambda: _proxy(settings)
    yield "documents", _documents
    yield "worker's key", lambda: _loads(lambda: engine.job)
    yield "authority's key is the opener's alone", lambda: _apart(settings)
    yield "opener", lambda: _opener(engine)
    yield "seal", lambda: _seal(engine)
    yield "channels", lambda: _loads(lambda: engine.channels)
    for tenant in settings.tenants:
        for name in sorted({name for used in tenant.channels.values() for name in used} | set(tenant.channel)):
            yield f"channel {name} of {tenant.id}", partial(_target, settings, tenant, name)
    yield "forms", lambda: _forms(engine)
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
    if not scanner.answers(health.WAIT_S):
        return "clamd does not answer, so nobody knows"
    verdict = scanner.scan(EICAR)
    if verdict is Verdict.INFECTED:
        return ""
    return f"clamd says {verdict.value} of the test virus; load its signatures (freshclam) and start it"


def _test_keys(engine: Engine) -> str:
    if any(key.test for key in KeyRing(engine.settings.ring).all()):
        return "they are; `formengine keys make` in an empty folder makes real ones"
    return ""


def _named(settings: Settings) -> str:
    open_to_any = [tenant.id for tenant in settings.tenants if not tenant.authority_keys]
    if not open_to_any:
        return ""
    return (
        f"of {', '.join(open_to_any)} any key of the ring is taken; let somebody who did not make them put the "
        "fingerprints that `formengine keys list` shows into authority_keys of the operator's file"
    )


def _private(settings: Settings) -> str:
    files = (settings.job_key, settings.authority_key, settings.pepper_file, settings.signing_key_file)
    for path in (*files, settings.signing_passphrase_file, settings.pkcs11_pin_file):
        if path is not None and path.is_file() and path.stat().st_mode & 0o007:
            return f"everybody on this machine may read {path}; run `chmod o= {path}`"
    return ""


def _apart(settings: Settings) -> str:
    """Whether the staff site's account could read what only the opener may (B4)."""
    key, name = settings.authority_key, settings.opener_peer
    try:
        key.stat()
    except FileNotFoundError:
        return ""  # the opener is on another machine
    except PermissionError:
        return "" if own_name() == name else f"{own_name()} cannot tell; run `formengine doctor` as root"
    if not name:
        return (
            "the staff site runs under the opener's account; give each its own, and name the site's in "
            "FORMENGINE_OPENER_PEER (docs/deployment.md)"
        )
    if account(name).can_read(key):
        return (
            f"{name}, the account of the staff site, can read {key}; let it belong to the opener's, and `chmod 600` it"
        )
    return ""


def _opener(engine: Engine) -> str:
    settings = engine.settings
    if not os.path.lexists(settings.authority_key) and not os.path.lexists(settings.socket):
        return ""  # it is on another machine
    try:
        OpenerClient(settings.socket).answers()
    except StorageError as error:
        if str(error) == REFUSED and settings.opener_peer not in {"", own_name()}:
            return ""  # it lives, and answers nobody but the staff site
        return f"{error}; does `formengine opener` run?" if "does not answer" in str(error) else str(error)
    return ""


def _proxy(settings: Settings) -> str:
    origins = [tenant.origin or settings.origin for tenant in settings.tenants]
    if settings.proxies or not any(origin.startswith("https:") for origin in origins):
        return ""
    return "all applicants count as one, with its address; set FORMENGINE_PROXIES=1 and let it add X-Forwarded-For"


def _documents() -> str:
    for name in fonts.FILES:
        fonts.read(name)
    renderer = Renderer()
    try:
        renderer.warm()
    finally:
        renderer.close()
    return ""


def _target(settings: Settings, tenant: Tenant, name: str) -> str:
    """Whether a channel's folder takes files, or somebody listens at its addresses; nothing is sent."""
    options = tenant.channel.get(name, {})
    if tenant.kind_of(name) in {"folder", "efile"}:
        root = Path(options.get("root", settings.delivered))
        there = next(path for path in (root, *root.parents) if path.exists())
        return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} cannot be written; give it to the worker"
    addresses = (
        [(str(options["host"]), int(options.get("port", _PORTS[tenant.kind_of(name)])))] if "host" in options else []
    )
    for option in ("url", "endpoint", "api_url", "token_url"):
        url = urlsplit(str(options.get(option, "")))
        if url.scheme in {"http", "https"}:
            addresses.append((url.hostname or "", url.port or (443 if url.scheme == "https" else 80)))
    for host, port in addresses:
        try:
            socket.create_connection((host, port), _WITHIN_S).close()
        except OSError as error:
            return f"{host}:{port} does not answer ({error.strerror or 'too late'}); its deliveries wait"
    return ""


def _forms(engine: Engine) -> str:
    for name in ("forms", "schemas", "translations"):
        folder = getattr(engine.settings, name)
        if not folder.is_dir():
            return f"there is no folder {folder}; correct {variable(name)}"
    return "" if engine.forms.ids() else "none is published; run `formengine publish`"


def _loads(part: Callable[[], object]) -> str:
    part()
    return ""


def _seal(engine: Engine) -> str:
    settings = engine.settings
    own = settings.signer != "pades" or settings.signing_key_file  # else a test key would be made here and now
    if not own or engine.signer.seal != "sealed":
        return "it is a test key or none; set FORMENGINE_SIGNING_KEY_FILE"
    ends = metering.seal_ends(engine)
    left = metering.days_left(ends, datetime.now(UTC)) if ends is not None else _SOON_DAYS
    if left < _SOON_DAYS:
        return f"its certificate {'has ended' if left < 0 else f'ends in {left} days'}; get a new one"
    if settings.trust_file is None:
        return "our own pages do not know it and call it unknown; set FORMENGINE_TRUST_FILE to its certificate"
    return ""


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
    try:
        head = _head(host, port, is_secure=is_secure)
        wanted = _HEADERS if is_secure else _HEADERS[:-1]
        missing = [name for name in wanted if f"\r\n{name}:" not in head.lower()]
        if " 200 " not in head.partition("\r\n")[0] + " ":
            return "it does not answer with its page; look at proxy and site"
        if missing:
            return f"the headers {', '.join(missing)} do not get through; look at the proxy"
        return "" if is_secure or is_loopback(host) else "it is served without TLS"
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason
        return f"its certificate is not trusted by browsers ({why}); look at the proxy"
    except socket.gaierror:
        return f"nobody knows the name {host}; look at DNS"
    except OSError as error:
        return f"{host}:{port} does not answer ({error.strerror or 'too late'}); look at proxy and site"


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
