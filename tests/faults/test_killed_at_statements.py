"""REL-01, REL-02, REL-05, F-01: whatever moment the process dies at, nothing is half done and pressing again works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import opened
from tests.serving import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_errand_killed_before_any_of_its_statements_is_done_or_not_done(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if database == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
    else:
        opened.close(opened.at_once(tmp_path))
        url = opened.sqlite_url(tmp_path)
    ran = subprocess.run(
        [sys.executable, ROOT / "tests/faults/killed_at_statements.py", url, tmp_path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout)
    assert told["found"] == []
    assert set(told["kills"]) == {"save", "code", "resume", "submit", "delete", "attach", "detach"}
    assert all(count >= 2 for count in told["kills"].values()), told["kills"]
