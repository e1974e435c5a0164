"""Make the document, seal it, send it: each a stage that may run twice and ends the same.

The rows of deliveries are the truth; whoever drives these stages may forget everything in between.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from formengine.core.lifecycle import Delivery, DeliveryStatus, IllegalChange, Reference, Submission
from formengine.errors import DeliveryDeferred, DeliveryRefused, NoTimeStamp, StorageError
from formengine.services import filing, packing
from formengine.services.noting import FileNotes
from formengine.services.ports import Channel, Forms, InboxRow, Renderer, Signer, Stores, Work
from formengine.services.values import JOB

PAUSES: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 120, 240, 480))
LONGEST_PAUSE: Final = timedelta(hours=12)
GIVE_UP: Final = timedelta(days=14)
"""REL-07."""
OPEN: Final = frozenset({DeliveryStatus.WAITING, DeliveryStatus.SENDING})
LONGEST_ATTEMPT: Final = timedelta(minutes=10)
"""An attempt that says nothing for so long is taken for dead; the next one ends the same."""

LATE: Final = timedelta(hours=2)
_PAGE: Final = 500


class Stage(StrEnum):
    """How far an application is, as its applicant is told."""

    RECEIVED = "received"
    FORWARDING = "forwarding"
    DELIVERED = "delivered"


def stage(submission: Submission, deliveries: Iterable[Delivery]) -> Stage:
    """Received; on its way once its document is sealed; delivered when every one of *deliveries* was made."""
    statuses = {delivery.status for delivery in of_application(deliveries)}
    if statuses == {DeliveryStatus.DELIVERED}:
        return Stage.DELIVERED
    return Stage.FORWARDING if submission.pdf_sha512 else Stage.RECEIVED


def of_application(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Those that bring the application itself, without what was added later."""
    return tuple(one for one in deliveries if not one.channel.endswith(packing.STAMP_LATER))


def is_late(submission: Submission, deliveries: Iterable[Delivery], now: datetime) -> bool:
    """Whether it takes so long that applicants may ask themselves what is wrong."""
    return stage(submission, deliveries) is not Stage.DELIVERED and now - submission.received_at > LATE


def render(stores: Stores, reference: Reference, *, forms: Forms, renderer: Renderer) -> None:
    """Make the document, unless there is one. Errors: StorageError, and whatever keeps it from being made."""
    submission = load(stores, reference)
    if (
        submission.pdf_sha512
        or stores.files.has(filing.unsigned_key(reference))
        or stores.files.has(filing.pdf_key(reference))
    ):
        return
    pdf = renderer.render(_opened(submission), forms.version(submission.form_hash))
    stores.files.put(filing.unsigned_place(submission), pdf)


def sign(
    stores: Stores, reference: Reference, *, signer: Signer, now: datetime, patience: timedelta | None = None
) -> None:
    """Seal the document once; a second seal is not kept. Errors: SigningError, StorageError.

    Where the time stamp alone cannot be had, it waits; with some *patience*, that long after the receipt at most: then
    it is sealed without, and the stamp is added later (PDF-07). The date of receipt is ours and stays.
    """
    submission = load(stores, reference)
    if not submission.pdf_sha512:
        if not stores.files.has(filing.pdf_key(reference)):
            unsigned = stores.files.get(filing.unsigned_place(_opened(submission)))
            try:
                sealed = signer.sign(unsigned)
            except NoTimeStamp:
                if patience is None or now < submission.received_at + patience:
                    raise
                sealed = signer.sign_unstamped(unsigned)
            _log_seal(stores, submission, signer, sealed, now)
            stores.files.put(filing.pdf_place(submission), sealed)
        kept = stores.files.get(filing.pdf_place(_opened(submission)))
        with stores.write() as work:
            work.submissions.keep_pdf(reference, hashlib.sha512(kept).hexdigest())
            if signer.lacks_stamp(kept):
                work.late_stamps.add(reference, due_at=now)
    stores.files.delete(filing.unsigned_key(reference))


