"""A webhook's far side that keeps each Idempotency-Key once, and on the way answers 500, hangs, or drops its answer."""

from __future__ import annotations

import hashlib
import hmac
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_DEEDS = ["take"] * 14 + ["500"] * 2 + ["hang"] + ["drop"] * 3


@dataclass
class Receiver:
    """*kept*: body by key. *wrong*: what must never happen, in words. *done*: how often it did what."""

    secret: bytes
    hang_s: float = 4
    url: str = ""
    kept: dict[str, bytes] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    peaceful: bool = False
    next: list[str] = field(default_factory=lambda: ["take", "drop", "hang", "500"])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def mischief(self) -> str:
        """What is done now: each deed once first, then by chance; *peaceful* waits for the first round."""
        with self.lock:
            if self.peaceful and len(self.done) == len(set(_DEEDS)):
                return "take"
            if not self.next:
                self.next = random.sample(_DEEDS, len(_DEEDS))
            return self.next.pop()

    def take(self, key: str, signed: str, body: bytes) -> None:
        at, _, given = signed.partition(",")
        told = f"{at.removeprefix('t=')}.{key}.".encode() + body
        if given != f"v1={hmac.new(self.secret, told, hashlib.sha256).hexdigest()}":
            self.wrong.append(f"{key}: the signature is wrong")
        with self.lock:
            if self.kept.setdefault(key, body) != body:
                self.wrong.append(f"{key}: another content under the same key")


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            what = receiver.mischief()
            receiver.done[what] += 1
            if what == "hang":
                time.sleep(receiver.hang_s)
            if what in {"take", "drop"}:
                key = self.headers["Idempotency-Key"]
                receiver.take(key, self.headers["Formengine-Signature"], body)
            if what in {"hang", "drop"}:
                self.close_connection = True
                return
            self.send_response(200 if what == "take" else 500)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A worker that is killed while it sends breaks its connection: that is what is tried here."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/in"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
