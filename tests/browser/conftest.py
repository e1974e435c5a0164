"""One Chromium and one running engine for all browser tests of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.browser.gates import Watch
from tests.browser.office import Office, opened
from tests.journeys.reading import Persona
from tests.serving import ROOT, Served, serve

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 720}
CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser, and one worker runs all of it: one server, one Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """`formengine run` with the shipped forms."""
    with serve(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """`formengine run` with small forms, and a far side that refuses what it is not told to take."""
    with opened(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture
def persona(tmp_path: Path) -> Persona:
    """P3, who goes through the shipped form."""
    form = "bildung-und-teilhabe"
    return Persona.read(ROOT / "tests/journeys" / form / "p3.answers.json", files=tmp_path)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[..., tuple[BrowserContext, Watch]]]:
    """Opens a fresh browser profile: `browse(origin, viewport=PHONE, script="off", language="en")`.

    *script*: `on`; `off`, as a person switches it off, where axe cannot run either; or `empty`: our script does
    nothing, so the gates see the page as it is without.
    """
    opened: list[BrowserContext] = []

    def open_profile(
        origin: str, *, viewport: dict[str, int] = DESK, script: str = "on", language: str = "de"
    ) -> tuple[BrowserContext, Watch]:
        context = chromium.new_context(
            viewport={"width": viewport["width"], "height": viewport["height"]},
            java_script_enabled=script != "off",
            locale={"de": "de-DE", "en": "en-GB", "ar": "ar-EG"}[language],
            timezone_id="Europe/Berlin",
            has_touch=viewport is PHONE,
        )
        context.set_default_timeout(15_000)
        if script == "empty":
            context.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        watch = Watch(origin)
        context.on("page", watch.attach)
        opened.append(context)
        return context, watch

    yield open_profile
    for context in opened:
        context.close()