def _log_seal(stores: Stores, submission: Submission, signer: Signer, sealed: bytes, now: datetime) -> None:
    """A line for every use of the key, before what it sealed is kept (PDF-09)."""
    if signer.seal == "none":
        return
    action = "seal.unstamped" if signer.lacks_stamp(sealed) else "seal"
    with stores.write() as work:
        work.audit.add(tenant=submission.tenant, at=now, person="worker", action=action, reference=submission.reference)


def hand_on(stores: Stores, reference: Reference, *, run: int, channels: Collection[str] = ()) -> None:
    """Let the document go through those of *channels* that are open still, or through all: a job for each."""
    submission = load(stores, reference)
    with stores.write() as work:
        for delivery in work.deliveries.of(reference):
            if delivery.status in OPEN and (not channels or delivery.channel in channels):
                work.outbox.enqueue_delivery(reference, delivery.channel, tenant=submission.tenant, run=run)


def without_document(stores: Stores, reference: Reference, reason: str, *, now: datetime) -> None:
    """Nothing can be delivered yet, for there is no sealed document: each open delivery says why, and waits."""
    submission = load(stores, reference)
    with stores.write() as work:
        for delivery in work.deliveries.of(reference):
            if delivery.status in OPEN:
                tried = delivery.changed(DeliveryStatus.SENDING)
                work.deliveries.save(_deferred(tried, submission.received_at, reason, now))


def deliver(stores: Stores, reference: Reference, name: str, channel: Channel, *, now: datetime) -> Delivery:
    """The delivery to the channel *name* after one attempt; delivered already, it is left as it is.

    A deferred attempt leaves it waiting, due after a growing pause; a refused one, or the last, parks it. With the last
    delivery the worker loses its key to the submission (security.md 4).
    """
    with stores.write() as work:
        delivery = work.deliveries.load(reference, name, lock=True)
        if delivery.status in {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}:
            return delivery
        delivery = replace(delivery.changed(DeliveryStatus.SENDING), due_at=now + LONGEST_ATTEMPT)
        work.deliveries.save(delivery)
    submission = load(stores, reference)
    try:
        _after_the_application(stores, reference, name)
        noted = replace(packing.parcel(stores, submission, name), notes=FileNotes(stores.files, submission, name))
        done = delivery.changed(DeliveryStatus.DELIVERED, receipt=channel.deliver(noted))
        if not getattr(channel, "is_confirmed_by_people", False):
            done = replace(done, confirmed_at=now)
    except DeliveryRefused as error:
        done = delivery.changed(DeliveryStatus.FAILED, error=str(error))
    except (DeliveryDeferred, StorageError) as error:
        done = _deferred(delivery, submission.received_at, str(error), now)
    with stores.write() as work:
        # all are locked, in one order: else two that end at once each see the other open, and the key stays
        locked = {one.channel: one for one in work.deliveries.of(reference, lock=True)}
        current = locked.get(name) or work.deliveries.load(reference, name)
        if current.status is DeliveryStatus.DELIVERED:
            return current
        work.deliveries.save(done)
        if is_done(work, reference):
            work.keys.drop(submission.draft_id, JOB)
    return done


def is_done(work: Work, reference: Reference) -> bool:
    """Whether every delivery was made and no time stamp is to come: then the worker needs to read it no more."""
    stamp = work.late_stamps.of(reference)
    lacks = stamp is not None and not stamp.sha512
    return not lacks and all(one.status is DeliveryStatus.DELIVERED for one in work.deliveries.of(reference))


def _after_the_application(stores: Stores, reference: Reference, name: str) -> None:
    """Errors: DeliveryDeferred where *name* brings a time stamp and the channel has not got the application yet."""
    if name.endswith(packing.STAMP_LATER):
        with stores.read() as work:
            first = work.deliveries.load(reference, name.removesuffix(packing.STAMP_LATER))
        if first.status is not DeliveryStatus.DELIVERED:
            raise DeliveryDeferred("the application itself is not delivered yet")


