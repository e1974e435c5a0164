"""Who wants to take which parked application out by hand: the latest wish of each (REL-08)."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from formengine.core.lifecycle import Reference
from formengine.services.values import Export
from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

_T = tables.export
_OF = tables.submission


class SqlExports:
    """`services.ports.Exports` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def of(self, reference: Reference) -> Export | None:
        """The latest wish, None if there was none."""
        statement = select(_T).join(_OF).where(_T.c.reference == reference)
        row = self._rows.connection.execute(self._rows.only(statement, _OF)).first()
        if row is None:
            return None
        return Export(
            reference=Reference(row.reference),
            asked_by=row.asked_by,
            asked_name=row.asked_name,
            asked_at=instant(row.asked_at),
            reason=row.reason,
            ends_at=instant(row.ends_at),
            approved_by=row.approved_by,
            approved_name=row.approved_name,
            approved_at=None if row.approved_at is None else instant(row.approved_at),
            fetched_at=None if row.fetched_at is None else instant(row.fetched_at),
        )

    def save(self, export: Export) -> None:
        """Keep it in the place of what was kept before."""
        self._rows.connection.execute(delete(_T).where(_T.c.reference == export.reference))
        row = {
            "reference": export.reference,
            "asked_by": export.asked_by,
            "asked_name": export.asked_name,
            "asked_at": micros(export.asked_at),
            "reason": export.reason,
            "ends_at": micros(export.ends_at),
            "approved_by": export.approved_by,
            "approved_name": export.approved_name,
            "approved_at": None if export.approved_at is None else micros(export.approved_at),
            "fetched_at": None if export.fetched_at is None else micros(export.fetched_at),
        }
        self._rows.connection.execute(insert(_T), row)
