from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from formengine.services.ports import Stores
from formengine.storage.database import open_stores
from tests import opened
from tests.opened import NOW

WINDOW = timedelta(minutes=10)


def test_tries_are_counted_until_their_window_ends(stores: Stores) -> None:
    with stores.write() as work:
        assert work.limits.take("resume", "a", window=WINDOW, now=NOW) == (1, NOW + WINDOW)
        later = NOW + timedelta(minutes=9)
        assert work.limits.take("resume", "a", window=WINDOW, now=later) == (2, NOW + WINDOW)
        assert work.limits.take("resume", "b", window=WINDOW, now=later)[0] == 1
        assert work.limits.take("resume", "a", window=WINDOW, now=NOW + WINDOW) == (1, NOW + 2 * WINDOW)


def test_f_12_a_clock_that_is_put_back_locks_nobody_out(stores: Stores) -> None:
    with stores.write() as work:
        for _ in range(20):
            work.limits.take("resume", "a", window=WINDOW, now=NOW + timedelta(hours=1))
        assert work.limits.take("resume", "a", window=WINDOW, now=NOW) == (1, NOW + WINDOW)
        behind = NOW - timedelta(seconds=30)  # another machine's clock may differ by so much: no way round the limit
        assert work.limits.take("resume", "a", window=WINDOW, now=behind) == (2, NOW + WINDOW)


def test_res_06_the_count_is_one_for_all_processes(stores: Stores, url: str) -> None:
    others = [
        open_stores(url, "memory:///", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER) for _ in range(3)
    ]

    def take(number: int) -> int:
        with others[number % 3].write() as work:
            return work.limits.take("resume", "a", window=WINDOW, now=NOW)[0]

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(take, range(30))) == list(range(1, 31))
    for other in others:
        opened.close(other)


def test_counts_that_are_over_are_deleted(stores: Stores) -> None:
    with stores.write() as work:
        work.limits.take("resume", "a", window=WINDOW, now=NOW, amount=500)
        assert work.limits.delete_over(NOW + timedelta(minutes=9)) == 0
        assert work.limits.delete_over(NOW + WINDOW) == 1
