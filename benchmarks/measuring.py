"""Server CPU of WSGI applications, measured in turns so that a slow moment of the machine hits all alike."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping


def in_turns(tasks: Mapping[str, Callable[[], None]], *, rounds: int, repeat: int) -> dict[str, float]:
    """The CPU milliseconds of one call of each task: the median over *rounds*, each of *repeat* calls in a row."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        for _ in range(repeat):
            task()
    for _ in range(rounds):
        for name, task in tasks.items():
            gc.collect()
            began = time.process_time()
            for _ in range(repeat):
                task()
            times[name].append((time.process_time() - began) * 1000 / repeat)
    return {name: statistics.median(values) for name, values in times.items()}
