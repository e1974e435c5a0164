"""The receipt, how far the application is, and the copies to download."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import numbers
from formengine.core.lifecycle import Reference, Submission
from formengine.errors import NotFound
from formengine.i18n.catalogues import N_
from formengine.services import delivering, filing
from formengine.services.clock import rfc3339, today
from formengine.services.delivering import Stage
from formengine.web import following, pages
from formengine.web.access import public
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

status = Blueprint("status", __name__)

STEPS: Final = {
    Stage.RECEIVED: N_("Eingegangen"),
    Stage.FORWARDING: N_("Wird weitergeleitet"),
    Stage.DELIVERED: N_("An die Behörde übergeben"),
}
SENTENCES: Final = {
    Stage.RECEIVED: N_("Ihr Antrag ist eingegangen. Wir machen gerade das PDF."),
    Stage.FORWARDING: N_("Ihr Antrag ist eingegangen. Wir leiten ihn gerade weiter."),
    Stage.DELIVERED: N_("Ihr Antrag ist bei der Behörde. Sie prüft ihn jetzt."),
}
LATE: Final = N_(
    "Ihr Antrag ist eingegangen. Das Weiterleiten dauert länger als sonst. Der Tag des Eingangs bleibt gleich."
)
NOTHING_TO_DO: Final = N_("Sie müssen nichts tun.")
PROOFS_TO_SEND: Final = N_("Schicken Sie uns noch die Nachweise, die unten stehen.")


@status.get("/<form:form>/confirmation")
@public
def confirmation(form: str) -> Response | WerkzeugResponse:
    """That the application has arrived, with its number and the time; reachable as long as the session lives."""
    v = visit()
    reference = v.reference
    if reference is None:
        return redirect(f"/{form}/{v.query}", 303)
    submission = delivering.load(v.stores, reference)
    pdf = _pdf(v, submission)
    words = Words(v.the_form(), v.text, today(submission.received_at))
    return pages.page(
        "confirmation.html",
        "confirmation",
        title=words.title(),
        form_id=form,
        reference=reference,
        received=v.text.moment(submission.received_at),
        received_iso=rfc3339(submission.received_at),
        to_send=_proofs(submission, "later"),
        lacking=_proofs(submission, "notAvailable"),
        pdf={"href": f"/{form}/confirmation/application.pdf", "size": v.text.size(len(pdf))} if pdf else None,
        json={"href": f"/{form}/confirmation/application.json", "size": v.text.size(len(submission.payload))},
        onward=following.onward(v),
        leave=f"/{form}/leave",
        progress=f"/{form}/status",
    )


@status.get("/<form:form>/status")
@public
def state(form: str) -> Response | WerkzeugResponse:
    """How far the application is: received, on its way, delivered. The day of receipt never changes (F-10)."""
    v = visit()
    if v.reference is None:
        return redirect(f"/{form}/{v.query}", 303)
    submission = delivering.load(v.stores, v.reference)
    with v.stores.read() as work:
        found = work.deliveries.of(submission.reference)
    sent = [one for one in found if v.tenant.kind_of(one.channel) != "email"] or found  # a notice delivers nothing
    stage = delivering.stage(submission, sent)
    pdf = _pdf(v, submission)
    to_send = _proofs(submission, "later")
    said = LATE if delivering.is_late(submission, sent, v.now) else SENTENCES[stage]
    return pages.page(
        "status.html",
        "status",
        title=Words(v.the_form(), v.text, today(submission.received_at)).title(),
        form_id=form,
        reference=submission.reference,
        received=v.text.moment(submission.received_at),
        received_iso=rfc3339(submission.received_at),
        said=v.text.say(said),
        next=v.text.say(PROOFS_TO_SEND if to_send else NOTHING_TO_DO),
        onward=following.onward(v),
        steps=_steps(v, stage),
        to_send=to_send,
        lacking=_proofs(submission, "notAvailable"),
        pdf={"href": f"/{form}/confirmation/application.pdf", "size": v.text.size(len(pdf))} if pdf else None,
        json={"href": f"/{form}/confirmation/application.json", "size": v.text.size(len(submission.payload))},
    )


def _steps(v: Visit, stage: Stage) -> list[dict[str, object]]:
    """The way of an application; what is done and where it is now stand in words."""
    order = list(Stage)
    now = order.index(stage)
    done = {**dict.fromkeys(order[:now], N_("erledigt")), stage: N_("aktuell")}
    return [
        {
            "text": v.text.say(STEPS[one]),
            "mark": v.text.say(done[one]) if one in done else "",
            "current": one is stage,
            "dated": one is Stage.RECEIVED,
        }
        for one in order
    ]


@status.get("/<form:form>/confirmation/application.json")
@public
def json_copy(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """The answers exactly as they were sent."""
    v = visit()
    submission = delivering.load(v.stores, _reference(v))
    return _download(submission.payload, "application/json", f"{submission.reference}.json")


@status.get("/<form:form>/confirmation/application.pdf")
@public
def pdf_copy(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """The signed document."""
    v = visit()
    submission = delivering.load(v.stores, _reference(v))
    pdf = _pdf(v, submission)
    if not pdf:
        raise NotFound("there is no document yet")
    return _download(pdf, "application/pdf", f"{submission.reference}.pdf")


def _reference(v: Visit) -> Reference:
    if v.reference is None:
        raise NotFound("nothing was sent")
    return v.reference


def _pdf(v: Visit, submission: Submission) -> bytes:
    if not submission.pdf_sha512:
        return b""
    try:
        return filing.document(v.stores, submission)
    except NotFound:
        return b""


def _proofs(submission: Submission, status: str) -> list[str]:
    """The titles of the proofs of which the applicant said *status*."""
    return [proof["title"] for proof in numbers.loads(submission.record)["proofs"] if proof["status"] == status]


def _download(data: bytes, media_type: str, name: str) -> Response:
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
