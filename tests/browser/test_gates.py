"""The gates find what they are there for: each is shown a page that breaks it, and one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser import gates
from tests.journeys.reading import Page

GOOD = """<!doctype html><html lang="de" dir="ltr"><head><meta charset="utf-8"><title>Name – Amt</title>
<meta name="viewport" content="width=device-width"></head>
<body data-page="question"><a class="app-skip" href="#i">Zum Inhalt</a><header>Amt</header>
<main id="i"><h1>Name</h1><form method="post"><p><label for="f">Name</label> <input id="f" name="/n"></p>
<p><button data-action="next">Weiter</button></p></form></main></body></html>"""

STYLE = "a, button, input { display: inline-block; min-height: 30px } :focus-visible { outline: 3px solid }"


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def shown(tab: Tab, html: str, status: int = 200) -> Page:
    tab.set_content(html)
    tab.add_style_tag(content=STYLE)
    return Page("http://x/", html, status)


def test_a_good_page_passes_every_gate(tab: Tab) -> None:
    assert gates.all_of(tab, shown(tab, GOOD.replace("<input ", '<input size="4" '))) == []


def broken(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("gate", "html"),
    [
        (lambda t, p: gates.axe(t), broken('<label for="f">Name</label>', "")),
        (lambda t, p: gates.wiring(p), broken('for="f"', 'for="g"')),
        (lambda t, p: gates.frame(p), broken("<h1>Name</h1>", "<h1>Name</h1><h1>Name</h1>")),
        (lambda t, p: gates.frame(p), broken('lang="de"', "")),
        (lambda t, p: gates.reflow(t), broken("<h1>Name</h1>", '<h1><img alt="" width="900" height="9">Name</h1>')),
        (lambda t, p: gates.targets(t), broken("<button ", '<button style="min-height:9px;height:9px;padding:0" ')),
        (lambda t, p: gates.focus(t), broken("<button ", '<button style="outline:none" ')),
        (
            lambda t, p: gates.focus(t),
            broken("<h1>", '<div style="position:fixed;inset:0;background:#fff"></div><h1>'),
        ),
        (gates.errors, GOOD),
    ],
)
def test_a_gate_finds_its_fault(tab: Tab, gate: Callable[[Tab, Page], list[str]], html: str) -> None:
    assert gate(tab, shown(tab, html)) != []


@pytest.mark.parametrize("text", ["Diese Eingabe ist ungültig", "Geben Sie etwas ein.", "Falsch!"])
def test_wording_that_blames_is_found(text: str) -> None:
    assert gates.wording(text) != []
