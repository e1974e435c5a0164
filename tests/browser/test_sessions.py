"""Pausing and coming back, the session's end and its warning, and what is typed meanwhile: in Chromium, shipped form."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.browser.conftest import DESK, PHONE
from tests.browser.driver import BrowserJourney
from tests.browser.gates import Watch
from tests.journeys.reading import Page, Persona
from tests.serving import Served

Browse = Callable[..., tuple[BrowserContext, Watch]]
FORM = "bildung-und-teilhabe"


def asks_for_text(page: Page) -> bool:
    return page.kind == "question" and any(c.kind == "text" for c in page.controls())


def at_a_question(context: BrowserContext, served: Served, persona: Persona, language: str = "de") -> Tab:
    """A tab at the first question that is answered by text."""
    journey = BrowserJourney(context.new_page(), served.url, persona)
    journey.run(f"/{FORM}/?lang={language}", until=asks_for_text)
    return journey.tab


def press(tab: Tab, selector: str) -> None:
    with tab.expect_navigation():
        tab.locator(selector).first.click()


def code_on(tab: Tab) -> str:
    return tab.locator(".app-code").inner_text().replace(" ", "-").replace("\n", "")


def text_field(tab: Tab):
    return tab.locator("main input[type=text]").first


def seen(tab: Tab) -> str:
    return str(tab.locator("body").get_attribute("data-page"))


@pytest.mark.parametrize(("language", "viewport"), [("de", PHONE), ("ar", DESK)], ids=["de-phone", "ar-desk"])
def test_every_page_of_pausing_passes_every_gate(
    served: Served, browse: Browse, persona: Persona, language: str, viewport: dict[str, int]
) -> None:
    context, watch = browse(served.url, viewport=viewport, script="empty", language=language)
    tab = context.new_page()
    found: list[str] = []
    looked: list[str] = []

    def look(status: int = 200) -> None:
        looked.append(seen(tab))
        found.extend(gates.all_of(tab, Page(tab.url, tab.content(), status)))

    tab.goto(f"{served.url}/{FORM}/?lang={language}")
    press(tab, "main [data-action=next]")
    look()
    tab.locator("#geraet-2").check()
    press(tab, "main [data-action=next]")
    look()
    press(tab, "form.app-leave button")
    look()
    press(tab, "main [data-action=next]")
    press(tab, "main [data-action=code]")
    look()
    code = code_on(tab)
    press(tab, "main [data-action=written]")
    look(422)
    tab.locator("#notiert").check()
    tab.locator("#letzte").fill(code[-6:])
    press(tab, "main [data-action=written]")
    look()
    press(tab, "form.app-leave button")
    look()
    press(tab, "main [data-action=next]")
    tab.locator("#code").fill(code)
    press(tab, "main [data-action=next]")
    tab.locator("#geraet").check()
    press(tab, "main [data-action=next]")
    look()
    assert looked == ["device", "question", "leave", "save", "save", "save", "ended", "welcome"]
    assert "\n".join(found) == ""
    assert watch.findings == []


def test_one_pauses_on_the_phone_and_goes_on_at_the_desk_without_script(
    served: Served, browse: Browse, persona: Persona
) -> None:
    phone, _ = browse(served.url, viewport=PHONE, script="off")
    journey = BrowserJourney(phone.new_page(), served.url, persona)
    journey.run(f"/{FORM}/", until=lambda page: page.kind == "list" and page.list_count == 1)
    press(journey.tab, "main [data-action=save]")
    code = code_on(journey.tab)
    press(journey.tab, "form.app-leave button")
    assert seen(journey.tab) == "ended"

    desk, watch = browse(served.url, viewport=DESK, script="off")
    there = BrowserJourney(desk.new_page(), served.url, persona)
    there.tab.goto(f"{served.url}/resume#{code}")
    there.tab.locator("#code").fill(code.lower().replace("-", " "))
    press(there.tab, "main [data-action=next]")
    there.tab.locator("#geraet").check()
    press(there.tab, "main [data-action=next]")
    assert seen(there.tab) == "welcome"
    done = there.run(str(there.tab.locator("main [data-action=next]").get_attribute("href")))
    assert done.kind == "confirmation"
    assert watch.findings == []


def test_a_code_behind_the_hash_is_put_into_its_field(served: Served, browse: Browse, persona: Persona) -> None:
    context, watch = browse(served.url, viewport=PHONE)
    tab = at_a_question(context, served, persona)
    press(tab, "main [data-action=save]")
    code = code_on(tab)
    other, _ = browse(served.url, viewport=DESK)
    there = other.new_page()
    asked: list[str] = []
    there.on("request", lambda request: asked.append(request.url))
    there.goto(f"{served.url}/resume#{code}")
    expect(there.locator("#code")).to_have_value(code)
    assert "#" not in there.url
    assert not any(code in url.partition("#")[0] for url in asked)
    assert watch.findings == []


def test_ses_06_after_leaving_nothing_personal_comes_back(served: Served, browse: Browse, persona: Persona) -> None:
    for script in ("on", "off"):
        context, _ = browse(served.url, viewport=PHONE, script=script)
        tab = at_a_question(context, served, persona)
        address = tab.url
        text_field(tab).fill("Kanarienvogel")
        press(tab, "main [data-action=save]")
        tab.goto(address)
        assert "Kanarienvogel" in tab.content()
        assert text_field(tab).input_value() == "Kanarienvogel"
        press(tab, "form.app-leave button")
        assert seen(tab) == "ended"
        for act in (tab.go_back, tab.reload, tab.go_back):
            act()
            tab.wait_for_load_state()
            assert "Kanarienvogel" not in tab.content()
            assert tab.locator(".app-code").count() == 0
        again = context.new_page()
        again.goto(address)
        assert "Kanarienvogel" not in again.content()


def test_ses_05_the_warning_comes_five_minutes_before_and_one_key_goes_on(
    served: Served, browse: Browse, persona: Persona
) -> None:
    context, watch = browse(served.url)
    tab = at_a_question(context, served, persona)
    tab.clock.install()
    tab.reload()
    dialog = tab.locator("#sitzung-ende")
    tab.clock.fast_forward("54:30")
    expect(dialog).to_be_hidden()
    text_field(tab).focus()
    tab.clock.fast_forward("00:40")
    expect(dialog).to_be_visible()
    expect(tab.locator("[data-session=stay]")).to_be_focused()
    assert tab.title().startswith("⏳")
    assert gates.axe(tab) == []
    for _ in range(6):
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    with tab.expect_response("**/session") as answer:
        tab.keyboard.press("Escape")
    assert answer.value.status == 204
    expect(dialog).to_be_hidden()
    expect(text_field(tab)).to_be_focused()
    assert not tab.title().startswith("⏳")
    tab.clock.fast_forward("54:00")
    expect(dialog).to_be_hidden()
    tab.clock.fast_forward("06:30")
    tab.wait_for_url("**/ended")
    assert watch.findings == []


def test_what_is_typed_is_kept_by_itself_and_survives_a_lost_network(
    served: Served, browse: Browse, persona: Persona
) -> None:
    context, watch = browse(served.url, viewport=PHONE)
    tab = at_a_question(context, served, persona)
    status = tab.locator("#gespeichert")
    text_field(tab).type("Mar")
    expect(status).to_contain_text("Gespeichert um")
    context.set_offline(True)
    text_field(tab).type("iam")
    expect(status).to_contain_text("keine Verbindung")
    address = tab.url
    tab.locator("main [data-action=next]").click()
    expect(status).to_be_focused()
    assert tab.url == address
    assert text_field(tab).input_value() == "Mariam"
    context.set_offline(False)
    expect(status).to_contain_text("Gespeichert um")
    other = context.new_page()
    other.goto(address)
    assert text_field(other).input_value() == "Mariam"
    press(tab, "main [data-action=back]")
    tab.go_back()
    tab.goto(address)
    assert text_field(tab).input_value() == "Mariam"
    assert [finding for finding in watch.findings if "ERR_INTERNET_DISCONNECTED" not in finding] == []


def test_the_next_button_waits_for_a_save_that_is_under_way(served: Served, browse: Browse, persona: Persona) -> None:
    context, watch = browse(served.url)
    tab = at_a_question(context, served, persona)
    for field in tab.locator("main input[type=text]").all():
        field.fill("Mariam")
    tab.evaluate("document.dispatchEvent(new CustomEvent('formengine:save'))")
    press(tab, "main [data-action=next]")
    assert seen(tab) != "conflict"
    assert watch.findings == []


def test_text_sent_after_the_session_ended_comes_back_without_script(
    served: Served, browse: Browse, persona: Persona
) -> None:
    context, _ = browse(served.url, viewport=PHONE, script="off")
    tab = at_a_question(context, served, persona)
    address = tab.url
    press(tab, "main [data-action=save]")
    code = code_on(tab)
    tab.goto(address)
    text_field(tab).fill("Kanarienvogel")
    with sqlite3.connect(served.data / "formengine.db", timeout=10) as rows:
        rows.execute("UPDATE session SET seen_at = seen_at - 7200000000")
    rows.close()
    press(tab, "main [data-action=next]")
    assert "30 Minuten" in tab.locator("main").inner_text()
    press(tab, "main a[href='/resume']")
    tab.locator("#code").fill(code)
    press(tab, "main [data-action=next]")
    tab.locator("#geraet").check()
    press(tab, "main [data-action=next]")
    press(tab, "main [data-action=next]")
    assert tab.url == address
    assert text_field(tab).input_value() == "Kanarienvogel"
