"""Sites under gunicorn, one worker each, and the CPU that their workers use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Served:
    """A running site: where it is, and the process group of its gunicorn."""

    url: str
    master: int

    def cpu_ms(self) -> float:
        """The CPU milliseconds that the site's workers have used so far, all threads."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        stats = (stat for child in children for stat in Path(f"/proc/{child}/task").glob("*/schedstat"))
        return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e6


@contextmanager
def serve(app: str, environment: Mapping[str, str], *, probe: str) -> Iterator[Served]:
    """*app* under gunicorn until the block ends; *probe* is a path that answers 200 when it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class"]
    process = subprocess.Popen(
        [*command, "gthread", "--threads", "2", "--keep-alive", "60", "--log-level", "warning", app],
        cwd=ROOT,
        env={**os.environ, **environment, "FORMENGINE_PORT": str(port), "FORMENGINE_STAFF_PORT": "1"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(url + probe).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        else:
            raise SystemExit(f"{app} did not start")
        yield Served(url, process.pid)
    finally:
        process.terminate()
        process.wait(30)
