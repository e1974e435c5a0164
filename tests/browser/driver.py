"""Goes through a form in Chromium: fills and presses what a person would see, with or without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Response
from playwright.sync_api import Page as Tab

from tests.journeys.deciding import Deed, Stuck, decide
from tests.journeys.reading import Page, Persona, Said

_MOST_PAGES = 400


class BrowserJourney:
    """One person at one tab. *watch* is called with each page as it was loaded, before anything is typed."""

    def __init__(
        self, tab: Tab, url: str, persona: Persona, *, watch: Callable[[Tab, Page], None] | None = None
    ) -> None:
        self.tab = tab
        self.url = url
        self.persona = persona
        self.met: dict[str, Said] = {}
        self.watch = watch
        self.status = 0
        self.count = 0
        tab.on("response", self._note)

    def get(self, path: str) -> Page:
        """The page at *path*."""
        self.tab.goto(self.url + path if path.startswith("/") else path)
        return self._read()

    def do(self, deed: Deed) -> Page:
        """The page that doing *deed* leads to."""
        for name, texts in deed.values.items():
            self._enter(name, texts)
        for name, paths in deed.files.items():
            self._named(name).set_input_files([Path(path) for path in paths])
        press = deed.press
        if press is None:
            raise AssertionError("nothing to press")
        with self.tab.expect_navigation():
            self._button(deed).click()
        return self._read()

    def run(self, start: str, *, until: Callable[[Page], bool] | None = None) -> Page:
        """The confirmation page of the form that begins at *start*, or the first page that *until* says."""
        page = self.get(start)
        while page.kind != "confirmation":
            if until is not None and until(page):
                return page
            if page.status != 200:
                raise Stuck(page, "refused")
            page = self.do(decide(page, self.persona, self.met))
            if self.count > _MOST_PAGES:
                raise Stuck(page, "this journey has no end")
        return page

    def _read(self) -> Page:
        self.tab.wait_for_load_state("load")
        page = Page(self.tab.url, self.tab.content(), self.status)
        self.count += 1
        if self.watch is not None:
            self.watch(self.tab, page)
        return page

    def _note(self, response: Response) -> None:
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self.status = response.status

    def _named(self, name: str) -> Locator:
        return self.tab.locator(f"[name={_quoted(name)}]:not([type=hidden])")

    def _enter(self, name: str, texts: list[str]) -> None:
        all_of_it = self._named(name)
        first = all_of_it.first
        tag = first.evaluate("e => e.localName === 'input' ? e.type : e.localName")
        if tag in {"radio", "checkbox"}:
            for index in range(all_of_it.count()):
                one = all_of_it.nth(index)
                wanted = one.get_attribute("value") in texts
                if wanted or tag == "checkbox":
                    one.set_checked(wanted)
        elif tag == "select":
            first.select_option(texts)
        else:
            first.fill(texts[0] if texts else "")

    def _button(self, deed: Deed) -> Locator:
        press = deed.press
        assert press is not None
        if press.action:
            selector = f"main [data-action={_quoted(press.action)}]"
            if press.pointer:
                selector += f"[data-pointer={_quoted(press.pointer)}]"
        else:
            selector = "main form button:not([data-action])"
        return self.tab.locator(selector).first


def _quoted(text: str) -> str:
    """*text* as a string of CSS."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
