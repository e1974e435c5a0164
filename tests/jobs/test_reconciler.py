from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from formengine.core.lifecycle import DeliveryStatus
from formengine.jobs.reconciler import reconcile
from formengine.services.ports import Stores
from tests import opened
from tests.opened import NOW


def job(stores: Stores, statement: str) -> None:
    with stores.database.engines.write() as rows:
        rows.connection.execute(text(statement))


def test_what_a_living_job_will_come_to_is_left_to_it(stores: Stores) -> None:
    opened.send(stores, "inbox")
    assert reconcile(stores, now=NOW + timedelta(days=1)) == ()


@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM workflow_status",
        "UPDATE workflow_status SET status = 'ERROR'",
        "UPDATE workflow_status SET status = 'CANCELLED'",
        "UPDATE workflow_status SET status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'",
        "UPDATE workflow_status SET status = 'PENDING', application_version = 'of yore'",
    ],
)
def test_what_the_job_engine_lost_is_taken_up_again_once(stores: Stores, lost: str) -> None:
    reference = opened.send(stores, "inbox")
    job(stores, lost)
    assert reconcile(stores, now=NOW) == (reference,)
    assert reconcile(stores, now=NOW) == ()
    with stores.read() as work:
        assert work.outbox.under_way(reference) == {""}


def test_a_deferred_delivery_is_taken_up_when_its_pause_is_over(stores: Stores) -> None:
    reference = opened.send(stores, "inbox")
    job(stores, "UPDATE workflow_status SET status = 'SUCCESS'")
    with stores.write() as work:
        delivery = work.deliveries.load(reference, "inbox")
        work.deliveries.save(replace(delivery, due_at=NOW + timedelta(minutes=5)))
    assert reconcile(stores, now=NOW + timedelta(minutes=4)) == ()
    assert reconcile(stores, now=NOW + timedelta(minutes=5)) == (reference,)


def test_what_is_delivered_or_parked_is_left_alone(stores: Stores) -> None:
    for status in (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED):
        reference = opened.send(stores, "inbox")
        with stores.write() as work:
            work.deliveries.save(replace(work.deliveries.load(reference, "inbox"), status=status))
    job(stores, "DELETE FROM workflow_status")
    assert reconcile(stores, now=NOW + timedelta(days=1)) == ()


def test_a_job_that_fails_again_and_again_is_taken_up_ever_more_rarely(stores: Stores) -> None:
    opened.send(stores, "inbox")
    now, times = NOW, []
    while len(times) < 9:
        job(stores, "UPDATE workflow_status SET status = 'ERROR'")
        if reconcile(stores, now=now):
            times.append(now)
        now += timedelta(seconds=30)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps[0] < timedelta(minutes=2)
    assert gaps[-1] > timedelta(hours=5)
