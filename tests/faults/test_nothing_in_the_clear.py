"""ENC-11, ENC-12: what people hand in lies on no disk in the clear, while it comes in, afterwards, or after a crash."""

from __future__ import annotations

import io
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.intake.conftest import pdf
from tests.serving import ROOT
from tests.web.applicant import Applicant

CANARY = b"Kanarienvogel in einer Datei"
BORDER = "grenze"


def on_disk() -> list[str]:
    """The open files of this process, deleted ones too, that hold the canary."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        try:
            if stat.S_ISREG(link.stat().st_mode) and CANARY in link.read_bytes():
                found.append(str(link.readlink()))
        except OSError:
            continue
    return found


class Slow(io.RawIOBase):
    """A body that comes in small pieces; before each the disk is searched for what came before."""

    def __init__(self, body: bytes) -> None:
        self._rest = io.BytesIO(body)
        self.found: list[str] = []
        self.pieces = 0

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._rest.seek(offset, whence)

    def tell(self) -> int:
        return self._rest.tell()

    def readinto(self, buffer: Any) -> int:
        self.pieces += 1
        self.found += on_disk()
        return self._rest.readinto(memoryview(buffer)[:64_000])


def test_enc_11_a_slow_upload_of_megabytes_is_never_on_disk_in_the_clear(site: Flask, tmp_path: Path) -> None:
    ada = Applicant(site)
    ada.rent()
    page = ada.get("/small/proofs/lease/")
    fields = {**dict(page.hidden()), "_action": "upload"}
    fields.pop("_end", None)
    parts = [f'--{BORDER}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = f'--{BORDER}\r\nContent-Disposition: form-data; name="_file"; filename="miete.pdf"\r\n\r\n'
    end = f'\r\n--{BORDER}\r\nContent-Disposition: form-data; name="_end"\r\n\r\n1\r\n--{BORDER}--\r\n'
    file = pdf() + b"\n%" + CANARY * 80_000
    body = "".join(parts).encode() + head.encode() + file + end.encode()
    slow = Slow(body)
    answer = ada.client.post(
        page.target(),
        input_stream=slow,
        content_length=len(body),
        content_type=f"multipart/form-data; boundary={BORDER}",
    )
    assert answer.status_code == 303, answer.text
    assert slow.pieces > 20
    assert slow.found + on_disk() == []
    assert "miete.pdf" in ada.get("/small/proofs/lease/").html
    data = site.extensions["formengine"].engine.settings.data
    assert not [path for path in data.rglob("*") if path.is_file() and CANARY in path.read_bytes()]


STARTS = {
    "command line": "from formengine import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass",
    "gunicorn": "import formengine.web.gunicorn",
}


@pytest.mark.parametrize("start", STARTS)
def test_enc_12_no_process_of_ours_leaves_a_core_file(start: str, tmp_path: Path) -> None:
    limits = "import os, resource, signal\nprint(resource.getrlimit(resource.RLIMIT_CORE))"
    crash = "import sys; sys.stdout.flush(); os.kill(os.getpid(), signal.SIGSEGV)"
    died = subprocess.run(
        [sys.executable, "-c", f"{STARTS[start]}\n{limits}\n{crash}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert died.returncode == -signal.SIGSEGV
    assert died.stdout.endswith("(0, 0)\n")
    assert list(tmp_path.iterdir()) == []
