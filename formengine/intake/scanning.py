"""The virus scan: only an explicit OK is clean (UPL-07, dependencies.md 5).

`Clamd` speaks the protocol of clamd; `Off` is the development switch, which says of itself that nothing was
scanned. What the verdict means for an application is the services' business.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit

from formengine.errors import ConfigError

_CHUNK_BYTES = 64 * 1024
_LONGEST_REPLY_BYTES = 4096


class Verdict(StrEnum):
    """What a scan said. WAITING is everything that is neither: not reached, not understood, not scanned whole."""

    CLEAN = "clean"
    INFECTED = "infected"
    WAITING = "waiting"


class Scanner(Protocol):
    """Something that scans bytes without parsing them in this process."""

    def scan(self, data: bytes) -> Verdict:
        """The verdict on *data*. Errors: none; what goes wrong is WAITING."""


@dataclass(frozen=True, slots=True)
class Off:
    """No scan: every file passes. Only by the explicit development switch, which the sites show."""

    def scan(self, data: bytes) -> Verdict:
        """CLEAN, unseen."""
        del data
        return Verdict.CLEAN


@dataclass(frozen=True, slots=True)
class Clamd:
    """A clamd reached over TCP. *timeout_s* is for each wait, not for the whole scan.

    clamd must be set up with `AlertExceedsMax yes`: without it, it says OK of what it did not scan.
    """

    host: str
    port: int = 3310
    timeout_s: float = 20.0

    def scan(self, data: bytes) -> Verdict:
        """The verdict on *data*. Errors: none; a scanner that fails leaves the file WAITING."""
        try:
            reply = self._ask(data)
        except OSError:
            return Verdict.WAITING
        return _verdict(reply)

    def answers(self, within_s: float) -> bool:
        """Whether it says so, in that time."""
        try:
            with socket.create_connection((self.host, self.port), within_s) as line:
                line.sendall(b"zPING\0")
                return line.recv(16).startswith(b"PONG")
        except OSError:
            return False

    def _ask(self, data: bytes) -> bytes:
        """What clamd replied up to its NUL, or what came before the connection ended."""
        with socket.create_connection((self.host, self.port), self.timeout_s) as line:
            line.sendall(b"zINSTREAM\0")
            view = memoryview(data)
            for start in range(0, len(view), _CHUNK_BYTES):
                chunk = view[start : start + _CHUNK_BYTES]
                line.sendall(len(chunk).to_bytes(4, "big"))
                line.sendall(chunk)
            line.sendall(bytes(4))
            reply = b""
            while b"\0" not in reply and len(reply) < _LONGEST_REPLY_BYTES:
                more = line.recv(_LONGEST_REPLY_BYTES)
                if not more:
                    break
                reply += more
            return reply


def _verdict(reply: bytes) -> Verdict:
    """What a reply says. One cut off before its NUL, or of any other shape, says nothing.

    Source: clamd(8), INSTREAM; `Heuristics.Limits.Exceeded` is what AlertExceedsMax reports.
    """
    text, end, rest = reply.partition(b"\0")
    if not end or rest:
        return Verdict.WAITING
    if text == b"stream: OK":
        return Verdict.CLEAN
    if text.startswith(b"stream: ") and text.endswith(b" FOUND"):
        return Verdict.WAITING if b"Heuristics.Limits.Exceeded" in text else Verdict.INFECTED
    return Verdict.WAITING


def scanner(setting: str) -> Scanner:
    """The scanner that the setting names: `clamd://HOST:PORT`, or `off` for development.

    Errors: ConfigError for anything else.
    """
    if setting == "off":
        return Off()
    parts = urlsplit(setting)
    if parts.scheme != "clamd" or not parts.hostname:
        raise ConfigError("FORMENGINE_SCANNER is clamd://HOST:PORT, or off for development")
    return Clamd(parts.hostname, parts.port or 3310)
