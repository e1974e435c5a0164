"""REL-02: processes that submit are killed at random; what they acknowledged is there, and nothing is half done."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from formengine.core.lifecycle import Reference
from formengine.services import filing
from formengine.services.ports import Stores
from tests.faults.half_done import half_done
from tests.serving import ROOT


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
    assert half_done(stores) == []
    for reference in acknowledged:
        with stores.read() as work:
            submission = work.submissions.load(Reference(reference))
            (file,) = work.files.of(submission.draft_id)
        assert submission.is_intact()
        assert file.arrived
        assert stores.files.has(filing.object_key(file.id))
