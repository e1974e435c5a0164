"""Runs one of our child programs on a stranger's bytes: with limits, without network, killed whole (UPL-09).

The bytes go in and come out through anonymous memory, so no clear text touches a disk, and no pipe can fill up.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from formengine.errors import FormEngineError

_CONFINED = Path(__file__).with_name("confined.py")


class ChildFailed(FormEngineError):
    """A child broke a limit, crashed or said nothing. *how* is a word for the log: timeout, killed, failed."""

    def __init__(self, how: str) -> None:
        super().__init__(f"child {how}")
        self.how = how


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use. *wall_s* is by the clock, *cpu_s* by the processor (UPL-09)."""

    memory_bytes: int = 512 * 1024 * 1024
    cpu_s: int = 10
    wall_s: float = 30.0
    output_bytes: int = 1024 * 1024
    require_no_network: bool = False


def run(program: Path, data: bytes, *, arguments: Sequence[str] = (), limits: Limits | None = None) -> bytes:
    """What *program* wrote to its standard output when given *data* on its standard input.

    *program* is a file of ours that imports nothing of the engine. It starts with an empty environment.
    Errors: ChildFailed if it ends other than by 0, or not within the limits.
    """
    limits = limits or Limits()
    settings = {
        "memory_bytes": limits.memory_bytes,
        "cpu_s": limits.cpu_s,
        "output_bytes": limits.output_bytes,
        "require_no_network": limits.require_no_network,
    }
    given, said = os.memfd_create("given"), os.memfd_create("said")
    try:
        with open(given, "wb", closefd=False) as stream:
            stream.write(data)
        os.lseek(given, 0, os.SEEK_SET)
        child = subprocess.Popen(  # noqa: S603  our own interpreter and files
            [sys.executable, "-I", str(_CONFINED), str(program), *arguments],
            stdin=given,
            stdout=said,
            stderr=subprocess.DEVNULL,  # a library's complaint may quote the file
            env={"LANG": "C.UTF-8", "FORMENGINE_LIMITS": json.dumps(settings)},
            cwd="/",
            start_new_session=True,
        )
        _wait(child, limits.wall_s)
        return os.pread(said, limits.output_bytes, 0)
    finally:
        os.close(given)
        os.close(said)


def _wait(child: subprocess.Popen[bytes], wall_s: float) -> None:
    """Wait for the end and leave nothing of the child behind. Errors: ChildFailed."""
    try:
        code = child.wait(wall_s)
    except subprocess.TimeoutExpired:
        raise ChildFailed("timeout") from None
    finally:
        _kill_whole(child)
    if code:
        raise ChildFailed("killed" if code < 0 else "failed")


def _kill_whole(child: subprocess.Popen[bytes]) -> None:
    """Kill the child and whatever it started: it leads a process group of its own."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        child.kill()
    child.wait()
