"""REL-01 through the pages: fifty submits of one draft at once, from two devices, again and again.

python -m tests.faults.submits --rounds 200        on both databases, as `make submits` does
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from tests import opened
from tests.journeys.reading import Page
from tests.web.applicant import Applicant, serve

AT_ONCE = 50


def submission_of(applicant: Applicant, page: Page) -> tuple[FlaskClient, str, Mapping[str, object]]:
    """What pressing "submit" on the declarations would post, by whom."""
    data = {name: value for name, value in page.hidden() if name != "_end"}
    data |= {"_action": "submit", "_declaration:truth": "true", "_end": "1"}
    return applicant.client, page.target(), data


def both_devices(app: Flask) -> tuple[Applicant, Applicant]:
    """One application that is complete, open on two devices."""
    desk, phone = Applicant(app), Applicant(app)
    desk.fill()
    saved = desk.press(desk.get("/small/save"), "")
    saved = saved if saved.soup.select_one("[data-copy]") else desk.press(desk.get("/small/save"), "code")
    code = str(saved.soup.select_one("[data-copy]")["data-copy"])
    phone.press(phone.get("/resume"), "", _code=code)
    return desk, phone


def one_round(app: Flask, seen: Counter[int]) -> set[str]:
    """The receipts that fifty submits of one draft give; *seen* counts their statuses."""
    posts = [submission_of(one, one.get("/small/declarations")) for one in both_devices(app)]
    gate = threading.Barrier(AT_ONCE)

    def submit(number: int) -> str:
        client, target, data = posts[number % 2]
        own = app.test_client()  # a window of its own with the cookies of its device
        own.environ_base |= client.environ_base
        for cookie in client._cookies.values():
            own.set_cookie(cookie.key, cookie.value)
        gate.wait()
        answer = own.post(target, data=data)
        seen[answer.status_code] += 1
        receipt = own.get("/small/confirmation")
        seen[receipt.status_code] += 1
        page = Page("http://localhost/small/confirmation", receipt.text, receipt.status_code)
        return f"{page.reference} {page.soup.select_one('time')}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(submit, range(AT_ONCE)))


def trial(app: Flask, rounds: int) -> Counter[int]:
    """So many rounds: one receipt each and one submission, no answer that is a server's error."""
    seen: Counter[int] = Counter()
    stores = app.extensions["formengine"].engine.stores
    for number in range(rounds):
        receipts = one_round(app, seen)
        assert len(receipts) == 1, receipts
        assert next(iter(receipts)).split()[0], "a receipt names its reference"
        with stores.read() as work:
            assert work.submissions.count() == number + 1
    assert not [status for status in seen if status >= 500], seen
    return seen


def main() -> None:
    """Both databases, one after the other, with what was counted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    with opened.cluster() as server, tempfile.TemporaryDirectory() as name:
        urls = {"sqlite": ""} | ({"postgresql": server.new_database()} if server else {})
        for kind, url in urls.items():
            folder = Path(name) / kind
            folder.mkdir()
            began = time.monotonic()
            app = serve(folder, database_url=url)
            seen = trial(app, rounds)
            app.extensions["formengine"].engine.stores.database.close()
            took = time.monotonic() - began
            statuses = ", ".join(f"{count} times {status}" for status, count in sorted(seen.items()))
            print(
                f"{kind}: {rounds} rounds of {AT_ONCE}: {rounds} submissions, one receipt each; {statuses}; {took:.0f} s"
            )


if __name__ == "__main__":
    main()
