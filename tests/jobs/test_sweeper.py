from __future__ import annotations

from sqlalchemy import text

from formengine.jobs.sweeper import sweep
from formengine.services.ports import Stores
from formengine.storage.outbox import PROCESS, QUEUES
from tests import opened


def pend(stores: Stores, worker: str) -> None:
    with stores.database.engines.write() as rows:
        rows.connection.execute(
            text("UPDATE workflow_status SET status = 'PENDING', executor_id = :worker WHERE executor_id = ''"
                 " OR executor_id IS NULL OR status = 'ENQUEUED'"),
            {"worker": worker},
        )  # fmt: skip


def states(stores: Stores) -> dict[str, tuple[str, str]]:
    with stores.database.engines.read() as rows:
        found = rows.connection.execute(text("SELECT workflow_uuid, status, queue_name FROM workflow_status"))
        return {row[0].removeprefix("submit-").removesuffix("-r0"): (row[1], row[2]) for row in found}


def test_the_work_of_a_silent_worker_goes_back_into_the_queue_and_that_of_a_living_one_stays(stores: Stores) -> None:
    living = opened.send(stores, "inbox")
    pend(stores, "alive")
    dead = opened.send(stores, "inbox")
    pend(stores, "dead")
    with stores.write() as work:
        work.workers.beat("alive")
    jobs = stores.database.jobs
    assert sweep(stores, jobs) == 1
    assert states(stores) == {living: ("PENDING", QUEUES[PROCESS]), dead: ("ENQUEUED", QUEUES[PROCESS])}
    assert sweep(stores, jobs) == 0
