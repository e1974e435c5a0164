"""A parked delivery on the staff site, in Chromium with everything running: seen, tried again, taken out by hand (REL-08)."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.gates import Watch
from tests.browser.html_checker import check
from tests.browser.test_staff import read, sign_in
from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.serving import Served, serve

Browse = Callable[..., tuple[BrowserContext, Watch]]
SCHEMA = {
    "type": "object",
    "title": "Antrag",
    "properties": {"name": {"type": "string", "title": "Wie heißen Sie?"}},
    "required": ["name"],
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


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """`formengine run` with one form and one channel, whose far side refuses."""
    folder = tmp_path_factory.mktemp("office")

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
    (folder / "antrag.schema.json").write_text(json.dumps(SCHEMA))
    (folder / "forms").mkdir()
    (folder / "secret").write_bytes(b"a secret of the test, 32 bytes..")
    (folder / "formengine.toml").write_text(
        '[[tenant]]\nid = "musterstadt"\n[tenant.channels]\n"*" = ["webhook"]\n[tenant.channel.webhook]\n'
        f'url = "http://127.0.0.1:{server.server_port}/in"\nsecret_file = "secret"\nallow_private = true\n'
    )
    environment = {
        "FORMENGINE_FORMS": str(folder / "forms"),
        "FORMENGINE_SCHEMA_FILES": str(folder / "antrag.schema.json"),
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


@pytest.mark.parametrize(
    ("viewport", "script", "language"), [(PHONE, "empty", "de"), (DESK, "on", "en")], ids=["phone", "desk"]
)
def test_rel_08_two_people_take_a_parked_application_out_and_every_page_passes_every_gate(
    office: Office,
    browse: Browse,
    tmp_path: Path,
    viewport: dict[str, int],
    script: str,
    language: str,
) -> None:
    reference, site = office.parked(), office.served.staff_url
    at = f"{site}/applications/{reference}/export"
    here, watch = browse(site, viewport=viewport, script=script, language=language)
    there, other_watch = browse(site, viewport=viewport, script=script, language=language)
    kaya, probst = here.new_page(), there.new_page()
    sign_in(kaya, office.served, "Mira Kaya", language)
    sign_in(probst, office.served, "Jens Probst", language)
    found: list[str] = []
    html: dict[str, str] = {}

    def look(tab: Tab, status: int = 200) -> None:
        tab.wait_for_load_state("load")
        if status == 200:
            html[f"{len(html)} {tab.url}"] = tab.context.request.get(tab.url).text()
        page = read(tab, status)
        found.extend(gates.all_of(tab, page) if viewport is PHONE else gates.static(page) + gates.axe(tab))

    for tab in (kaya, probst):
        tab.goto(f"{site}/applications/{reference}/")
        look(tab)
    kaya.locator(f"main a[href='/applications/{reference}/export']").click()
    look(kaya)
    press(kaya, "ask")
    found.extend(gates.errors(kaya, read(kaya, 422)))
    look(kaya, 422)
    kaya.locator("#grund").fill("Die Gegenstelle ist abgeschaltet. Der Antrag eilt.")
    press(kaya, "ask")
    look(kaya)
    assert kaya.locator("main button[data-action]").count() == 0, "alone there is nothing to press"
    probst.goto(at)
    look(probst)
    press(probst, "approve")
    look(probst)
    kaya.reload()
    look(kaya)
    with kaya.expect_download() as saving:
        kaya.locator("main [data-action=bundle]").click()
    assert saving.value.suggested_filename == f"{reference}.zip"
    with zipfile.ZipFile(saving.value.path()) as packed:
        assert json.loads(packed.read("application.json")) == {"name": "Änne Beispiel"}
        assert packed.read("application.pdf").startswith(b"%PDF-")
        assert set(packed.namelist()) == {"application.json", "application.pdf", "manifest.json"}
    kaya.reload()
    look(kaya)
    assert kaya.locator("main [data-action=bundle]").count() == 0, "once"
    (tmp_path / "html").mkdir()
    assert "\n".join([*found, *watch.findings, *other_watch.findings]) == ""
    assert check(html, tmp_path / "html") == []


def test_rel_08_a_lead_presses_retry_and_sees_it_delivered(office: Office, browse: Browse) -> None:
    reference = office.parked()
    context, watch = browse(office.served.staff_url, viewport=DESK, script="off")
    tab = context.new_page()
    sign_in(tab, office.served, "Jens Probst")
    tab.goto(f"{office.served.staff_url}/applications/{reference}/")
    part = tab.locator("section[aria-labelledby=uebergabe]")
    assert "Die Gegenstelle nimmt den Antrag nicht an." in part.inner_text()
    assert "the far side answered 410" in part.inner_text()
    office.opened.add(reference)
    press(tab, "retry")
    office.until(reference, "delivered")
    tab.reload()
    assert "übergeben" in part.inner_text()
    assert tab.locator("main [data-action=retry]").count() == 0
    assert reference in office.taken
    assert watch.findings == []
