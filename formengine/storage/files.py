"""Files: their bytes in an object store by `obstore`, their rows in the database."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, from_url
from sqlalchemy import delete, insert, select, update

from formengine.core.lifecycle import DraftId, FileId
from formengine.errors import NotFound, StorageError
from formengine.services.ports import FileRow, Place
from formengine.storage import encryption, tables
from formengine.storage.encryption import Binding
from formengine.storage.engines import Rows, instant, micros
from formengine.storage.reserve import Reserve

_T = tables.file


class ObjectFiles:
    """Bytes in the object store of a URL: `file://`, `s3://` or `memory://`."""

    __slots__ = ("_root", "_store")

    def __init__(self, url: str) -> None:
        self._root = Path(url.removeprefix("file://")) if url.startswith("file://") else None
        self._store: Any = LocalStore(self._root, mkdir=True) if self._root else from_url(url)

    def put(self, key: str, data: bytes) -> bool:
        """Store *data*; False, and nothing changed, if something lies there. Errors: StorageError."""
        try:
            obstore.put(self._store, key, data, mode="create", use_multipart=False)
            if self._root:
                _flush(self._root, key)
        except AlreadyExistsError:
            return False
        except (BaseError, OSError) as error:
            raise StorageError(f"the file store failed: {type(error).__name__}") from error
        return True

    def get(self, key: str) -> bytes:
        """What lies there. Errors: NotFound, StorageError."""
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            raise NotFound("no such file") from None
        except (BaseError, OSError) as error:
            raise StorageError(f"the file store failed: {type(error).__name__}") from error

    def has(self, key: str) -> bool:
        """Whether something lies there. Errors: StorageError."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise StorageError(f"the file store failed: {type(error).__name__}") from error
        return True

    def listed(self) -> Iterator[str]:
        """Where anything lies. Errors: StorageError."""
        try:
            for part in obstore.list(self._store):
                yield from (str(one["path"]) for one in part)
        except (BaseError, OSError) as error:
            raise StorageError(f"the file store failed: {type(error).__name__}") from error

    def delete(self, key: str) -> None:
        """Delete what lies there, if anything does. Errors: StorageError."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StorageError(f"the file store failed: {type(error).__name__}") from error

    def probe(self) -> None:
        """Write something and delete it again. Errors: StorageError."""
        key = f"probe-{secrets.token_hex(8)}"
        self.put(key, b"probe")
        self.delete(key)


class SealedFiles:
    """`services.ports.Files` over an object store that sees nothing in the clear."""

    __slots__ = ("_reserve", "_store")

    def __init__(self, store: ObjectFiles, reserve: Reserve | None = None) -> None:
        self._store = store
        self._reserve = reserve

    def has_room(self) -> bool:
        """Whether a file may come that no submit waits for (F-03)."""
        return self._reserve is None or not self._reserve.is_touched()

    def put(self, place: Place, data: bytes) -> bool:
        """Store *data*; False, and nothing changed, if something lies there. Errors: StorageError."""
        return self._store.put(place.at, encryption.seal_file(place.key, _binding(place), data))

    def get(self, place: Place) -> bytes:
        """What lies there. Errors: NotFound, SealBroken, StorageError."""
        return encryption.unseal_file(place.key, _binding(place), self._store.get(place.at))

    def has(self, at: str) -> bool:
        """Whether something lies there. Errors: StorageError."""
        return self._store.has(at)

    def delete(self, at: str) -> None:
        """Delete what lies there, if anything does. Errors: StorageError."""
        self._store.delete(at)


def _binding(place: Place) -> Binding:
    return Binding(place.tenant, place.object, 0, place.purpose)


def _flush(root: Path, key: str) -> None:
    """Bring a file and the folders that name it to the disk: obstore leaves that to the system (REL-02)."""
    path = root / key
    while True:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if path == root:
            return
        path = path.parent


class SqlFileRows:
    """`services.ports.FileRows` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, row: FileRow) -> None:
        """Announce a file before its bytes are stored."""
        self._rows.connection.execute(
            insert(_T),
            {
                "id": row.id,
                "tenant": row.tenant,
                "draft_id": row.draft_id,
                "size_bytes": row.size_bytes,
                "arrived": row.arrived,
                "clean": row.clean,
                "created_at": micros(row.created_at),
            },
        )

    def mark(self, file_id: FileId, *, arrived: bool) -> None:
        """Say whether its bytes are stored; those that are not are swept away (`stray`)."""
        statement = self._rows.only(update(_T).where(_T.c.id == file_id), _T)
        self._rows.connection.execute(statement.values(arrived=arrived))

    def of(self, draft_id: DraftId) -> tuple[FileRow, ...]:
        """The files of a draft or of the submission that it became."""
        statement = self._rows.only(select(_T).where(_T.c.draft_id == draft_id), _T).order_by(_T.c.created_at, _T.c.id)
        return tuple(
            FileRow(
                id=FileId(row.id),
                tenant=row.tenant,
                draft_id=DraftId(row.draft_id),
                size_bytes=row.size_bytes,
                arrived=row.arrived,
                clean=row.clean,
                created_at=instant(row.created_at),
            )
            for row in self._rows.connection.execute(statement)
        )

    def delete(self, file_id: FileId) -> None:
        """Forget the file."""
        self._rows.connection.execute(self._rows.only(delete(_T).where(_T.c.id == file_id), _T))

    def stray(self, before: datetime, *, limit: int) -> Sequence[FileId]:
        """Files that were announced before then and never arrived."""
        never = (_T.c.arrived.is_(False), _T.c.created_at < micros(before))
        statement = self._rows.only(select(_T.c.id).where(*never).limit(limit), _T)
        return [FileId(row.id) for row in self._rows.connection.execute(statement)]
