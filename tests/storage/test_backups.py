"""Copies and the way back (OPS-03, GDP-05, F-15), on both databases and from one to the other."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from formengine.errors import ConfigError, NotFound, ResumeRefused, StorageError
from formengine.services import drafting, resuming, retention
from formengine.services.ports import Stores
from formengine.storage import audit, backups
from formengine.storage.database import migrate, open_stores
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch


@dataclass(frozen=True)
class Place:
    """A database and a folder of files."""

    url: str
    files_url: str

    def open(self) -> Stores:
        return open_stores(self.url, self.files_url, pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)

    def restore(self, copy: Path) -> Stores:
        backups.restore(self.url, self.files_url, copy)
        migrate(self.url)
        return self.open()


Places = Callable[[str], Place]


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Makes a place of a kind, `sqlite` or `postgresql`."""
    numbers = itertools.count()

    def make(kind: str) -> Place:
        folder = tmp_path / f"{kind}-{next(numbers)}"
        if kind == "postgresql":
            return Place(request.getfixturevalue("cluster").new_database(), f"file://{folder}/files")
        opened.close(opened.at_once(folder))
        return Place(opened.sqlite_url(folder), f"file://{folder}/files")

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest, places: Places) -> Place:
    return places(request.param)


@pytest.mark.parametrize(
    ("before", "after"),
    [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql"), ("postgresql", "sqlite")],
)
def test_ops_03_a_copy_brings_back_drafts_submissions_and_files(
    tmp_path: Path, places: Places, before: str, after: str
) -> None:
    here, there, clock, form = places(before), places(after), Clock(), lunch()
    stores = here.open()
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    reference = filled.submit(stores, form, clock, filled.answered(stores, form, clock))
    with stores.write() as work:
        work.versions.add(form="lunch", version="1", hash=form.hash, bundle=b"b", now=clock())
    backups.backup(here.url, here.files_url, tmp_path / "copy")
    drafting.keep_typed(stores, form, draft, {"/name": ("later",)}, revision=draft.revision, now=clock())
    opened.close(stores)
    other = there.open()
    filled.answered(other, form, clock)  # whatever was there is replaced
    opened.close(other)
    again = there.restore(tmp_path / "copy")
    with again.read() as work:
        assert work.drafts.load(draft.id) == draft
        assert work.submissions.load(reference).payload
        assert work.versions.bundle(form.hash) == b"b"
    assert again.files.get(filled.place(again, draft.proofs[0].files[0].id)) == filled.PDF
    with again.write() as work:
        work.versions.add(form="lunch", version="2", hash="2" * 64, bundle=b"c", now=clock())
        work.audit.add(tenant="t", at=clock(), person="kim", action="read")
    assert filled.submit(again, form, clock, filled.answered(again, form, clock)) != reference
    opened.close(again)


def test_f_15_after_yesterdays_copy_is_back_nothing_is_doubled_revived_or_unproven(tmp_path: Path, here: Place) -> None:
    """Drill: a copy, a day of work, a deletion, the copy put back."""
    clock, form = Clock(), lunch()
    stores = here.open()
    gone = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    code, kept_code = (resuming.save(stores, gone), resuming.save(stores, kept := filled.answered(stores, form, clock)))
    before = {filled.submit(stores, form, clock, filled.answered(stores, form, clock)) for _ in range(3)}
    with stores.write() as work:
        for number in range(3):
            work.audit.add(tenant="t", at=clock(), person="kim", action="read", detail=str(number))
    backups.backup(here.url, here.files_url, tmp_path / "copy")

    clock.on(hours=20)
    retention.delete_draft(stores, gone.id, now=clock())
    lost = {filled.submit(stores, form, clock, filled.answered(stores, form, clock)) for _ in range(3)}
    opened.close(stores)
    deleted = backups.tombstones(here.url)
    assert [draft_id for draft_id, _ in deleted] == [gone.id]

    stores = here.restore(tmp_path / "copy")
    assert retention.forget_again(stores, deleted) == 1
    with stores.read() as work, pytest.raises(NotFound):
        work.drafts.load(gone.id)
    with pytest.raises(ResumeRefused):
        resuming.resume(stores, str(code), client="", now=clock())
    assert not stores.files.has(f"files/{gone.proofs[0].files[0].id}")
    assert resuming.resume(stores, str(kept_code), client="", now=clock()).draft.answers == kept.answers
    authority = stores.opened_by(opened.private("authority"))
    with authority.read() as work:
        assert all(work.submissions.load(reference).payload for reference in before)
    new = {filled.submit(stores, form, clock, filled.answered(stores, form, clock)) for _ in range(3)}
    assert not new & (before | lost), "references are random: none is given twice"
    with stores.write() as work:
        work.audit.add(tenant="t", at=clock(), person="kim", action="read", detail="after")
    with stores.read() as work:
        lines = work.audit.lines("t")
        assert [draft_id for draft_id, _ in work.drafts.tombstones()] == [gone.id]
    previous = audit.FIRST
    for line in lines:
        previous = audit.chained(previous, line)
        assert previous == line.hash, "the audit chain verifies"
    assert len(lines) == 4
    opened.close(stores)


def test_gdp_04_a_blob_backup_of_ten_days_ago_does_not_open_what_was_deleted_since(
    tmp_path: Path, here: Place, places: Places
) -> None:
    clock, form = Clock(), lunch()
    stores = here.open()
    gone, kept = (filled.answered(stores, form, clock) for _ in range(2))
    codes = {draft.id: str(resuming.save(stores, draft)) for draft in (gone, kept)}
    with stores.read() as work:
        wraps = [wrap.wrapped for wrap in work.keys.of(gone.id)]
    backups.backup(here.url, here.files_url, tmp_path / "old")
    clock.on(days=3)
    retention.delete_draft(stores, gone.id, now=clock())
    clock.on(days=6)
    backups.backup(here.url, here.files_url, tmp_path / "new")
    opened.close(stores)
    # after seven days the keys of the old copy are deleted; the rest of it says nothing of them
    (tmp_path / "old" / backups.KEYS).unlink()
    rest = b"".join(path.read_bytes() for path in (tmp_path / "old").rglob("*") if path.is_file())
    assert len(wraps) == 2
    assert not [wrap for wrap in wraps if wrap in rest]
    there = places("sqlite")
    with pytest.raises(ConfigError):
        there.restore(tmp_path / "old")
    backups.restore(there.url, there.files_url, tmp_path / "old", tmp_path / "new")
    again = there.open()
    with again.read() as work:
        assert not work.keys.of(gone.id)
    with pytest.raises(ResumeRefused):
        resuming.resume(again, codes[gone.id], client="", now=clock())
    assert resuming.resume(again, codes[kept.id], client="", now=clock()).draft.answers == kept.answers
    opened.close(again)


@pytest.fixture
def writers(here: Place) -> Iterator[Stores]:
    """Stores into which three people write without a pause."""
    clock, form, stop, stores = Clock(), lunch(), threading.Event(), here.open()
    begun = threading.Barrier(4)

    def round_() -> None:
        filled.submit(stores, form, clock, filled.answered(stores, form, clock))
        filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))

    def write() -> None:
        round_()
        begun.wait()
        while not stop.is_set():
            round_()

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    begun.wait()
    yield stores
    stop.set()
    for thread in threads:
        thread.join()
    opened.close(stores)


