"""`formengine worker` with steps that take their time and say when they begin and end: `slow_worker.py CALLS HURRY`.

CALLS is a file of lines `<begin or end> <process> <stage> <reference>`. All pauses of the clock are HURRY times shorter, so
that a test sees in seconds what happens in minutes; nothing else differs from the real worker.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from formengine import bootstrap, config, logs, working
from formengine.documents import stamping
from formengine.jobs import pipeline, schedule, sweeper, worker
from formengine.services import delivering
from formengine.services.ports import Channel, Parcel, Renderer, Signer


class Calls:
    """The file of lines, written at once: a killed process leaves what it had begun."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    @contextmanager
    def slow(self, stage: str, reference: str) -> Iterator[None]:
        os.write(self._file, f"begin {os.getpid()} {stage} {reference}\n".encode())
        time.sleep(random.uniform(0, 0.2))
        yield
        time.sleep(random.uniform(0, 0.2))
        os.write(self._file, f"end {os.getpid()} {stage} {reference}\n".encode())


class SlowRenderer:
    def __init__(self, real: Renderer, calls: Calls) -> None:
        self.real, self.calls = real, calls

    def render(self, submission: Any, form: Any) -> bytes:
        with self.calls.slow("render", submission.reference):
            return self.real.render(submission, form)


class SlowSigner:
    def __init__(self, real: Signer, calls: Calls) -> None:
        self.real, self.calls, self.seal = real, calls, real.seal

    def sign(self, pdf: bytes) -> bytes:
        with self.calls.slow("sign", "-"):
            return self.real.sign(pdf)

    def sign_unstamped(self, pdf: bytes) -> bytes:
        return self.real.sign_unstamped(pdf)

    def lacks_stamp(self, pdf: bytes) -> bool:
        return self.real.lacks_stamp(pdf)

    def stamp(self, pdf: bytes) -> bytes:
        return self.real.stamp(pdf)


class SlowChannel:
    def __init__(self, name: str, real: Channel, calls: Calls) -> None:
        self.name, self.real, self.calls = name, real, calls

    def deliver(self, parcel: Parcel) -> str:
        with self.calls.slow(self.name, parcel.reference):
            return self.real.deliver(parcel)


def hurry(by: float) -> None:
    delivering.PAUSES = tuple(pause / by for pause in delivering.PAUSES)  # type: ignore[misc]
    delivering.LONGEST_ATTEMPT /= by  # type: ignore[misc]
    pipeline.STEP_PAUSE_S /= by  # type: ignore[misc]
    stamping.TOTAL_S = 10.0  # type: ignore[misc]
    sweeper.SILENT_S = max(2, int(sweeper.SILENT_S / by))  # type: ignore[misc]
    worker.BEAT_S = worker.BEAT_S / by  # type: ignore[misc,assignment]
    tasks = schedule.tasks
    schedule.tasks = lambda *given: tuple(replace(task, every_s=task.every_s / by) for task in tasks(*given))


def main(path: Path, by: float) -> None:
    hurry(by)
    settings = config.load(os.environ)
    logs.configure(settings.log_level)
    engine = bootstrap.build(settings)
    calls = Calls(path)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    real = working.tools(engine)
    tools = replace(
        real,
        renderer=SlowRenderer(real.renderer, calls),
        signer=SlowSigner(real.signer, calls),
        channels={
            tenant: {name: SlowChannel(name, channel, calls) for name, channel in made.items()}
            for tenant, made in real.channels.items()
        },
    )
    worker.run(tools, engine.database, url=settings.database_url, stop=stop)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
