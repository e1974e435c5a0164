"""F-02, F-03 as people see it: nothing can be saved, the page stands again with what was typed, and pressing again saves."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import gates
from tests.browser.conftest import PHONE
from tests.browser.test_sessions import FORM, Browse, asks_for_text, at_a_question, press, text_field
from tests.faults.test_nowhere_to_write import full_disk
from tests.journeys.reading import Page, Persona
from tests.serving import Served

NEXT = "main [data-action=next]"


@pytest.mark.parametrize("script", ["on", "off"], ids=["script", "no-script"])
@pytest.mark.parametrize(
    ("language", "unsaved"),
    [("de", "Wir können gerade nicht speichern."), ("ar", "لا يمكننا الحفظ")],
    ids=["de", "ar"],
)
def test_f_02_f_03_the_form_comes_again_with_what_was_typed_and_is_saved_once_that_works(
    served: Served, browse: Browse, persona: Persona, tmp_path: Path, script: str, language: str, unsaved: str
) -> None:
    context, watch = browse(served.url, viewport=PHONE, script=script, language=language)
    tab = at_a_question(context, served, persona, language)
    here = tab.url
    fields = tab.locator("main input[type=text]")
    for number in range(fields.count()):
        fields.nth(number).fill(f"Kanarija {chr(65 + number)}")
    with full_disk(served):
        with tab.expect_response(lambda answer: answer.request.method == "POST" and answer.status == 503):
            tab.locator(NEXT).first.click()
        expect(tab.locator("main")).to_contain_text(unsaved)
        expect(text_field(tab)).to_have_value("Kanarija A")
        assert tab.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        if script == "on":
            assert gates.all_of(tab, Page(tab.url, tab.content(), 503)) == []
        tab.screenshot(path=tmp_path / f"unsaved-{language}-{script}.png", full_page=True)
    press(tab, NEXT)
    assert tab.url != here, tab.content()
    tab.goto(here)
    assert asks_for_text(Page(tab.url, tab.content(), 200))
    expect(text_field(tab)).to_have_value("Kanarija A")
    assert FORM in tab.url
    del watch  # a 503 stands in the browser's console: that it is no silence is the point
