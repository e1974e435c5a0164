"""Web and workers killed while applications come in: nothing lost, nothing twice, all as acknowledged (REL-02, REL-06).

The short form; `make kill` runs 1,000 applications and 52 kills on each database.
"""

from __future__ import annotations

import pytest

from tests import opened
from tests.jobs.killing import Plan, trial


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_what_was_acknowledged_arrives_once_and_unchanged_whoever_is_killed(database: str) -> None:
    if database == "postgresql" and not opened.can_start_postgresql():
        pytest.skip("there is no PostgreSQL server to start")
    outcome = trial(Plan(database, workers=1 if database == "sqlite" else 2))
    assert (outcome.lost, outcome.twice, outcome.wrong) == ([], [], []), f"{outcome.line()}\n{outcome.wrong}"
    assert len(outcome.sent) == 40
    assert outcome.killed == {"worker": 4, "web": 2, "gunicorn": 2}
    assert outcome.repeated.total() > 0, "no step was repeated: the test proves nothing"
    assert set(outcome.mischief) == {"take", "500", "hang", "drop"}
    if database == "postgresql":
        assert outcome.swept > 0, "no work was taken over from a node that never came back"
