"""Rate limits counted in the database, so that they hold across processes and survive a restart (RES-06)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, delete
from sqlalchemy.dialects import postgresql, sqlite

from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

SKEW: Final = timedelta(minutes=1)
"""By so much the clocks of two machines may differ (REL-10)."""
_T = tables.limit_count


class SqlLimits:
    """`services.ports.Limits` in SQL: a window begins with the first try after the last one ended."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def take(
        self, name: str, client: str, *, window: timedelta, now: datetime, amount: int = 1
    ) -> tuple[int, datetime]:
        """Count *amount*; how much there was in this window, and when it ends."""
        connection = self._rows.connection
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        start, end = micros(now), micros(now + window)
        first = dialect.insert(_T).values(name=name, client=client, started_at=start, ends_at=end, tries=amount)
        put_back = _T.c.ends_at > micros(now + window + SKEW)  # the clock was ahead when that window began
        over = (_T.c.ends_at <= start) | put_back
        counted = first.on_conflict_do_update(
            index_elements=["name", "client"],
            set_={
                "started_at": case((over, start), else_=_T.c.started_at),
                "ends_at": case((over, end), else_=_T.c.ends_at),
                "tries": case((over, amount), else_=_T.c.tries + amount),
            },
        ).returning(_T.c.tries, _T.c.ends_at)
        row = connection.execute(counted).one()
        return row.tries, instant(row.ends_at)

    def delete_over(self, now: datetime) -> int:
        """Delete the windows that are over; how many."""
        return self._rows.connection.execute(delete(_T).where(_T.c.ends_at <= micros(now))).rowcount
