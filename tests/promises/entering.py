"""Enters a document through the pages: reads controls by name and marks, posts what a person would type, nothing else.

person = Person(site, "form-id")
outcome = person.enter(Meant(document))

The driver knows no schema: beside the document it is told which branch the person means where a page asks that, and
which integers are amounts in cents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urljoin

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from formengine.core import numbers
from formengine.core import pointer as pointers
from formengine.core.lifecycle import Reference
from formengine.core.pointer import ABSENT
from tests.journeys.reading import Button, Control
from tests.promises.sheet import Sheet

HOST = "http://localhost"
MOST_PAGES = 1500
MOST_ROUNDS = 8


class Lost(AssertionError):
    """A page answered what no person can go on from: an error page, or none that leads on."""


@dataclass(frozen=True)
class Outcome:
    """*document* is the frozen `application.json`; None where *page*, the last one seen, would not go on."""

    document: object
    page: Sheet | None = None

    def __str__(self) -> str:
        if self.page is None:
            return numbers.dumps(self.document)
        problems = [f"{p.pointer} [{p.keyword}] {p.text}" for p in self.page.problems]
        controls = [f"{c.name} ({c.kind}) = {c.chosen}" for c in self.page.controls]
        return "\n  ".join([f"{self.page.status} {self.page.url} {self.page.kind}", *problems, *controls])


@dataclass(frozen=True)
class Meant:
    """What a person has in mind: the *document*, which branches it is made of, and which integers are cents.

    *picks* by the name of the control that asks for the branch, *cents* by pointer.
    """

    document: object
    picks: Mapping[str, object] = field(default_factory=dict)
    cents: frozenset[str] = frozenset()

    def at(self, pointer: str) -> object:
        """What is meant at *pointer*, as it is typed."""
        value = pointers.get(self.document, pointer)
        return Decimal(value) / 100 if pointer in self.cents and isinstance(value, int) else value


@dataclass
class Person:
    """One person with one browser, at the form *form* of *app*. *seen* counts the pages; *asking* are addresses."""

    app: Flask
    form: str
    seen: int = 0
    asking: dict[str, None] = field(default_factory=dict)
    entries: set[str] = field(default_factory=set)
    """The entries of free keys that were seen, on whichever page."""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, url: str) -> Sheet:
        """The page at *url*, redirects followed. Errors: Lost."""
        return self._follow(self.client.get(url), url)

    def post(self, page: Sheet, values: Mapping[str, list[str]], press: tuple[str, str] | None = None) -> TestResponse:
        """What posting *values* from *page* is answered with; *press* is the button's name and value."""
        data: MultiDict[str, str] = MultiDict((name, text) for name, text in page.hidden if name != "_end")
        for name, texts in values.items():
            for text in texts:
                data.add(name, text)
        if press is not None:
            data.add(*press)
        for name, text in page.hidden:
            if name == "_end":
                data.add(name, text)
        return self.client.post(page.target.removeprefix(HOST), data=data)

    def send(self, page: Sheet, values: Mapping[str, list[str]], press: tuple[str, str] | None = None) -> Sheet:
        """The page that posting *values* from *page* leads to. Errors: Lost."""
        return self._follow(self.post(page, values, press), page.target)

    def begin(self) -> Sheet:
        """The first page of a new application."""
        page = self.get(f"/{self.form}/")
        return self.send(self.send(page, {}, ("_action", "start")), {"_device": ["own"]}, ("_action", "next"))

    def enter(self, meant: Meant) -> Outcome:
        """Enter what is *meant* from the first page on, and send it."""
        return self.finish(self.fill(meant, self.begin()))

    def fill(self, meant: Meant, page: Sheet | None = None) -> Sheet:
        """The review after what is *meant* was entered from *page* on, and again where a later answer opened more.

        Without *page*, what was entered before is changed into what is meant. The page that would not go on, if any.
        """
        page = page if page is None else self.onward(page, meant)
        for _ in range(MOST_ROUNDS):
            unseen = self._elsewhere()
            if unseen is None and not self._go_again(meant):
                break
            page = self.onward(unseen or self.get(f"/{self.form}/review"), meant)
        return page if page is not None and page.status == 422 else self.onward(self.get(f"/{self.form}/review"), meant)

    def finish(self, page: Sheet) -> Outcome:
        """Send what stands on the review, if that is what *page* is."""
        for kind, action in (("review", "next"), ("declarations", "submit")):
            if page.kind != kind:
                return Outcome(None, page)
            ticked = {c.name: list(c.values[:1]) for c in page.controls} if kind == "declarations" else {}
            page = self.press(page, ticked, action)
        if page.kind != "confirmation":
            return Outcome(None, page)
        return Outcome(numbers.loads(self.stored(page.reference)))

    def stored(self, reference: str) -> bytes:
        """The bytes that were frozen under *reference*."""
        engine = self.app.extensions["formengine"].engine
        with engine.stores.opened_by(engine.authority).read() as work:
            payload: bytes = work.submissions.load(Reference(reference)).payload
        return payload

    def press(self, page: Sheet, values: Mapping[str, list[str]], *actions: str) -> Sheet:
        """The page behind the first button or link with one of *actions*. Errors: Lost."""
        button = next((b for b in page.buttons if b.action in actions), None)
        if button is None:
            raise Lost(f"no {actions} on {page.url} ({page.status}, {page.kind})")
        return self.get(button.href) if button.href else self.send(page, values, (button.name, button.value))

    def onward(self, page: Sheet, meant: Meant) -> Sheet:
        """The review without anything missing, or the page that will not go on."""
        tried: dict[str, int] = {}
        while page.kind in {"question", "list", "review"}:
            if page.kind == "review":
                link = next((b.href for b in page.buttons if b.action == "next"), "")
                if "return=review" not in link or tried.get(link, 0) > 3:
                    return page
                tried[link] = tried.get(link, 0) + 1
                page = self.get(link)
                continue
            self.asking.setdefault(page.url.partition("?")[0])
            tried[page.url] = tried.get(page.url, 0) + 1
            if page.status == 422 and tried[page.url] > 3:
                following = self._elsewhere()
                if following is None:
                    return page
                page = following
                continue
            if tried[page.url] > 80:
                raise Lost(f"{page.url} comes again and again: {Outcome(None, page)}")
            page = self._pass_by(page, meant) or self._answer(page, meant)
        return page

    def _pass_by(self, page: Sheet, meant: Meant) -> Sheet | None:
        """What comes instead of a list that is not meant at all, not even as "none": another section, or the review."""
        if page.kind != "list":
            return None
        pointer, count = next(iter(page.counts.items()))
        if count or meant.at(pointer) is not ABSENT or any(token.isdigit() for token in pointers.parse(pointer)):
            return None
        return self._elsewhere() or self.get(f"/{self.form}/review")

    def _elsewhere(self) -> Sheet | None:
        """A section not seen yet: an answer there may take away what is wanted here."""
        tasks = self.get(f"/{self.form}/tasks")
        seen = {*self.asking, f"/{self.form}/review"}
        return next((self.get(link) for link in tasks.links if link.partition("?")[0] not in seen), None)

    def _go_again(self, meant: Meant) -> bool:
        """Look at all pages once more; whether one of them still had something to be answered, and took it."""
        changed = False
        for url in list(self.asking):
            response = self.client.get(f"{url}?return=review")
            if response.status_code != 200:
                continue
            page = Sheet(f"{url}?return=review", response.get_data(as_text=True))
            values, action = self._deed(page, meant)
            if page.kind == "list":
                stands = not action and not _surplus(page, meant) and not page.problems
            else:
                stands = not action and all(
                    {t for t in values.get(c.name, ()) if t} == set(filter(None, c.chosen)) for c in page.controls
                )
            if not stands:
                following = self._answer(page, meant)
                if following.status != 422:
                    changed = True
                    self.onward(following, meant)
        return changed

    def _answer(self, page: Sheet, meant: Meant) -> Sheet:
        if page.kind == "list" and (row := _surplus(page, meant)):
            return self.press(self.get(row.href), {}, "remove")
        values, action = self._deed(page, meant)
        if action:
            return self.send(page, values, ("_action", action))
        return self.press(page, values, "next")

    def _deed(self, page: Sheet, meant: Meant) -> tuple[dict[str, list[str]], str]:
        """What is typed on *page*, and the row button that is pressed, or "" to go on."""
        if page.kind == "list":
            pointer, count = next(iter(page.counts.items()))
            want = meant.at(pointer)
            more = isinstance(want, list) and count < len(want)
            return {c.name: ["true" if more else "false"] for c in page.controls}, "next" if more else ""
        values = {}
        action = ""
        for control in page.controls:
            if control.part == "key":
                key = _next_key(page, control.pointer, meant, self.entries)
                values[control.name] = [key] if key is not None else []
                action = action or ("" if key is None else f"add:{control.pointer}")
            elif control.part == "branch":
                pick = meant.picks.get(control.name, ABSENT)
                texts = [
                    numbers.dumps(one) for one in (pick if isinstance(pick, list) else [pick]) if one is not ABSENT
                ]
                values[control.name] = [text for text in texts if text in control.values]
            else:
                values[control.name] = said(control, meant.at(control.pointer))
        self.entries |= {b.pointer for b in page.buttons if b.action == "remove"}
        surplus = _surplus(page, meant)
        if surplus:
            self.entries.discard(surplus.pointer)
        return values, surplus.value if surplus else action or _next_row(page, meant)

    def _follow(self, response: TestResponse, url: str) -> Sheet:
        for _ in range(10):
            if response.status_code not in {301, 302, 303}:
                break
            url = urljoin(url, response.headers["Location"])
            response = self.client.get(url.removeprefix(HOST))
        self.seen += 1
        if self.seen > MOST_PAGES:
            raise Lost("this journey has no end")
        if response.status_code not in {200, 422}:
            raise Lost(f"{response.status_code} from {url}")
        return Sheet(url, response.get_data(as_text=True), response.status_code)


