"""Finish from the tables what the job engine forgot: the rows of deliveries are the truth.

A delivery that is open and due, and that no living job will come to, gets a new job. So do deferred ones when their
pause is over: their job ended, and this is who comes back.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from formengine import metrics
from formengine.core.lifecycle import Reference
from formengine.services import delivering
from formengine.services.ports import Stores

_log = logging.getLogger(__name__)


def reconcile(stores: Stores, *, now: datetime, limit: int = 500) -> tuple[Reference, ...]:
    """The submissions that were given a new job."""
    with stores.read() as work:
        due = work.deliveries.due(now, limit=limit)
    return tuple(reference for reference in due if _take_up(stores, reference, now))


def _take_up(stores: Stores, reference: Reference, now: datetime) -> bool:
    with stores.read() as work:
        run = work.submissions.run(reference)
        living = work.outbox.under_way(reference)
    if "" in living:
        return False
    with stores.write() as work:
        if work.submissions.run(reference) != run:
            return False
        lost = [
            delivery
            for delivery in work.deliveries.of(reference)
            if delivery.status in delivering.OPEN and delivery.due_at <= now and delivery.channel not in living
        ]
        if not lost:
            return False
        new = work.submissions.next_run(reference)
        for delivery in lost:
            work.deliveries.save(replace(delivery, due_at=now + delivering.pause(reference, new)))
        work.outbox.enqueue(reference, run=new, channels=[delivery.channel for delivery in lost])
    metrics.count("retakes")
    _log.warning("taken up again: %s, run %d", reference, new)
    return True
