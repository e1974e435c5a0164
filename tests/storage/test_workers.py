from __future__ import annotations

from sqlalchemy import text

from formengine.services.ports import Stores


def test_a_worker_is_silent_when_it_gave_no_sign_for_a_while(stores: Stores) -> None:
    with stores.write() as work:
        work.workers.beat("here")
        work.workers.beat("here")
        work.workers.beat("gone")
    with stores.database.engines.write() as rows:
        rows.connection.execute(
            text("UPDATE worker_heartbeat SET seen_at = seen_at - 61000000 WHERE executor_id = 'gone'")
        )
    with stores.read() as work:
        assert work.workers.silent({"here", "gone", "never"}, for_s=60) == {"gone", "never"}
        assert work.workers.silent(set(), for_s=60) == set()


def test_a_lease_is_one_workers_until_it_ends(stores: Stores) -> None:
    with stores.write() as work:
        assert work.workers.lease("sweep", "one", for_s=60)
        assert work.workers.lease("sweep", "one", for_s=60), "its holder may go on"
        assert not work.workers.lease("sweep", "other", for_s=60)
        assert work.workers.lease("clean", "other", for_s=60)
    with stores.database.engines.write() as rows:
        rows.connection.execute(text("UPDATE lease SET ends_at = ends_at - 61000000"))
    with stores.write() as work:
        assert work.workers.lease("sweep", "other", for_s=60)
