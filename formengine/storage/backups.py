"""Backups: a consistent copy of database and files in one folder, and the way back, on either database.

Who may read what, the wrapped keys of drafts and submissions, lies in a file of its own beside the rest: it is kept for
days, the rest for weeks. With the keys of a newer copy an older one opens for everything but what was deleted
meanwhile, and without any it opens for nobody (GDP-04).

The database is copied first: SQLite by its own backup (never as a file), PostgreSQL in one view of all its tables
(`storage.copying`). The files come after it: they are written before their rows say that they arrived and never change,
so the copy has every file that it names. Everything in it is sealed; the keys of the machine are not in it. Restored,
it forgets again what was deleted since (GDP-05).
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
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
KEYS: Final = "keys.db"
_PART: Final = "CREATE TABLE keys.key_wrap AS SELECT draft_id, kind, key_id, wrapped FROM main.key_wrap"
_JOIN: Final = (
    "INSERT INTO main.key_wrap (draft_id, kind, key_id, wrapped) SELECT draft_id, kind, key_id, wrapped "
    "FROM keys.key_wrap WHERE draft_id IN (SELECT id FROM main.draft)"
)


def backup(url: str, files_url: str, target: Path) -> None:
    """Copy database and files into the new folder *target*. Errors: ConfigError, StorageError."""
    if target.exists():
        raise ConfigError(f"{target} is there already; name a folder that is not")
    beside = target.with_name(f".{target.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True, mode=0o700)
    try:
        _copy_all(url, files_url, beside)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    beside.rename(target)


def _copy_all(url: str, files_url: str, beside: Path) -> None:
    path = _sqlite(url)
    if path is None:
        with _engine(url) as source, _engine(f"sqlite:///{beside / DATABASE}") as new:
            copying.copy_out(source, new)
    elif path.exists():
        _copy(path, beside / DATABASE)
    else:
        raise ConfigError(f"there is no database at {path}")
    _part_keys(beside / DATABASE, beside / KEYS)
    (beside / FILES).mkdir()
    _copy_files(files_url, _folder(beside))


def restore(url: str, files_url: str, source: Path, keys: Path | None = None) -> None:
    """Put the copy in *source* in the place of the database, and its files beside those that are there.

    *keys*: a newer copy whose wrapped keys are taken, where those of *source* are gone. Errors: ConfigError,
    StorageError.
    """
    if not (source / DATABASE).is_file() or not (source / FILES).is_dir():
        raise ConfigError(f"{source} is no backup of ours")
    wraps = (keys or source) / KEYS
    if not wraps.is_file():
        raise ConfigError(f"there is no {wraps}: without the keys nothing opens; name a newer copy that has them")
    path = _sqlite(url)
    if path is None:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / DATABASE
            _copy(source / DATABASE, copy)
            _join_keys(copy, wraps)
            old = create_engine(f"sqlite:///{copy}")
            with _engine(url) as database:
                copying.copy_in(old, database)
            old.dispose()
    else:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy = path.with_name(f"{path.name}.restored")
        copy.unlink(missing_ok=True)
        _copy(source / DATABASE, copy)
        _join_keys(copy, wraps)
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


def _part_keys(database: Path, keys: Path) -> None:
    """Move the wrapped keys out of *database* into *keys*: no byte of them stays."""
    with _attached(database, keys) as connection:
        connection.execute(_PART)
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM main.key_wrap")
        connection.commit()
        connection.execute("VACUUM main")


def _join_keys(database: Path, keys: Path) -> None:
    """Put the wrapped keys in *keys* back into *database*, as far as it has what they open."""
    with _attached(database, keys) as connection:
        connection.execute(_JOIN)
        connection.commit()


@contextmanager
def _attached(database: Path, keys: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("ATTACH ? AS keys", (str(keys),))
            yield connection
    except sqlite3.Error as error:
        raise StorageError(f"the keys could not be copied: {type(error).__name__}") from error


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
