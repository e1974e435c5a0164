"""The Nu HTML checker finds nothing in any page of the way, filled in rightly and wrongly (G2)."""

from __future__ import annotations

from pathlib import Path

from tests.browser.html_checker import check
from tests.browser.test_journeys import FORM, P3, PLACES
from tests.journeys.deciding import Deed, decide, mended
from tests.journeys.driver import Journey
from tests.journeys.reading import Page, Persona
from tests.serving import Served

MISTAKE = "#,#"


def test_every_page_is_clean_html(served: Served, tmp_path: Path) -> None:
    pages: dict[str, str] = {}

    def keep(page: Page) -> None:
        pages[f"{len(pages)} {page.status} {page.url} {page.heading}"] = page.html

    with Journey(served.url, Persona.read(P3, files=tmp_path), watch=keep) as journey:
        page = journey.get(f"/{FORM}/")
        wrong: set[str] = set()
        while page.kind != "confirmation":
            if page.kind in {"question", "declarations", "list"} and page.url not in wrong:
                wrong.add(page.url)
                texts = {c.name: [MISTAKE] for c in page.controls() if c.kind == "text"}
                journey.post(page, Deed(texts, {}, page.button("submit", "next")))
                page = journey.get(page.url)
                continue
            page = journey.post(page, mended(decide(page, journey.persona, journey.met), MISTAKE))
            assert page.status == 200, page.problems
        for place in PLACES:
            journey.get(place)
    html = tmp_path / "html"
    html.mkdir()
    assert check(pages, html) == []
