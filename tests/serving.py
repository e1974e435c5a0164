"""The real thing for tests: `formengine run` in a process of its own, on free ports, in a folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]


@dataclass
class Served:
    url: str
    staff_url: str
    data: Path
    process: subprocess.Popen
    log: Path
    environment: dict[str, str] = field(default_factory=dict)

    def kill(self) -> None:
        """As a power cut would: SIGKILL to the supervisor; its children go with it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@contextmanager
def serve(
    data: Path, *arguments: str, environment: dict[str, str] | None = None, ports: tuple[int, int] | None = None
) -> Iterator[Served]:
    """Run both sites and the worker until the block ends, at free *ports*. *arguments* go to `formengine run`."""
    port, staff_port = ports or free_ports()
    log = data.parent / f"{data.name}.log"
    command = [sys.executable, "-m", "formengine.cli", "run", "--port", str(port), "--staff-port", str(staff_port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*command, "--data", str(data), *arguments],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("FORMENGINE_")},
                "FORMENGINE_DEVELOPMENT_SIGN_IN": "on",
                "FORMENGINE_SCANNER": "off",
                **(environment or {}),
            },
        )
        served = Served(
            f"http://127.0.0.1:{port}", f"http://127.0.0.1:{staff_port}", data, process, log, environment or {}
        )
        try:
            for url in (served.url, served.staff_url):
                _wait_until_ready(url, process, log)
            yield served
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(45)
                except subprocess.TimeoutExpired:
                    process.kill()


def _wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{url} did not become ready:\n{log.read_text()[-4000:]}")
