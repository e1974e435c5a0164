"""The worker: start the job engine, run what follows submits and what runs by the clock, until told to stop."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from typing import Final

from dbos import DBOS, DBOSPortableJSONSerializer

from formengine.errors import StorageError
from formengine.jobs import pipeline, schedule
from formengine.jobs.pipeline import Tools
from formengine.storage.database import SqlDatabase
from formengine.storage.engines import database_url
from formengine.storage.outbox import APPLICATION, DELIVER, PIPELINE_VERSION, PROCESS, QUEUES

_log = logging.getLogger(__name__)
BEAT_S: Final = 10
STOP_S: Final = 25
"""How long work under way may go on after the signal to stop (REL-13)."""


def executor_id(url: str) -> str:
    """The name of this worker: constant on SQLite, where a restart recovers its own work; else new at each start."""
    if database_url(url).get_backend_name() == "sqlite":
        return "local-0"
    return f"{socket.gethostname()}-{secrets.token_hex(6)}"


def run(
    tools: Tools,
    database: SqlDatabase,
    *,
    url: str,
    stop: threading.Event,
    concurrency: int = 4,
    poll_s: float = 0.25,
    started: threading.Event | None = None,
) -> None:
    """Work until *stop* is set. *started* is set when jobs are being taken."""
    name = executor_id(url)
    DBOS(
        config={
            "name": APPLICATION,
            "system_database_url": database_url(url).render_as_string(hide_password=False),
            "executor_id": name,
            "application_version": PIPELINE_VERSION,
            "serializer": DBOSPortableJSONSerializer(),
            "enable_otlp": False,
            "run_migrations": False,
            "log_level": "WARNING",
        }
    )
    engines_own = logging.getLogger("dbos")
    engines_own.handlers.clear()  # lines of its own shape
    engines_own.propagate = True
    beating = threading.Thread(target=_beat, args=(tools, name, stop), name="heartbeat", daemon=True)
    try:
        pipeline.register(tools)
        _beat_once(tools, name)
        DBOS.launch()
        DBOS.register_queue(QUEUES[PROCESS], worker_concurrency=concurrency, polling_interval_sec=poll_s)
        DBOS.register_queue(QUEUES[DELIVER], partition_worker_concurrency=concurrency, polling_interval_sec=poll_s)
        beating.start()
        if started is not None:
            started.set()
        due = schedule.tasks(tools, database.jobs)
        schedule.run(tools.stores, due, worker=name, stop=stop)
    finally:
        stop.set()
        DBOS.destroy(workflow_completion_timeout_sec=STOP_S)


def _beat(tools: Tools, name: str, stop: threading.Event) -> None:
    while not stop.wait(BEAT_S):
        try:
            _beat_once(tools, name)
        except StorageError as error:
            _log.warning("no heartbeat: %s", error)


def _beat_once(tools: Tools, name: str) -> None:
    with tools.stores.write() as work:
        work.workers.beat(name)
