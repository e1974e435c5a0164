"""Backups: a consistent copy of database and files in one folder, and the way back, on either database.

The database is copied first: SQLite by its own backup (never as a file), PostgreSQL in one view of all its tables
(`storage.copying`). The files come after it: they are written before their rows say that they arrived and never change,
so the copy has every file that it names. Everything in it is sealed; the keys are not in it. Restored, it forgets again
what was deleted since (GDP-05).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from formengine.core.lifecycle import DraftId
from formengine.errors import ConfigError, NotFound, StorageError
from formengine.storage import copying, tables
from formengine.storage.engines import Engines, database_url, instant
from formengine.storage.files import ObjectFiles

DATABASE: Final = "formengine.db"
FILES: Final = "files"


def backup(url: str, files_url: str, target: Path) -> None:
    """Copy database and files into the new folder *target*. Errors: ConfigError, StorageError."""
    if target.exists():
        raise ConfigError(f"{target} is there already; name a folder that is not")
    beside = target.with_name(f".{target.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    path = _sqlite(url)
    if path is None:
        with _engine(url) as source, _engine(f"sqlite:///{beside / DATABASE}") as new:
            copying.copy_out(source, new)
    elif path.exists():
        _copy(path, beside / DATABASE)
    else:
        raise ConfigError(f"there is no database at {path}")
    (beside / FILES).mkdir()
    _copy_files(files_url, _folder(beside))
    beside.rename(target)


def restore(url: str, files_url: str, source: Path) -> None:
    """Put the copy in *source* in the place of the database, and its files beside those that are there.

    Errors: ConfigError, StorageError.
    """
    if not (source / DATABASE).is_file() or not (source / FILES).is_dir():
        raise ConfigError(f"{source} is no backup of ours")
    path = _sqlite(url)
    if path is None:
        old = create_engine(f"sqlite:///file:{(source / DATABASE).absolute()}?mode=ro&immutable=1&uri=true")
        with _engine(url) as database:
            copying.copy_in(old, database)
        old.dispose()
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy = path.with_name(f"{path.name}.restored")
        copy.unlink(missing_ok=True)
        _copy(source / DATABASE, copy)
        for name in (f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        copy.replace(path)
    _copy_files(_folder(source), files_url)


def tombstones(url: str) -> Sequence[tuple[DraftId, datetime]]:
    """What the database that is to be replaced knows of deletions, with their instants; nothing where it is lost."""
    path = _sqlite(url)
    if path is not None and not path.exists():
        return ()
    try:
        with _engine(url) as engine, engine.connect() as connection:
            found = connection.execute(select(tables.tombstone)).all()
    except (SQLAlchemyError, StorageError):
        return ()
    return [(DraftId(row.draft_id), instant(row.deleted_at)) for row in found]


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise StorageError(f"{source} is damaged")
    except sqlite3.Error as error:
        raise StorageError(f"the database could not be copied: {type(error).__name__}") from error


def _copy_files(source_url: str, target_url: str) -> None:
    """Copy every file; one that was deleted meanwhile is left out."""
    source, target = ObjectFiles(source_url), ObjectFiles(target_url)
    for key in source.listed():
        try:
            target.put(key, source.get(key))
        except NotFound:
            continue


def _folder(copy: Path) -> str:
    return f"file://{(copy / FILES).absolute()}"


def _sqlite(url: str) -> Path | None:
    """The file of an SQLite database, None for any other."""
    at = database_url(url)
    return Path(at.database or "") if at.get_backend_name() == "sqlite" else None


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engines = Engines(url)
    try:
        yield engines.writing
    except SQLAlchemyError as error:
        raise StorageError(f"the database could not be copied: {type(error).__name__}") from error
    finally:
        engines.close()
