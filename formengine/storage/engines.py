"""Engines for the database of a URL, transactions, and the tenant filter.

On SQLite there are two engines: one that takes the write lock when a transaction begins (a transaction that
reads first and writes later would fail otherwise), and one that only reads and waits for nobody.
"""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError

from formengine.errors import StorageError
from formengine.services.values import Reader

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """Whole microseconds from 1970-01-01 UTC to *instant*."""
    return (instant - EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The instant in UTC, that many microseconds after 1970-01-01."""
    return EPOCH + timedelta(microseconds=micros)


def database_url(text: str) -> URL:
    """The URL with the driver that we use."""
    url = make_url(text)
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    return url


class Rows:
    """A connection in a transaction, the tenant whose rows it may touch ("": all), and who reads what is sealed."""

    __slots__ = ("connection", "reader", "tenant")

    def __init__(self, connection: Connection, tenant: str, reader: Reader | None) -> None:
        self.connection = connection
        self.tenant = tenant
        self.reader = reader

    def only(self, statement: Any, table: Table) -> Any:
        """*statement* limited to the rows of the tenant. The one place where tenancy is decided (ACC-04)."""
        return statement.where(table.c.tenant == self.tenant) if self.tenant else statement

    def first(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row of a statement in the driver's own words, or None: for what every request reads."""
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(sql, parameters)
            found: tuple[Any, ...] | None = cursor.fetchone()
            return found

    def run(self, sql: str, parameters: Sequence[Any]) -> int:
        """How many rows a statement in the driver's own words changed: for what every post writes."""
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)


class Engines:
    """The two engines of a database. Made after a fork, never before."""

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writing: Engine = self._sqlite(writes=True) if self.is_sqlite else self._postgresql()
        self.reading: Engine = self._sqlite(writes=False) if self.is_sqlite else self._postgresql(autocommit=True)
        dbapi = self.writing.dialect.loaded_dbapi
        self._errors: tuple[type[Exception], ...] = (SQLAlchemyError, dbapi.Error)

    @contextmanager
    def read(self, tenant: str = "", reader: Reader | None = None) -> Iterator[Rows]:
        """Rows to read. Errors: StorageError."""
        try:
            with self.reading.connect() as connection:
                yield Rows(connection, tenant, reader)
        except self._errors as error:
            raise _storage_error(error) from error

    @contextmanager
    def write(self, tenant: str = "", reader: Reader | None = None) -> Iterator[Rows]:
        """Rows to change, in one transaction. Errors: StorageError."""
        try:
            with self.writing.begin() as connection:
                yield Rows(connection, tenant, reader)
        except self._errors as error:
            raise _storage_error(error) from error

    def close(self) -> None:
        """Close all connections."""
        self.reading.dispose()
        self.writing.dispose()

    def _sqlite(self, *, writes: bool) -> Engine:
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, hide_parameters=True, pool_size=16, max_overflow=48)
        event.listen(engine, "connect", functools.partial(_prepare, writes=writes))
        if writes:
            event.listen(engine, "begin", _take_write_lock)
        return engine

    def _postgresql(self, *, autocommit: bool = False) -> Engine:
        more: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
        options = "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC"
        return create_engine(
            self.url,
            hide_parameters=True,
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,
            connect_args={"options": options},
            **more,
        )


def _prepare(connection: sqlite3.Connection, _record: object, *, writes: bool) -> None:
    connection.isolation_level = None  # the engine sends BEGIN itself
    pragmas = ["journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"]
    for pragma in pragmas if writes else [*pragmas, "query_only=ON"]:
        connection.execute(f"PRAGMA {pragma}").close()


def _take_write_lock(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _storage_error(error: Exception) -> StorageError:
    cause = getattr(error, "orig", None) or error
    return StorageError(f"the database failed: {type(cause).__name__}")
