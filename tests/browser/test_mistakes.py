"""Wrong answers on every page of the form: the same page with 422, a summary that leads there, all still typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser import gates
from tests.browser.conftest import PHONE
from tests.browser.driver import BrowserJourney
from tests.browser.gates import Watch
from tests.browser.test_journeys import FORM, P3
from tests.journeys.deciding import Deed, decide, mended
from tests.journeys.reading import Control, Page, Persona
from tests.serving import Served

Browse = Callable[..., tuple[BrowserContext, Watch]]
NONSENSE = "#\u00a0§ 12,3,4"


def nonsense(control: Control) -> list[str]:
    """What is typed by mistake: something no control but a free text takes; nothing where one chooses."""
    return [NONSENSE] if control.kind == "text" else []


def mistake(page: Page) -> Deed:
    """All controls of the page filled in wrongly."""
    typed = {c.name: nonsense(c) for c in page.controls() if c.kind not in {"radio", "file"}}
    return Deed(typed, {}, page.button("submit", "next"))


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_mistake_on_every_page_is_shown_where_it_is(
    served: Served, browse: Browse, tmp_path: Path, language: str
) -> None:
    context, watch = browse(served.url, viewport=PHONE, script="on" if language == "en" else "empty", language=language)
    journey = BrowserJourney(context.new_page(), served.url, Persona.read(P3, files=tmp_path))
    page = journey.get(f"/{FORM}/?lang={language}")
    found: list[str] = []
    refused: set[str] = set()
    while page.kind != "confirmation":
        if page.kind in {"question", "declarations"} and page.url not in refused:
            refused.add(page.url)
            again = journey.do(mistake(page))
            if again.status == 422:
                found += [f"{again.url}: {finding}" for finding in gates.errors(journey.tab, again)]
                found += gates.all_of(journey.tab, again)
                kept = {c.name: list(c.chosen) for c in again.controls() if c.kind == "text"}
                lost = [name for name, texts in kept.items() if texts != [NONSENSE]]
                found += [f"{again.url}: what was typed into {name} is gone: {kept[name]}" for name in lost]
            page = journey.get(page.url)
            continue
        page = journey.do(mended(decide(page, journey.persona, journey.met), NONSENSE))
        assert page.status == 200, page.problems
    assert "\n".join(found + watch.findings) == ""
    assert len(refused) > 15
