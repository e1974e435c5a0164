"""Delete what is past its date: drafts with their files, sessions, files that never arrived, counters of limits."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from formengine.core.lifecycle import DraftId, DraftStatus, Reference
from formengine.errors import NotFound
from formengine.services import filing
from formengine.services.ports import Stores
from formengine.services.visiting import LIMITS

STRAY_AFTER: Final = timedelta(hours=24)
"""UPL-17."""
TOMBSTONES_KEPT: Final = timedelta(days=100)
"""Longer than any backup may be kept (GDP-05)."""
LEEWAY: Final = timedelta(hours=2)
"""So much later than their limits sessions and drafts are deleted: a clock that is an hour ahead deletes nothing."""
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many of each were deleted."""

    drafts: int = 0
    files: int = 0
    sessions: int = 0
    limits: int = 0
    submissions: int = 0


def clean_up(stores: Stores, *, now: datetime, kept_days: Mapping[str, int] | None = None) -> Deleted:
    """Delete all that is past its date at *now*. Stopped half-way, the next run goes on.

    *kept_days*: how long each tenant keeps what was delivered.
    """
    drafts = expire(stores, now=now - LEEWAY)
    submissions = sum(
        remove_delivered(stores.of(tenant), confirmed_before=now - timedelta(days=days), now=now)
        for tenant, days in (kept_days or {}).items()
    )
    with stores.read() as work:
        stray = work.files.stray(now - STRAY_AFTER, limit=_BATCH)
    for file_id in stray:
        filing.discard(stores, file_id)
    idle, absolute = max(one.idle for one in LIMITS.values()), max(one.absolute for one in LIMITS.values())
    with stores.write() as work:
        sessions = work.sessions.delete_unseen(seen_before=now - LEEWAY - idle, made_before=now - LEEWAY - absolute)
        limits = work.limits.delete_over(now)
        work.late_posts.delete_over(now - LEEWAY)
        work.drafts.forget_tombstones(now - TOMBSTONES_KEPT)
    return Deleted(drafts, len(stray), sessions, limits, submissions)


def expire(stores: Stores, *, now: datetime) -> int:
    """Delete the drafts whose time is over, rows and files (RES-10); how many."""
    count = 0
    while True:
        with stores.read() as work:
            over = work.drafts.past(now, limit=_BATCH)
        count += sum(delete_draft(stores, draft_id, now=now, unless_kept_after=now) for draft_id in over)
        if len(over) < _BATCH:
            return count


def remove_delivered(stores: Stores, *, confirmed_before: datetime, now: datetime) -> int:
    """Remove from our side what every channel confirmed before then: keys, files, document, rows; how many (GDP-03)."""
    count = 0
    while True:
        with stores.read() as work:
            over = work.submissions.over(confirmed_before, limit=_BATCH)
        for reference in over:
            remove(stores, reference, now=now)
        count += len(over)
        if len(over) < _BATCH:
            return count


def remove(stores: Stores, reference: Reference, *, now: datetime) -> None:
    """Remove one submission: its keys, then what lies in the file store, then its rows; a stub stays."""
    with stores.write() as work:
        submission = work.submissions.load(reference)
        work.keys.drop(submission.draft_id)
        files, deliveries = work.files.of(submission.draft_id), work.deliveries.of(reference)
    places = [filing.object_key(file.id) for file in files]
    places += [filing.unsigned_key(reference), filing.pdf_key(reference), filing.stamped_key(reference)]
    for delivery in deliveries:
        notes = itertools.takewhile(
            stores.files.has, (filing.note_key(reference, delivery.channel, n) for n in itertools.count())
        )
        places += notes
    for place in places:
        stores.files.delete(place)
    with stores.write() as work:
        work.submissions.remove(reference, now=now)


def delete_draft(
    stores: Stores, draft_id: DraftId, *, now: datetime, unless_kept_after: datetime | None = None
) -> bool:
    """Delete a draft at once: its answers and keys, then its files and its row (GDP-02).

    False, and nothing deleted, if it was sent, or meanwhile saved and so kept beyond that instant.
    """
    with stores.write() as work:
        draft = work.drafts.load(draft_id, lock=True)
        kept = unless_kept_after is not None and draft.expires_at > unless_kept_after
        if kept or draft.status is DraftStatus.SUBMITTED:
            return False
        if draft.status is DraftStatus.OPEN:
            work.drafts.close(draft.changed(DraftStatus.EXPIRED))
        work.keys.drop(draft_id)
        files = work.files.of(draft_id)
    for file in files:
        stores.files.delete(filing.object_key(file.id))
    with stores.write() as work:
        work.drafts.delete(draft_id, now=now)
    return True


def forget_again(stores: Stores, deleted: Sequence[tuple[DraftId, datetime]]) -> int:
    """Delete again what a restored copy still has, and remember all of *deleted*; how many were there (GDP-05)."""
    with stores.read() as work:
        known = {draft_id for draft_id, _ in work.drafts.tombstones()}
    count = 0
    for draft_id, at in deleted:
        if draft_id in known:
            continue
        try:
            count += delete_draft(stores, draft_id, now=at)
        except NotFound:
            with stores.write() as work:
                work.drafts.bury(draft_id, at)
    return count
