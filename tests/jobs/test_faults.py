"""Faults of the way from submit to the authority: what is lost, what waits, and what goes on by itself (security.md 13.1)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Delivery, DeliveryStatus, Reference
from formengine.delivery import webhook
from formengine.jobs import worker
from formengine.jobs.pipeline import Tools
from formengine.jobs.reconciler import reconcile
from formengine.services import delivering
from formengine.services.ports import Channel, Stores
from formengine.storage.database import open_stores
from tests import opened
from tests.delivery.servers import Asked, http_server
from tests.fakes import Clock, KeepingChannel, OneForm, PlainRenderer, PlainSigner
from tests.services import filled
from tests.services.conftest import lunch
from tests.services.test_delivering import make

JOBS = ("operation_outputs", "workflow_status")


@pytest.fixture(scope="module")
def cluster() -> Iterator[opened.Cluster | None]:
    with opened.cluster() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def at(request: pytest.FixtureRequest, tmp_path: Path, cluster: opened.Cluster | None) -> tuple[str, Path]:
    """The URL of a migrated database, and a folder."""
    if request.param == "sqlite":
        opened.close(opened.at_once(tmp_path))
        return opened.sqlite_url(tmp_path), tmp_path
    if cluster is None:
        pytest.skip("there is no PostgreSQL server to start")
    return cluster.new_database(), tmp_path


def stores_at(at: tuple[str, Path]) -> Stores:
    url, folder = at
    return open_stores(url, f"file://{folder}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)


def work_until(stores: Stores, at: tuple[str, Path], channel: Channel, done: Callable[[], bool]) -> None:
    """A worker from its start until *done*."""
    stop = threading.Event()
    tools = Tools(
        stores=stores,
        forms=OneForm((SimpleNamespace(id="lunch", hash="0" * 64),)),
        renderer=PlainRenderer(),
        signer=PlainSigner(),
        channels={"musterstadt": {"inbox": KeepingChannel(), "folder": channel}},
        clock=lambda: datetime.now(UTC),
    )
    thread = threading.Thread(
        target=lambda: worker.run(tools, stores.database, url=at[0], stop=stop, poll_s=0.05)  # type: ignore[arg-type]
    )
    thread.start()
    try:
        end = time.monotonic() + 90
        while not done():
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        stop.set()
        thread.join(40)


def all_delivered(stores: Stores) -> bool:
    with stores.read() as work:
        backlog = work.deliveries.backlog()
    return backlog.waiting == backlog.sending == 0


def test_everything_open_is_delivered_though_the_job_engine_lost_every_row(at: tuple[str, Path]) -> None:
    stores = stores_at(at)
    sent = [opened.send(stores, "inbox", "folder") for _ in range(5)]
    with stores.database.engines.write() as rows:
        schema = "" if "sqlite" in at[0] else "dbos."
        for table in JOBS:
            rows.connection.execute(text(f"DELETE FROM {schema}{table}"))
    channel = KeepingChannel()
    work_until(stores, at, channel, lambda: all_delivered(stores))
    opened.close(stores)
    assert sorted(parcel.reference for parcel in channel.parcels) == sorted(sent)


def test_f_14_after_a_day_without_worker_the_backlog_drains_oldest_first_and_once(at: tuple[str, Path]) -> None:
    stores = stores_at(at)
    sent = [opened.send(stores, "folder") for _ in range(24)]
    channel = KeepingChannel()
    work_until(stores, at, channel, lambda: all_delivered(stores))
    opened.close(stores)
    arrived = [parcel.reference for parcel in channel.parcels]
    assert sorted(arrived) == sorted(sent)
    late = [abs(arrived.index(reference) - number) for number, reference in enumerate(sent)]
    assert sum(late) / len(late) <= 5, "four are made and four delivered at once; by chance it would be 8, backwards 12"


@pytest.fixture
def sent(stores: Stores, form: FormDefinition, clock: Clock) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    reference = filled.submit(stores, form, clock, draft)
    make(stores, form, reference)
    return reference


@pytest.fixture
def form() -> FormDefinition:
    return lunch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def state(stores: Stores, reference: Reference) -> Delivery:
    with stores.read() as work:
        return work.deliveries.load(reference, "folder")


def test_f_10_a_target_that_is_down_for_a_fortnight_is_asked_at_growing_pauses_then_parked_then_delivered_by_hand(
    stores: Stores, sent: Reference, clock: Clock, tmp_path: Path
) -> None:
    """REL-07, with a real webhook that answers 503; the clock is moved."""
    (tmp_path / "secret").write_bytes(b"x" * 32)
    status = [503]
    asked: list[Asked] = []

    def answer(one: Asked) -> tuple[int, dict[str, str], bytes]:
        asked.append(one)
        return status[0], {}, b""

    pauses: list[timedelta] = []
    with stores.read() as work:
        received_at = work.submissions.load(sent).received_at
    with http_server(answer) as url:
        channel = webhook.Webhook(webhook.Settings(url, tmp_path / "secret", allow_private=True))
        while state(stores, sent).status is not DeliveryStatus.FAILED:
            before = clock()
            waiting = delivering.deliver(stores, sent, "folder", channel, now=before)
            if waiting.status is DeliveryStatus.WAITING:
                pauses.append(waiting.due_at - before)
                assert sent not in reconcile(stores, now=waiting.due_at - timedelta(seconds=1))
                clock.now = waiting.due_at
        minutes = [1, 5, 15, 60, 120, 240, 480] + [720] * (len(pauses) - 7)
        for pause, base in zip(pauses, minutes, strict=True):
            assert 0.8 * base <= pause / timedelta(minutes=1) <= 1.2 * base
        assert timedelta(days=13) < clock() - received_at <= timedelta(days=14)
        assert len({one.headers["idempotency-key"] for one in asked}) == 1
        with stores.read() as work:
            assert work.submissions.load(sent).received_at == received_at
            assert work.deliveries.backlog().failed == 1
        status[0] = 200
        delivering.retry(stores, sent, "folder", now=clock(), by="operator")
        assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.DELIVERED
