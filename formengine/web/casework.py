"""The caseworker's inbox, an application and its files, and the auditor's log. Only on the staff site.

What is read here comes from the opener, which writes its line in the audit log first (ACC-07).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from formengine.core.lifecycle import IllegalChange, Reference
from formengine.i18n.catalogues import N_
from formengine.services import casework as cases
from formengine.services import delivering
from formengine.services.clock import rfc3339
from formengine.services.ports import EVERYTHING, Opener, Sought
from formengine.web import case_view, inbox_view, verdict_view
from formengine.web.access import staff
from formengine.web.staff_pages import CASES, LOGS, areas, attachment, staff_id, staff_page
from formengine.web.visits import Visit, visit

casework = Blueprint("casework", __name__)


@casework.get("/")
@staff()
def start() -> AnyResponse:
    """The first area that the person may see."""
    return redirect(next((one.href for one in areas(visit())), "/sessions"), 303)


@casework.get("/inbox")
@staff(*CASES)
def inbox() -> AnyResponse:
    """The newest applications, or those received before the instant `before`."""
    return _inbox(visit(), EVERYTHING, _instant(request.args.get("before", "")))


@casework.post("/inbox")
@staff(*CASES)
def search() -> AnyResponse:
    """The applications sought. A post: what is sought must not stand in an address."""
    sought = inbox_view.sought(request.form)
    removed = request.form.get("_remove", "")
    if removed in Sought.__dataclass_fields__:
        sought = replace(sought, **{removed: getattr(EVERYTHING, removed)})
    return _inbox(visit(), sought, _instant(request.form.get("_before", "")))


def _inbox(v: Visit, sought: Sought, before: datetime | None) -> Response:
    found = cases.inbox(v.stores, _opener(v), v.tenant.id, staff_id(v), before=before, sought=sought)
    heading = v.text.say(N_("Eingang ({n})"), n=v.text.number(found.total))
    return staff_page("staff/inbox.html", "inbox", heading=heading, **inbox_view.context(v, found, sought))


@casework.get("/applications/<string(maxlength=20):reference>/")
@staff(*CASES)
def application(reference: str) -> AnyResponse:
    """One application: what was answered, the proofs, the declarations, and the files."""
    v = visit()
    read = cases.read(v.stores, _opener(v), v.tenant.id, Reference(reference), staff=staff_id(v))
    return staff_page("staff/application.html", "application", **case_view.context(v, read))


@casework.get(
    "/applications/<string(maxlength=20):reference>/<any('application.pdf','application.json','record.json'):name>"
)
@staff(*CASES)
def document(reference: str, name: str) -> AnyResponse:
    """The document, the submitted data or the record, to save."""
    return _file(reference, name)


@casework.get("/applications/<string(maxlength=20):reference>/proofs/<string(maxlength=200):name>")
@staff(*CASES)
def proof(reference: str, name: str) -> AnyResponse:
    """A proof, to save."""
    return _file(reference, f"proofs/{name}")


@casework.get("/applications/<string(maxlength=20):reference>/seal")
@staff(*CASES)
def seal(reference: str) -> AnyResponse:
    """Whether the seal of the document holds; a confined child reads it (ux.md 8.3)."""
    v = visit()
    pdf = _opener(v).file(v.tenant.id, staff_id(v), Reference(reference), "application.pdf").data
    verdict = verdict_view.context(v.text, v.site.engine.checker.check(pdf), reference) | {"advice": ""}
    return staff_page("staff/seal.html", "seal", reference=reference, verdict=verdict)


@casework.post("/applications/<string(maxlength=20):reference>/deliveries/<string(maxlength=64):channel>/retry")
@staff(*case_view.LEADS)
def retry(reference: str, channel: str) -> AnyResponse:
    """Let a delivery that is parked or waits be tried at once; what has moved meanwhile is left as it is."""
    v = visit()
    with suppress(IllegalChange):
        delivering.retry(v.stores, Reference(reference), channel, now=v.now, by=staff_id(v))
    return redirect(f"/applications/{reference}/#uebergabe", 303)


@casework.post("/applications/<string(maxlength=20):reference>/taken")
@staff(*CASES)
def take_over(reference: str) -> AnyResponse:
    """Say that the authority has the application now."""
    v = visit()
    cases.take_over(v.stores, v.tenant.id, Reference(reference), staff=staff_id(v), now=v.now)
    return redirect(f"/applications/{reference}/#uebergabe", 303)


@casework.get("/audit")
@staff(*LOGS)
def audit() -> AnyResponse:
    """The audit log, newest first."""
    v = visit()
    lines = cases.log(v.stores, v.tenant.id)
    caption = v.text.ngettext("1 Zeile, neueste zuerst", "{n} Zeilen, neueste zuerst", len(lines))
    shown = [
        {
            "number": line.number,
            "iso": rfc3339(line.at),
            "local": v.text.moment(line.at),
            "utc": line.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            "person": line.person,
            "action": inbox_view.action(v, line.action),
            "reference": line.reference,
        }
        for line in lines
    ]
    return staff_page("staff/audit.html", "audit", lines=shown, caption=caption)


def _file(reference: str, path: str) -> Response:
    v = visit()
    return attachment(_opener(v).file(v.tenant.id, staff_id(v), Reference(reference), path))


def _opener(v: Visit) -> Opener:
    return v.site.engine.opener


def _instant(text: str) -> datetime | None:
    """The instant in *text*, or None where there is none that can be read."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
