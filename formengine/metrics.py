"""What the processes count, for Prometheus (OPS-02). Labels are the operator's own names, never an applicant's.

Each process writes its own files in one folder, so that any number of gunicorn's workers add up; `metering` serves
the sum. Without `configure` a process counts for itself alone, and nobody asks.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from formengine.errors import AlreadySubmitted, NotComplete, Stale

_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"  # the library reads it when it is imported: not before `configure`
_making: Final = threading.Lock()
_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180)


def folder(data: Path) -> Path:
    """Where the processes of one machine count."""
    return data / "metrics"


def configure(data: Path) -> None:
    """Count together with the other processes of this machine; before anything is counted."""
    folder(data).mkdir(parents=True, exist_ok=True)
    os.environ[_VARIABLE] = str(folder(data))


@dataclass(frozen=True, slots=True)
class Meters:
    """All that is counted where it happens; what can be asked for stands in `metering`."""

    submits: Any
    renders: Any
    deliveries: Any
    failures: Any
    sweeps: Any
    retakes: Any


def meters() -> Meters:
    """The meters of this process."""
    with _making:  # two threads that made them at once would both register them
        return _make()


@cache
def _make() -> Meters:
    from prometheus_client import Counter, Histogram

    return Meters(
        Counter("formengine_submits", "Applications sent, by what became of the attempt", ["outcome"]),
        Histogram("formengine_render_seconds", "Time to make a document", buckets=_SECONDS),
        Counter("formengine_deliveries_tried", "Attempts to deliver, by channel and outcome", ["channel", "outcome"]),
        Counter("formengine_step_failures", "Steps of the pipeline that failed and are tried again", ["step"]),
        Counter("formengine_sweeps", "Jobs taken over from a worker that fell silent"),
        Counter("formengine_retakes", "Submissions that were given a new job"),
    )


def count(meter: str, *labels: str) -> None:
    """Count one more. What cannot be written, as on a full disk, is not counted, and nothing else fails by it."""
    with suppress(OSError, ValueError):
        one = getattr(meters(), meter)
        (one.labels(*labels) if labels else one).inc()


@contextmanager
def submitting() -> Iterator[None]:
    """Count one attempt to send an application: received, refused for what is missing, or failed."""
    outcome = "failed"
    try:
        yield
        outcome = "received"
    except (AlreadySubmitted, NotComplete, Stale):
        outcome = "refused"
        raise
    finally:
        count("submits", outcome)


@contextmanager
def rendering() -> Iterator[None]:
    """Measure the making of one document, also where it fails."""
    began = time.monotonic()
    try:
        yield
    finally:
        with suppress(OSError, ValueError):
            meters().renders.observe(time.monotonic() - began)
