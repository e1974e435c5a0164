"""`formengine run`: both sites, the worker and the opener on one machine, each a child process.

The supervisor keeps no state: a child that dies is started again, all are stopped together, and a child
never outlives its supervisor, so a restart finds its ports free and its work unowned.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_STOP_WITHIN_S = 35  # gunicorn is given 30 s to finish its requests (REL-13)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: its name in messages, its command and what its environment has besides ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]


def python(*arguments: str) -> tuple[str, ...]:
    """A command that runs this Python with these arguments."""
    return (sys.executable, *arguments)


def supervise(children: Sequence[Child]) -> int:
    """Keep *children* running until SIGTERM or SIGINT; the exit status.

    A child that dies within five seconds of its start is waited for, twice as long each time up to 30 s.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    keepers = [threading.Thread(target=_keep, args=(child, stop), name=child.name) for child in children]
    for keeper in keepers:
        keeper.start()
    stop.wait()
    for keeper in keepers:
        keeper.join()
    return 0


def _keep(child: Child, stop: threading.Event) -> None:
    pause_s = 1.0
    while not stop.is_set():
        started = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - our own programs
            child.command,
            env={**os.environ, **child.environment},
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls nothing but prctl
            start_new_session=True,
        )
        while process.poll() is None and not stop.wait(0.2):
            pass
        if stop.is_set():
            _end(process)
            return
        pause_s = 1.0 if time.monotonic() - started > 5 else min(pause_s * 2, 30.0)
        sys.stderr.write(
            f"formengine: {child.name} ended ({process.returncode}); starting it again in {pause_s:.0f} s\n"
        )
        stop.wait(pause_s)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
