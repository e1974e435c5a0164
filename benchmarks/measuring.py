"""CPU of running sites, measured in turns so that a slow moment of the machine hits all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping

from benchmarks.serving import Served

Task = tuple[Served, Callable[[], None]]


def in_turns(tasks: Mapping[str, Task], *, rounds: int, repeat: int) -> dict[str, float]:
    """The CPU milliseconds of the server for one call of each task: the median over *rounds* of *repeat* calls."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _served, call in tasks.values():
        for _ in range(repeat):
            call()
    for _ in range(rounds):
        for name, (served, call) in tasks.items():
            before = served.cpu_ms()
            for _ in range(repeat):
                call()
            times[name].append((served.cpu_ms() - before) / repeat)
    return {name: statistics.median(values) for name, values in times.items()}