def test_ops_03_a_copy_made_while_people_write_is_of_one_instant(
    tmp_path: Path, here: Place, writers: Stores, places: Places
) -> None:
    for number in range(3):
        backups.backup(here.url, here.files_url, tmp_path / f"copy-{number}")
    with closing(sqlite3.connect(tmp_path / "copy-2" / backups.DATABASE)) as copy:
        assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
        sent = copy.execute("SELECT count(*) FROM submission").fetchone()
        assert copy.execute("SELECT count(*) FROM draft WHERE status = 'submitted'").fetchone() == sent
        assert copy.execute("SELECT count(*) FROM delivery").fetchone()[0] == 2 * sent[0]
        arrived = copy.execute("SELECT id FROM file WHERE arrived").fetchall()
    assert arrived
    again = places("sqlite").restore(tmp_path / "copy-2")
    for (file_id,) in arrived:
        assert again.files.get(filled.place(again, file_id)) == filled.PDF
    opened.close(again)


def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(tmp_path: Path, places: Places) -> None:
    here, clock, form = places("postgresql"), Clock(), lunch()
    stores = here.open()
    draft = filled.answered(stores, form, clock)
    backups.backup(here.url, here.files_url, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy" / backups.DATABASE)) as copy:
        copy.execute("UPDATE draft SET language = hex(zeroblob(99))")  # which PostgreSQL does not take
        copy.commit()
    with pytest.raises(Exception, match="could not be copied"):
        backups.restore(here.url, here.files_url, tmp_path / "copy")
    with stores.read() as work:
        assert work.drafts.load(draft.id) == draft
    opened.close(stores)


def test_what_is_no_copy_or_in_the_way_is_refused(tmp_path: Path) -> None:
    opened.close(opened.at_once(tmp_path))
    here = (opened.sqlite_url(tmp_path), f"file://{tmp_path}/files")
    (tmp_path / "copy").mkdir()
    with pytest.raises(ConfigError):
        backups.backup(*here, tmp_path / "copy")
    with pytest.raises(ConfigError):
        backups.restore(*here, tmp_path / "copy")
    with pytest.raises(ConfigError):
        backups.backup(f"sqlite:///{tmp_path}/none.db", here[1], tmp_path / "other")
    with pytest.raises(StorageError):
        backups.backup("postgresql+psycopg://nobody@127.0.0.1:1/none", here[1], tmp_path / "other")
    assert not [path.name for path in tmp_path.iterdir() if "other" in path.name], "nothing half done is left"
    assert backups.tombstones(f"sqlite:///{tmp_path}/none.db") == ()
