"""The figures that requirements name for pages and posts: forms at the limits (SCH-02), odd posts (ANS-08).

One site, one worker; what its worker uses for one request, and how many times that of an ordinary one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import httpx

from benchmarks import forms
from benchmarks.measuring import Task, in_turns
from benchmarks.person import Person
from benchmarks.serving import Served

TEXT = {"type": "string", "title": "Frage", "maxLength": 10_000}
PAGE_MS, SHAPE_MS = 1000, 100


def schemas() -> dict[str, forms.Schema]:
    """The forms that are measured, each within the limits."""
    names = [f"f{number}" for number in range(2000)]
    choices = {f"a{number}": {"enum": [f"v{n}" for n in range(5000)]} for number in range(4)}
    return {
        "wide": {"type": "object", "properties": dict.fromkeys(names, TEXT), "required": names},
        "choices": {"type": "object", "properties": choices},
        "worst": {"type": "object", "properties": {"a": {**TEXT, "pattern": "(?=(.*?x)+)y"}}},
    }


def measure(ours: Served) -> None:
    """Print the figures of the site *ours*, which has these forms published and `one` beside them."""
    wide, small, odd = Opened(ours, "wide"), Opened(ours, "one"), Opened(ours, "one")
    everything = {f"/f{number}": "x" for number in range(2000)}
    pages = {
        "an ordinary post": small.post({}),
        "2,000 required questions: GET": wide.get(),
        "2,000 required questions: POST of nothing": wide.post({}),
        "2,000 required questions: POST of all": wide.post(everything),
        "2,000 required questions: review": wide.get("/wide/review"),
        "4 choices of 5,000: GET": Opened(ours, "choices").get(),
        "10,000 characters for the worst pattern": Opened(ours, "worst").post({"/a": "x" * 10_000}),
    }
    shapes = {
        "an ordinary post": small.post({}),
        "100,000 names": odd.raw("&".join(f"a{number}=1" for number in range(100_000))),
        "one name 100,000 times": odd.raw("&".join(["%2Fs0%2FgivenName=x"] * 100_000)),
        "500,000 times &": odd.raw("&" * 500_000),
        "4,900 names of our own kind": odd.raw("&".join(f"_a{number}=1" for number in range(4900))),
        "100,000 brackets as JSON": odd.raw("[" * 100_000, kind="application/json"),
        "two megabytes in one answer": odd.raw(urlencode({"/s0/givenName": "x" * 1_990_000})),
        "more than two megabytes": odd.raw("a=" + "x" * 2_100_000),
        "a row far away": odd.raw(urlencode({"/s0/rows/999999999999": "x"})),
    }
    for title, tasks, goal in (
        ("Pages of forms at the limits (SCH-02, SCH-04)", pages, PAGE_MS),
        ("Posts of another shape (ANS-08)", shapes, SHAPE_MS),
    ):
        found = in_turns(tasks, rounds=5, repeat=1)
        print(title)
        for name, took in found.items():
            times = took / found["an ordinary post"]
            print(f"  {name:48} {took:7.1f} ms  {times:6.1f} times an ordinary one (goal {goal} ms)")


class Opened:
    """A form that somebody has begun, and what can be asked of its first page."""

    def __init__(self, served: Served, form: str) -> None:
        self._served, self._person = served, Person(served.url)
        self._at = self._person.begin(form)

    def get(self, path: str = "") -> Task:
        """The page at *path*, or the first one."""
        return Task(self._served, lambda _: self._person.get(path or self._at))

    def post(self, fields: Mapping[str, str]) -> Task:
        """*fields* and what the page adds to them."""
        return Task(self._served, lambda hidden: self._sent(urlencode({**hidden, **fields, "_end": "1"})), self._hidden)

    def raw(self, body: str, *, kind: str = "application/x-www-form-urlencoded") -> Task:
        """*body* behind what the page adds, whatever it may be."""
        begins = kind != "application/json"
        return Task(
            self._served,
            lambda hidden: self._sent(f"{urlencode(hidden)}&{body}&_end=1" if begins else body, kind),
            self._hidden,
        )

    def _hidden(self) -> dict[str, str]:
        return {**self._person.hidden(self._at), "_action": "next"}

    def _sent(self, body: str, kind: str = "application/x-www-form-urlencoded") -> None:
        # a connection of its own: the site closes one of which it left the body unread
        with httpx.Client(base_url=self._served.url, cookies=self._person.client.cookies) as client:
            reply = client.post(self._at, content=body.encode(), headers={"Content-Type": kind})
        if reply.status_code not in {303, 400, 413, 422}:
            raise SystemExit(f"{self._at} answered {reply.status_code}")


def written(folder: Path) -> list[Path]:
    """The files of these forms in *folder*."""
    files = []
    for name, schema in schemas().items():
        files.append(folder / f"{name}.schema.json")
        files[-1].write_text(json.dumps({"$schema": forms.DRAFT, **schema}), encoding="utf-8")
    return files
