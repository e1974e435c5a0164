"""Jobs enqueued inside the caller's transaction, by the client of DBOS.

What stands here is what the web and the worker must agree on. The pipeline's version is pinned: by default it
would be a hash of the code, and every deployment would leave running work behind for ever. A change of the
list of steps is a new workflow name beside the old one.
"""

from __future__ import annotations

from typing import Final

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import Engine

from formengine.core.lifecycle import Reference
from formengine.storage.engines import Rows

APPLICATION: Final = "formengine"
WORKFLOW: Final = "process"
QUEUE: Final = "pipeline"
PIPELINE_VERSION: Final = "1"
LIVING: Final = frozenset({"ENQUEUED", "DELAYED", "PENDING"})


def workflow_id(reference: Reference, run: int) -> str:
    """The id of the job that processes a submission for the *run*-th time after submit."""
    return f"submit-{reference}-r{run}" if run else f"submit-{reference}"


def client(engine: Engine) -> DBOSClient:
    """A client of the job engine that shares our connections and connects when it is used first."""
    return DBOSClient(
        system_database_engine=engine, application_name=APPLICATION, serializer=DBOSPortableJSONSerializer(), lazy=True
    )


class DbosOutbox:
    """`services.ports.Outbox` by DBOS."""

    __slots__ = ("_client", "_rows")

    def __init__(self, rows: Rows, jobs: DBOSClient) -> None:
        self._rows = rows
        self._client = jobs

    def enqueue(self, reference: Reference, *, run: int = 0) -> None:
        """Let the pipeline process the submission; the same *run* twice is one job."""
        options: EnqueueOptions = {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": workflow_id(reference, run),
            "app_version": PIPELINE_VERSION,
        }
        self._client.enqueue_in_transaction(self._rows.connection, options, str(reference))

    def is_under_way(self, reference: Reference, *, run: int) -> bool:
        """Whether that job waits or runs where somebody will finish it. Never to be asked while writing."""
        found = self._client.list_workflows(
            workflow_ids=[workflow_id(reference, run)], load_input=False, load_output=False
        )
        return any(job.status in LIVING and job.app_version == PIPELINE_VERSION for job in found)
