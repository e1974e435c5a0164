"""The opener: the one process with the authority's key. It listens on a Unix socket, logs first, then opens (B4).

Only processes of the staff site's account may ask: that which FORMENGINE_OPENER_PEER names, else the opener's own. Who
of the staff asks is said by the staff site, which signed them in.
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
from formengine.errors import ConfigError, FormEngineError
from formengine.services.opening import Opening
from formengine.storage import opener_socket
from formengine.storage.accounts import Account, account, own_name

_log = logging.getLogger(__name__)


def run(engine: Engine, stop: threading.Event) -> None:
    """Open what is asked for until *stop* is set. Errors: ConfigError without the authority's keys."""
    opening = Opening(engine.stores.opened_by(engine.authority), lambda: datetime.now(UTC))
    peer = account(engine.settings.opener_peer) if engine.settings.opener_peer else None
    with listening(opening, engine.settings.socket, peer):
        stop.wait()


class listening:  # noqa: N801  used as a function: `with listening(…)`
    """An opener that answers *peer*, or its own account, at the socket *path* while the block runs.

    Errors: ConfigError if *peer* could not get at the socket.
    """

    def __init__(self, opening: Opening, path: Path, peer: Account | None = None) -> None:
        self._path = path
        if peer is not None and (shut := peer.shut_out_at(path.parent)):
            raise ConfigError(
                f"{peer.name} (FORMENGINE_OPENER_PEER) may not enter {shut}, so it would not get at the socket {path}; "
                f"open that folder to its group {peer.group}, or set FORMENGINE_OPENER_SOCKET to another"
            )
        path.unlink(missing_ok=True)
        with opener_socket.address(path) as where:
            before = os.umask(0o177)
            try:
                self._server = _Server(where, opening, peer.uid if peer else os.getuid())
            except OSError as error:
                raise ConfigError(
                    f"{own_name()} cannot make the opener's socket {path}: {error.strerror}; correct the rights of its "
                    "folder, or set FORMENGINE_OPENER_SOCKET"
                ) from error
            finally:
                os.umask(before)
            if peer is not None:
                self._hand_over(where, peer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="opener", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def _hand_over(self, where: str, peer: Account) -> None:
        """Let the group of *peer* at the socket; of the group, *peer* alone is answered."""
        try:
            os.chown(where, -1, peer.gid)
            os.chmod(where, 0o660)  # noqa: PTH101  the address is no path of ours
        except PermissionError as error:
            self._server.server_close()
            self._path.unlink(missing_ok=True)
            raise ConfigError(
                f"the opener's account {own_name()} is not in the group {peer.group}, so {peer.name} could not ask it; "
                f"run `usermod -aG {peer.group} {own_name()}`"
            ) from error

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, where: str, opening: Opening, peer: int) -> None:
        self.opening, self.peer = opening, peer
        super().__init__(where, _Request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  socketserver's own names
        """Log that a request broke off; its error may quote."""
        _log.warning("a request broke off")


class _Request(socketserver.StreamRequestHandler):
    timeout = opener_socket.WAIT_S

    def handle(self) -> None:
        server = cast("_Server", self.server)
        with self.connection.makefile("rwb") as stream:
            try:
                opener_socket.answer(server.opening, stream, may_ask=_asking(self.connection) == server.peer)
            except FormEngineError as error:
                _log.error("%s", error, exc_info=error)


def _asking(connection: socket.socket) -> int:
    """The user id at the other end."""
    size = struct.calcsize("3i")
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(uid)
