from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from formengine.core.lifecycle import DraftStatus
from formengine.errors import AlreadySubmitted, NotFound, Stale, StorageError
from formengine.services.ports import Stores
from formengine.storage import tables
from formengine.storage.database import migrate, open_stores
from formengine.storage.engines import Engines
from tests import opened
from tests.opened import NOW, a_draft, a_submission


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(url: str) -> None:
    engines = Engines(url)
    with engines.reading.connect() as connection:
        options = {"include_object": lambda thing, name, kind, *_: kind != "table" or name in tables.metadata.tables}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []
    engines.close()


def test_migrating_twice_changes_nothing_and_keeps_the_data(stores: Stores, url: str) -> None:
    draft = a_draft()
    with stores.write() as work:
        work.drafts.add(draft)
    migrate(url)
    with stores.read() as work:
        assert work.drafts.load(draft.id) == draft


def test_an_exception_undoes_the_whole_transaction(stores: Stores) -> None:
    draft = a_draft()

    def fail() -> None:
        with stores.write() as work:
            work.drafts.add(draft)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with stores.read() as work, pytest.raises(NotFound):
        work.drafts.load(draft.id)


def test_rel_04_of_many_who_save_at_once_one_wins_and_the_others_are_told(stores: Stores) -> None:
    draft = a_draft()
    with stores.write() as work:
        work.drafts.add(draft)
    gate = threading.Barrier(20)

    def save(number: int) -> bool:
        mine = replace(draft.saved(now=NOW, days=30), last_step=f"step-{number}")
        gate.wait()
        try:
            with stores.write() as work:
                work.drafts.save(mine, revision=0)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(save, range(20))) == 1
    with stores.read() as work:
        assert work.drafts.load(draft.id).revision == 1


def test_many_writers_at_once_lose_no_update_and_see_no_lock(stores: Stores) -> None:
    drafts = [a_draft() for _ in range(20)]
    with stores.write() as work:
        for draft in drafts:
            work.drafts.add(draft)

    def write(number: int) -> None:
        for _ in range(5):
            with stores.write() as work:
                current = work.drafts.load(drafts[number % 20].id, lock=True)
                work.drafts.save(current.saved(now=NOW, days=30), revision=current.revision)

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(write, range(40)))
    with stores.read() as work:
        assert {work.drafts.load(draft.id).revision for draft in drafts} == {10}


def test_a_sent_draft_takes_no_save_and_names_its_reference(stores: Stores) -> None:
    draft = a_draft()
    reference = opened.send(stores, draft=draft)
    with pytest.raises(AlreadySubmitted) as told, stores.write() as work:
        work.drafts.save(draft.saved(now=NOW, days=30), revision=0)
    assert told.value.reference == reference


def test_a_draft_that_is_not_there_takes_no_save(stores: Stores) -> None:
    gone = a_draft()
    with pytest.raises(NotFound), stores.write() as work:
        work.drafts.save(gone.saved(now=NOW, days=30), revision=0)
    with stores.write() as work:
        work.drafts.add(a_draft(id=gone.id, status=DraftStatus.EXPIRED))
    with pytest.raises(NotFound), stores.write() as work:
        work.drafts.save(gone.saved(now=NOW, days=30), revision=0)


def test_acc_04_stores_of_a_tenant_see_no_other_tenants_rows(stores: Stores) -> None:
    draft = a_draft(tenant="musterstadt")
    reference = opened.send(stores, "inbox", draft=draft)
    other = stores.of("elsewhere")
    with other.read() as work:
        for look in (
            lambda: work.drafts.load(draft.id),
            lambda: work.submissions.load(reference),
            lambda: work.submissions.of_draft(draft.id),
            lambda: work.deliveries.load(reference, "inbox"),
            lambda: work.submissions.run(reference),
        ):
            with pytest.raises(NotFound):
                look()
        assert list(work.submissions.inbox(limit=9)) == []
        assert work.deliveries.of(reference) == ()
        assert list(work.deliveries.due(NOW, limit=9)) == []
        assert work.files.of(draft.id) == ()
    with stores.of("musterstadt").read() as work:
        assert work.submissions.load(reference).draft_id == draft.id


