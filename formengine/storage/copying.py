"""A database of one kind copied row by row into one of another, at the revision that it has.

So a backup of PostgreSQL is an SQLite file like any other, and goes back into either. Only our tables are copied: what
the job engine knew follows from them (`jobs.reconciler`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, func, insert, inspect, select, text

from formengine.errors import ConfigError
from formengine.storage import tables

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_JOBS: Final = "dbos"
"""The schema of the job engine's tables on PostgreSQL."""
_PART: Final = 200


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring our tables to *revision*, within the transaction of *connection* if it has one."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def copy_out(source: Engine, target: Engine) -> None:
    """Copy all of *source* (PostgreSQL) as it is at one instant, however many write, into the new *target*."""
    one_view = source.execution_options(isolation_level="REPEATABLE READ")
    with one_view.connect() as old:
        old.execute(text("SET TRANSACTION READ ONLY"))
        with target.connect() as new:
            upgrade(new, _revision(old))
        with target.begin() as new:
            copy_rows(old, new)


def copy_in(source: Engine, target: Engine) -> None:
    """Put all of *source* in the place of what *target* (PostgreSQL) holds: all of it or, on an error, nothing."""
    with source.connect() as old, target.begin() as new:
        for name in {*inspect(new).get_table_names()} & {*tables.metadata.tables, "alembic_version"}:
            new.execute(text(f'DROP TABLE "{name}" CASCADE'))
        new.execute(text("DROP FUNCTION IF EXISTS audit_is_append_only() CASCADE"))
        new.execute(text(f"DROP SCHEMA IF EXISTS {_JOBS} CASCADE"))
        upgrade(new, _revision(old))
        copy_rows(old, new)
        last = select(func.coalesce(func.max(tables.form_release.c.number), 0) + 1).scalar_subquery()
        counter = func.pg_get_serial_sequence("form_release", "number")
        new.execute(select(func.setval(counter, last, False)))


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        raise ConfigError("this database was never migrated")
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row of our tables that *target* has, as far as it has columns; those that others name first."""
    names = [name for name in inspect(target).get_table_names() if name in tables.metadata.tables]
    here, there = MetaData(), MetaData()
    here.reflect(source, only=names)
    there.reflect(target, only=names)
    for table in there.sorted_tables:
        old = here.tables[table.name]
        streamed = source.execution_options(yield_per=_PART).execute(select(*(old.c[c.name] for c in table.columns)))
        for rows in streamed.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])
