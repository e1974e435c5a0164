"""A page as a machine reads it: by the marks of form-language.md, "Marks on the page", and by control names.

Both drivers (HTTP and Chromium) decide from this, so that they do the same with and without a browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import pikepdf
from bs4 import BeautifulSoup, Tag


@dataclass(frozen=True)
class Said:
    """What is said of one proof: the *status*, a *reason* where it needs one, *files* where they are given."""

    status: str = "later"
    reason: str = ""
    files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Persona:
    """What a person types. *typed*: control name -> text, or texts where boxes are ticked.

    A date may stand as a whole, in ISO form, at the pointer of its parts. *proofs*: proof -> what is said of it,
    in the order of the items.
    """

    typed: Mapping[str, str | list[str]]
    proofs: Mapping[str, Sequence[Said]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, *, files: Path) -> Persona:
        """The persona in a file `*.answers.json`; what it hands in is made in the folder *files*."""
        content = json.loads(path.read_text(encoding="utf-8"))
        typed: dict[str, str | list[str]] = {}
        for page in content["pages"]:
            typed.update(page["fields"])
        proofs: dict[str, list[Said]] = {}
        for proof in content.get("proofs", []):
            given = tuple(_document(files / name) for name in proof.get("files", []))
            said = Said(proof["status"], proof.get("reason", ""), given)
            proofs.setdefault(proof["proof"], []).append(said)
        return cls(typed, proofs)

    def rows(self, pointer: str) -> int:
        """How many rows of the list at *pointer* the person types."""
        start = pointer + "/"
        found = [name[len(start) :] for name in self.typed if name.startswith(start)]
        numbers = [int(m.group()) for rest in found if (m := re.match(r"[0-9]+", rest))]
        return max(numbers) + 1 if numbers else 0

    def text(self, control: Control) -> str | list[str] | None:
        """What this person enters in *control*, or None for nothing."""
        if control.name in self.typed:
            return self.typed[control.name]
        whole = self.typed.get(control.pointer) if control.part in {"year", "month", "day"} else None
        if isinstance(whole, str) and re.fullmatch(r"\d{4}(-\d\d){0,2}", whole):
            parts = dict(zip(("year", "month", "day"), whole.split("-"), strict=False))
            return parts.get(control.part, "").lstrip("0")
        return None


@dataclass(frozen=True)
class Control:
    """All elements of one name: *kind* is text, radio, checkbox, select or file. *chosen* is how it stands."""

    name: str
    kind: str
    pointer: str
    part: str
    role: str
    values: tuple[str, ...]
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Button:
    """A submit button or a link with a `data-action`."""

    action: str
    pointer: str
    name: str
    value: str
    href: str


@dataclass(frozen=True)
class Problem:
    """A link of the error summary."""

    pointer: str
    keyword: str
    text: str
    href: str


class Page:
    """One page of the applicant's site."""

    def __init__(self, url: str, html: str, status: int = 200) -> None:
        self.url = url.partition("#")[0]
        self.status = status
        self.html = html
        self.soup = BeautifulSoup(html, "lxml")
        self.marked = self.soup.select_one("[data-page]")

    @property
    def kind(self) -> str:
        """The mark `data-page`, or "" on a page without."""
        return str(self.marked["data-page"]) if self.marked else ""

    @property
    def heading(self) -> str:
        found = self.soup.find("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    @property
    def reference(self) -> str:
        found = self.soup.select_one("[data-reference]")
        return str(found["data-reference"]) if found else ""

    @property
    def list_pointer(self) -> str:
        found = self.soup.select_one("[data-list]")
        return str(found["data-list"]) if found else ""

    @property
    def list_count(self) -> int:
        found = self.soup.select_one("[data-list][data-count]")
        return int(str(found["data-count"])) if found else 0

    @property
    def problems(self) -> list[Problem]:
        """The error summary's links."""
        return [
            Problem(str(a["data-pointer"]), str(a.get("data-keyword", "")), a.get_text(" ", strip=True), str(a["href"]))
            for a in self.soup.select(".app-error-summary a[data-pointer]")
        ]

    @property
    def form(self) -> Tag | None:
        """The form of the page's own errand: `#step`, else the first that posts in `main`."""
        return self.soup.select_one("form#step") or self.soup.select_one("main form[method=post]")

    def controls(self) -> list[Control]:
        """The form's controls by name, in order; hidden fields and buttons are not among them."""
        form = self.form
        if form is None:
            return []
        groups: dict[str, list[Tag]] = {}
        for tag in self._belonging(form, "input[name], select[name], textarea[name]"):
            if tag.get("type") not in {"hidden", "submit", "button", "image"} and not tag.has_attr("disabled"):
                groups.setdefault(str(tag["name"]), []).append(tag)
        return [_control(name, tags) for name, tags in groups.items()]

    def hidden(self) -> list[tuple[str, str]]:
        """The form's hidden fields, in order."""
        form = self.form
        if form is None:
            return []
        found = self._belonging(form, "input[type=hidden][name]")
        return [(str(t["name"]), str(t.get("value", ""))) for t in found]

    def buttons(self) -> list[Button]:
        """What can be pressed: the page's buttons and links that carry an action."""
        found = self.soup.select("[data-action]")
        return [
            Button(
                str(t["data-action"]),
                str(t.get("data-pointer", "")),
                str(t.get("name", "")),
                str(t.get("value", "")),
                urljoin(self.url, str(t["href"])) if t.name == "a" and t.has_attr("href") else "",
            )
            for t in found
        ]

    def button(self, *actions: str) -> Button | None:
        """The first button with one of *actions*, those named first preferred."""
        all_of_them = self.buttons()
        return next((b for action in actions for b in all_of_them if b.action == action), None)

    def target(self) -> str:
        """Where the form posts to."""
        form = self.form
        return urljoin(self.url, str(form.get("action") or self.url)) if form else self.url

    def _belonging(self, form: Tag, selector: str) -> Iterable[Tag]:
        identity = form.get("id")
        for tag in self.soup.select(selector):
            owner = tag.get("form")
            if (owner == identity and identity) or (owner is None and form in tag.parents):
                yield tag


def _document(path: Path) -> Path:
    """A PDF of one empty page, made where there is none."""
    if not path.exists():
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(path)
    return path


def _control(name: str, tags: list[Tag]) -> Control:
    first = tags[0]
    pointer = str(first.get("data-pointer") or name)
    part, role = str(first.get("data-part", "")), str(first.get("data-role", ""))
    if first.name == "select":
        options = first.find_all("option")
        picked = tuple(_value(o) for o in options if o.has_attr("selected"))
        return Control(name, "select", pointer, part, role, tuple(_value(o) for o in options), picked)
    kind = str(first.get("type", "text")) if first.name == "input" else "textarea"
    if kind in {"radio", "checkbox"}:
        values = tuple(str(t.get("value", "on")) for t in tags)
        chosen = tuple(str(t.get("value", "on")) for t in tags if t.has_attr("checked"))
        return Control(name, kind, pointer, part, role, values, chosen)
    if kind == "file":
        return Control(name, kind, pointer, part, role, (), ())
    text = first.get_text() if kind == "textarea" else str(first.get("value", ""))
    return Control(name, "text", pointer, part, role, (), (text,))


def _value(option: Tag) -> str:
    return str(option["value"]) if option.has_attr("value") else option.get_text(strip=True)
