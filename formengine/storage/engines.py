"""Engines for the database of a URL, transactions, and the tenant filter.

On SQLite there are two engines: one that takes the write lock when a transaction begins (a transaction that
reads first and writes later would fail otherwise), and one that only reads and waits for nobody.
"""

from __future__ import annotations

import functools
import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import URL, Connection, Dialect, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from formengine.errors import StorageError
from formengine.services.values import Reader

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Parameters = Sequence[Any] | Mapping[str, Any]
_MICROSECOND: Final = timedelta(microseconds=1)
_BEGIN: Final = "BEGIN IMMEDIATE"


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
    """What may be touched while a `with` block runs: rows of *tenant* ("": all), opened for *reader*.

    `first` and `run` speak to the driver itself, for what every request does: a statement of SQLAlchemy costs several
    times what it costs the database. Its *connection* is made when a statement first asks for it.
    """

    __slots__ = ("_connection", "_engines", "reader", "tenant")

    def __init__(self, engines: Engines, tenant: str, reader: Reader | None) -> None:
        self._engines = engines
        self._connection: Connection | None = None
        self.tenant = tenant
        self.reader = reader

    @property
    def connection(self) -> Connection:
        """The connection for statements of SQLAlchemy."""
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    @property
    def dialect(self) -> Dialect:
        """The words of the database."""
        return self._engines.writing.dialect

    def only(self, statement: Any, table: Table) -> Any:
        """*statement* limited to the rows of the tenant. The one place where tenancy is decided (ACC-04)."""
        return statement.where(table.c.tenant == self.tenant) if self.tenant else statement

    def first(self, sql: str, parameters: Parameters) -> tuple[Any, ...] | None:
        """The first row of a statement in the driver's own words, or None."""
        raise NotImplementedError

    def run(self, sql: str, parameters: Parameters) -> int:
        """How many rows a statement in the driver's own words changed."""
        raise NotImplementedError

    def _connect(self) -> Connection:
        raise NotImplementedError


class ReadRows(Rows):
    """Rows to read: every statement sees what is committed when it runs."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engines.translate(error)

    def first(self, sql: str, parameters: Parameters) -> tuple[Any, ...] | None:
        """The first row, by a connection that is kept for it."""
        return self._engines.first(sql, parameters)

    def _connect(self) -> Connection:
        return self._engines.reading.connect()


class WriteRows(Rows):
    """Rows to change, in one transaction that ends with the block."""

    __slots__ = ("_raw",)

    def __enter__(self) -> Self:
        try:
            self._raw = self._engines.begin()
        except Exception as error:
            self._engines.translate(error)
            raise
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if error is None:
                self._raw.commit()
            else:
                self._raw.rollback()
        except Exception as failed:
            self._engines.translate(failed)
            raise
        finally:
            (self._connection or self._raw).close()
        self._engines.translate(error)

    def first(self, sql: str, parameters: Parameters) -> tuple[Any, ...] | None:
        """The first row, within the transaction."""
        return _first(self._raw, sql, parameters)

    def run(self, sql: str, parameters: Parameters) -> int:
        """How many rows changed."""
        with closing(self._raw.cursor()) as cursor:
            cursor.execute(sql, parameters)
            return int(cursor.rowcount)

    def _connect(self) -> Connection:
        connection = Connection(self._engines.writing, self._raw)
        connection.begin()
        return connection


class Engines:
    """The two engines of a database. Made after a fork, never before."""

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.writing: Engine = self._sqlite(writes=True) if self.is_sqlite else self._postgresql()
        self.reading: Engine = self._sqlite(writes=False) if self.is_sqlite else self._postgresql(autocommit=True)
        dbapi = self.writing.dialect.loaded_dbapi
        self._errors: tuple[type[Exception], ...] = (SQLAlchemyError, dbapi.Error)
        self._kept: deque[PoolProxiedConnection] = deque()

    def read(self, tenant: str = "", reader: Reader | None = None) -> ReadRows:
        """Rows to read. Errors: StorageError."""
        return ReadRows(self, tenant, reader)

    def write(self, tenant: str = "", reader: Reader | None = None) -> WriteRows:
        """Rows to change, in one transaction. Errors: StorageError."""
        return WriteRows(self, tenant, reader)

    def begin(self) -> PoolProxiedConnection:
        """A connection that has begun a transaction; on SQLite it holds the lock from now on."""
        raw = self.writing.raw_connection()
        if self.is_sqlite:
            try:
                raw.cursor().execute(_BEGIN)
            except BaseException:
                raw.close()
                raise
        return raw

    def first(self, sql: str, parameters: Parameters) -> tuple[Any, ...] | None:
        """The first row, by a connection that is kept for this; one that was cut off meanwhile is replaced.

        To check one out and in again would cost as much as the statement. There are as many as are used at once,
        however many threads there are.
        """
        try:
            kept = self._kept.pop()
        except IndexError:
            kept = self.reading.raw_connection()
        try:
            found = _first(kept, sql, parameters)
        except self._errors:
            kept.invalidate()
            kept = self.reading.raw_connection()
            found = _first(kept, sql, parameters)
        self._kept.append(kept)
        return found

    def translate(self, error: BaseException | None) -> None:
        """Nothing, unless *error* is the database's. Errors: StorageError."""
        if isinstance(error, self._errors):
            cause = getattr(error, "orig", None) or error
            raise StorageError(f"the database failed: {type(cause).__name__}") from error

    def close(self) -> None:
        """Close all connections."""
        self._kept.clear()
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
            pool_size=16,
            max_overflow=48,  # for tests and tools with many threads; a site works on few requests at once
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
    if not connection.connection.in_transaction:  # `Engines.begin` has begun it
        connection.connection.cursor().execute(_BEGIN)


def _first(connection: PoolProxiedConnection, sql: str, parameters: Parameters) -> tuple[Any, ...] | None:
    with closing(connection.cursor()) as cursor:
        cursor.execute(sql, parameters)
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found
