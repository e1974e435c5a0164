"""REL-01 on both databases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from formengine.core.lifecycle import Draft
from formengine.services.ports import Stores
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch

AT_ONCE = 50


def test_rel_01_parallel_submits_of_one_draft_give_one_reference(stores: Stores) -> None:
    clock = Clock()
    for round_ in range(3):
        draft = filled.answered(stores, lunch(), clock)
        gate = threading.Barrier(AT_ONCE)

        def submit(number: int, draft: Draft = draft, gate: threading.Barrier = gate) -> str:
            gate.wait()
            return filled.submit(stores, lunch(), clock, draft, idempotency_key=f"{draft.id}-{number % 5}")

        with ThreadPoolExecutor(AT_ONCE) as pool:
            references = set(pool.map(submit, range(AT_ONCE)))
        assert len(references) == 1
        with stores.read() as work:
            assert work.submissions.count() == round_ + 1
