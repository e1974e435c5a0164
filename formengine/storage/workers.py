"""Heartbeats of workers and leases, by the clock of the database: those of the machines may differ."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from formengine.storage import tables
from formengine.storage.engines import Rows, instant

_BEAT = tables.worker_heartbeat
_LEASE = tables.lease
_FORGOTTEN_MICROS = 86_400_000_000


class SqlWorkers:
    """`services.ports.Workers` in SQL."""

    __slots__ = ("_now", "_rows")

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._now: Any = literal_column(
            "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
            if rows.connection.dialect.name == "sqlite"
            else "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
        )

    def beat(self, worker: str) -> None:
        """The worker lives; those of whom nothing was heard for a day are forgotten."""
        self._rows.connection.execute(delete(_BEAT).where(_BEAT.c.seen_at < self._now - _FORGOTTEN_MICROS))
        new = self._insert(_BEAT).values(executor_id=worker, seen_at=self._now)
        self._rows.connection.execute(
            new.on_conflict_do_update(index_elements=["executor_id"], set_={"seen_at": self._now})
        )

    def silent(self, workers: Collection[str], *, for_s: int) -> set[str]:
        """Those of *workers* that gave no sign for so long, or never did."""
        heard = select(_BEAT.c.executor_id).where(
            _BEAT.c.executor_id.in_(workers), _BEAT.c.seen_at > self._now - for_s * 1_000_000
        )
        return set(workers) - {row.executor_id for row in self._rows.connection.execute(heard)}

    def clock(self) -> datetime:
        """What time the database has."""
        return instant(int(self._rows.connection.execute(select(self._now)).scalar_one()))

    def seen_at(self) -> datetime | None:
        """When a worker was last alive, by the database's clock."""
        found = self._rows.connection.execute(select(func.max(_BEAT.c.seen_at))).scalar_one()
        return None if found is None else instant(int(found))

    def lease(self, name: str, worker: str, *, for_s: int) -> bool:
        """Whether the worker may do *name* alone for so long."""
        until = self._now + for_s * 1_000_000
        new = self._insert(_LEASE).values(name=name, holder=worker, ends_at=until)
        taken = new.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": worker, "ends_at": until},
            where=or_(_LEASE.c.holder == worker, _LEASE.c.ends_at < self._now),
        )
        return self._rows.connection.execute(taken.returning(_LEASE.c.name)).first() is not None

    def _insert(self, table: Any) -> Any:
        sqlite_here = self._rows.connection.dialect.name == "sqlite"
        return sqlite.insert(table) if sqlite_here else postgresql.insert(table)
