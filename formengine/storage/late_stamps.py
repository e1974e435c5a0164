"""Documents that went out without a time stamp, until they have one and after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from formengine.core.lifecycle import Reference
from formengine.services.values import LateStamp
from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

_T = tables.late_stamp
_OF = tables.submission


class SqlLateStamps:
    """`services.ports.LateStamps` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, reference: Reference, *, due_at: datetime) -> None:
        """Note that the document lacks its stamp; nothing where that is noted."""
        if self.of(reference) is None:
            new = {"reference": reference, "due_at": micros(due_at), "attempts": 0, "error": "", "sha512": ""}
            self._rows.connection.execute(insert(_T), new)

    def of(self, reference: Reference) -> LateStamp | None:
        """How it stands; None for a document that had its stamp from the start, or needs none."""
        statement = select(_T).join(_OF).where(_T.c.reference == reference)
        row = self._rows.connection.execute(self._rows.only(statement, _OF)).first()
        if row is None:
            return None
        return LateStamp(Reference(row.reference), instant(row.due_at), row.attempts, row.error, row.sha512)

    def due(self, now: datetime, *, limit: int) -> Sequence[Reference]:
        """Documents that lack their stamp and may be tried, those longest due first."""
        statement = select(_T.c.reference).join(_OF).where(_T.c.sha512 == "", _T.c.due_at <= micros(now))
        ordered = self._rows.only(statement, _OF).order_by(_T.c.due_at).limit(limit)
        return [Reference(row.reference) for row in self._rows.connection.execute(ordered)]

    def save(self, stamp: LateStamp) -> None:
        """Write how it stands."""
        values = {
            "due_at": micros(stamp.due_at),
            "attempts": stamp.attempts,
            "error": stamp.error,
            "sha512": stamp.sha512,
        }
        self._rows.connection.execute(update(_T).where(_T.c.reference == stamp.reference).values(**values))

    def lacking(self) -> int:
        """How many documents lack their stamp."""
        statement = select(func.count()).select_from(_T).join(_OF).where(_T.c.sha512 == "")
        return int(self._rows.connection.execute(self._rows.only(statement, _OF)).scalar_one())
