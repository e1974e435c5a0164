"""Whether the parts that an installation needs work (OPS-01): for readiness, metrics and `formengine doctor`.

An essential part that fails makes a site not ready. Each check ends by itself or is given up after a second.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from formengine.bootstrap import Engine
from formengine.errors import FormEngineError, StorageError
from formengine.intake.scanning import Clamd

SKEW_S: Final = 60
WAIT_S: Final = 1.0
FRESH_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can be broken. *check* says what is wrong and what helps, "" if nothing is."""

    name: str
    check: Callable[[], str]
    essential: bool = True


def parts(engine: Engine) -> tuple[Part, ...]:
    """All parts: those that are essential first."""
    return (
        Part("database", lambda: _database(engine)),
        Part("migrations", lambda: _migrations(engine)),
        Part("files", lambda: _files(engine)),
        Part("keys", lambda: _keys(engine)),
        Part("disk", lambda: _disk(engine)),
        Part("clock", lambda: _clock(engine)),
        Part("scanner", lambda: _scanner(engine), essential=False),
        Part("mail", lambda: _mail(engine), essential=False),
        Part("tsa", lambda: _tsa(engine), essential=False),
    )


def _database(engine: Engine) -> str:
    with engine.stores.write() as work:
        work.workers.lease("probe", "probe", for_s=0)
    return ""


def _migrations(engine: Engine) -> str:
    if engine.database.is_current():
        return ""
    return "the tables are of another version; run `formengine migrate`"


def _files(engine: Engine) -> str:
    engine.objects.probe()
    return ""


def _keys(engine: Engine) -> str:
    for tenant in engine.settings.tenants:
        engine.stores.ring.wraps(bytes(32), tenant.id)
    return ""


def _disk(engine: Engine) -> str:
    if not engine.settings.data.is_dir():
        return f"there is no folder {engine.settings.data}; correct FORMENGINE_DATA, or run `formengine migrate`"
    short = engine.reserve.shortest()
    return f"only {short[1] // 10**6} MB are free where {short[0]} lies; make room" if short else ""


def skew_s(engine: Engine) -> float:
    """How far the clock of this machine is ahead of the database's, in seconds. Errors: StorageError."""
    before = datetime.now(UTC)
    with engine.stores.read() as work:
        there = work.workers.clock()
    return ((before + (datetime.now(UTC) - before) / 2) - there).total_seconds()


def _clock(engine: Engine) -> str:
    skew = skew_s(engine)
    if abs(skew) <= SKEW_S:
        return ""
    return f"this machine's clock and the database's are {abs(skew):.0f} s apart; set them by NTP"


def _scanner(engine: Engine) -> str:
    scanner = engine.intake.scanner
    if not isinstance(scanner, Clamd) or scanner.answers(WAIT_S):
        return ""
    return f"clamd does not answer at {engine.settings.scanner}; start it, or correct FORMENGINE_SCANNER"


def _mail(engine: Engine) -> str:
    for tenant in engine.settings.tenants:
        for name, options in tenant.channel.items():
            if tenant.kind_of(name) == "email" and not _greets(str(options.get("host")), options.get("port", 587)):
                return f"the mail server of tenant {tenant.id}, channel {name}, does not answer"
    return ""


def _tsa(engine: Engine) -> str:
    url = urlsplit(engine.settings.tsa_url)
    if not url.hostname:
        return ""
    try:
        with socket.create_connection((url.hostname, url.port or (443 if url.scheme == "https" else 80)), WAIT_S):
            return ""
    except OSError:
        return f"the time-stamp authority does not answer at {engine.settings.tsa_url}"


def _greets(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, int(port)), WAIT_S) as line:
            line.settimeout(WAIT_S)
            return port == 465 or line.recv(3) == b"220"  # 465: TLS comes before the greeting
    except (OSError, ValueError):
        return False


def found(part: Part) -> str:
    """What *part* says, with every failure in words: for the operator's eyes alone."""
    try:
        return part.check()
    except StorageError as error:
        cause = getattr(error.__cause__, "orig", None) or error.__cause__
        why = str(cause or "").partition("\n")[0].removeprefix("connection failed: ")[:200]
        return f"{error} ({why})" if why else str(error)
    except FormEngineError as error:
        return str(error) or type(error).__name__
    except OSError as error:
        return f"{type(error).__name__}: {error.strerror}"


@dataclass
class Readiness:
    """The parts' state, asked for at most every two seconds: anybody may ask, and asking writes."""

    parts: Sequence[Part]
    _answers: dict[str, str | None] = field(default_factory=dict)
    _asking: set[str] = field(default_factory=set)
    _asked_at: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def failing(self) -> tuple[str, ...]:
        """The names of the parts that fail, or that do not answer within a second."""
        with self._lock:
            if time.monotonic() - self._asked_at > FRESH_S:
                self._ask()
                self._asked_at = time.monotonic()
            return tuple(part.name for part in self.parts if self._answers.get(part.name) != "")

    def _ask(self) -> None:
        threads = []
        for part in self.parts:
            if part.name not in self._asking:  # one that hangs is not asked again while it does
                self._asking.add(part.name)
                self._answers[part.name] = None
                threads.append(threading.Thread(target=self._one, args=(part,), daemon=True))
                threads[-1].start()
        end = time.monotonic() + WAIT_S
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _one(self, part: Part) -> None:
        try:
            self._answers[part.name] = found(part)
        finally:
            self._asking.discard(part.name)
