"""A worker killed in flight: nothing is lost and nothing is delivered twice."""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.services.ports import Stores
from tests import opened

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def worker(folder: Path, hang_in: str = "") -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, ROOT / "tests/jobs/worker_child.py", folder, hang_in],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    try:
        yield child
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(10)


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().split("\n")[:-1] if (folder / "calls").exists() else []


def until(what: Callable[[], bool], folder: Path) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, (folder / "log").read_text()[-2000:]
        time.sleep(0.05)


def is_delivered(stores: Stores, reference: Reference) -> bool:
    with stores.read() as work:
        return work.deliveries.load(reference, "folder").status is DeliveryStatus.DELIVERED


STAGES = ["render", "sign", "before the delivery", "after the delivery"]
"""The last two are one: an attempt is made again from its beginning."""


@pytest.mark.parametrize("stage", STAGES)
def test_rel_09_a_worker_killed_in_a_stage_is_finished_by_the_next_one_and_delivers_once(
    stage: str, stores: Stores, tmp_path: Path
) -> None:
    """At most that one stage is repeated: what was rendered and sealed before is what is delivered."""
    reference = opened.send(stores, "folder")

    with worker(tmp_path, stage):
        until(lambda: stage in calls(tmp_path), tmp_path)
    assert not is_delivered(stores, reference)
    with worker(tmp_path):
        until(lambda: is_delivered(stores, reference), tmp_path)

    counted = Counter(calls(tmp_path))
    assert counted.pop(stage) == 2, "the stage in flight was not repeated: the test proves nothing"
    before = [
        one for one in STAGES if one != stage and not (stage == "after the delivery" and one.startswith("before"))
    ]
    assert {one: counted[one] for one in before} == dict.fromkeys(before, 1)
    assert [path.name for path in (tmp_path / "delivered").iterdir()] == [reference]
    delivered = tmp_path / "delivered" / reference
    assert (delivered / "application.json").read_bytes() == opened.a_submission(opened.a_draft()).payload
    assert {path.name for path in delivered.iterdir()} == {
        "application.json",
        "application.pdf",
        "manifest.json",
        "proofs",
    }
    pdf = (delivered / "application.pdf").read_bytes()
    rendered = (tmp_path / "rendered").read_bytes()
    assert pdf.startswith(rendered + b"% signed\n"), "rendered once, and sealed as it was rendered"
    assert pdf.count(b"% signed") == 1
    with stores.read() as work:
        assert work.submissions.load(reference).pdf_sha512 == hashlib.sha512(pdf).hexdigest()
