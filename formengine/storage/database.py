"""All stores of a database and a file store, opened by their URLs; and the database brought up to date."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Self

from alembic.script import ScriptDirectory
from dbos import DBOS, DBOSClient

from formengine.services.ports import Reader, Ring, Stores
from formengine.storage import copying, outbox
from formengine.storage.audit import SqlAudit
from formengine.storage.blocked_staff import SqlBlockedStaff
from formengine.storage.deliveries import SqlDeliveries
from formengine.storage.drafts import SqlDrafts
from formengine.storage.engines import Engines, ReadRows, WriteRows, database_url
from formengine.storage.exports import SqlExports
from formengine.storage.files import ObjectFiles, SealedFiles, SqlFileRows
from formengine.storage.key_wraps import SqlKeyWraps
from formengine.storage.late_posts import SqlLatePosts
from formengine.storage.late_stamps import SqlLateStamps
from formengine.storage.limits import SqlLimits
from formengine.storage.outbox import DbosOutbox
from formengine.storage.sessions import SqlSessions
from formengine.storage.submissions import SqlSubmissions
from formengine.storage.versions import SqlVersions
from formengine.storage.workers import SqlWorkers


class SqlWork:
    """`services.ports.Work`: all stores on one connection, while a `with` block runs."""

    __slots__ = ("_database", "_rows")

    def __init__(self, rows: ReadRows | WriteRows, database: SqlDatabase) -> None:
        self._rows = rows
        self._database = database

    def __enter__(self) -> Self:
        self._rows.__enter__()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._rows.__exit__(kind, error, trace)

    @property
    def drafts(self) -> SqlDrafts:
        """Applications being filled in."""
        return SqlDrafts(self._rows)

    @property
    def sessions(self) -> SqlSessions:
        """Sessions, and what each holds of each form."""
        return SqlSessions(self._rows)

    @property
    def submissions(self) -> SqlSubmissions:
        """What was frozen."""
        return SqlSubmissions(self._rows)

    @property
    def deliveries(self) -> SqlDeliveries:
        """One submission to one channel."""
        return SqlDeliveries(self._rows)

    @property
    def files(self) -> SqlFileRows:
        """Which files belong to which draft."""
        return SqlFileRows(self._rows)

    @property
    def keys(self) -> SqlKeyWraps:
        """Who may read what."""
        return SqlKeyWraps(self._rows)

    @property
    def late_posts(self) -> SqlLatePosts:
        """Pages that were posted too late."""
        return SqlLatePosts(self._rows)

    @property
    def blocked_staff(self) -> SqlBlockedStaff:
        """Whose access is blocked."""
        return SqlBlockedStaff(self._rows)

    @property
    def exports(self) -> SqlExports:
        """Who wants to take which parked application out by hand."""
        return SqlExports(self._rows)

    @property
    def late_stamps(self) -> SqlLateStamps:
        """Documents that went out without a time stamp."""
        return SqlLateStamps(self._rows)

    @property
    def audit(self) -> SqlAudit:
        """The audit log."""
        return SqlAudit(self._rows)

    @property
    def limits(self) -> SqlLimits:
        """Tries counted in windows of time."""
        return SqlLimits(self._rows)

    @property
    def outbox(self) -> DbosOutbox:
        """Jobs that begin with the commit."""
        return DbosOutbox(self._rows, self._database.jobs)

    @property
    def workers(self) -> SqlWorkers:
        """Which workers live."""
        return SqlWorkers(self._rows)

    @property
    def versions(self) -> SqlVersions:
        """Published versions of forms."""
        return SqlVersions(self._rows)


class SqlDatabase:
    """`services.ports.Database` on SQLite or PostgreSQL."""

    def __init__(self, url: str) -> None:
        self.engines = Engines(url)

    @functools.cached_property
    def jobs(self) -> DBOSClient:
        """The client of the job engine, one a process."""
        return outbox.client(self.engines.writing)

    def read(self, tenant: str = "", reader: Reader | None = None) -> SqlWork:
        """Stores that only read. Errors: StorageError."""
        return SqlWork(self.engines.read(tenant, reader), self)

    def write(self, tenant: str = "", reader: Reader | None = None) -> SqlWork:
        """One transaction: committed at the end, undone by any exception. Errors: StorageError."""
        return SqlWork(self.engines.write(tenant, reader), self)

    def is_current(self) -> bool:
        """Whether the tables are those of this version. Errors: StorageError."""
        with self.engines.read() as rows:
            found = rows.first("SELECT version_num FROM alembic_version", ())
        return found is not None and found[0] == ScriptDirectory(str(copying.MIGRATIONS)).get_current_head()

    def close(self) -> None:
        """Close all connections."""
        if "jobs" in vars(self):
            self.jobs.destroy()
        self.engines.close()


def open_stores(
    database_url: str, files_url: str, *, pepper: bytes, ring: Ring, reader: Reader | None = None
) -> Stores:
    """All stores. Open them after a fork, never before: connections are not shared between processes."""
    return Stores(SqlDatabase(database_url), SealedFiles(ObjectFiles(files_url)), pepper, ring, reader=reader)


def is_there(url: str) -> bool:
    """Whether there is a database to ask, as far as that can be told without making one."""
    at = database_url(url)
    return at.get_backend_name() != "sqlite" or Path(at.database or "").is_file()


def migrate(url: str) -> None:
    """Bring the tables up to date, ours by Alembic and those of the job engine, on SQLite or PostgreSQL."""
    engines = Engines(url)
    try:
        with engines.writing.connect() as connection:
            copying.upgrade(connection)
    finally:
        engines.close()
    DBOS.migrate(database_url(url).render_as_string(hide_password=False))
