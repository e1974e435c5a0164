"""What runs by the clock, and the loop that runs it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dbos import DBOSClient

from formengine.jobs import reconciler, sweeper
from formengine.jobs.pipeline import Tools
from formengine.services import retention, stamping
from formengine.services.clock import Steps, ticks
from formengine.services.ports import Stores
from formengine.storage.outbox import LIVING, QUEUES

_log = logging.getLogger(__name__)
FINISHED_JOBS_KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every *every_s* seconds, by one worker at a time."""

    name: str
    every_s: float
    run: Callable[[], object]


def tasks(tools: Tools, jobs: DBOSClient) -> tuple[Task, ...]:
    """All that runs by the clock."""
    stores, clock, steps = tools.stores, tools.clock, Steps()
    steps.look(clock(), ticks())
    return (
        Task("sweep", 30, lambda: sweeper.sweep(stores, jobs)),
        Task("reconcile", 30, lambda: reconciler.reconcile(stores, now=clock())),
        Task("clean-up", 600, lambda: _clean_up(tools, steps)),
        Task("stamp", 120, lambda: stamping.stamp_due(stores, tools.signer, now=clock(), to=tools.stamp_to)),
        Task("forget-jobs", 86400, lambda: forget_jobs(jobs, clock())),
    )


def _clean_up(tools: Tools, steps: Steps) -> retention.Deleted:
    """Delete what is past its date, what the clock was put forward by in the last hours left out (REL-10)."""
    now = tools.clock()
    steps.look(now, ticks())
    return retention.clean_up(tools.stores, now=now - steps.remembered(), kept_days=tools.kept_days)


def forget_jobs(jobs: DBOSClient, now: datetime) -> int:
    """Delete what the job engine keeps of jobs that ended a week ago; how many."""
    before = (now - FINISHED_JOBS_KEPT).isoformat()
    old = jobs.list_workflows(name=sorted(QUEUES), end_time=before, limit=1000, load_input=False, load_output=False)
    ended = [job.workflow_id for job in old if job.status not in LIVING]
    if ended:
        jobs.delete_workflows(ended)
    return len(ended)


def run(stores: Stores, due: Sequence[Task], *, worker: str, stop: threading.Event) -> None:
    """Run each task when it is time, the first time at once, until told to stop. An error ends that run alone."""
    next_at = {task.name: 0.0 for task in due}
    while not stop.is_set():
        for task in due:
            if time.monotonic() >= next_at[task.name]:
                next_at[task.name] = time.monotonic() + task.every_s
                _run_one(stores, task, worker)
        stop.wait(max(0.05, min(next_at.values()) - time.monotonic()))


def _run_one(stores: Stores, task: Task, worker: str) -> None:
    try:
        with stores.write() as work:
            mine = work.workers.lease(task.name, worker, for_s=max(1, int(task.every_s) - 1))
        if mine:
            task.run()
    except Exception as error:  # noqa: BLE001  the worker's loop: it must go on
        _log.error("%s failed: %s", task.name, type(error).__name__)
