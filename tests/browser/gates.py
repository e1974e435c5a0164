"""The acceptance gates of ux.md 10 that a script can check, each a function from a loaded page to findings.

A finding is a sentence. An empty list is a pass. Nothing here knows a form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Request
from playwright.sync_api import Page as Tab

from tests.journeys.reading import Page

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_SCRIPTS = Path(__file__).with_name("scripts")


def axe(tab: Tab, *, rules: list[str] | None = None) -> list[str]:
    """G1: what axe finds, with where; *rules* alone instead of all tags."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AXE_TAGS}
    result = Axe().run(tab, options={"runOnly": only, "resultTypes": ["violations"]})
    return [
        f"axe {v['id']}: {v['help']}: {' | '.join(str(n['target']) + ' ' + n['html'][:160] for n in v['nodes'][:3])}"
        for v in result.response["violations"]
    ]


def dark_contrast(tab: Tab) -> list[str]:
    """G7: contrast once more with the dark colours."""
    tab.emulate_media(color_scheme="dark")
    found = [f"dark: {finding}" for finding in axe(tab, rules=["color-contrast"])]
    tab.emulate_media(color_scheme="light")
    return found


def frame(page: Page) -> list[str]:
    """3.1, 3.2, 3.3: title, one h1, language and direction, the skip link, "next" as the first submit button."""
    soup, found = page.soup, []
    title = soup.title.get_text(strip=True) if soup.title else ""
    if not title:
        found.append("no title")
    if page.heading and page.kind == "question" and page.heading.split("(")[0].strip()[:20] not in title:
        found.append(f"the title “{title}” does not name “{page.heading}”")
    if len(soup.find_all("h1")) != 1:
        found.append(f"{len(soup.find_all('h1'))} h1")
    if soup.html is None or not soup.html.get("lang") or soup.html.get("dir") not in {"ltr", "rtl"}:
        found.append("no lang or dir on html")
    if soup.select_one("main[id]") is None or soup.select_one("a.app-skip[href^='#']") is None:
        found.append("no main, or no link that skips to it")
    if soup.select_one("form#step"):
        first = soup.select_one("button:not([type=button]), input[type=submit]")
        if first is None or first.get("value") != "next":
            found.append(f"the first submit button is not “next”: {first}")
    ids = [str(tag["id"]) for tag in soup.select("[id]")]
    if len(ids) != len(set(ids)):
        found.append(f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}")
    found += [f"inline style: {tag}" for tag in soup.select("[style], style")][:3]
    found += [f"inline script: {str(tag)[:80]}" for tag in soup.select("script:not([src])")][:3]
    return found


def wiring(page: Page) -> list[str]:
    """Every control has a label, and every reference to an id resolves (G2, G13)."""
    soup, found = page.soup, []
    ids = {str(tag["id"]) for tag in soup.select("[id]")}
    for attribute in ("aria-describedby", "aria-labelledby", "aria-controls", "for", "list", "form"):
        for tag in soup.select(f"[{attribute}]"):
            lost = set(str(tag[attribute]).split()) - ids
            if lost:
                found.append(f"{attribute} names {sorted(lost)}, which nothing has")
    labels = {str(tag["for"]) for tag in soup.select("label[for]")}
    for control in soup.select("input:not([type=hidden]):not([type=submit]), select, textarea"):
        if str(control.get("id")) not in labels and not control.find_parent("label") and not control.get("aria-label"):
            found.append(f"no label for {control.get('name')}")
    return found


