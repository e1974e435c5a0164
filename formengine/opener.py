"""The opener: the one process with the authority's key. It listens on a Unix socket, logs first, then opens (B4).

Only processes of the same account may ask; who of the staff asks is said by the staff site, which signed them in.
"""

from __future__ import annotations

import logging
import os
import socket
import socketserver
import struct
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from formengine.bootstrap import Engine
from formengine.errors import FormEngineError
from formengine.services.opening import Opening
from formengine.storage import opener_socket

_log = logging.getLogger(__name__)


def run(engine: Engine, stop: threading.Event) -> None:
    """Open what is asked for until *stop* is set. Errors: ConfigError without the authority's keys."""
    opening = Opening(engine.stores.opened_by(engine.authority), lambda: datetime.now(UTC))
    with listening(opening, engine.settings.socket):
        stop.wait()


class listening:  # noqa: N801  used as a function: `with listening(…)`
    """An opener that answers at the socket *path* while the block runs."""

    def __init__(self, opening: Opening, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        with opener_socket.address(path) as where:
            before = os.umask(0o177)
            try:
                self._server = _Server(where, opening)
            finally:
                os.umask(before)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="opener", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, where: str, opening: Opening) -> None:
        self.opening = opening
        super().__init__(where, _Request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  socketserver's own names
        """Log that a request broke off; its error may quote."""
        _log.warning("a request broke off")


class _Request(socketserver.StreamRequestHandler):
    timeout = opener_socket.WAIT_S

    def handle(self) -> None:
        server = cast("_Server", self.server)
        if _account(self.connection) != os.getuid():
            _log.error("another account asked the opener")
            return
        with self.connection.makefile("rwb") as stream:
            try:
                opener_socket.answer(server.opening, stream)
            except FormEngineError as error:
                _log.error("%s", error, exc_info=error)


def _account(connection: socket.socket) -> int:
    """The user id at the other end."""
    size = struct.calcsize("3i")
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(uid)
