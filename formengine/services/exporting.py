"""Take a parked application out by hand, with four eyes: one asks and says why, another agrees, the first fetches.

REL-08. Nothing about the application changes by it: its deliveries stay parked, and may be tried again as before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from formengine.core.lifecycle import DeliveryStatus, IllegalChange, Reference
from formengine.services.ports import Export, Stores, Work

ENDS_AFTER: Final = timedelta(hours=24)
"""So long after it was asked for, all is to be done: agreed to, and fetched."""
LONGEST_REASON: Final = 500


class Standing(StrEnum):
    """How far a wish to take an application out is. Only one that is NONE may be asked for."""

    NONE = "none"
    ASKED = "asked"
    APPROVED = "approved"


def standing(export: Export | None, now: datetime) -> Standing:
    """How it stands: what was fetched or whose time is over stands for nothing any more."""
    if export is None or export.fetched_at is not None or export.ends_at <= now:
        return Standing.NONE
    return Standing.ASKED if export.approved_at is None else Standing.APPROVED


def ask(
    stores: Stores, tenant: str, reference: Reference, *, staff: str, name: str, reason: str, now: datetime
) -> Export:
    """Ask for it, with a *reason* that stands in the audit log.

    Errors: NotFound; IllegalChange where no delivery is parked, or somebody asked already.
    """
    with stores.of(tenant).write() as work:
        export = _load(work, reference)
        if standing(export, now) is not Standing.NONE or not _is_parked(work, reference):
            raise IllegalChange(f"{reference} is not to be asked for")
        asked = Export(reference, staff, name, now, reason[:LONGEST_REASON], now + ENDS_AFTER)
        work.exports.save(asked)
        work.audit.add(
            tenant=tenant, at=now, person=staff, action="export.ask", reference=reference, detail=asked.reason
        )
    return asked


def approve(stores: Stores, tenant: str, reference: Reference, *, staff: str, name: str, now: datetime) -> Export:
    """Agree to what another person asked for.

    Errors: NotFound; IllegalChange where nobody asked, it was agreed to, its time is over, or *staff* asked.
    """
    with stores.of(tenant).write() as work:
        export = _load(work, reference)
        if export is None or standing(export, now) is not Standing.ASKED or export.asked_by == staff:
            raise IllegalChange(f"{reference} is not to be agreed to by {staff}")
        approved = replace(export, approved_by=staff, approved_name=name, approved_at=now)
        work.exports.save(approved)
        work.audit.add(
            tenant=tenant, at=now, person=staff, action="export.approve", reference=reference, detail=export.asked_by
        )
    return approved


def fetch(stores: Stores, tenant: str, reference: Reference, *, staff: str, now: datetime) -> None:
    """Use up the one time that who asked may fetch it.

    Errors: NotFound; IllegalChange where *staff* did not ask, nobody agreed, or it was fetched or is over.
    """
    with stores.of(tenant).write() as work:
        export = _load(work, reference)
        if export is None or standing(export, now) is not Standing.APPROVED or export.asked_by != staff:
            raise IllegalChange(f"{reference} is not to be fetched by {staff}")
        work.exports.save(replace(export, fetched_at=now))
        work.audit.add(
            tenant=tenant, at=now, person=staff, action="export.fetch", reference=reference, detail=export.approved_by
        )


def _load(work: Work, reference: Reference) -> Export | None:
    """What is there, with the deliveries locked: who comes second sees what the first did. Errors: NotFound."""
    work.submissions.load(reference)
    work.deliveries.of(reference, lock=True)
    return work.exports.of(reference)


def _is_parked(work: Work, reference: Reference) -> bool:
    return any(one.status is DeliveryStatus.FAILED for one in work.deliveries.of(reference))
