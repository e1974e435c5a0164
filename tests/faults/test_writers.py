"""REL-04, REL-11: two hundred people save at once; no save is lost, and nobody meets a lock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from formengine.core.lifecycle import DraftId
from formengine.services import drafting
from formengine.storage.database import open_stores
from tests import opened
from tests.fakes import Clock
from tests.faults.writers import SAVES, THREADS
from tests.services.conftest import lunch
from tests.serving import ROOT

PROCESSES = 4


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_two_hundred_people_save_at_once_and_no_save_is_lost(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if database == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
    else:
        opened.close(opened.at_once(tmp_path))
        url = opened.sqlite_url(tmp_path)
    stores = open_stores(
        url, f"file://{tmp_path}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER
    )
    shared = [
        drafting.start(stores, lunch(), tenant="t", language="de", session=None, now=Clock()()).id for _ in range(5)
    ]
    running = [
        subprocess.Popen(
            [sys.executable, ROOT / "tests/faults/writers.py", url, tmp_path, *shared],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    told = [json.loads(process.communicate(timeout=300)[0]) for process in running]
    assert [one for process in told for one in process["wrong"]] == []
    saved: Counter[str] = sum((Counter(process["saved"]) for process in told), Counter())
    stale = sum(process["stale"] for process in told)
    assert sum(saved.values()) + stale == PROCESSES * THREADS * SAVES * 2
    assert stale > 0, "nobody met anybody"
    with stores.read() as work:
        assert {draft: work.drafts.load(DraftId(draft)).revision for draft in saved} == dict(saved)
    assert len(saved) > PROCESSES * THREADS, "each saved a draft of its own"
    opened.close(stores)
