"""`formengine metrics`: what Prometheus reads, at an address of its own that the public cannot reach (OPS-02).

It adds up what the processes of this machine counted, and asks database, disk, scanner and certificates when it is
asked itself. No label says anything about an applicant.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from formengine import health, metrics
from formengine.bootstrap import Engine
from formengine.errors import ConfigError, StorageError


def run(engine: Engine, stop: threading.Event) -> None:
    """Serve until *stop* is set. Errors: ConfigError without an address, or where it cannot be had."""
    address = engine.settings.metrics_address
    if not address:
        raise ConfigError("FORMENGINE_METRICS_ADDRESS says where, such as 127.0.0.1:9464")
    host, _, port = address.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry(engine))
    except OSError as error:
        raise ConfigError(f"{address} cannot be listened on ({error.strerror})") from error
    stop.wait()
    server.shutdown()
    thread.join()
    server.server_close()


def registry(engine: Engine) -> CollectorRegistry:
    """All there is to read."""
    made = CollectorRegistry(auto_describe=False)
    counted = metrics.folder(engine.settings.data)
    counted.mkdir(parents=True, exist_ok=True)
    MultiProcessCollector(made, path=str(counted))  # type: ignore[no-untyped-call]  # registers itself
    made.register(_State(engine))
    return made


class _State(Collector):
    """What is so at the moment of asking."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._parts = health.parts(engine)

    def collect(self) -> Iterator[Metric]:
        """The gauges; those of a database that does not answer are left out, and its part says so."""
        up = GaugeMetricFamily("formengine_part_up", "1 where the part works, else 0", labels=["part"])
        for part in self._parts:
            up.add_metric([part.name], 0.0 if health.found(part) else 1.0)
        yield up
        yield from self._disk()
        yield from self._keys()
        try:
            yield from tuple(self._database())
        except StorageError:
            return

    def _database(self) -> Iterator[Metric]:
        with self._engine.stores.read() as work:
            backlog = work.deliveries.backlog()
            lacking = work.late_stamps.lacking()
            now = work.workers.clock()
            seen = work.workers.seen_at()
        states = {"waiting": backlog.waiting, "sending": backlog.sending, "failed": backlog.failed}
        open_ones = GaugeMetricFamily("formengine_deliveries_open", "Deliveries not made, by state", labels=["state"])
        for state, count in states.items():
            open_ones.add_metric([state], count)
        yield open_ones
        yield _gauge("formengine_dead_letters", "Deliveries that are parked", backlog.failed)
        oldest = (now - backlog.oldest).total_seconds() if backlog.oldest else 0.0
        yield _gauge("formengine_outbox_oldest_seconds", "Age of the oldest application not delivered", oldest)
        yield _gauge("formengine_documents_missing", "Applications without sealed document", backlog.without_document)
        yield _gauge("formengine_stamps_missing", "Documents that went out and wait for their time stamp", lacking)
        skew = health.skew_s(self._engine)
        yield _gauge("formengine_clock_skew_seconds", "This machine's clock ahead of the database's", skew)
        if seen is not None:
            silent = (now - seen).total_seconds()
            yield _gauge("formengine_worker_silent_seconds", "Since a worker was last alive", silent)

    def _disk(self) -> Iterator[Metric]:
        usage = shutil.disk_usage(self._engine.settings.data)
        yield _gauge("formengine_disk_free_bytes", "Free where the data lie", usage.free)
        yield _gauge("formengine_disk_free_ratio", "The same, as a part of all", usage.free / usage.total)

    def _keys(self) -> Iterator[Metric]:
        ends = seal_ends(self._engine)
        if ends is not None:
            yield _gauge("formengine_seal_expires_timestamp_seconds", "When the seal's certificate ends", ends)


def seal_ends(engine: Engine) -> float | None:
    """When the first of the seal's certificates ends, as Unix time; None where there is none, or it cannot be read."""
    try:
        ends = engine.signer.ends
    except (ConfigError, OSError):
        return None
    return ends.timestamp() if ends is not None else None


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def days_left(ends: float, now: datetime) -> int:
    """Whole days from *now* until the Unix time *ends*."""
    return int((ends - now.timestamp()) // 86400)
