"""What an operator does with deliveries: see them all, try again what is parked, send again what was delivered."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, IllegalChange, Reference
from formengine.errors import DeliveryRefused, NotFound
from formengine.services import codes, delivering
from formengine.services.ports import Parcel, Stores
from formengine.services.values import JOB
from tests import opened
from tests.fakes import Clock, KeepingChannel
from tests.opened import Cluster
from tests.services import filled
from tests.services.test_delivering import make, state


@pytest.fixture
def sent(stores: Stores, form: FormDefinition, clock: Clock) -> Reference:
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    return filled.submit(stores, form, clock, draft)


def test_a_parked_delivery_is_tried_again_and_the_audit_log_says_by_whom(
    stores: Stores,
    form: FormDefinition,
    sent: Reference,
    clock: Clock,
) -> None:
    make(stores, form, sent)
    channel = KeepingChannel([DeliveryRefused("no")])
    delivering.deliver(stores, sent, "folder", channel, now=clock())
    delivering.retry(stores, sent, "folder", now=clock(), by="operator")
    assert state(stores, sent).status is DeliveryStatus.WAITING
    with stores.read() as work:
        tenant = work.submissions.load(sent).tenant
        line = work.audit.lines(tenant)[-1]
    assert (line.person, line.action, line.reference, line.detail) == ("operator", "delivery.retry", sent, "folder")
    assert delivering.deliver(stores, sent, "folder", channel, now=clock()).status is DeliveryStatus.DELIVERED


def test_what_was_delivered_is_sent_again_under_the_same_key_only_on_purpose(
    stores: Stores,
    form: FormDefinition,
    sent: Reference,
    clock: Clock,
) -> None:
    make(stores, form, sent)
    channel = KeepingChannel()
    delivering.deliver(stores, sent, "folder", channel, now=clock())
    with pytest.raises(IllegalChange, match="is delivered"):
        delivering.retry(stores, sent, "folder", now=clock())
    delivering.deliver(stores, sent, "folder", channel, now=clock())
    assert len(channel.parcels) == 1
    delivering.resend(stores, sent, "folder", now=clock(), by="operator")
    delivering.deliver(stores, sent, "folder", channel, now=clock())
    assert len({parcel.key for parcel in channel.parcels}) == 1
    assert len(channel.parcels) == 2


def test_rel_03_a_hundred_attempts_and_a_crash_after_each_know_one_reference(
    stores: Stores,
    form: FormDefinition,
    sent: Reference,
    clock: Clock,
) -> None:
    make(stores, form, sent)
    channel = KeepingChannel()
    for attempt in range(100):
        delivering.deliver(stores, sent, "folder", channel, now=clock())
        if attempt % 2:  # the worker died before it could write down that it was delivered
            with stores.write() as work:
                lost = replace(work.deliveries.load(sent, "folder"), status=DeliveryStatus.SENDING, receipt="")
                work.deliveries.save(lost)
        else:
            delivering.resend(stores, sent, "folder", now=clock())
    told = {(parcel.reference, parcel.key, json.loads(_manifest(parcel))["reference"]) for parcel in channel.parcels}
    assert len(channel.parcels) == 100
    assert told == {(sent, next(iter(told))[1], sent)}
    assert codes.read_reference(sent) == sent
    with stores.read() as work:
        assert work.submissions.count() == 1


def _manifest(parcel: Parcel) -> bytes:
    return next(file for file in parcel.files if file.path == "manifest.json").read()


def test_only_what_was_delivered_is_sent_again(
    stores: Stores,
    sent: Reference,
    clock: Clock,
) -> None:
    with pytest.raises(IllegalChange, match="is waiting"):
        delivering.resend(stores, sent, "folder", now=clock())
    with pytest.raises(NotFound):
        delivering.retry(stores, sent, "pigeon", now=clock())


def test_every_application_is_listed_once_however_many_pages_there_are(
    stores: Stores,
    sent: Reference,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivering, "_PAGE", 1)
    assert [row.reference for row in delivering.applications(stores)] == [sent]


def test_enc_09_the_worker_loses_its_key_also_when_the_last_two_deliveries_end_at_once(
    cluster: Cluster | None, tmp_path: Path, form: FormDefinition, clock: Clock
) -> None:
    if cluster is None:
        pytest.skip("no PostgreSQL server can be started here")
    stores = opened.open_stores(
        cluster.new_database(), f"file://{tmp_path}", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER
    )
    for _ in range(8):
        draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
        reference = filled.submit(stores, form, clock, draft)
        make(stores, form, reference)
        both = threading.Barrier(2)

        class Meeting:
            def deliver(self, _parcel: Parcel, both: threading.Barrier = both) -> str:
                both.wait(20)
                return "taken"

        def deliver(name: str, reference: Reference = reference, channel: Meeting = Meeting()) -> None:  # noqa: B008
            delivering.deliver(stores, reference, name, channel, now=clock())

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(deliver, ("folder", "inbox")))
        with stores.read() as work:
            assert all(wrap.kind != JOB for wrap in work.keys.of(draft.id))
    opened.close(stores)
