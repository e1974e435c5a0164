"""REL-02: processes that submit are killed at random; what they acknowledged is there, and nothing is half done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import text

from formengine.core.lifecycle import Reference
from formengine.services import filing
from formengine.services.ports import Stores

ROOT = Path(__file__).parents[2]
HALF_DONE = {
    "a submission without its deliveries": """SELECT reference FROM submission s
        WHERE (SELECT count(*) FROM delivery d WHERE d.reference = s.reference) != 2""",
    "a submission without a job": """SELECT reference FROM submission s
        WHERE NOT EXISTS (SELECT 1 FROM workflow_status w WHERE w.workflow_uuid = 'submit-' || s.reference || '-r0')""",
    "a job without a submission": """SELECT workflow_uuid FROM workflow_status w
        WHERE NOT EXISTS (SELECT 1 FROM submission s WHERE w.workflow_uuid = 'submit-' || s.reference || '-r0')""",
    "a sent draft that is still open": """SELECT d.id FROM draft d JOIN submission s ON s.draft_id = d.id
        WHERE d.status != 'submitted' OR length(d.body) > 0""",
    "a closed draft that was not sent": """SELECT id FROM draft d WHERE status = 'submitted'
        AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.draft_id = d.id)""",
}


def test_rel_02_what_was_acknowledged_is_there_and_nothing_is_half_done(stores: Stores, tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    for _ in range(4):
        children = [
            subprocess.Popen(
                [sys.executable, ROOT / "tests/jobs/submitting_child.py", tmp_path],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for child in children:
            assert child.stdout is not None
            acknowledged.add(child.stdout.readline().strip())
        time.sleep(random.uniform(0.05, 0.4))
        for child in children:
            child.send_signal(signal.SIGKILL)
            rest, _ = child.communicate(timeout=60)
            acknowledged |= {line for line in rest.split("\n")[:-1] if line}
    assert len(acknowledged) > 8
    with stores.database.engines.read() as rows:
        for what, sought in HALF_DONE.items():
            assert rows.connection.execute(text(sought)).all() == [], what
    for reference in acknowledged:
        with stores.read() as work:
            submission = work.submissions.load(Reference(reference))
            (file,) = work.files.of(submission.draft_id)
        assert submission.is_intact()
        assert file.arrived
        assert stores.files.has(filing.object_key(file.id))
