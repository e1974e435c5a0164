"""Goes through a form in Chromium: fills and presses what a person would see, with or without script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Response
from playwright.sync_api import Page as Tab
from playwright.sync_api import TimeoutError as NothingOpened

from tests.journeys.deciding import Deed, Stuck, decide
from tests.journeys.reading import Page, Persona, Said

_MOST_PAGES = 400
_MOST_TABS = 200


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
            self._attach(name, [Path(path) for path in paths])
        press = deed.press
        if press is None:
            raise AssertionError("nothing to press")
        with self.tab.expect_navigation():
            self._press(self._button(deed))
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

    def _attach(self, name: str, paths: list[Path]) -> None:
        self._named(name).set_input_files(paths)

    def _press(self, button: Locator) -> None:
        button.click()

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


class KeyboardJourney(BrowserJourney):
    """The same person without a mouse: Tab, arrows, Space, Enter and letters alone."""

    def _enter(self, name: str, texts: list[str]) -> None:
        all_of_it = self._named(name)
        first = all_of_it.first
        tag = first.evaluate("e => e.localName === 'input' ? e.type : e.localName")
        if tag == "radio":
            self._choose(all_of_it, texts)
        elif tag == "checkbox":
            for index in range(all_of_it.count()):
                one = all_of_it.nth(index)
                if one.is_checked() != (one.get_attribute("value") in texts):
                    self._go_to(one)
                    self.tab.keyboard.press("Space")
        elif tag == "select":
            self._go_to(first)
            options = first.locator("option")
            self.tab.keyboard.press("Home")
            for _ in range(options.count()):
                if first.input_value() in texts:
                    return
                self.tab.keyboard.press("ArrowDown")
            raise AssertionError(f"{name}: the arrows do not reach {texts}")
        else:
            self._go_to(first)
            self.tab.keyboard.press("Control+A")
            self.tab.keyboard.press("Delete")
            self.tab.keyboard.type(texts[0] if texts else "")

    def _choose(self, group: Locator, texts: list[str]) -> None:
        """By Tab into the group once, by arrows within it, by Space where nothing is chosen yet."""
        chosen = [index for index in range(group.count()) if group.nth(index).is_checked()]
        self._go_to(group.nth(chosen[0] if chosen else 0))
        for _ in range(group.count()):
            if self.tab.evaluate("document.activeElement.value") in texts:
                self.tab.keyboard.press("Space")
                return
            self.tab.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {texts}")

    def _attach(self, name: str, paths: list[Path]) -> None:
        """Where no dialogue opens (a busy machine drops one now and then), one presses again, as a person would."""
        for attempt in range(3):
            self._go_to(self._named(name))
            try:
                with self.tab.expect_file_chooser(timeout=5_000) as dialogue:
                    self.tab.keyboard.press("Space")
            except NothingOpened:
                if attempt == 2:
                    raise
            else:
                dialogue.value.set_files(paths)
                return

    def _press(self, button: Locator) -> None:
        self._go_to(button)
        self.tab.keyboard.press("Enter")

    def _go_to(self, wanted: Locator) -> None:
        for _ in range(_MOST_TABS):
            if wanted.evaluate("e => e === document.activeElement"):
                return
            self.tab.keyboard.press("Tab")
        raise AssertionError(f"{self.tab.url}: Tab does not reach {wanted}")


def _quoted(text: str) -> str:
    """*text* as a string of CSS."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