def test_rel_01_a_second_submission_of_a_draft_is_impossible(stores: Stores) -> None:
    draft = a_draft()
    opened.send(stores, draft=draft)
    with pytest.raises(StorageError), stores.write() as work:
        work.submissions.add(a_submission(draft), idempotency_key=None)


def test_a_taken_reference_is_told_and_nothing_is_written(stores: Stores) -> None:
    reference = opened.send(stores)
    other = a_draft()
    with stores.write() as work:
        work.drafts.add(other)
        assert not work.submissions.add(a_submission(other, reference=reference), idempotency_key=None)


def test_lim_05_an_error_of_the_database_becomes_ours_without_a_value(stores: Stores) -> None:
    draft = a_draft(tenant="geheim")
    with stores.write() as work:
        work.drafts.add(draft)
    with pytest.raises(StorageError) as failed, stores.write() as work:
        work.drafts.add(draft)
    assert "geheim" not in str(failed.value)
    assert "geheim" not in str(failed.value.__cause__)


def test_a_reader_writes_nothing(stores: Stores, url: str) -> None:
    if url.startswith("postgresql"):
        pytest.skip("SQLite says so itself")
    with pytest.raises(StorageError), stores.read() as work:
        work.drafts.add(a_draft())


def test_f_02_a_database_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    stores = opened.at_once(folder)
    opened.close(stores)
    (folder / "app.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError), stores.read() as work:
        work.drafts.load(a_draft().id)
    opened.close(stores)


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    stores = opened.at_once(tmp_path)
    draft = a_draft()
    with stores.write() as work:
        work.drafts.add(draft)
    with stores.write() as busy:
        busy.drafts.save(draft.saved(now=NOW, days=30), revision=0)
        began = time.monotonic()
        with stores.read() as work:
            assert work.drafts.load(draft.id).revision == 0
        assert time.monotonic() - began < 10, "a busy database is waited for 30 s"
    opened.close(stores)


def test_sqlite_is_set_so_that_an_acknowledged_commit_survives(tmp_path: Path) -> None:
    stores = opened.at_once(tmp_path)
    with stores.database.engines.writing.connect() as connection:
        pragmas = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in
                   ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")}  # fmt: skip
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000, "foreign_keys": 1}
    opened.close(stores)


def test_the_audit_log_takes_no_change(stores: Stores, url: str) -> None:
    with stores.write() as work:
        work.audit.add(tenant="t", at=NOW, person="kim", action="read", reference="R")
    for statement in ("UPDATE audit SET person = 'jo'", "DELETE FROM audit"):
        with pytest.raises(StorageError), stores.database.engines.write() as rows:
            rows.connection.execute(text(statement))
    with stores.read() as work:
        assert [line.person for line in work.audit.lines("t")] == ["kim"]


def test_the_same_url_without_its_driver_works_too(url: str, tmp_path: Path) -> None:
    stores = open_stores(
        url.replace("+psycopg", ""),
        f"file://{tmp_path}/files",
        pepper=opened.PEPPER,
        ring=opened.ring(),
        reader=opened.READER,
    )
    with stores.read() as work:
        assert work.versions.served() == {}
    opened.close(stores)


def test_a_full_or_read_only_disk_is_a_storage_error_and_harms_nothing(tmp_path: Path) -> None:
    stores = opened.at_once(tmp_path)
    with stores.database.engines.writing.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("BEGIN")

    def fill() -> None:
        for _ in range(50):
            with stores.write() as work:
                work.drafts.add(a_draft(last_step="x" * 50_000))

    with pytest.raises(StorageError):
        fill()
    opened.close(stores)
    with sqlite3.connect(tmp_path / "app.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
