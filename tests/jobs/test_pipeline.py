"""The pipeline by a worker of its own: what happens when a part of it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from formengine.core.lifecycle import Delivery, DeliveryStatus, Reference
from formengine.errors import DeliveryDeferred, RenderingError, SigningError
from formengine.jobs import worker
from formengine.jobs.pipeline import Tools
from formengine.jobs.reconciler import reconcile
from formengine.services.ports import Stores
from formengine.storage.database import open_stores
from tests import opened
from tests.fakes import KeepingChannel, OneForm, PlainRenderer, PlainSigner


class Running:
    """A worker in a thread, with tools that a test can break."""

    def __init__(self, stores: Stores, url: str) -> None:
        self.stores = stores
        self.renderer: PlainRenderer = PlainRenderer()
        self.signer: PlainSigner = PlainSigner()
        self.inbox = KeepingChannel()
        self.folder = KeepingChannel()
        self._stop = threading.Event()
        started = threading.Event()
        tools = Tools(
            stores=stores,
            forms=OneForm((SimpleNamespace(id="lunch", hash="0" * 64),)),
            renderer=SimpleNamespace(render=self._render),
            signer=SimpleNamespace(
                seal="test",
                sign=self._sign,
                sign_unstamped=self.signer.sign_unstamped,
                lacks_stamp=self.signer.lacks_stamp,
            ),
            channels={"musterstadt": {"inbox": self.inbox, "folder": self.folder}},
            clock=lambda: datetime.now(UTC),
        )
        self._thread = threading.Thread(
            target=lambda: worker.run(tools, stores.database, url=url, stop=self._stop, poll_s=0.05, started=started)
        )
        self._thread.start()
        assert started.wait(60)

    def _render(self, submission: Any, form: Any) -> bytes:
        return self.renderer.render(submission, form)

    def _sign(self, pdf: bytes) -> bytes:
        return self.signer.sign(pdf)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(40)
        assert not self._thread.is_alive()

    def state(self, reference: Reference, channel: str) -> Delivery:
        with self.stores.read() as work:
            return work.deliveries.load(reference, channel)

    def until(self, what: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not what():
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.fixture(scope="module")
def cluster() -> Iterator[opened.Cluster | None]:
    with opened.cluster() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, cluster: opened.Cluster | None
) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("worker")
    if request.param == "sqlite":
        stores, url = opened.at_once(folder), opened.sqlite_url(folder)
    elif cluster is None:
        pytest.skip("there is no PostgreSQL server to start")
    else:
        url = cluster.new_database()
        stores = open_stores(
            url, f"file://{folder}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER
        )
    running = Running(stores, url)
    yield running
    running.stop()
    opened.close(stores)


def test_a_submission_goes_through_every_channel(running: Running) -> None:
    reference = opened.send(running.stores, "inbox", "folder")
    for channel in ("inbox", "folder"):
        running.until(lambda channel=channel: running.state(reference, channel).status is DeliveryStatus.DELIVERED)
    assert [parcel.reference for parcel in running.folder.parcels].count(reference) == 1


def test_a_failing_channel_holds_up_no_other_one_and_does_not_repeat_it(running: Running) -> None:
    running.folder.failures.append(DeliveryDeferred("503"))
    reference = opened.send(running.stores, "folder", "inbox")
    running.until(lambda: running.state(reference, "inbox").status is DeliveryStatus.DELIVERED)
    running.until(lambda: running.state(reference, "folder").error != "")
    waiting = running.state(reference, "folder")
    assert (waiting.status, waiting.error, waiting.attempts) == (DeliveryStatus.WAITING, "503", 1)
    assert [parcel.reference for parcel in running.inbox.parcels].count(reference) == 1


def test_rel_07_a_channel_that_hangs_for_many_applications_delays_no_other_channel(running: Running) -> None:
    released = threading.Event()
    running.folder.before = lambda parcel: released.wait(60)
    try:
        hanging = [opened.send(running.stores, "folder") for _ in range(8)]
        running.until(
            lambda: sum(running.state(one, "folder").status is DeliveryStatus.SENDING for one in hanging) == 4
        )
        others = [opened.send(running.stores, "inbox") for _ in range(8)]
        for reference in others:
            running.until(
                lambda reference=reference: running.state(reference, "inbox").status is DeliveryStatus.DELIVERED
            )
        assert not any(running.state(one, "folder").status is DeliveryStatus.DELIVERED for one in hanging)
    finally:
        running.folder.before = lambda parcel: None
        released.set()
    for reference in hanging:
        running.until(lambda reference=reference: running.state(reference, "folder").status is DeliveryStatus.DELIVERED)
        assert [parcel.reference for parcel in running.folder.parcels].count(reference) == 1


def test_f_06_without_a_document_the_deliveries_wait_and_say_why_and_others_go_on(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned = opened.a_draft(form="poison")

    class Poisoned(PlainRenderer):
        def render(self, submission: Any, form: Any) -> bytes:
            if submission.form == "poison":
                raise RenderingError("time")
            return super().render(submission, form)

    running.renderer = Poisoned()
    try:
        poison = opened.send(running.stores, "inbox", "folder", draft=poisoned)
        other = opened.send(running.stores, "inbox")
        running.until(lambda: running.state(other, "inbox").status is DeliveryStatus.DELIVERED)
        running.until(lambda: running.state(poison, "folder").error != "")
    finally:
        running.renderer = PlainRenderer()
    for channel in ("inbox", "folder"):
        waiting = running.state(poison, channel)
        assert (waiting.status, waiting.error) == (DeliveryStatus.WAITING, "the document could not be made")
        assert waiting.due_at - datetime.now(UTC) < timedelta(seconds=75)
    assert f"the document could not be made: {poison}" in caplog.text
    later = datetime.now(UTC) + timedelta(minutes=2)
    running.until(lambda: poison in reconcile(running.stores, now=later))  # its job may be about to end
    running.until(lambda: running.state(poison, "folder").status is DeliveryStatus.DELIVERED)


def test_a_seal_that_fails_for_a_moment_is_tried_again(running: Running) -> None:
    class Once(PlainSigner):
        def sign(self, pdf: bytes) -> bytes:
            running.signer = PlainSigner()
            raise SigningError("busy")

    running.signer = Once()
    reference = opened.send(running.stores, "inbox")
    running.until(lambda: running.state(reference, "inbox").status is DeliveryStatus.DELIVERED)


def test_a_channel_that_is_configured_no_longer_leaves_its_delivery_waiting(running: Running) -> None:
    reference = opened.send(running.stores, "fax", "inbox")
    running.until(lambda: running.state(reference, "inbox").status is DeliveryStatus.DELIVERED)
    running.until(lambda: "configured" in running.state(reference, "fax").error)
    assert running.state(reference, "fax").status is DeliveryStatus.WAITING


def test_many_submissions_are_all_delivered_once(running: Running) -> None:
    references = [opened.send(running.stores, "inbox") for _ in range(20)]
    for reference in references:
        running.until(lambda reference=reference: running.state(reference, "inbox").status is DeliveryStatus.DELIVERED)
    kept = [parcel.reference for parcel in running.inbox.parcels]
    assert [kept.count(reference) for reference in references] == [1] * 20