def _surplus(page: Sheet, meant: Meant) -> Button | None:
    """What takes away a row or an entry that is not meant; the last one first."""
    for button in reversed(page.buttons):
        if button.action == "remove" and button.pointer:
            around = meant.at(pointers.parent(button.pointer))
            key = pointers.parse(button.pointer)[-1]
            kept = key.isdigit() and int(key) < len(around) if isinstance(around, list) else _holds(around, key)
            if not kept:
                return button
    return None


def _holds(value: object, key: str) -> bool:
    return isinstance(value, dict) and key in value


def _next_key(page: Sheet, pointer: str, meant: Meant, seen: set[str]) -> str | None:
    """The name of an entry that is meant and not there yet; those *seen* on other pages are."""
    want = meant.at(pointer)
    entries = seen | {b.pointer for b in page.buttons if b.action == "remove"}
    around = [c.pointer for c in page.controls if c.pointer != pointer] + [p for p in page.counts if p != pointer]
    for key in want if isinstance(want, dict) else ():
        here = pointers.child(pointer, key)
        if here not in entries and not any(pointers.is_below(one, here) for one in around):
            return str(key)
    return None


def _next_row(page: Sheet, meant: Meant) -> str:
    """The button that adds a row, where more rows are meant than there are."""
    for button in page.buttons:
        if button.action == "add" and button.pointer in page.counts:
            want = meant.at(button.pointer)
            if isinstance(want, list) and page.counts[button.pointer] < len(want):
                return button.value
    return ""


