from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from formengine.core.definition import FormDefinition
from formengine.errors import NotFound
from formengine.services import drafting, rescuing, visiting
from formengine.services.clock import Steps
from formengine.services.ports import Session, Stores
from formengine.services.rescuing import LatePost
from tests.fakes import Clock


@pytest.fixture
def begun(stores: Stores, clock: Clock) -> tuple[str, Session]:
    return visiting.begin(stores, tenant="t", language="de", now=clock())


def test_ses_02_the_server_keeps_only_a_hash_of_the_cookie(stores: Stores, begun: tuple[str, Session]) -> None:
    secret, session = begun
    assert len(secret) == 43, "256 bit"
    with stores.database.engines.read() as rows:
        everything = repr(rows.connection.execute(text("SELECT * FROM session")).all())
    assert secret not in everything
    assert session.id in everything


def test_a_session_is_found_by_its_cookie_alone(stores: Stores, begun: tuple[str, Session], clock: Clock) -> None:
    secret, session = begun
    assert visiting.find(stores, secret, now=clock()).session == session
    for wrong in ("", session.id, secret[:-1]):
        with pytest.raises(NotFound):
            visiting.find(stores, wrong, now=clock())


def test_ses_03_a_session_of_one_site_is_none_on_the_other_nor_for_another_tenant(
    stores: Stores, begun: tuple[str, Session], clock: Clock
) -> None:
    with pytest.raises(NotFound):
        visiting.find(stores, begun[0], now=clock(), audience=visiting.STAFF)
    with pytest.raises(NotFound):
        visiting.find(stores.of("elsewhere"), begun[0], now=clock())


@pytest.mark.parametrize("hours", [1, -1])
def test_f_12_rel_10_a_session_ends_by_what_passed_not_by_how_the_clock_was_set(
    stores: Stores, begun: tuple[str, Session], clock: Clock, hours: int
) -> None:
    secret, steps, passed = begun[0], Steps(), timedelta()

    def find_after(minutes: int) -> Session:
        nonlocal passed
        passed += timedelta(minutes=minutes)
        clock.on(minutes=minutes)
        steps.look(clock(), passed)
        return visiting.find(stores, secret, now=clock(), steps=steps).session

    find_after(0)
    find_after(50)
    clock.on(hours=hours)
    find_after(50)
    clock.on(hours=-hours)
    assert find_after(50).seen_at == clock()
    with pytest.raises(NotFound):
        find_after(60)


def test_f_12_rel_10_a_late_post_is_kept_half_an_hour_however_the_clock_is_set(stores: Stores, clock: Clock) -> None:
    secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
    mine, steps = stores.opened_by(visiting.reader_of(secret)), Steps()
    steps.look(clock(), timedelta())
    late = LatePost("small", "you", {"/name": ("Ada",)})
    rescuing.keep(mine, session, late, client="", now=clock())
    steps.look(clock.on(hours=1), timedelta())
    assert rescuing.find(mine, session, now=clock(), steps=steps) == late
    steps.look(clock.on(minutes=29), timedelta(minutes=29))
    assert rescuing.find(mine, session, now=clock(), steps=steps) == late
    steps.look(clock.on(minutes=1), timedelta(minutes=30))
    assert rescuing.find(mine, session, now=clock(), steps=steps) is None


def test_rel_10_a_clock_that_is_brought_into_step_is_not_one_that_was_set(clock: Clock) -> None:
    steps, passed = Steps(), timedelta()
    began = clock()
    for _ in range(60):
        passed += timedelta(minutes=1)
        steps.look(clock.on(minutes=1, seconds=1), passed)  # a leap second, or a clock that goes too fast
    assert steps.since(began) == timedelta()
    steps.look(clock.on(hours=1), passed)
    assert steps.since(began) == timedelta(hours=1)
    assert steps.since(clock()) == timedelta()


@pytest.mark.parametrize(("shared", "minutes"), [(False, 60), (True, 20)])
def test_ses_05_a_session_ends_when_it_is_idle(
    stores: Stores, begun: tuple[str, Session], clock: Clock, shared: bool, minutes: int
) -> None:
    secret, session = begun
    visiting.change(stores, replace(session, shared=shared))
    clock.on(minutes=minutes - 1)
    visiting.find(stores, secret, now=clock())
    clock.on(minutes=minutes - 1)
    visiting.find(stores, secret, now=clock())
    clock.on(minutes=minutes)
    with pytest.raises(NotFound):
        visiting.find(stores, secret, now=clock())


def test_ses_05_a_session_ends_after_twelve_hours_of_use(
    stores: Stores, begun: tuple[str, Session], clock: Clock
) -> None:
    for _ in range(23):
        clock.on(minutes=31)
        visiting.find(stores, begun[0], now=clock())
    clock.on(minutes=31)
    with pytest.raises(NotFound):
        visiting.find(stores, begun[0], now=clock())


def test_ses_09_reading_writes_the_last_use_once_a_minute_at_most(
    stores: Stores, begun: tuple[str, Session], clock: Clock
) -> None:
    secret, session = begun
    clock.on(seconds=59)
    assert visiting.find(stores, secret, now=clock()).session == session
    clock.on(seconds=1)
    assert visiting.find(stores, secret, now=clock()).session.seen_at == clock()


def test_ses_04_a_renewed_session_goes_on_and_the_old_cookie_is_dead(
    stores: Stores, form: FormDefinition, begun: tuple[str, Session], clock: Clock
) -> None:
    secret, session = begun
    mine = stores.opened_by(visiting.reader_of(secret))
    draft = drafting.start(mine, form, tenant="t", language="de", session=session, now=clock())
    new_secret, new = visiting.renew(mine, session, now=clock())
    assert new.csrf != session.csrf
    assert visiting.find(stores, new_secret, now=clock(), form="lunch").draft == draft
    with pytest.raises(NotFound):
        visiting.find(stores, secret, now=clock())


def test_ses_06_an_ended_session_is_gone(stores: Stores, begun: tuple[str, Session], clock: Clock) -> None:
    visiting.end(stores, begun[1])
    with pytest.raises(NotFound):
        visiting.find(stores, begun[0], now=clock())


def test_who_signed_in_comes_back_with_the_session(stores: Stores, clock: Clock) -> None:
    person: dict[str, str | list[str]] = {"subject": "iss|sub", "roles": ["caseworker"]}
    secret, _ = visiting.begin(stores, tenant="t", language="de", now=clock(), audience=visiting.STAFF, person=person)
    assert visiting.find(stores, secret, now=clock(), audience=visiting.STAFF).session.person == person


def test_neither_the_token_nor_the_secret_is_in_what_is_logged_of_a_session(begun: tuple[str, Session]) -> None:
    secret, session = begun
    assert session.csrf not in repr(session)
    assert secret not in repr(session)
