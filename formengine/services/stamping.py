"""The time stamp that a document went out without, added when the authority answers again (PDF-07).

What was sent stays as it was, byte for byte, and keeps its key; the stamped document is one more revision of it, kept
for staff and applicant. To channels that the operator names it goes as a supplement, which no application is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from formengine.core.lifecycle import Delivery, DeliveryStatus, Reference, Submission
from formengine.errors import NoTimeStamp, SigningError, StorageError
from formengine.services import delivering, filing
from formengine.services.packing import STAMP_LATER
from formengine.services.ports import Signer, Stores, Work
from formengine.services.values import JOB

LONGEST_PAUSE: Final = timedelta(hours=1)


def stamp_due(
    stores: Stores, signer: Signer, *, now: datetime, to: Mapping[str, Collection[str]], limit: int = 100
) -> int:
    """Stamp the documents that lack it; how many. *to* names the channels of each tenant that are sent it too.

    The first one that gets no stamp ends the round: the others will not get any either.
    """
    with stores.read() as work:
        due = work.late_stamps.due(now, limit=limit)
    for count, reference in enumerate(due):
        try:
            _stamp(stores, signer, delivering.load(stores, reference), now=now, to=to)
        except (SigningError, StorageError) as error:
            _put_off(stores, reference, str(error), now)
            if isinstance(error, NoTimeStamp):
                return count
    return len(due)


def _stamp(
    stores: Stores, signer: Signer, submission: Submission, *, now: datetime, to: Mapping[str, Collection[str]]
) -> None:
    reference, place = submission.reference, filing.stamped_place(submission)
    if not submission.key:
        raise StorageError("there is no key to the submission here")
    if not stores.files.has(place.at):
        stores.files.put(place, signer.stamp(stores.files.get(filing.pdf_place(submission))))
    digest = hashlib.sha512(stores.files.get(place)).hexdigest()
    with stores.write() as work:
        sent = work.deliveries.of(reference, lock=True)  # first: it holds off whoever else does or delivers the same
        stamp = work.late_stamps.of(reference)
        if stamp is None or stamp.sha512:
            return
        work.late_stamps.save(replace(stamp, attempts=stamp.attempts + 1, error="", sha512=digest))
        work.audit.add(tenant=submission.tenant, at=now, person="worker", action="seal.stamped", reference=reference)
        channels = {one.channel for one in sent} & set(to.get(submission.tenant, ()))
        _hand_on(work, submission, [f"{name}{STAMP_LATER}" for name in sorted(channels)], now)


def _hand_on(work: Work, submission: Submission, channels: Collection[str], now: datetime) -> None:
    reference = submission.reference
    work.deliveries.add(Delivery(reference, name, DeliveryStatus.WAITING, 0, now) for name in channels)
    if channels:
        work.outbox.enqueue(reference, run=work.submissions.next_run(reference), channels=channels)
    elif delivering.is_done(work, reference):
        work.keys.drop(submission.draft_id, JOB)


def _put_off(stores: Stores, reference: Reference, error: str, now: datetime) -> None:
    with stores.write() as work:
        stamp = work.late_stamps.of(reference)
        if stamp is not None and not stamp.sha512:
            tried = stamp.attempts + 1
            due_at = now + min(delivering.pause(reference, tried), LONGEST_PAUSE)
            work.late_stamps.save(replace(stamp, attempts=tried, error=error, due_at=due_at))