def retry(stores: Stores, reference: Reference, name: str, *, now: datetime, by: str = "") -> Delivery:
    """A delivery that is parked or waits, due at once. *by* is who wants it, for the audit log.

    Errors: NotFound; IllegalChange if it was delivered, or is being sent.
    """
    return _again(stores, reference, name, from_={DeliveryStatus.FAILED, DeliveryStatus.WAITING}, now=now, by=by)


def resend(stores: Stores, reference: Reference, name: str, *, now: datetime, by: str = "") -> Delivery:
    """A delivery that was made, to be made once more, with the same key as before.

    Where every delivery was made the worker has lost its key: then *stores* are opened by the authority.
    Errors: NotFound, IllegalChange, StorageError without that key.
    """
    return _again(stores, reference, name, from_={DeliveryStatus.DELIVERED}, now=now, by=by)


def _again(
    stores: Stores, reference: Reference, name: str, *, from_: set[DeliveryStatus], now: datetime, by: str
) -> Delivery:
    submission = load(stores, reference)
    with stores.write() as work:
        found = work.deliveries.load(reference, name, lock=True)
        if found.status not in from_:
            raise IllegalChange(f"the delivery of {reference} through {name} is {found.status}")
        waiting = found if found.status is DeliveryStatus.WAITING else found.changed(DeliveryStatus.WAITING)
        delivery = replace(waiting, due_at=now)
        if all(wrap.kind != JOB for wrap in work.keys.of(submission.draft_id)):
            key = _opened(submission).key
            work.keys.add(submission.draft_id, [w for w in stores.ring.wraps(key, submission.tenant) if w.kind == JOB])
        work.deliveries.save(delivery)
        work.outbox.enqueue(reference, run=work.submissions.next_run(reference), channels=[name])
        if by:
            work.audit.add(
                tenant=submission.tenant,
                at=now,
                person=by,
                action=f"delivery.{'resend' if found.status is DeliveryStatus.DELIVERED else 'retry'}",
                reference=reference,
                detail=name,
            )
    return delivery


def applications(stores: Stores) -> Iterator[InboxRow]:
    """Every application with its deliveries, the newest first, read a page at a time."""
    seen: set[str] = set()
    before: datetime | None = None
    while True:
        with stores.read() as work:
            page = work.submissions.inbox(limit=_PAGE, before=before)
        new = [row for row in page if row.reference not in seen]
        yield from new
        if len(page) < _PAGE or not new:
            return
        # Those of the last row's instant come again with the next page, and some that were not on this one.
        seen = {row.reference for row in page}
        before = page[-1].received_at + timedelta(microseconds=1)


def load(stores: Stores, reference: Reference) -> Submission:
    """The submission. Errors: NotFound."""
    with stores.read() as work:
        return work.submissions.load(reference)


def _opened(submission: Submission) -> Submission:
    """The submission. Errors: StorageError if its key is not here."""
    if not submission.key:
        raise StorageError("there is no key to the submission here")
    return submission


def pause(reference: Reference, attempts: int) -> timedelta:
    """How long to wait after that many attempts: growing, spread by up to a fifth so that not all come at once."""
    base = PAUSES[attempts - 1] if 0 < attempts <= len(PAUSES) else LONGEST_PAUSE
    spread = int.from_bytes(hashlib.sha256(f"{reference}/{attempts}".encode()).digest()[:4]) / 2**32
    return base * (0.8 + 0.4 * spread)


def _deferred(delivery: Delivery, received_at: datetime, error: str, now: datetime) -> Delivery:
    due_at = now + pause(delivery.reference, delivery.attempts)
    if due_at - received_at > GIVE_UP and delivery.attempts > len(PAUSES):
        return delivery.changed(DeliveryStatus.FAILED, error=error)
    return replace(delivery.changed(DeliveryStatus.WAITING, error=error), due_at=due_at)
