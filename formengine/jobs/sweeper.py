"""Take over the work of a node that died: the job engine alone would leave it pending for ever.

Harmless on one machine, where a worker that starts again finds its own work by its constant name.
"""

from __future__ import annotations

import logging
from typing import Final

from dbos import DBOSClient

from formengine import metrics
from formengine.services.ports import Stores
from formengine.storage.outbox import PIPELINE_VERSION, QUEUES

_log = logging.getLogger(__name__)
SILENT_S: Final = 60


def sweep(stores: Stores, jobs: DBOSClient) -> int:
    """Put the jobs of silent workers back into the queue; how many."""
    pending = jobs.list_workflows(
        status="PENDING", name=sorted(QUEUES), app_version=PIPELINE_VERSION, load_input=False, load_output=False
    )
    owners = {job.executor_id for job in pending if job.executor_id}
    with stores.read() as work:
        silent = work.workers.silent(owners, for_s=SILENT_S)
    left = [job for job in pending if job.executor_id in silent]
    for job in left:
        _log.warning("taken over from a silent worker: %s", job.workflow_id)
        metrics.count("sweeps")
        jobs.resume_workflow(job.workflow_id, queue_name=QUEUES[job.name])
    return len(left)
