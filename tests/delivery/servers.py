"""Servers of the tests on free ports of this machine."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin") or "/usr/sbin/sshd"
S3_SERVER = Path(__file__).parents[2] / ".venv" / "s3-server" / "bin" / "moto_server"


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answering = Callable[[Asked], tuple[int, dict[str, str], bytes]]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def http_server(answer: Answering) -> Iterator[str]:
    """A server that answers by *answer*; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_all(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): text for name, text in self.headers.items()}
            status, more, content = answer(Asked(self.command, self.path, headers, body))
            self.send_response(status)
            for name, text in more.items():
                self.send_header(name, text)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if status != 204:
                with suppress(OSError):
                    self.wfile.write(content)

        do_GET = do_POST = do_PUT = handle_all

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def keygen(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
    return path


@dataclass(frozen=True)
class SshServer:
    """OpenSSH's own server: *folder* is where files come in."""

    folder: Path
    port: int
    user: str
    key: Path
    host_key: Path


@contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """An SSH server with its keys, log and files in *folder*."""
    incoming = folder / "incoming"
    incoming.mkdir(parents=True)
    host_key, key = keygen(folder / "host"), keygen(folder / "client")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd wants it when root starts it
    port = free_port()
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {host_key}\nAuthorizedKeysFile {key}.pub\nStrictModes no\n"
        f"UsePAM no\nPasswordAuthentication no\nPidFile none\nSubsystem sftp internal-sftp\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", folder / "sshd_config"], stderr=log)
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.05)
            yield SshServer(incoming, port, pwd.getpwuid(os.getuid()).pw_name, key, Path(f"{host_key}.pub"))
        finally:
            process.terminate()
            process.wait(10)


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """moto's server, which knows conditional writes, in an environment of its own (deploy/setup); its address."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    with (folder / "s3.log").open("wb") as log:
        process = subprocess.Popen([S3_SERVER, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
        try:
            for _ in range(200):
                try:
                    httpx.get(address)
                    break
                except httpx.TransportError:
                    assert process.poll() is None
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()
            process.wait(10)
