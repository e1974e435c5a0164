"""Requests of any shape over all routes (ANS-10), and names of any shape (SCH-06).

    python -m tests.security.fuzz --requests 100000        as `make fuzz` does; some ten minutes

The tests send a few of them, always the same.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from formengine.core import pointer
from tests.journeys.reading import Page
from tests.security.serving import serve
from tests.web.applicant import Applicant

WORDS = ["t", "general", "review", "tasks", "people", "rows", "remove", "declarations", "confirmation", "status", "save", "privacy", "device", "proofs", "resume", "help",
         "static", "livez", "readyz", "..", ".", "%00", "%2e%2e", "%ff", "aaaaa", "0", "-1", "a" * 300, "{{1337*1337}}", "<script>", "\u202e", "ä", "'", '"', ";", "//", "\\",
         "_token", "__class__", "manifest.webmanifest", "offline", "verify", "handover", ".well-known"]  # fmt: skip
VALUES = [
    "",
    "x",
    "1",
    "-1",
    "true",
    "null",
    "next",
    "add:/rows",
    "remove:/rows/0",
    "back",
    "save",
    "submit",
    "{}",
    "[]",
    "\x00",
    "\u202e",
    "9" * 400,
    "a" * 3000,
    "%s",
    "de",
    "en",
    "../x",
]
OWN_NAMES = ["_action", "_lang", "_revision", "_item", "_status", "x", "/x", "file"]
METHODS = ["GET", "POST", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]


@dataclass
class Found:
    """What the requests were answered with; *mistakes* are those that no request may be answered with."""

    statuses: Counter[int] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


def storm(site: Flask, count: int, *, seed: int) -> Found:
    """*count* random requests to *site*, which serves the form `t`, by one who has begun it."""
    dice, found = random.Random(seed), Found()
    ada = Applicant(site)
    page = ada.press(ada.get("/t/"))
    rules = sorted(rule.rule for rule in site.url_map.iter_rules())
    token: dict[str, str] = {}
    for number in range(count):
        if number % 100 == 0:
            ada, page = _at_work(site, ada)
            token = {name: value for name, value in page.hidden() if name != "_end"}
        path = _path(dice, rules)
        names = [*(control.name for control in page.controls()), *OWN_NAMES]
        data = {dice.choice(names): dice.choice(VALUES) for _ in range(dice.randrange(6))}
        if dice.random() < 0.8:
            data = token | data | {"_end": "1"}
        method = dice.choice(METHODS)
        began = time.process_time()
        try:
            sent = data if method != "GET" else None
            response = ada.client.open(path, method=method, data=sent, base_url="http://localhost")
        except (UnicodeError, ValueError):  # the test client itself takes no such address
            continue
        found.slowest_s = max(found.slowest_s, time.process_time() - began)
        found.statuses[response.status_code] += 1
        is_ready = path.partition("?")[0].strip("/") == "readyz"  # which says 503 where a part is not ready, as here
        if (response.status_code >= 500 and not is_ready) or b"Traceback" in response.data:
            found.mistakes.append(f"{response.status_code} {method} {path} {data}")
    return found


def _at_work(site: Flask, ada: Applicant) -> tuple[Applicant, Page]:
    """The first page of the form, begun again where a request ended the session or deleted the draft."""
    page = ada.get("/t/general/")
    if not page.controls():
        ada = Applicant(site)
        page = ada.press(ada.get("/t/"))
    return ada, page


def _path(dice: random.Random, rules: list[str]) -> str:
    if dice.random() < 0.5:
        path = re.sub(r"<[^>]*>", lambda _: dice.choice(WORDS), dice.choice(rules))
        path = path.replace("//", "/t/") if dice.random() < 0.5 else path
    else:
        path = "/" + "/".join(dice.choice(WORDS) for _ in range(dice.randrange(5)))
    if dice.random() < 0.2:
        pairs = [(dice.choice(["lang", "q", "return", "x"]), dice.choice(VALUES)) for _ in range(2)]
        path += "?" + "&".join("=".join(pair) for pair in pairs)
    return path


def names(count: int, *, seed: int) -> list[str]:
    """Of *count* random names, those that do not come back from a pointer or an element id as they went in."""
    dice, wrong = random.Random(seed), list[str]()
    ids: dict[str, str] = {}
    for _ in range(count):
        name = "".join(dice.choice(CHARACTERS) for _ in range(dice.randrange(65)))
        at = pointer.child("", name)
        if pointer.parse(at) != (name,) or ids.setdefault(pointer.element_id(at), name) != name:
            wrong.append(name)
    return wrong


CHARACTERS = [
    *"ab0_-:/~*.[]{}%\"'<>&# \t\n",
    "ä",
    "é",
    "\u0301",
    "\u202e",
    "\u200b",
    "\ue000",
    "\U0001f600",
    "\ufffd",
    "ß",
    "ẞ",
]


def main() -> None:
    """Send them, count, and fail if one was answered as none may be."""
    from tests.security.test_ans import SCHEMA  # the form that the tests send theirs to

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    options = parser.parse_args()
    wrong = names(options.requests, seed=options.seed)
    print(f"{options.requests} names, {len(wrong)} that do not come back (seed {options.seed})", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        site, _, _ = serve(Path(folder), {"t": json.loads(json.dumps(SCHEMA))})
        found = storm(site, options.requests, seed=options.seed)
    said = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    print(
        f"{sum(found.statuses.values())} requests ({said}), the slowest {found.slowest_s:.2f} s CPU, {len(found.mistakes)} mistakes"
    )
    for line in found.mistakes[:20]:
        print(line)
    if wrong or found.mistakes:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
