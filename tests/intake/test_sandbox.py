from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from formengine.intake.sandbox import ChildFailed, Limits, run


def program(folder: Path, text: str) -> Path:
    path = folder / "child.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_child_gets_the_bytes_and_says_what_it_made_of_them(tmp_path: Path) -> None:
    child = program(tmp_path, "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()[::-1])")
    assert run(child, b"abc" * 100_000) == b"cba" * 100_000


def test_a_child_has_no_network(tmp_path: Path) -> None:
    child = program(
        tmp_path,
        "import socket, sys\ntry:\n socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2); print('open')\n"
        "except OSError: print('shut')",
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        try:
            said = run(child, b"", arguments=[str(server.getsockname()[1])], limits=Limits(require_no_network=True))
        except ChildFailed:
            pytest.skip("this kernel lets no process give up its network")
    assert said == b"shut\n"


def test_a_child_knows_nothing_of_our_environment_and_starts_outside_our_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("FORMENGINE_PEPPER_FILE", "/secret")
    child = program(tmp_path, "import os, json; print(json.dumps([sorted(os.environ), os.getcwd()]))")
    names, folder = json.loads(run(child, b""))
    assert set(names) <= {"LANG", "LC_CTYPE"}
    assert folder == "/"


def test_a_child_that_takes_too_much_memory_fails(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed):
        run(program(tmp_path, "bytearray(600 * 2**20)"), b"")


def test_a_child_that_uses_up_its_processor_time_is_killed(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed) as failed:
        run(program(tmp_path, "while True: pass"), b"", limits=replace(Limits(), cpu_s=1))
    assert failed.value.how == "killed"


def test_a_child_that_hangs_is_killed_together_with_what_it_started(tmp_path: Path) -> None:
    child = program(tmp_path, "import os, time\ntry: os.fork()\nexcept OSError: pass\ntime.sleep(60)")
    began = time.monotonic()
    with pytest.raises(ChildFailed) as failed:
        run(child, b"", limits=replace(Limits(), wall_s=1.0))
    assert failed.value.how == "timeout"
    assert time.monotonic() - began < 30, "it sleeps for a minute"
    left = [p for p in Path("/proc").iterdir() if p.name.isdigit() and str(child).encode() in _command(p)]
    assert left == []


def _command(process: Path) -> bytes:
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return b"" if state == "Z" else (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_a_child_cannot_say_more_than_it_may(tmp_path: Path) -> None:
    child = program(tmp_path, "import os\nos.write(1, b'x' * 5000); os.write(1, b'x' * 5000)")
    with pytest.raises(ChildFailed):
        run(child, b"", limits=replace(Limits(), output_bytes=4096))


def test_no_handle_of_ours_is_left_open(tmp_path: Path) -> None:
    child = program(tmp_path, "raise SystemExit(3)")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(ChildFailed):
            run(child, b"x")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
