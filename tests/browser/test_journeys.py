"""Persona P3 goes in by Chromium, on a phone and a desk, with and without script, and comes out as the golden JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.driver import BrowserJourney, KeyboardJourney
from tests.browser.gates import Watch
from tests.journeys.reading import Page, Persona
from tests.serving import ROOT, Served

Browse = Callable[..., tuple[BrowserContext, Watch]]
FORM = "bildung-und-teilhabe"
P3 = ROOT / "tests/journeys" / FORM / "p3.answers.json"
GOLDEN = ROOT / "tests/journeys" / FORM / "p3.application.json"


def delivered(served: Served, reference: str) -> Path:
    """The folder of a delivered application, once it is there."""
    folder = served.data / "delivered" / reference
    for _ in range(600):
        if (folder / "manifest.json").exists():
            return folder
        time.sleep(0.1)
    raise AssertionError(f"{reference} was not delivered:\n{served.log.read_text()[-3000:]}")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("script", ["on", "off"], ids=["script", "no-script"])
@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])
def test_p3_goes_in_by_the_browser_and_comes_out_as_the_golden_json(
    served: Served, browse: Browse, tmp_path: Path, viewport: dict[str, int], script: str, language: str
) -> None:
    context, watch = browse(served.url, viewport=viewport, script=script, language=language)
    found: list[str] = []

    def look(_tab: Tab, page: Page) -> None:
        found.extend(f"{page.url}: {finding}" for finding in gates.static(page))
        shown = page.soup.html["lang"] if page.soup.html else ""
        if shown != language:
            found.append(f"{page.url}: is in {shown}")

    journey = BrowserJourney(context.new_page(), served.url, Persona.read(P3, files=tmp_path), watch=look)
    done = journey.run(f"/{FORM}/?lang={language}")
    assert "\n".join(found) == ""
    assert watch.findings == []
    folder = delivered(served, done.reference)
    assert json.loads((folder / "application.json").read_bytes()) == json.loads(GOLDEN.read_bytes())
    assert [path.name for path in (folder / "proofs").iterdir()]


@pytest.mark.parametrize(
    ("viewport", "script", "language"),
    [(PHONE, "on", "de"), (DESK, "empty", "en"), (PHONE, "empty", "ar")],
    ids=["phone", "desk", "arabic"],
)
def test_every_page_of_the_way_passes_every_gate(
    served: Served, browse: Browse, tmp_path: Path, viewport: dict[str, int], script: str, language: str
) -> None:
    context, watch = browse(served.url, viewport=viewport, script=script, language=language)
    found: list[str] = []
    journey = BrowserJourney(
        context.new_page(),
        served.url,
        Persona.read(P3, files=tmp_path),
        watch=lambda tab, page: found.extend(gates.all_of(tab, page)),
    )
    journey.run(f"/{FORM}/?lang={language}")
    assert "\n".join(found) == ""
    assert watch.findings == []


def test_p3_goes_in_by_the_keyboard_alone(served: Served, browse: Browse, tmp_path: Path) -> None:
    context, _ = browse(served.url, viewport=DESK, script="empty")
    persona = Persona.read(P3, files=tmp_path)
    done = KeyboardJourney(context.new_page(), served.url, persona).run(f"/{FORM}/")
    application = delivered(served, done.reference) / "application.json"
    assert json.loads(application.read_bytes()) == json.loads(GOLDEN.read_bytes())


def test_in_short_first_then_the_whole_without_script(served: Served, browse: Browse, tmp_path: Path) -> None:
    """The short application fixes the day, fills in the long one, and every page of it passes every gate (ux.md 6.1)."""
    context, watch = browse(served.url, viewport=PHONE, script="off")
    found: list[str] = []

    def look(_tab: Tab, page: Page) -> None:
        found.extend(f"{page.url}: {finding}" for finding in gates.static(page))

    journey = BrowserJourney(context.new_page(), served.url, Persona.read(P3, files=tmp_path), watch=look)
    journey.get(f"/{FORM}/")
    with journey.tab.expect_navigation():
        journey.tab.get_by_text("Antrag jetzt kurz stellen").click()
    short = journey.run(journey.tab.url)
    with journey.tab.expect_navigation():
        journey.tab.locator("[data-action=onward]").click()
    whole = journey.run(journey.tab.url)
    assert "\n".join(found) == ""
    assert watch.findings == []
    folder = delivered(served, whole.reference)
    assert json.loads((folder / "application.json").read_bytes()) == json.loads(GOLDEN.read_bytes())
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert (manifest["from"]["reference"], manifest["from"]["changed"]) == (short.reference, [])


PLACES = [
    "/",
    "/resume",
    "/privacy",
    "/imprint",
    "/accessibility",
    f"/{FORM}/privacy",
    f"/{FORM}/device",
    f"/{FORM}/tasks",
    f"/{FORM}/review",
    f"/{FORM}-kurz/",
    f"/{FORM}/there-is-no-such-step/",
    "/there-is-no-such-form/",
]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_other_page_passes_every_gate(served: Served, browse: Browse, tmp_path: Path, language: str) -> None:
    context, watch = browse(served.url, viewport=PHONE, language=language)
    journey = BrowserJourney(context.new_page(), served.url, Persona.read(P3, files=tmp_path))
    journey.run(f"/{FORM}/?lang={language}", until=lambda page: page.kind == "list" and page.list_count == 2)
    overview = journey.tab.url
    remove = journey.tab.locator("[data-action=remove]").first.get_attribute("href")
    found: list[str] = []
    for place in [*PLACES, str(remove)]:
        page = journey.get(place)
        found += gates.all_of(journey.tab, page)
    journey.get(overview)
    with journey.tab.expect_navigation():
        journey.tab.locator("main [data-action=save]").click()
    found += gates.all_of(journey.tab, Page(journey.tab.url, journey.tab.content(), journey.status))
    watch.findings = [finding for finding in watch.findings if "404" not in finding]
    assert "\n".join(found + watch.findings) == ""
