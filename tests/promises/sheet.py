"""A page as quickly read as can be, by names and marks: thousands of them are filled in here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin

from lxml import html

from tests.journeys.reading import Button, Control, Problem

_FIELDS = ".//input[@name] | .//select[@name] | .//textarea[@name]"


@dataclass
class Sheet:
    """One page: its *url*, *status* and *text*."""

    url: str
    text: str
    status: int = 200

    @cached_property
    def _tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.text)

    @cached_property
    def kind(self) -> str:
        """The mark `data-page`."""
        return next(iter(self._tree.xpath("//@data-page")), "")

    @cached_property
    def reference(self) -> str:
        """The reference on a confirmation."""
        return next(iter(self._tree.xpath("//@data-reference")), "")

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows the lists of the page have, by pointer."""
        return {t.get("data-list"): int(t.get("data-count")) for t in self._tree.xpath("//*[@data-list][@data-count]")}

    @cached_property
    def problems(self) -> list[Problem]:
        """The links of the error summary."""
        return [
            Problem(a.get("data-pointer"), a.get("data-keyword", ""), " ".join(a.text_content().split()), a.get("href"))
            for a in self._tree.xpath("//*[contains(@class, 'app-error-summary')]//a[@data-pointer]")
        ]

    @cached_property
    def _form(self) -> html.HtmlElement:
        found = self._tree.xpath("//form[@id='step']") or self._tree.xpath("//main//form[@method='post']")
        return found[0]

    @cached_property
    def target(self) -> str:
        """Where the page's form posts to."""
        return urljoin(self.url, self._form.get("action") or self.url)

    @cached_property
    def hidden(self) -> list[tuple[str, str]]:
        """The hidden fields of the form."""
        return [(t.get("name"), t.get("value", "")) for t in self._form.xpath(".//input[@type='hidden'][@name]")]

    @cached_property
    def controls(self) -> list[Control]:
        """The controls of the form by name, in order."""
        groups: dict[str, list[html.HtmlElement]] = {}
        for tag in self._form.xpath(_FIELDS):
            if tag.get("type") not in {"hidden", "submit"}:
                groups.setdefault(tag.get("name"), []).append(tag)
        return [_control(name, tags) for name, tags in groups.items()]

    @cached_property
    def links(self) -> list[str]:
        """Where a list of tasks leads to."""
        found = self._tree.xpath("//*[contains(@class, 'kern-task-list')]//a[@href]")
        return [urljoin(self.url, a.get("href")) for a in found]

    @cached_property
    def buttons(self) -> list[Button]:
        """What carries a `data-action`."""
        return [
            Button(
                t.get("data-action"),
                t.get("data-pointer", ""),
                t.get("name", ""),
                t.get("value", ""),
                urljoin(self.url, t.get("href")) if t.get("href") else "",
            )
            for t in self._tree.xpath("//*[@data-action]")
        ]


def _control(name: str, tags: list[html.HtmlElement]) -> Control:
    first = tags[0]
    part, role = first.get("data-part", ""), first.get("data-role", "")
    pointer = first.get("data-pointer", "" if name == ":" else name)
    if first.tag == "select":
        options = first.xpath(".//option")
        chosen = tuple(o.get("value") for o in options if o.get("selected") is not None)
        return Control(name, "select", pointer, part, role, tuple(o.get("value") for o in options), chosen)
    if first.tag == "textarea":
        text = (first.text or "").replace("\r\n", "\n")
        return Control(name, "textarea", pointer, part, role, (), (text.removeprefix("\n"),))
    kind = first.get("type", "text")
    if kind in {"radio", "checkbox"}:
        chosen = tuple(t.get("value") for t in tags if t.get("checked") is not None)
        return Control(name, kind, pointer, part, role, tuple(t.get("value") for t in tags), chosen)
    return Control(name, "file" if kind == "file" else "text", pointer, part, role, (), (first.get("value", ""),))
