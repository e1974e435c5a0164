from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from formengine.errors import NotFound
from formengine.services.ports import Opened, Session, SessionId, Stores
from formengine.storage.engines import ReadRows
from tests import opened
from tests.opened import NOW, a_draft


def a_session(**changes: object) -> Session:
    given = {"id": "a" * 64, "tenant": "musterstadt", "audience": "applicants", "csrf": "c", "language": "de",
             "created_at": NOW, "seen_at": NOW}  # fmt: skip
    return Session(**{**given, **changes})  # type: ignore[arg-type]


def test_a_session_is_read_with_its_draft_in_one_statement(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    session, draft = a_session(theme="dark", shared=True), a_draft()
    with stores.write() as work:
        work.sessions.add(session)
        work.drafts.add(draft)
        work.sessions.hold(session.id, "lunch", draft.id, None)
    statements: list[str] = []
    event.listen(stores.database.engines.reading, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    first = ReadRows.first
    monkeypatch.setattr(ReadRows, "first", lambda rows, sql, given: statements.append(sql) or first(rows, sql, given))
    with stores.read() as work:
        assert work.sessions.open(session.id, "lunch") == Opened(session, draft)
        assert work.sessions.open(session.id, "other") == Opened(session)
    assert len(statements) == 2


def test_a_session_is_read_though_the_connection_that_was_kept_was_cut_off(stores: Stores, url: str) -> None:
    session = a_session()
    with stores.write() as work:
        work.sessions.add(session)
    with stores.read() as work:
        work.sessions.open(session.id, "lunch")
    if url.startswith("postgresql"):
        with stores.write() as work:
            others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            assert work.sessions._rows.run(f"SELECT pg_terminate_backend(pid) {others}", ())
    else:
        stores.database.engines._kept[-1].dbapi_connection.close()
    with stores.read() as work:
        assert work.sessions.open(session.id, "lunch").session == session


def test_rel_15_threads_that_wait_for_their_turn_need_no_connection_each(stores: Stores) -> None:
    session = a_session()
    with stores.write() as work:
        work.sessions.add(session)
    turns = [threading.Event() for _ in range(80)]

    def take_turn(mine: int) -> Session:
        turns[mine].wait(30)
        with stores.read() as work:
            found = work.sessions.open(session.id, "lunch").session
        if mine + 1 < len(turns):
            turns[mine + 1].set()
        return found

    with ThreadPoolExecutor(len(turns)) as threads:
        found = [threads.submit(take_turn, mine) for mine in range(len(turns))]
        turns[0].set()
        assert [one.result(30) for one in found] == [session] * len(turns)
    assert stores.database.engines.reading.pool.checkedout() == 1


def test_a_draft_of_another_tenant_is_not_read_with_a_session(stores: Stores) -> None:
    session, draft = a_session(), a_draft(tenant="elsewhere")
    with stores.write() as work:
        work.sessions.add(session)
        work.drafts.add(draft)
        work.sessions.hold(session.id, "lunch", draft.id, None)
    with stores.read() as work:
        assert work.sessions.open(session.id, "lunch").draft is None


def test_the_end_of_a_session_leaves_its_draft(stores: Stores) -> None:
    session, draft = a_session(), a_draft()
    with stores.write() as work:
        work.sessions.add(session)
        work.drafts.add(draft)
        work.sessions.hold(session.id, "lunch", draft.id, None)
        work.sessions.end(session.id)
    with stores.read() as work:
        assert work.drafts.load(draft.id)
        with pytest.raises(NotFound):
            work.sessions.open(session.id, "lunch")


def test_holding_again_replaces(stores: Stores) -> None:
    session = a_session()
    first, second = a_draft(), a_draft()
    with stores.write() as work:
        work.sessions.add(session)
        for draft in (first, second):
            work.drafts.add(draft)
            work.sessions.hold(session.id, "lunch", draft.id, None)
    with stores.read() as work:
        assert work.sessions.open(SessionId(session.id), "lunch").draft == second


def test_a_session_of_the_staff_keeps_who_signed_in(stores: Stores) -> None:
    session = a_session(audience="staff", person={"subject": "iss|1", "roles": ["caseworker"]})
    with stores.write() as work:
        work.sessions.add(session)
    with stores.read() as work:
        assert work.sessions.open(session.id, "").session == session
    assert session.created_at == opened.NOW
