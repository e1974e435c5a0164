"""Rendering in a child process that is kept warm, limited, and replaced when it fails.

Decides how long a document may take and when a child has to go. What the document looks like is `layout`'s
matter, how it becomes PDF/A and PDF/UA `render_child`'s.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from formengine.documents import child_folder, framing
from formengine.errors import RenderingError

_NO_SYSTEM_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file to attach. *relationship* is one of PDF/A-3's: Data, Source, Alternative, Supplement."""

    name: str
    description: str
    data: bytes
    relationship: str = "Data"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost (PDF-03). A child is replaced after *jobs* documents in any case."""

    wall_s: float = 60.0
    pages: int = 300
    jobs: int = 200


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document to render: HTML, its style sheet, and what makes its bytes the same every time."""

    html: str
    style: str
    identifier: str
    at: datetime
    enclosures: tuple[Enclosure, ...] = ()


class Renderer:
    """Renders documents one at a time in a child of its own; safe to share between threads.

    The first call starts the child; `close` ends it. What a killed process left of its children is swept first.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        child_folder.sweep()
        self.limits = limits or Limits()
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def render(self, sheet: Sheet) -> bytes:
        """The PDF: PDF/A-3a and PDF/UA-1, unsigned; equal input gives equal bytes.

        Errors: RenderingError with *code* `start`, `time`, `pages`, `died`, or the kind of mistake in the child.
        """
        header: dict[str, Any] = {
            "identifier": sheet.identifier,
            "at": sheet.at.astimezone(UTC).isoformat(),
            "pages": self.limits.pages,
            "files": [
                {"name": file.name, "description": file.description, "relationship": file.relationship}
                for file in sheet.enclosures
            ],
        }
        parts = [sheet.html.encode(), sheet.style.encode(), *(file.data for file in sheet.enclosures)]
        with self._lock:
            answer, made = self._ask(framing.pack(header, parts))
        if "error" in answer:
            raise RenderingError(str(answer["error"]))
        return made[0]

    def warm(self) -> None:
        """Start the child now, so that the first document does not wait for it."""
        with self._lock:
            self._ready()

    def close(self) -> None:
        """End the child; a later `render` starts another."""
        with self._lock:
            self._drop()

    def _ask(self, message: bytes) -> tuple[dict[str, Any], list[bytes]]:
        try:
            child = self._ready()
        except OSError:
            raise RenderingError("start") from None
        try:
            answer = framing.unpack(BytesIO(child.exchange(message, time.monotonic() + self.limits.wall_s)))
        except TimeoutError:
            self._drop()
            raise RenderingError("time") from None
        except (EOFError, OSError, ValueError):
            self._drop()
            raise RenderingError("died") from None
        if child.jobs >= self.limits.jobs:
            self._drop()
        return answer

    def _ready(self) -> _Child:
        if self._child is None or not self._child.is_alive():
            self._drop()
            self._child = _Child()
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


class _Child:
    """One running child with its pipes and its folder."""

    def __init__(self) -> None:
        self.jobs = 0
        self._folder, self._held = child_folder.make()
        config = self._folder / "fonts.conf"
        config.write_text(_NO_SYSTEM_FONTS, encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
        try:
            self._process = self._start(kept, config)
        except OSError:
            self._remove_folder()
            raise

    def _start(self, kept: dict[str, str], config: Path) -> subprocess.Popen[bytes]:
        """The running process, in a folder and an environment of its own. Errors: OSError."""
        package = str(Path(__file__).parents[2])
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "formengine.documents.render_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env={
                **kept,
                "LANG": "C.UTF-8",
                "HOME": str(self._folder),
                "TMPDIR": str(self._folder),
                "FONTCONFIG_FILE": str(config),
                "PYTHONHASHSEED": "0",
                "PYTHONPATH": os.pathsep.join([package, *filter(None, [kept.get("PYTHONPATH")])]),
            },
            start_new_session=True,
            pass_fds=(self._held,),
        )

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def exchange(self, message: bytes, deadline: float) -> bytes:
        """The whole answer to *message*. Errors: TimeoutError at *deadline* (monotonic), EOFError if the child ends."""
        self.jobs += 1
        source, sink = self._process.stdin, self._process.stdout
        if source is None or sink is None:
            raise EOFError
        for pipe in (source, sink):
            os.set_blocking(pipe.fileno(), False)
        answer, left = bytearray(), memoryview(message)
        with selectors.DefaultSelector() as waiting:
            waiting.register(source.fileno(), selectors.EVENT_WRITE)
            waiting.register(sink.fileno(), selectors.EVENT_READ)
            while not _is_whole(answer):
                ready = waiting.select(deadline - time.monotonic())
                if not ready or time.monotonic() > deadline:
                    raise TimeoutError
                for key, _ in ready:
                    if key.fd == sink.fileno():
                        read = os.read(key.fd, 1 << 20)
                        if not read:
                            raise EOFError
                        answer += read
                    else:
                        left = left[os.write(key.fd, left[: 1 << 16]) :]
                        if not left:
                            waiting.unregister(key.fd)
        return bytes(answer)

    def kill(self) -> None:
        """End it and all that it may have started, and remove its folder."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self._remove_folder()

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._held)


def _is_whole(answer: bytearray) -> bool:
    """Whether header and all announced parts are there."""
    size = framing.LENGTH.size
    place, parts = 0, 1
    while parts:
        if len(answer) < place + size:
            return False
        (length,) = framing.LENGTH.unpack_from(answer, place)
        if len(answer) < place + size + length:
            return False
        if place == 0:
            parts += framing.parts_of(bytes(answer[size : size + length]))
        place += size + length
        parts -= 1
    return True
