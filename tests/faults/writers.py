"""Many people who save at once: a process of fifty threads, each with a draft of its own and one shared with all.

Run as a program: `writers.py URL FOLDER SHARED…` prints a line of JSON with the saves that were acknowledged for each
draft, how often somebody was told that it was saved elsewhere, and whatever else went wrong.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter

from formengine.core.lifecycle import DraftId
from formengine.errors import Stale
from formengine.services import drafting
from formengine.services.drafting import Reading
from formengine.storage.database import open_stores
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch

THREADS = 50
SAVES = 3


def main(url: str, folder: str, shared: list[str]) -> None:
    stores = open_stores(url, f"file://{folder}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    clock, form = Clock(), lunch()
    saved: Counter[str] = Counter()
    stale, wrong = Counter[str](), []
    together = threading.Barrier(THREADS)

    def save(draft_id: DraftId, name: str) -> None:
        with stores.read() as work:
            draft = work.drafts.load(draft_id)
        try:
            reading = Reading({"/name": name, "/hasPet": False})
            drafting.answer_step(stores, form, draft, filled.YOU, reading, revision=draft.revision, now=clock())
        except Stale:
            stale[draft_id] += 1
        else:
            saved[draft_id] += 1

    def person(number: int) -> None:
        try:
            own = drafting.start(stores, form, tenant="t", language="de", session=None, now=clock())
            together.wait(60)
            for turn in range(SAVES):
                save(own.id, f"Person {number} {turn}")
                save(DraftId(shared[number % len(shared)]), f"Person {number} {turn}")
        except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
            wrong.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=person, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"saved": saved, "stale": sum(stale.values()), "wrong": wrong}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
