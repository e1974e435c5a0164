"""Copies and the way back (OPS-03, GDP-05), on SQLite."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from formengine.errors import ConfigError, NotFound
from formengine.services import drafting, retention
from formengine.storage import backups
from formengine.storage.engines import instant
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch


def urls(folder: Path) -> tuple[str, str]:
    return opened.sqlite_url(folder), f"file://{folder}/files"


def test_a_copy_brings_back_drafts_submissions_and_files(tmp_path: Path) -> None:
    here, clock, form = tmp_path / "here", Clock(), lunch()
    stores = opened.at_once(here)
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    reference = filled.submit(stores, form, clock, filled.answered(stores, form, clock))
    backups.backup(*urls(here), tmp_path / "copy")
    drafting.keep_typed(stores, form, draft, {"/name": ("later",)}, revision=draft.revision, now=clock())
    opened.close(stores)
    there = tmp_path / "there"
    backups.restore(*urls(there), tmp_path / "copy")
    again = opened.open_stores(*urls(there), pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    with again.read() as work:
        assert work.drafts.load(draft.id) == draft
        assert work.submissions.load(reference).payload
    assert again.files.get(filled.place(again, draft.proofs[0].files[0].id)) == filled.PDF
    opened.close(again)


def test_gdp_05_what_was_deleted_since_the_copy_stays_deleted(tmp_path: Path) -> None:
    clock, form = Clock(), lunch()
    stores = opened.at_once(tmp_path)
    gone = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    kept = filled.answered(stores, form, clock)
    backups.backup(*urls(tmp_path), tmp_path / "copy")
    retention.delete_draft(stores, gone.id, now=clock())
    opened.close(stores)
    deleted = backups.tombstones(*urls(tmp_path))
    assert [draft_id for draft_id, _ in deleted] == [gone.id]
    backups.restore(*urls(tmp_path), tmp_path / "copy")
    stores = opened.open_stores(*urls(tmp_path), pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    assert retention.forget_again(stores, [(draft_id, instant(at)) for draft_id, at in deleted]) == 1
    with stores.read() as work:
        assert work.drafts.load(kept.id) == kept
        assert [draft_id for draft_id, _ in work.drafts.tombstones()] == [gone.id]
        with pytest.raises(NotFound):
            work.drafts.load(gone.id)
    assert not list((tmp_path / "files" / "files").glob("*"))
    opened.close(stores)


def test_a_copy_made_while_people_write_is_whole(tmp_path: Path) -> None:
    clock, form = Clock(), lunch()
    stores = opened.at_once(tmp_path)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        for number in range(3):
            backups.backup(*urls(tmp_path), tmp_path / f"copy-{number}")
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    opened.close(stores)
    there = tmp_path / "there"
    backups.restore(*urls(there), tmp_path / "copy-2")
    again = opened.open_stores(*urls(there), pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    with again.database.engines.read() as rows:
        arrived = rows.connection.exec_driver_sql("SELECT id, draft_id FROM file WHERE arrived").all()
    for file_id, _ in arrived:
        assert again.files.get(filled.place(again, file_id)) == filled.PDF
    opened.close(again)


def test_what_is_no_copy_or_in_the_way_is_refused(tmp_path: Path) -> None:
    opened.close(opened.at_once(tmp_path))
    (tmp_path / "copy").mkdir()
    with pytest.raises(ConfigError):
        backups.backup(*urls(tmp_path), tmp_path / "copy")
    with pytest.raises(ConfigError):
        backups.restore(*urls(tmp_path), tmp_path / "copy")
    with pytest.raises(ConfigError):
        backups.backup("postgresql://host/name", f"file://{tmp_path}/files", tmp_path / "other")