def said(control: Control, want: object) -> list[str]:
    """The texts that a person who means *want* gives in *control*."""
    if control.part == "none":
        return ["true"] if want is None else []
    if control.part == "given":
        return ["true" if want is not ABSENT else "false"]
    if control.part == "type":
        found = next((name for name in control.values if name in types(want)), None)
        return [] if found is None else [found]
    if want is ABSENT:
        return []
    if control.part in {"day", "month", "year"}:
        return [part] if isinstance(want, str) and (part := parts_of_date(want).get(control.part, "")) else []
    if control.kind in {"radio", "select", "checkbox"}:
        texts = [text for text in spelled(want) if text in control.values][:1]
        if not texts and isinstance(want, list) and control.kind == "checkbox":
            texts = [text for one in want for text in [t for t in spelled(one) if t in control.values][:1]]
        return texts
    if isinstance(want, str):
        return [want]
    if isinstance(want, int | Decimal) and not isinstance(want, bool):
        return [f"{want:f}".replace(".", ",") if isinstance(want, Decimal) else str(want)]
    return []


def spelled(value: object) -> list[str]:
    """How an option that means *value* may be posted: a string as JSON where it could be taken for something else."""
    quoted = numbers.dumps(value)
    return [quoted, value] if isinstance(value, str) else [quoted]


def types(value: object) -> list[str]:
    """The JSON types of *value*, the narrowest first."""
    if value is ABSENT:
        return []
    if value is None or isinstance(value, bool):
        return ["null" if value is None else "boolean"]
    if isinstance(value, int | Decimal):
        return ["integer", "number"] if value == int(value) else ["number"]
    return [{str: "string", list: "array", dict: "object"}[type(value)]]


def parts_of_date(text: str) -> dict[str, str]:
    """Day, month and year of a date as JSON writes it; a part of zeros or X is not known. No date: all of it."""
    if "." in text:
        pieces = text.split(".")
        names = ["day", "month", "year"][-len(pieces) :]
    else:
        pieces = text.split("-")
        names = ["year", "month", "day"][: len(pieces)]
    if len(pieces) > 3 or not all(piece.isdigit() or set(piece) <= {"X"} for piece in pieces):
        return {"day": text}
    return {name: piece.lstrip("0X") for name, piece in zip(names, pieces, strict=True)}


def normal(value: object) -> object:
    """*value* without what the promises take as equal: empty texts and containers, 1.0 for 1, order of keys."""
    if isinstance(value, dict):
        members = {key: normal(member) for key, member in sorted(value.items())}
        return {key: member for key, member in members.items() if member not in ({}, [], "")}
    if isinstance(value, list):
        rows = [normal(row) for row in value]
        while rows and rows[-1] in ({}, [], ""):
            rows.pop()
        return rows
    return value


def same(one: object, other: object, *, unordered: frozenset[str] = frozenset()) -> bool:
    """Whether both are the same document by "The two promises, exactly"; lists at *unordered* are ticked choices."""
    return numbers.exact(_sorted(normal(one), "", unordered)) == numbers.exact(_sorted(normal(other), "", unordered))


def _sorted(value: object, at: str, unordered: frozenset[str]) -> object:
    if isinstance(value, dict):
        return {key: _sorted(member, pointers.child(at, key), unordered) for key, member in value.items()}
    if isinstance(value, list):
        rows = [_sorted(row, f"{at}/{place}", unordered) for place, row in enumerate(value)]
        return sorted(rows, key=lambda row: json.dumps(numbers.dumps(row))) if at in unordered else rows
    return value
