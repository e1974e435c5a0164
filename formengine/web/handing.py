"""Codes on their way to the one page that shows them.

A code must not stand in a cookie, an address or the database (RES-03). Between the post that makes it and the page that
shows it, it is kept in this process for a minute; where another process serves that page, it offers to make a new one.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from formengine.services.codes import ResumeCode
from formengine.services.ports import SessionId

KEPT_S: Final = 60


class Handing:
    """Codes by session, each taken once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[SessionId, tuple[float, ResumeCode]] = {}

    def put(self, session_id: SessionId, code: ResumeCode) -> None:
        """Keep the code for the session's next page; forget those that nobody fetched."""
        now = time.monotonic()
        with self._lock:
            self._codes = {key: kept for key, kept in self._codes.items() if kept[0] > now}
            self._codes[session_id] = (now + KEPT_S, code)

    def take(self, session_id: SessionId) -> ResumeCode | None:
        """The code, once."""
        with self._lock:
            until, code = self._codes.pop(session_id, (0.0, None))
        return code if until > time.monotonic() else None
