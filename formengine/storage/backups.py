"""Backups: a consistent copy of database and files in one folder, and the way back.

The database is copied first and by SQLite's own backup (never as a file), the files after it: they are written before
their rows say that they arrived and never change, so the copy has every file that it names. Everything in it is sealed;
the keys are not in it. Restored, it forgets again what was deleted since (GDP-05).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from formengine.core.lifecycle import DraftId
from formengine.errors import ConfigError, StorageError
from formengine.storage.engines import database_url

DATABASE: Final = "formengine.db"
FILES: Final = "files"


def backup(url: str, files_url: str, target: Path) -> None:
    """Copy database and files into the new folder *target*. Errors: ConfigError, StorageError."""
    database, files = _paths(url, files_url)
    if target.exists():
        raise ConfigError(f"{target} is there already; name a folder that is not")
    if not database.exists():
        raise ConfigError(f"there is no database at {database}")
    beside = target.with_name(f".{target.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    _copy(database, beside / DATABASE)
    if files.exists():
        shutil.copytree(files, beside / FILES, ignore=shutil.ignore_patterns("*#*"), copy_function=_copy_file)
    (beside / FILES).mkdir(exist_ok=True)
    beside.rename(target)


def restore(url: str, files_url: str, source: Path) -> None:
    """Put the copy in *source* in the place of database and files. Errors: ConfigError, StorageError."""
    database, files = _paths(url, files_url)
    if not (source / DATABASE).is_file() or not (source / FILES).is_dir():
        raise ConfigError(f"{source} is no backup of ours")
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = database.with_name(f"{database.name}.restored")
    copy.unlink(missing_ok=True)
    _copy(source / DATABASE, copy)
    for name in (f"{database.name}-wal", f"{database.name}-shm"):
        database.with_name(name).unlink(missing_ok=True)
    copy.replace(database)
    shutil.copytree(source / FILES, files, dirs_exist_ok=True)


def tombstones(url: str, files_url: str) -> Sequence[tuple[DraftId, int]]:
    """What the database that is to be replaced knows of deletions, with their instants; nothing where it is lost."""
    database, _ = _paths(url, files_url)
    if not database.exists():
        return ()
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT draft_id, deleted_at FROM tombstone").fetchall()
    except sqlite3.Error:
        return ()
    return [(DraftId(row[0]), int(row[1])) for row in found]


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            if new.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise StorageError(f"{source} is damaged")
    except sqlite3.Error as error:
        raise StorageError(f"the database could not be copied: {type(error).__name__}") from error


def _copy_file(source: str, target: str) -> str:
    """Copy one file; one that was deleted meanwhile is left out."""
    try:
        return shutil.copy2(source, target)
    except FileNotFoundError:
        return target


def _paths(url: str, files_url: str) -> tuple[Path, Path]:
    at = database_url(url)
    if at.get_backend_name() != "sqlite" or not at.database or not files_url.startswith("file://"):
        raise ConfigError("this copies SQLite and a folder of files; for PostgreSQL and S3 use their own tools (docs)")
    return Path(at.database), Path(files_url.removeprefix("file://"))
