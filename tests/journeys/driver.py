"""Goes through a form by HTTP alone: gets and posts, no script, as a person with an old browser would.

journey = Journey(url, Persona.read(path, files=folder))
done = journey.run("/bildung-und-teilhabe/")
done.reference
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from tests.journeys.deciding import Deed, Stuck, decide
from tests.journeys.reading import Page, Persona, Said

_MOST_PAGES = 400


class Journey:
    """One person with one browser. *seen* holds every page in order; *watch* is called with each."""

    def __init__(self, url: str, persona: Persona, *, watch: Callable[[Page], None] | None = None) -> None:
        self.persona = persona
        self.met: dict[str, Said] = {}
        self.watch = watch
        self.seen: list[Page] = []
        self.client = httpx.Client(base_url=url, follow_redirects=False, timeout=30, headers={"Accept-Language": "de"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.client.close()

    def get(self, url: str) -> Page:
        """The page at *url*, redirects followed."""
        return self._follow(self.client.get(url))

    def post(self, page: Page, deed: Deed) -> Page:
        """The page that doing *deed* leads to."""
        press = deed.press
        if press is not None and press.href:
            return self.get(press.href)
        fields = page.hidden()
        fields = [f for f in fields if f[0] != "_end"]
        fields += [(name, text) for name, texts in deed.values.items() for text in texts]
        if press is not None and press.name:
            fields.append((press.name, press.value))
        fields += [f for f in page.hidden() if f[0] == "_end"]
        form = page.form
        multipart = form is not None and form.get("enctype") == "multipart/form-data"
        origin = urljoin(page.url, "/").rstrip("/")
        headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin", "Referer": page.url}
        if multipart:
            parts: list[tuple[str, tuple[str | None, bytes, str | None]]] = []
            parts += [(name, (None, text.encode(), None)) for name, text in fields if name != "_end"]
            for name, paths in deed.files.items():
                for path in paths:
                    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
                    parts.append((name, (path.name, path.read_bytes(), kind)))
            parts += [(name, (None, text.encode(), None)) for name, text in fields if name == "_end"]
            return self._follow(self.client.post(page.target(), files=parts, headers=headers))
        data: dict[str, list[str]] = {}
        for name, text in fields:
            data.setdefault(name, []).append(text)
        return self._follow(self.client.post(page.target(), data=data, headers=headers))

    def run(self, start: str, *, until: Callable[[Page], bool] | None = None) -> Page:
        """The confirmation page of the form that begins at *start*, or the first page that *until* says.

        Errors: Stuck when a page refuses what the persona types, or goes round in a circle.
        """
        page = self.get(start)
        while page.kind != "confirmation":
            if until is not None and until(page):
                return page
            if page.status != 200:
                raise Stuck(page, "refused")
            before = page
            page = self.post(page, decide(page, self.persona, self.met))
            if (
                page.url == before.url
                and page.status == 200
                and page.kind not in {"list", "proof"}
                and _same(page, before)
            ):
                raise Stuck(page, "the same page again")
            if len(self.seen) > _MOST_PAGES:
                raise Stuck(page, "this journey has no end")
        return page

    def _follow(self, response: httpx.Response) -> Page:
        for _ in range(10):
            if not response.is_redirect:
                break
            response = self.client.get(urljoin(str(response.url), response.headers["location"]))
        page = Page(str(response.url), response.text, response.status_code)
        self.seen.append(page)
        if self.watch is not None:
            self.watch(page)
        return page


def _same(one: Page, other: Page) -> bool:
    """Whether the same is asked again: an answer may open a further question on its own page."""
    return [c.name for c in one.controls()] == [c.name for c in other.controls()]
