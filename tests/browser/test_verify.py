"""The page that checks a PDF, in Chromium: by keyboard, without script, and every state of it passes every gate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.gates import Watch
from tests.browser.html_checker import check
from tests.browser.office import Office, press
from tests.browser.test_staff import read
from tests.journeys.driver import Journey
from tests.journeys.reading import Persona

Browse = Callable[..., tuple[BrowserContext, Watch]]


@pytest.fixture(scope="session")
def genuine(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The PDF of an application, as its applicant downloads it."""
    with Journey(office.served.url, Persona({"/name": "Änne Beispiel"})) as journey:
        reference = journey.run("/antrag/").reference
        office.until(reference, "failed")  # the document is sealed before it is sent anywhere
        pdf = journey.client.get("/antrag/confirmation/application.pdf")
    assert pdf.status_code == 200
    path = tmp_path_factory.mktemp("pdf") / "antrag.pdf"
    path.write_bytes(pdf.content)
    return path


@pytest.mark.parametrize(
    ("viewport", "script", "language"), [(PHONE, "empty", "de"), (DESK, "on", "ar")], ids=["phone", "desk"]
)
def test_before_and_after_a_genuine_and_a_changed_file_every_gate_is_passed(
    office: Office,
    browse: Browse,
    genuine: Path,
    tmp_path: Path,
    viewport: dict[str, int],
    script: str,
    language: str,
) -> None:
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(genuine.read_bytes() + b"% more\n")
    context, watch = browse(office.served.url, viewport=viewport, script=script, language=language)
    tab = context.new_page()
    html: dict[str, str] = {}
    tab.on("response", lambda r: html.update({f"{len(html)} {r.url}": r.text()} if "/verify" in r.url else {}))
    tab.goto(f"{office.served.url}/verify?lang={language}&reference=7K3M-9QXA-2PD")
    found: list[str] = []

    def look() -> None:
        page = read(tab)
        found.extend(gates.all_of(tab, page) if viewport is PHONE else gates.static(page) + gates.axe(tab))

    look()
    press(tab, "next")
    found += gates.errors(tab, read(tab, 422)) if language == "de" else []
    for path, mark in ((genuine, "warning"), (changed, "danger")):
        tab.locator("#pdf").set_input_files(path)
        press(tab, "next")
        assert tab.locator(f"main .kern-alert--{mark}").count() == 1
        look()
    (tmp_path / "html").mkdir()
    assert "\n".join([*found, *watch.findings]) == ""
    assert check(html, tmp_path / "html") == []


def test_by_keyboard_and_without_script_one_gets_a_report_that_stands_alone(
    office: Office, browse: Browse, genuine: Path, tmp_path: Path
) -> None:
    context, watch = browse(office.served.url, viewport=DESK, script="off")
    tab = context.new_page()
    tab.goto(f"{office.served.url}/verify")
    tab.locator("#pdf").set_input_files(genuine)
    for wanted in ("next", "report"):
        for _ in range(60):
            if tab.evaluate("document.activeElement.dataset.action") == wanted:
                break
            tab.keyboard.press("Tab")
        if wanted == "next":
            with tab.expect_navigation():
                tab.keyboard.press("Enter")
    with tab.expect_download() as saving:
        tab.keyboard.press("Enter")
    path = tmp_path / saving.value.suggested_filename
    saving.value.save_as(path)
    html = path.read_text(encoding="utf-8")
    assert hashlib.sha512(genuine.read_bytes()).hexdigest() in html
    assert path.name == f"pruefbericht-{hashlib.sha256(genuine.read_bytes()).hexdigest()[:12]}.html"
    alone, seen = browse("file://", viewport=PHONE)
    report = alone.new_page()
    report.goto(path.as_uri())
    assert gates.axe(report) + gates.reflow(report) == []
    assert check({"report": html}, path.parent) == []
    assert watch.findings == seen.findings == []
