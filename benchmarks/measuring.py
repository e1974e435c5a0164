"""CPU of running sites, measured in turns so that a slow moment of the machine hits all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.serving import Served


@dataclass(frozen=True)
class Task:
    """What is measured at a site: *call*, once for each thing that *prepare* has made ready before, unmeasured."""

    served: Served
    call: Callable[[Any], object]
    prepare: Callable[[], object] = lambda: None


def in_turns(tasks: Mapping[str, Task], *, rounds: int, repeat: int) -> dict[str, float]:
    """The CPU milliseconds of the server for one call of each task: the median over *rounds* of *repeat* calls."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name, task in tasks.items():
            ready = [task.prepare() for _ in range(repeat)]
            before = task.served.cpu_ms()
            for one in ready:
                task.call(one)
            if number:  # the first round warms up
                times[name].append((task.served.cpu_ms() - before) / repeat)
    return {name: statistics.median(values) for name, values in times.items()}
