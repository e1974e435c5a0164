"""Take a parked application out by hand, with four eyes (REL-08). Only on the staff site.

The page shows nothing that was answered. Nothing leaves but by the opener, which looks again who may fetch it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from formengine.core.lifecycle import DeliveryStatus, IllegalChange, Reference
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import casework, exporting
from formengine.services.exporting import LONGEST_REASON, Standing
from formengine.services.ports import Export
from formengine.web import case_view
from formengine.web.access import staff
from formengine.web.staff_pages import CASES, attachment, staff_id, staff_page
from formengine.web.visits import Visit, visit

by_hand = Blueprint("by_hand", __name__)


@by_hand.get("/applications/<string(maxlength=20):reference>/export")
@staff(*CASES)
def show(reference: str) -> AnyResponse:
    """What is parked and why, who asked to take it out, and what is to be done next."""
    return _page(reference)


@by_hand.post("/applications/<string(maxlength=20):reference>/export")
@staff(*CASES)
def ask(reference: str) -> AnyResponse:
    """Ask for it, with a reason."""
    v = visit()
    reason = request.form.get("_reason", "").strip()
    if not reason:
        return _page(reference, v.text.say(N_("Geben Sie einen Grund ein")))
    if len(reason) > LONGEST_REASON:
        return _page(
            reference, v.text.say(N_("Kürzen Sie den Grund auf höchstens {n} Zeichen"), n=LONGEST_REASON), reason
        )
    with suppress(IllegalChange):  # somebody else was quicker: the page says who
        exporting.ask(
            v.stores, v.tenant.id, Reference(reference), staff=staff_id(v), name=_name(v), reason=reason, now=v.now
        )
    return redirect(f"/applications/{reference}/export", 303)


@by_hand.post("/applications/<string(maxlength=20):reference>/export/approve")
@staff(*CASES)
def approve(reference: str) -> AnyResponse:
    """Agree to what another person asked for."""
    v = visit()
    with suppress(IllegalChange):
        exporting.approve(v.stores, v.tenant.id, Reference(reference), staff=staff_id(v), name=_name(v), now=v.now)
    return redirect(f"/applications/{reference}/export", 303)


@by_hand.post("/applications/<string(maxlength=20):reference>/export/bundle")
@staff(*CASES)
def bundle(reference: str) -> AnyResponse:
    """The application as an archive, once. Errors: NotFound for whom nobody let."""
    v = visit()
    return attachment(v.site.engine.opener.bundle(v.tenant.id, staff_id(v), Reference(reference)))


def _page(reference: str, error: Phrase | None = None, typed: str = "") -> Response:
    v = visit()
    export, deliveries = casework.parked(v.stores, v.tenant.id, Reference(reference))
    problems = [{"id": "grund", "pointer": "", "code": "reason", "text": error}] if error is not None else []
    standing = exporting.standing(export, v.now)
    return staff_page(
        "staff/export.html",
        "export",
        status=422 if error else 200,
        reference=reference,
        deliveries=[case_view.sent(v, one) for one in deliveries if one.status is DeliveryStatus.FAILED],
        standing=standing.value,
        is_open=standing is not Standing.NONE,
        export=_said(v, export) if export is not None else None,
        is_mine=export is not None and export.asked_by == staff_id(v),
        longest=LONGEST_REASON,
        error=error,
        typed=typed,
        problems=problems,
        problems_title=v.text.ngettext("Bitte prüfen Sie 1 Angabe", "Bitte prüfen Sie {n} Angaben", 1),
    )


def _said(v: Visit, export: Export) -> dict[str, Any]:
    """Who did what when, in words."""
    return {
        "asked": export.asked_name,
        "asked_at": v.text.moment(export.asked_at),
        "reason": export.reason,
        "ends_at": v.text.moment(export.ends_at),
        "approved": export.approved_name,
        "approved_at": v.text.moment(export.approved_at) if export.approved_at is not None else "",
        "fetched_at": v.text.moment(export.fetched_at) if export.fetched_at is not None else "",
    }


def _name(v: Visit) -> str:
    return str(v.session.person["name"]) if v.session is not None else ""
