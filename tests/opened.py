"""Stores of a test's own: on SQLite always, on PostgreSQL where a server can be started."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from pathlib import Path

from sqlalchemy import create_engine, text

from formengine.core.answers import Answers
from formengine.core.lifecycle import Delivery, DeliveryStatus, Draft, DraftStatus, Reference, Submission
from formengine.services import codes
from formengine.services.ports import Reader, Stores
from formengine.services.values import SESSION
from formengine.storage import keys
from formengine.storage.database import SqlDatabase, migrate, open_stores
from formengine.storage.keys import KeyRing

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PEPPER = b"pepper of the tests, no secret.."
READER = Reader(SESSION, {"tests": b"whoever runs the tests"})
"""Whose work it is in stores of tests: what is made there can be read there."""
_KEYS = Path(tempfile.mkdtemp(prefix="keys"))
atexit.register(shutil.rmtree, _KEYS, ignore_errors=True)
_BIN = Path("/usr/lib/postgresql/15/bin")


def at_once(folder: Path) -> Stores:
    """Stores on SQLite in *folder*, with a database that was migrated once for all tests of this process."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "app.db").write_bytes(_migrated())
    return open_stores(sqlite_url(folder), f"file://{folder}/files", pepper=PEPPER, ring=ring(), reader=READER)


@functools.cache
def ring() -> KeyRing:
    """Keys made once for all tests of this process; their private halves lie beside `ring().path`."""
    keys.make(_KEYS, tenant="*", now=NOW, test=True)
    return KeyRing(_KEYS / keys.RING)


def private(kind: str) -> Reader:
    """The worker's or the authority's private keys."""
    ring()
    return keys.read_private(kind, _KEYS / f"{kind}.json")


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/app.db"


def close(stores: Stores) -> None:
    """Close the connections of *stores*."""
    assert isinstance(stores.database, SqlDatabase)
    stores.database.close()


@functools.cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "app.db"
        migrate(f"sqlite:///{path}")
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of our own, in a folder of its own, on a free port."""

    port: int
    data: Path

    def new_database(self) -> str:
        """The URL of a new, migrated database: a copy of one that was migrated before."""
        name = f"t{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE migrated")
        return self._url(name)

    def empty_database(self) -> str:
        """The URL of a new database without a table."""
        name = f"t{uuid.uuid4().hex}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def flush(self) -> None:
        """Write what is only in memory so far to the files in `data`."""
        self._execute("CHECKPOINT")

    def dump(self, url: str) -> bytes:
        """What `pg_dump` makes of the database at *url*."""
        program = [_BIN / "pg_dump", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", url.rpartition("/")[2]]
        return subprocess.run(program, check=True, capture_output=True).stdout

    def prepare(self) -> None:
        """Make the database that all others are copied from."""
        self._execute("CREATE DATABASE migrated")
        migrate(self._url("migrated"))

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"


def can_start_postgresql() -> bool:
    """Whether there is a server to start."""
    return (_BIN / "initdb").exists()


@contextlib.contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A server, or None where there is none to be had."""
    if not can_start_postgresql():
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    user = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [*user, _BIN / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"],
        check=True,
        **quiet,
    )
    settings = ["-c", f"port={port}", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}"]
    settings += ["-c", "fsync=off", "-c", "max_connections=500"]
    server = subprocess.Popen(
        [*user, _BIN / "postgres", "-D", data, *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        _wait(port)
        made = Cluster(port, data)
        made.prepare()
        yield made
    finally:
        subprocess.run([*user, _BIN / "pg_ctl", "-D", data, "-m", "immediate", "stop"], check=False, **quiet)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(port: int) -> None:
    engine = create_engine(f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres")
    end = time.monotonic() + 30
    while True:
        try:
            engine.connect().close()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            engine.dispose()
            return


def a_draft(**changes: object) -> Draft:
    """An open draft with an answer."""
    draft = Draft(
        id=codes.new_draft_id(),
        tenant="musterstadt",
        form="lunch",
        form_hash="0" * 64,
        language="de",
        answers=Answers({"name": "Änne"}),
        revision=0,
        created_at=NOW,
        saved_at=NOW,
        expires_at=NOW + timedelta(days=30),
        key=bytes(32),
    )
    return replace(draft, **changes)  # type: ignore[arg-type]


def a_submission(draft: Draft, **changes: object) -> Submission:
    """What *draft* is sent as."""
    payload = b'{"name":"\xc3\x84nne"}'
    submission = Submission(
        reference=codes.new_reference(),
        tenant=draft.tenant,
        draft_id=draft.id,
        form=draft.form,
        form_version="1",
        form_hash=draft.form_hash,
        language=draft.language,
        received_at=NOW,
        payload=payload,
        record=b'{"declarations":[],"proofs":[],"warnings":[]}',
        sha512=sha512(payload).hexdigest(),
        key=draft.key,
    )
    return replace(submission, **changes)  # type: ignore[arg-type]


def send(stores: Stores, *channels: str, draft: Draft | None = None, enqueue: bool = True) -> Reference:
    """Write what submit writes, for a draft of its own; the reference."""
    sent = draft or a_draft()
    submission = a_submission(sent)
    wraps = stores.ring.wraps(sent.key, sent.tenant)
    with stores.write() as work:
        work.drafts.add(sent)
        work.submissions.add(submission, idempotency_key=None)
        work.deliveries.add(
            Delivery(submission.reference, channel, DeliveryStatus.WAITING, 0, submission.received_at)
            for channel in channels
        )
        work.keys.add(sent.id, wraps)
        work.drafts.close(sent.changed(DraftStatus.SUBMITTED))
        if enqueue:
            work.outbox.enqueue(submission.reference)
    return submission.reference
