"""A parked delivery on the staff site, in Chromium with everything running: seen, tried again, taken out by hand (REL-08)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.gates import Watch
from tests.browser.html_checker import check
from tests.browser.office import Office, press
from tests.browser.test_staff import read, sign_in

Browse = Callable[..., tuple[BrowserContext, Watch]]


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
