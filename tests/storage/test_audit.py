from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from formengine.services.ports import Stores
from formengine.storage.audit import FIRST, chained
from tests.opened import NOW


def test_acc_08_each_line_holds_the_hash_of_the_one_before_in_a_chain_of_its_tenant(stores: Stores) -> None:
    def write(number: int) -> None:
        with stores.write() as work:
            work.audit.add(tenant=f"t{number % 2}", at=NOW, person="kim", action="read", reference=str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(30)))
    for tenant in ("t0", "t1"):
        with stores.read() as work:
            lines = work.audit.lines(tenant)
        assert [line.number for line in lines] == list(range(1, 16))
        previous = FIRST
        for line in lines:
            assert line.hash == chained(previous, line)
            assert line.hash != chained(previous, replace(line, person="jo"))
            previous = line.hash
