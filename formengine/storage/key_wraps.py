"""Wrapped keys in the database: who may read a draft, and the submission that it becomes, one row each.

Deleting the rows is deleting what they open, in backups too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, func, insert, select, update

from formengine.core.lifecycle import DraftId
from formengine.services.values import Wrap
from formengine.storage import encryption, tables
from formengine.storage.engines import Rows

_T = tables.key_wrap


def key_of(rows: Rows, draft_id: str) -> bytes:
    """The key of a draft as the reader of *rows* unwraps it; b"" where it is not wrapped for this reader."""
    reader = rows.reader
    if reader is None:
        return b""
    mine = (_T.c.draft_id == draft_id, _T.c.kind == reader.kind, _T.c.key_id.in_(reader.secrets))
    row = rows.connection.execute(select(_T.c.key_id, _T.c.wrapped).where(*mine)).first()
    return b"" if row is None else encryption.unwrap(reader, Wrap(reader.kind, row.key_id, bytes(row.wrapped)))


class SqlKeyWraps:
    """`services.ports.KeyWraps` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, draft_id: DraftId, wraps: Iterable[Wrap]) -> None:
        """Let these read the draft too."""
        new = [{"draft_id": draft_id, "kind": one.kind, "key_id": one.key_id, "wrapped": one.wrapped} for one in wraps]
        if new:
            self._rows.connection.execute(insert(_T), new)

    def share(self, draft_id: DraftId, key: bytes) -> None:
        """Let the reader of this work read the draft with *key*; nothing where it can already."""
        reader = self._rows.reader
        if reader is None:
            return
        here = (_T.c.draft_id == draft_id, _T.c.kind == reader.kind, _T.c.key_id == reader.id)
        if self._rows.connection.execute(select(_T.c.kind).where(*here)).first() is None:
            self.add(draft_id, [encryption.wrap(reader, key)])

    def drop(self, draft_id: DraftId, kind: str = "") -> None:
        """Let nobody of *kind* read the draft any more; without a kind, nobody at all."""
        mine = delete(_T).where(_T.c.draft_id == draft_id)
        self._rows.connection.execute(mine.where(_T.c.kind == kind) if kind else mine)

    def of(self, draft_id: DraftId) -> Sequence[Wrap]:
        """All who may read the draft."""
        found = self._rows.connection.execute(select(_T).where(_T.c.draft_id == draft_id).order_by(_T.c.kind))
        return [Wrap(row.kind, row.key_id, bytes(row.wrapped)) for row in found]

    def key(self, draft_id: DraftId) -> bytes:
        """The key of the draft; b"" where the reader of this work may not read it. Errors: SealBroken."""
        return key_of(self._rows, draft_id)

    def counted(self) -> dict[tuple[str, str], int]:
        """How many rows each key of a server or an authority has, by kind and id."""
        statement = select(_T.c.kind, _T.c.key_id, func.count()).where(_T.c.kind.in_(["job", "authority"]))
        return {(row[0], row[1]): row[2] for row in self._rows.connection.execute(statement.group_by(*_T.c[1:3]))}

    def wrapped_for(self, kind: str, key_ids: Collection[str], *, limit: int) -> Sequence[tuple[DraftId, Wrap]]:
        """Rows of these keys, to be wrapped anew."""
        statement = select(_T).where(_T.c.kind == kind, _T.c.key_id.in_(key_ids)).limit(limit)
        return [
            (DraftId(row.draft_id), Wrap(row.kind, row.key_id, bytes(row.wrapped)))
            for row in self._rows.connection.execute(statement)
        ]

    def replace(self, draft_id: DraftId, old: Wrap, new: Wrap) -> None:
        """Put *new* in the place of *old*; just take *old* away where the new key has its row already."""
        here = (_T.c.draft_id == draft_id, _T.c.kind == old.kind)
        connection = self._rows.connection
        if connection.execute(select(_T.c.kind).where(*here, _T.c.key_id == new.key_id)).first() is not None:
            connection.execute(delete(_T).where(*here, _T.c.key_id == old.key_id))
            return
        values = {"key_id": new.key_id, "wrapped": new.wrapped}
        connection.execute(update(_T).where(*here, _T.c.key_id == old.key_id).values(**values))