def errors(tab: Tab, page: Page) -> list[str]:
    """G13: a refused post says so in the title and the summary, has the focus there, and each link lands."""
    soup, found = page.soup, []
    if page.status != 422:
        found.append(f"status {page.status}, not 422")
    title = soup.title.get_text(strip=True) if soup.title else ""
    if not re.match(r"(Fehler|Error): ", title):
        found.append(f"the title does not begin with the word for error: {title}")
    summary = soup.select_one(".app-error-summary")
    if summary is None:
        return [*found, "no error summary"]
    if not _has_focus(tab, ".app-error-summary"):
        found.append("the focus is not on the error summary")
    links = summary.select("a[href^='#']")
    if not links:
        found.append("an error summary without links")
    inline = {tag.get_text(" ", strip=True).split(": ", 1)[-1] for tag in soup.select(".kern-error")}
    for link in links:
        target = soup.find(id=str(link["href"])[1:])
        text = link.get_text(" ", strip=True)
        if target is None or target.name not in {"input", "select", "textarea", "button", "a"}:
            found.append(f"“{text}” leads to {link['href']}, which is no control")
            continue
        if target.get("aria-invalid") != "true":
            found.append(f"{link['href']} is not marked as wrong")
        group = target.find_parent("fieldset")
        described = (
            str(target.get("aria-describedby", "")) + " " + str(group.get("aria-describedby", "") if group else "")
        )
        said = " ".join(tag.get_text(" ", strip=True) for id_ in described.split() if (tag := soup.find(id=id_)))
        if text not in said:
            found.append(f"{link['href']} is not described by its error")
        if text not in inline:
            found.append(f"“{text}” does not stand at its control")
        found += wording(text)
    return found


def _has_focus(tab: Tab, selector: str) -> bool:
    """Whether the focus comes to rest there; `autofocus` acts a moment after the page is loaded."""
    for _ in range(20):
        if tab.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return True
        tab.wait_for_timeout(50)
    return False


def wording(text: str) -> list[str]:
    """4.4: how an error reads: no blame, no codes, no full stop, at most 20 words."""
    found = []
    if re.search(r"ungültig|fehlerhaft|Pflichtfeld|invalid|!|\bis not valid under\b|\brequired property\b", text):
        found.append(f"wording: “{text}”")
    if text.endswith(".") or len(text.split()) > 25:
        found.append(f"wording too long or with a full stop: “{text}”")
    return found


def script(name: str) -> str:
    """The text of a script that is run in the page."""
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")


def reflow(tab: Tab) -> list[str]:
    """G5, G6: nothing scrolls sideways at 320 px, nor with text of double size; only marked regions do."""
    before = tab.viewport_size or {"width": 1280, "height": 720}
    found = []
    tab.set_viewport_size({"width": 320, "height": 640})
    found += [f"320 px: {finding}" for finding in tab.evaluate(script("overflow"))]
    tab.set_viewport_size({"width": 1280, "height": 720})
    tab.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"200 % text: {finding}" for finding in tab.evaluate(script("overflow"))]
    tab.evaluate("document.documentElement.style.removeProperty('font-size')")
    tab.set_viewport_size(before)
    return found


def targets(tab: Tab) -> list[str]:
    """G8: what can be pressed is at least 24 by 24 px, links within a sentence excepted (WCAG 2.5.8)."""
    return list(tab.evaluate(script("targets")))


def focus(tab: Tab) -> list[str]:
    """G3, G4: by Tab alone every control is reached, is seen, has a visible mark, and there is no trap."""
    tab.evaluate(script("start"))
    wanted = tab.evaluate(script("focusable"))
    found, reached = [], 0
    for _ in range(wanted + 5):
        tab.keyboard.press("Tab")
        state = tab.evaluate(script("focused"))
        if state is None:
            break
        reached += 1
        found += [f"focus: {state['what']} {problem}" for problem in state["problems"]]
    if reached < wanted:
        found.append(f"focus: {reached} of {wanted} controls were reached by Tab")
    return found


@dataclass
class Watch:
    """G16: what a tab asked for and complained of. Attach before the first page."""

    origin: str
    findings: list[str] = field(default_factory=list)

    def attach(self, tab: Tab) -> None:
        """Listen to *tab*."""
        tab.on("request", self._request)
        tab.on("console", self._console)
        tab.on("pageerror", lambda error: self.findings.append(f"script error: {error}"))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.findings.append(f"asked a third party: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "422" not in message.text:
            self.findings.append(f"console: {message.text}")


def static(page: Page) -> list[str]:
    """All gates that need the HTML alone."""
    return frame(page) + wiring(page)


def all_of(tab: Tab, page: Page) -> list[str]:
    """All gates for one loaded page."""
    found = static(page) + axe(tab) + targets(tab) + reflow(tab) + focus(tab) + dark_contrast(tab)
    return [f"{urlsplit(page.url).path} “{page.heading}” [{page.status}]: {finding}" for finding in found]
