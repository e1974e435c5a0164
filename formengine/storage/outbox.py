"""Jobs enqueued inside the caller's transaction, by the client of DBOS.

What stands here is what the web and the worker must agree on. The pipeline's version is pinned: by default it
would be a hash of the code, and every deployment would leave running work behind for ever. A change of the
list of steps is a new workflow name beside the old one.

A submission is one job that makes its document, and then one job a channel. Those wait in a queue that is parted by
channel: one that hangs holds up nothing but itself (REL-07).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from dbos import DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import Engine

from formengine.core.lifecycle import Reference
from formengine.storage.engines import Rows

APPLICATION: Final = "formengine"
PROCESS: Final = "process"
DELIVER: Final = "deliver"
QUEUES: Final = {PROCESS: "pipeline", DELIVER: "deliveries"}
"""The queue of each workflow."""
PIPELINE_VERSION: Final = "1"
LIVING: Final = frozenset({"ENQUEUED", "DELAYED", "PENDING"})


def workflow_id(reference: Reference, run: int, channel: str = "") -> str:
    """The id of the job of the *run*-th time: the one that makes the document, or the one of a channel."""
    return f"{_start(reference)}r{run}" + (f"/{channel}" if channel else "")


def _start(reference: Reference) -> str:
    return f"submit-{reference}-"


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

    def enqueue(self, reference: Reference, *, run: int = 0, channels: Collection[str] = ()) -> None:
        """Let the submission be processed and go through *channels*, or all; the same *run* twice is one job."""
        self._enqueue(PROCESS, workflow_id(reference, run), str(reference), run, sorted(channels))

    def enqueue_delivery(self, reference: Reference, channel: str, *, tenant: str, run: int) -> None:
        """Let it go through the channel; the same *run* twice is one job."""
        part = f"{tenant}/{channel}"
        self._enqueue(DELIVER, workflow_id(reference, run, channel), str(reference), channel, part=part)

    def _enqueue(self, workflow: str, job: str, *arguments: object, part: str = "") -> None:
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": QUEUES[workflow],
            "workflow_id": job,
            "app_version": PIPELINE_VERSION,
        }
        if part:
            options["queue_partition_key"] = part
        self._client.enqueue_in_transaction(self._rows.connection, options, *arguments)

    def under_way(self, reference: Reference) -> set[str]:
        """The channels whose jobs wait or run where somebody will finish them, and "" for the job that comes first.

        Never to be asked while writing.
        """
        found = self._client.list_workflows(
            workflow_id_prefix=_start(reference),
            status=sorted(LIVING),
            app_version=PIPELINE_VERSION,
            load_input=False,
            load_output=False,
        )
        return {job.workflow_id.partition("/")[2] for job in found}
