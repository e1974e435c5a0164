"""A small installation of its own for the pages around a form: one channel, whose far side refuses what it is not told to take."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page as Tab

from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.serving import Served, serve

SCHEMA = {
    "type": "object",
    "title": "Antrag",
    "properties": {"name": {"type": "string", "title": "Wie heißen Sie?"}},
    "required": ["name"],
}
LIST = {
    "type": "object",
    "title": "Kinder",
    "properties": {
        "children": {
            "type": "array",
            "title": "Kinder",
            "items": {
                "type": "object",
                "title": "Kind",
                "properties": {"first": {"type": "string", "title": "Vorname"}},
                "required": ["first"],
            },
            "minItems": 1,
        }
    },
    "required": ["children"],
}


@dataclass
class Office:
    """A far side that takes only the applications in *opened*, and refuses all others for ever."""

    served: Served
    opened: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    def parked(self) -> str:
        """A new application whose delivery is parked."""
        with Journey(self.served.url, Persona({"/name": "Änne Beispiel"})) as journey:
            reference = journey.run("/antrag/").reference
        self.until(reference, "failed")
        return reference

    def until(self, reference: str, status: str) -> None:
        """Wait until the delivery by webhook has this status."""
        for _ in range(600):
            with closing(sqlite3.connect(self.served.data / "formengine.db", timeout=10)) as rows:
                asked = "SELECT status FROM delivery WHERE reference = ? AND channel = 'webhook'"
                found = rows.execute(asked, (reference,)).fetchone()
            if found == (status,):
                return
            time.sleep(0.1)
        raise AssertionError(f"{reference} is {found}, not {status}:\n{self.served.log.read_text()[-3000:]}")


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """`formengine run` with two forms and one channel, whose far side refuses."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            reference = self.headers["Formengine-Reference"]
            if reference in office.opened:
                office.taken.add(reference)
            self.send_response(200 if reference in office.opened else 410)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    for name, schema in (("antrag", SCHEMA), ("kinder", LIST)):
        (folder / f"{name}.schema.json").write_text(json.dumps(schema))
    (folder / "forms").mkdir()
    (folder / "secret").write_bytes(b"a secret of the test, 32 bytes..")
    (folder / "formengine.toml").write_text(
        '[[tenant]]\nid = "musterstadt"\n[tenant.channels]\n"*" = ["webhook"]\n[tenant.channel.webhook]\n'
        f'url = "http://127.0.0.1:{server.server_port}/in"\nsecret_file = "secret"\nallow_private = true\n'
    )
    environment = {
        "FORMENGINE_FORMS": str(folder / "forms"),
        "FORMENGINE_SCHEMA_FILES": f"{folder / 'antrag.schema.json'}:{folder / 'kinder.schema.json'}",
        "FORMENGINE_CONFIG": str(folder / "formengine.toml"),
    }
    try:
        with serve(folder / "data", environment=environment) as running:
            office = Office(running)
            yield office
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def press(tab: Tab, action: str) -> None:
    with tab.expect_navigation():
        tab.locator(f"main [data-action={action}]").first.click()
