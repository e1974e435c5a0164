"""The staff site passes the gates too, and a caseworker gets from the inbox to the files without a script."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.gates import Watch
from tests.browser.html_checker import check
from tests.browser.test_journeys import FORM, P3, delivered
from tests.journeys.driver import Journey
from tests.journeys.reading import Page, Persona
from tests.serving import Served

Browse = Callable[..., tuple[BrowserContext, Watch]]


@pytest.fixture(scope="session")
def reference(served: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An application of P3, delivered."""
    with Journey(served.url, Persona.read(P3, files=tmp_path_factory.mktemp("p3"))) as journey:
        done = journey.run(f"/{FORM}/")
    delivered(served, done.reference)
    return done.reference


def read(tab: Tab, status: int = 200) -> Page:
    return Page(tab.url, tab.content(), status)


def sign_in(tab: Tab, served: Served, name: str, language: str = "de") -> None:
    tab.goto(f"{served.staff_url}/sign-in?lang={language}")
    tab.get_by_label(name).check()
    with tab.expect_navigation():
        tab.locator("main button[type=submit]").click()


@pytest.mark.parametrize(
    ("viewport", "script", "language"), [(PHONE, "on", "de"), (DESK, "empty", "en")], ids=["phone", "desk"]
)
def test_every_page_of_the_staff_site_passes_every_gate(
    served: Served,
    browse: Browse,
    reference: str,
    tmp_path: Path,
    viewport: dict[str, int],
    script: str,
    language: str,
) -> None:
    context, watch = browse(served.staff_url, viewport=viewport, script=script, language=language)
    tab = context.new_page()
    found: list[str] = []

    def look(status: int = 200) -> None:
        found.extend(gates.all_of(tab, read(tab, status)))

    tab.goto(f"{served.staff_url}/sign-in?lang={language}")
    look()
    with tab.expect_navigation():
        tab.locator("main button[type=submit]").click()
    found.extend(gates.errors(tab, read(tab, 422)))
    look(422)
    sign_in(tab, served, "Mira Kaya", language)
    look()
    tab.goto(f"{served.staff_url}/applications/{reference}/")
    look()
    tab.goto(f"{served.staff_url}/sessions")
    look()
    tab.goto(f"{served.staff_url}/there-is-nothing-here")
    look(404)
    tab.goto(f"{served.staff_url}/inbox")
    with tab.expect_navigation():
        tab.locator("header form button").click()
    sign_in(tab, served, "Alma Reiter", language)
    look()
    with tab.expect_navigation():
        tab.locator("header form button").click()
    sign_in(browse(served.staff_url)[0].new_page(), served, "Jens Probst")
    sign_in(tab, served, "Nneka Okafor", language)
    tab.goto(f"{served.staff_url}/sessions")
    card = tab.locator("main .app-card", has_text="Jens Probst")
    for action in ("block", "unblock"):
        look()
        with tab.expect_navigation():
            card.locator(f"[data-action={action}]").click()
    (tmp_path / "html").mkdir()
    assert check({"sessions": context.request.get(tab.url).text()}, tmp_path / "html") == []
    findings = [finding for finding in watch.findings if "404" not in finding]
    assert "\n".join(found + findings) == ""


def test_a_caseworker_gets_from_the_inbox_to_the_files(served: Served, browse: Browse, reference: str) -> None:
    context, watch = browse(served.staff_url, viewport=DESK, script="off")
    tab = context.new_page()
    sign_in(tab, served, "Mira Kaya")
    with tab.expect_navigation():
        tab.get_by_role("link", name=reference).click()
    files = {}
    for link in tab.locator("main a[download]").all():
        with tab.expect_download() as saving:
            link.click()
        path = Path(saving.value.path())
        files[saving.value.suggested_filename] = path.read_bytes()
    folder = delivered(served, reference)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    digests = {hashlib.sha512(data).hexdigest() for data in files.values()}
    assert {file["sha512"] for file in manifest["files"]} <= digests
    assert files[f"{reference}.json"] == (folder / "application.json").read_bytes()
    with tab.expect_navigation():
        tab.get_by_role("link", name="Siegel prüfen").click()
    assert tab.locator("main h2").first.inner_text() == "Nur zum Testen"
    assert "ja, die ganze Datei" in tab.locator("main").inner_text()
    assert watch.findings == []
