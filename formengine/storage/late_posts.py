"""Pages that were posted after their session ended, sealed to the fresh session of the same browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from formengine.services.values import SessionId
from formengine.storage import encryption, tables
from formengine.storage.encryption import Binding
from formengine.storage.engines import Rows, micros

_T = tables.late_post
_PURPOSE = "late-post"


class SqlLatePosts:
    """`services.ports.LatePosts` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def keep(self, session_id: SessionId, body: bytes, *, ends_at: datetime) -> None:
        """Keep *body* for the session, which is the reader of this work, in the place of what was kept before."""
        connection = self._rows.connection
        connection.execute(delete(_T).where(_T.c.session_id == session_id))
        sealed = encryption.seal(self._key(session_id), self._binding(session_id), body)
        connection.execute(insert(_T), {"session_id": session_id, "body": sealed, "ends_at": micros(ends_at)})

    def of(self, session_id: SessionId, now: datetime) -> bytes | None:
        """What is kept for the session, None if nothing is or its time is over. Errors: SealBroken."""
        statement = select(_T.c.body).where(_T.c.session_id == session_id, _T.c.ends_at > micros(now))
        row = self._rows.connection.execute(statement).first()
        if row is None:
            return None
        return encryption.unseal(self._key(session_id), self._binding(session_id), bytes(row.body))

    def delete_over(self, now: datetime) -> int:
        """Delete those whose time is over; how many."""
        return self._rows.connection.execute(delete(_T).where(_T.c.ends_at <= micros(now))).rowcount

    def _key(self, session_id: SessionId) -> bytes:
        reader = self._rows.reader
        return encryption.derive(reader.secrets[session_id], _PURPOSE) if reader else b""

    def _binding(self, session_id: SessionId) -> Binding:
        return Binding(self._rows.tenant, session_id, 0, _PURPOSE)
