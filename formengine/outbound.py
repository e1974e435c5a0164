"""HTTP to targets that an operator named: https, resolved once and connected to that address, within a time.

A name that leads into a private network is refused, and nothing is resolved between the check and the connection
(SCH-14). A whole exchange has an end, whatever the far side does (REL-16). No redirect is followed, no proxy asked.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import certifi
import httpcore

from formengine.errors import Unreachable

CONNECT_S: Final = 10.0
TOTAL_S: Final = 120.0
_READ_S: Final = 30.0
_ANSWER_BYTES: Final = 2 * 2**20
_CHUNK: Final = 64 * 1024
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case; *body* is cut nowhere: a longer one is an error."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def check(url: str, *, allow_private: bool = False) -> str:
    """The target, if one may be configured like it. Errors: ValueError, with the remedy.

    Plain http is taken with *allow_private* alone, and for an address of this machine alone.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"https", "http"} or not host or parts.username is not None or parts.fragment:
        raise ValueError("a target is an address such as https://amt.example/in, without name and password")
    if parts.scheme == "http" and not (allow_private and is_loopback(host)):
        raise ValueError("a target must be https")
    if not allow_private and _is_address(host) and not is_public(host):
        raise ValueError("the target lies in a private network; allow_private = true allows it")
    return url


def is_public(address: str) -> bool:
    """Whether *address* lies in no private, local or reserved network, also not by way of IPv6.

    >>> is_public("93.184.215.14"), is_public("10.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("64:ff9b::a00:1")
    (True, False, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        teredo = ip.teredo[1] if ip.teredo else None
        inner = ip.ipv4_mapped or ip.sixtofour or teredo
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class Client:
    """One exchange with far sides, of one request or several, that ends after *total_s* at the latest.

    *ca_file* replaces the public roots by the operator's own. Errors: Unreachable, from every request.
    """

    def __init__(self, *, allow_private: bool = False, ca_file: Path | None = None, total_s: float = TOTAL_S) -> None:
        self._backend = _Backend(time.monotonic() + total_s, allow_private=allow_private)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusting(str(ca_file) if ca_file else certifi.where()),
            network_backend=self._backend,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Answer:
        """The answer, whatever its status. Errors: Unreachable."""
        sent = {"Host": urlsplit(url).netloc, "Accept": "*/*", "User-Agent": "formengine", **(headers or {})}
        if content or method in {"POST", "PUT"}:
            sent["Content-Length"] = str(len(content))
        timeout = {"connect": CONNECT_S, "read": _READ_S, "write": _READ_S, "pool": CONNECT_S}
        try:
            with self._pool.stream(
                method, url, headers=list(sent.items()), content=content or None, extensions={"timeout": timeout}
            ) as response:
                body = b""
                for part in response.iter_stream():
                    body += part
                    if len(body) > _ANSWER_BYTES:
                        raise Unreachable("the answer is too long")
                named = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in response.headers}
                return Answer(response.status, named, body)
        except (httpcore.TimeoutException, TimeoutError) as error:
            raise Unreachable("no answer in time") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
            raise Unreachable(f"no connection: {type(error).__name__}") from error


class _Backend(httpcore.NetworkBackend):
    """Resolves a name once, checks every address of it and connects to one of these."""

    def __init__(self, end: float, *, allow_private: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._end = end
        self._allow_private = allow_private
        self._known: dict[tuple[str, int], list[str]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        error: Exception = Unreachable("the name has no address")
        for address in self._addresses(host, port):
            try:
                stream = self._inner.connect_tcp(
                    address, port, _left(self._end, timeout), local_address, socket_options
                )
                return _Stream(stream, self._end)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    def _addresses(self, host: str, port: int) -> list[str]:
        if (host, port) not in self._known:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise Unreachable("the name cannot be resolved") from error
            addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
            if not self._allow_private and not all(is_public(address) for address in addresses):
                raise Unreachable("the name leads into a private network")
            self._known[host, port] = addresses
        return self._known[host, port]


class _Stream(httpcore.NetworkStream):
    """A connection that ends in time, however slowly the far side reads and writes."""

    def __init__(self, inner: httpcore.NetworkStream, end: float) -> None:
        self._inner = inner
        self._end = end

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._end, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):
            self._inner.write(buffer[start : start + _CHUNK], _left(self._end, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(self._end, timeout)), self._end)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@cache
def _trusting(ca_file: str) -> ssl.SSLContext:
    """Reading all public roots takes longer than an exchange; a file is read anew when the process starts."""
    return ssl.create_default_context(cafile=ca_file)


def _left(end: float, timeout: float | None) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is over")
    return min(left, timeout) if timeout is not None else left


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether *host* names this machine."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
