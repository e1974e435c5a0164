"""REL-01: a double click, another window, another device: one submission, one receipt, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import submits
from tests.web.applicant import serve


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rel_01_fifty_submits_of_one_draft_from_two_devices_give_fifty_equal_receipts(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("cluster").new_database() if kind == "postgresql" else ""
    app = serve(tmp_path, database_url=url)
    seen = submits.trial(app, rounds=2)
    assert sum(seen.values()) == 2 * 2 * submits.AT_ONCE
    app.extensions["formengine"].engine.stores.database.close()
