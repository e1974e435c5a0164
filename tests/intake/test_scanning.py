from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from formengine.doctor import EICAR
from formengine.errors import ConfigError
from formengine.intake.scanning import Clamd, Off, Verdict, scanner
from tests.delivery.servers import free_port

CLAMD = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
INFECTED = b"FORMENGINE-TEST-SIGNATURE-7f3a"


@contextmanager
def answering(answer: Callable[[socket.socket, bytes], None]) -> Iterator[Clamd]:
    """A server on a free port that reads one INSTREAM and then does *answer*."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                got = _stream(line)
                answer(line, got)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Clamd("127.0.0.1", server.getsockname()[1], timeout_s=1.0)
        thread.join(5)


def _stream(line: socket.socket) -> bytes:
    read = line.makefile("rb")
    assert read.read(10) == b"zINSTREAM\0"
    data = b""
    while size := int.from_bytes(read.read(4), "big"):
        data += read.read(size)
    return data


def says(reply: bytes) -> Callable[[socket.socket, bytes], None]:
    return lambda line, _: line.sendall(reply)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (b"stream: OK\0", Verdict.CLEAN),
        (b"stream: Eicar-Signature FOUND\0", Verdict.INFECTED),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Verdict.WAITING),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict.WAITING),
        (b"stream: OK", Verdict.WAITING),
        (b"stream: OK\0stream: X FOUND\0", Verdict.WAITING),
        (b"stream: NOT OK\0", Verdict.WAITING),
        (b"OK\0", Verdict.WAITING),
        (b"\0", Verdict.WAITING),
        (b"", Verdict.WAITING),
        (b"x" * 10_000, Verdict.WAITING),
    ],
)
def test_only_an_explicit_ok_is_clean(reply: bytes, verdict: Verdict) -> None:
    with answering(says(reply)) as clamd:
        assert clamd.scan(b"data") is verdict


def test_every_byte_is_sent_in_chunks() -> None:
    data = bytes(range(256)) * 1000
    received = []
    with answering(lambda line, got: (received.append(got), line.sendall(b"stream: OK\0"))) as clamd:
        assert clamd.scan(data) is Verdict.CLEAN
    assert received == [data]


def test_a_scanner_that_hangs_leaves_the_file_waiting() -> None:
    with answering(lambda _line, _got: time.sleep(1.3)) as clamd:
        assert clamd.scan(b"data") is Verdict.WAITING


def test_a_scanner_that_is_not_there_leaves_the_file_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert Clamd("127.0.0.1", port, timeout_s=1.0).scan(b"data") is Verdict.WAITING


def test_the_setting_names_the_scanner() -> None:
    assert scanner("clamd://av.internal:3311") == Clamd("av.internal", 3311)
    assert scanner("clamd://av.internal") == Clamd("av.internal", 3310)
    assert scanner("off") == Off()
    with pytest.raises(ConfigError):
        scanner("none")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamd]:
    """A clamd of its own on a free port, with signatures of ours in place of the public ones."""
    if CLAMD is None:
        pytest.skip("clamav-daemon is not installed")
    folder = tmp_path_factory.mktemp("clamd")
    database = folder / "signatures"
    database.mkdir()
    (database / "own.ndb").write_text(
        f"Formengine.Test:0:*:{INFECTED.hex()}\nEicar:0:*:{EICAR.hex()}\n", encoding="ascii"
    )
    whole = b"known by its digest"
    (database / "own.hdb").write_text(f"{hashlib.md5(whole).hexdigest()}:{len(whole)}:Formengine.Hash\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {database}\nTCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\nLogFile {folder}/log\n"
        "AlertExceedsMax yes\nAlertEncrypted yes\nStreamMaxLength 25M\nMaxFileSize 25M\nMaxScanSize 100M\n",
        encoding="utf-8",
    )
    log = (folder / "out").open("wb")
    process = subprocess.Popen([CLAMD, "-c", str(settings)], stdout=log, stderr=log)
    clamd = Clamd("127.0.0.1", port, timeout_s=20.0)
    for _ in range(150):
        if process.poll() is not None:
            pytest.fail(Path(log.name).read_text(errors="replace"))
        if clamd.scan(b"x") is Verdict.CLEAN:
            break
        time.sleep(0.1)
    yield clamd
    process.terminate()
    process.wait(10)
    log.close()


def test_a_real_clamd_says_that_it_is_there(real: Clamd) -> None:
    assert real.answers(5)
    assert not Clamd("127.0.0.1", free_port()).answers(1)


def test_a_real_clamd_passes_a_clean_file(real: Clamd) -> None:
    assert real.scan(b"%PDF-1.7 nothing in here") is Verdict.CLEAN


def test_a_real_clamd_finds_what_its_signatures_name(real: Clamd) -> None:
    assert real.scan(b"some text " + INFECTED + b" more") is Verdict.INFECTED
    assert real.scan(b"known by its digest") is Verdict.INFECTED


def test_a_real_clamd_never_passes_what_is_too_large_for_it(real: Clamd) -> None:
    assert real.scan(bytes(26 * 1024 * 1024)) is Verdict.WAITING
