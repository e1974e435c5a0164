"""REL-04 in Chromium, without script and by keyboard alone: two tabs, one choice, on with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.driver import BrowserJourney
from tests.browser.gates import Watch
from tests.browser.html_checker import check
from tests.browser.office import Office, press
from tests.journeys.reading import Page, Persona
from tests.serving import Served

Browse = Callable[..., tuple[BrowserContext, Watch]]
FORM = "bildung-und-teilhabe"


def text_page(page: Page) -> bool:
    return page.kind == "question" and any(c.kind == "text" for c in page.controls())


def two_tabs(context: BrowserContext, served: Served, persona: Persona, language: str) -> tuple[Tab, Tab]:
    """Two tabs at the same question, which is answered by text."""
    journey = BrowserJourney(context.new_page(), served.url, persona)
    journey.run(f"/{FORM}/?lang={language}", until=text_page)
    other = context.new_page()
    other.goto(journey.tab.url)
    return journey.tab, other


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_choice_between_two_states_passes_every_gate(
    served: Served, browse: Browse, persona: Persona, language: str
) -> None:
    context, _ = browse(served.url, viewport=PHONE, script="empty", language=language)
    one, two = two_tabs(context, served, persona, language)
    for tab, text in ((one, "Anna Eins"), (two, "Berta Zwei")):
        for field in tab.locator("main input[type=text]").all():
            field.fill(text)
        with tab.expect_navigation():
            tab.locator("main [data-action=next]").click()
    assert two.locator("[data-page=conflict]").count() == 1
    assert two.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    assert gates.all_of(two, Page(two.url, two.content(), 409)) == []
    with two.expect_navigation():
        two.locator("main [data-action=next]").click()
    page = Page(two.url, two.content(), 422)
    assert len(page.problems) == len(page.controls())
    assert (gates.errors(two, page) if language == "de" else []) + gates.all_of(two, page) == []


def test_the_choice_is_made_without_script_by_keyboard_alone(served: Served, browse: Browse, persona: Persona) -> None:
    context, watch = browse(served.url, viewport=DESK, script="off")
    one, two = two_tabs(context, served, persona, "de")
    step = two.url
    for tab, text in ((one, "Anna Eins"), (two, "Berta Zwei")):
        tab.locator("main input[type=text]").first.fill(text)
        with tab.expect_navigation():
            tab.locator("main [data-action=save]").click()
    choices = two.locator("main input[type=radio]")
    assert choices.count() == 2
    assert two.locator("main input[type=radio]:checked").count() == 0
    choices.first.focus()
    two.keyboard.press("ArrowDown")
    with two.expect_navigation():
        two.keyboard.press("Enter")
    assert two.locator("[data-page=save]").count() == 1
    two.goto(step)
    assert two.locator("main input[type=text]").first.input_value() == "Berta Zwei"
    assert [finding for finding in watch.findings if "409" not in finding] == []


def test_the_page_of_an_item_that_was_removed_meanwhile_passes_every_gate_and_brings_it_back(
    office: Office, browse: Browse, tmp_path: Path
) -> None:
    context, watch = browse(office.served.url, viewport=PHONE, script="empty")
    journey = BrowserJourney(context.new_page(), office.served.url, Persona({"/children/0/first": "Anna"}))
    one, two = journey.tab, context.new_page()
    journey.run("/kinder/", until=lambda page: page.kind == "list" and page.list_count == 1)
    two.goto(one.url)
    one.locator("main [data-action=edit]").click()
    one.locator("main input[type=text]").fill("Bob")
    two.locator("main [data-action=remove]").click()
    press(two, "remove")
    press(one, "next")
    assert one.locator("[data-page=conflict] dd").inner_text() == "Bob"
    (tmp_path / "html").mkdir()
    assert gates.all_of(one, Page(one.url, one.content(), 409)) == []
    assert check({"gone": one.content()}, tmp_path / "html") == []
    press(one, "bring-back")
    assert "Bob" in one.locator("main").inner_text()
    assert [finding for finding in watch.findings if "409" not in finding] == []
