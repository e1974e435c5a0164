"""REL-13 with everything running: stopped under a load of applications it ends in order, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

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
CLIENTS = 6


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


def test_rel_13_after_a_stop_under_load_and_the_next_start_nothing_is_missing_and_nothing_twice(
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
        running.process.terminate()
        assert running.process.wait(35) == 0
    before = len(crowd.receipts)
    with serve(data, environment=environment, ports=ports):
        wait_for(lambda: len(crowd.receipts) >= before + CLIENTS)
        crowd.enough.set()
        for person in crowd.people:
            person.join()
        told = crowd.receipts
        wait_for(lambda: {path.name for path in (data / "delivered").iterdir()} >= set(told))
    assert len(set(told)) == len(told)
    with closing(sqlite3.connect(data / "formengine.db")) as rows:
        kept = {row[0] for row in rows.execute("SELECT reference FROM submission")}
    assert kept == set(told)
    assert crowd.failed == []
    assert crowd.pressed_again > 0, "nobody noticed the stop: the test proves nothing"


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)
