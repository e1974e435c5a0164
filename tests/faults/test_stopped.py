"""REL-13 with everything running: stopped under a load of applications, what is under way is finished and nothing is lost."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.journeys.deciding import decide
from tests.journeys.driver import Journey
from tests.journeys.reading import Page, Persona
from tests.serving import free_ports, serve

SCHEMA = {
    "type": "object",
    "title": "Antrag",
    "properties": {"name": {"type": "string", "title": "Wie heißen Sie?"}},
    "required": ["name"],
}
CLIENTS = 3


class Crowd:
    """People who apply again and again. *receipts* is what they were told, *failed* what a server must never say."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.receipts: list[str] = []
        self.failed: list[str] = []
        self.pressed_again = 0
        self.enough = threading.Event()
        self.people = [threading.Thread(target=self._apply_on, daemon=True) for _ in range(CLIENTS)]

    def _apply_on(self) -> None:
        while not self.enough.is_set():
            with Journey(self.url, Persona({"/name": "Änne Beispiel"})) as journey:
                journey.client.headers["Connection"] = "close"  # as proxies ask that reuse no connection
                page = self._again(lambda j=journey: j.get("/antrag/"))
                while page.kind != "confirmation":
                    page = self._again(lambda here=page, j=journey: j.post(here, decide(here, j.persona, j.met)))
                    if page.status >= 500:
                        self.failed.append(f"{page.status} {page.url}")
                    if page.status >= 400:  # it was taken, and the way from there to the next page broke
                        page = self._again(lambda j=journey: j.get("/antrag/"))
                self.receipts.append(page.reference)

    def _again(self, act: Callable[[], Page]) -> Page:
        """What *act* gives; where nobody takes the connection, the person presses again."""
        while True:
            try:
                return act()
            except httpx.TransportError:
                self.pressed_again += 1
                time.sleep(0.05)


class Held:
    """Somebody who sends an application over a slow line: the server has begun to read it when it is to stop."""

    def __init__(self, url: str) -> None:
        self.journey = Journey(url, Persona({"/name": "Änne Beispiel"}))
        page = self.journey.get("/antrag/")
        while not page.button("submit"):
            page = self.journey.post(page, decide(page, self.journey.persona, self.journey.met))
        deed = decide(page, self.journey.persona, self.journey.met)
        assert deed.press is not None
        fields = [field for field in page.hidden() if field[0] != "_end"]
        fields += [(name, text) for name, texts in deed.values.items() for text in texts]
        body = urlencode([*fields, (deed.press.name, deed.press.value), ("_end", "1")]).encode()
        self.rest = body[len(body) // 2 :]
        parts = urlsplit(url)
        self.line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self.line.putrequest("POST", urlsplit(page.url).path)
        cookies = "; ".join(f"{name}={value}" for name, value in self.journey.client.cookies.items())
        for name, value in (
            ("Cookie", cookies),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", str(len(body))),
            ("Expect", "100-continue"),
        ):
            self.line.putheader(name, value)
        self.line.endheaders()
        assert self.line.sock.recv(100).startswith(b"HTTP/1.1 100"), "now it reads"
        self.line.send(body[: len(body) // 2])

    def finish(self) -> tuple[int, str]:
        """Send what is left; status and where to go."""
        self.line.send(self.rest)
        with closing(self.line):
            answer = self.line.getresponse()
            return answer.status, answer.headers["Location"]

    def receipt(self) -> str:
        """The reference that the person reads then."""
        with self.journey:
            return self.journey.get("/antrag/confirmation").reference


@pytest.mark.slow
def test_rel_13_a_stop_under_load_ends_what_is_under_way_and_after_the_next_start_nothing_is_missing(
    tmp_path: Path,
) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "antrag.schema.json").write_text(json.dumps(SCHEMA))
    environment = {
        "FORMENGINE_FORMS": str(tmp_path / "forms"),
        "FORMENGINE_SCHEMA_FILES": str(tmp_path / "antrag.schema.json"),
        "FORMENGINE_WEB_WORKERS": "2",
    }
    ports, data = free_ports(), tmp_path / "data"
    with serve(data, environment=environment, ports=ports) as running:
        crowd = Crowd(running.url)
        for person in crowd.people:
            person.start()
        wait_for(lambda: len(crowd.receipts) >= CLIENTS)
        held = [Held(running.url) for _ in range(3)]
        running.process.terminate()
        wait_for(lambda: is_closed(running.staff_url))  # by then the other site has heard of it too
        answers = [one.finish() for one in held]
        assert running.process.wait(35) == 0
    assert answers == [(303, "/antrag/confirmation")] * len(held)
    before = len(crowd.receipts)
    with serve(data, environment=environment, ports=ports):
        told = [one.receipt() for one in held]
        wait_for(lambda: len(crowd.receipts) >= before + CLIENTS)
        crowd.enough.set()
        for person in crowd.people:
            person.join()
        wait_for(lambda: {path.name for path in (data / "delivered").iterdir()} >= set(told))
        told += crowd.receipts
    assert len(set(told)) == len(told)
    with closing(sqlite3.connect(data / "formengine.db")) as rows:
        kept = {row[0] for row in rows.execute("SELECT reference FROM submission")}
    assert kept == set(told)
    assert crowd.failed == []
    assert crowd.pressed_again > 0, "nobody noticed the stop: the test proves nothing"


def is_closed(url: str) -> bool:
    """Whether nobody listens there any more."""
    try:
        httpx.get(f"{url}/livez", timeout=2)
    except httpx.TransportError:
        return True
    return False


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)
