"""Exceptions as pages: one table says which status and which words each gets; views never catch to choose a page."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from flask import Flask, Response, g, redirect, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine import errors
from formengine.i18n.catalogues import N_
from formengine.services.visiting import STAFF
from formengine.web import conflicts, pages, recovering, steps
from formengine.web.access import SessionEnded
from formengine.web.crowding import Crowded, Rank, rank
from formengine.web.forms import ForgedField
from formengine.web.security import CutOff, Forged, from_our_site
from formengine.web.staff_pages import staff_page
from formengine.web.visits import open_visit, typed, visit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """How an exception is answered. *keeps*: the page shows what was typed."""

    status: int
    heading: str
    texts: tuple[str, ...]
    keeps: bool = False


_NOT_FOUND: Final = Answer(
    404, N_("Diese Seite gibt es nicht."), (N_("Prüfen Sie die Adresse. Ihre gespeicherten Angaben sind noch da."),)
)
_SERVER: Final = Answer(
    500,
    N_("Das hat leider nicht geklappt."),
    (N_("Ihre gespeicherten Angaben sind noch da. Versuchen Sie es in ein paar Minuten wieder."),),
    keeps=True,
)
_MALFORMED: Final = Answer(
    400,
    N_("Diese Anfrage können wir nicht lesen."),
    (N_("Gehen Sie zurück und versuchen Sie es noch einmal. Ihre gespeicherten Angaben sind noch da."),),
    keeps=True,
)
TABLE: Final[Mapping[type[Exception], Answer]] = {
    errors.NotFound: _NOT_FOUND,
    errors.NotAllowed: _NOT_FOUND,
    errors.FormClosed: Answer(
        503,
        N_("Dieser Antrag ist gerade nicht möglich."),
        (
            N_("Er wird geprüft. Gespeicherte Angaben bleiben bis zum Ablauf der Frist."),
            N_("Versuchen Sie es später wieder, oder rufen Sie uns an. Andere Anträge können Sie stellen."),
        ),
    ),
    errors.Stale: Answer(
        409,
        N_("Ihr Antrag wurde inzwischen an anderer Stelle geändert."),
        (
            N_("Vielleicht haben Sie ihn in einem zweiten Fenster oder auf einem anderen Gerät geöffnet."),
            N_("Wir haben nichts überschrieben. Prüfen Sie alle Angaben noch einmal."),
        ),
        keeps=True,
    ),
    errors.TooMany: Answer(
        429, N_("Zu viele Versuche."), (N_("Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal."),)
    ),
    Crowded: Answer(
        503,
        N_("Gerade sind sehr viele Menschen hier."),
        (N_("Warten Sie eine Minute und versuchen Sie es dann noch einmal."),),
        keeps=True,
    ),
    errors.StorageError: Answer(
        503,
        recovering.UNSAVED,
        (N_("Warten Sie ein paar Minuten und versuchen Sie es dann noch einmal."),),
        keeps=True,
    ),
    errors.KeysMissing: Answer(
        503,
        N_("Absenden ist gerade nicht möglich."),
        (
            N_("Ihre Angaben sind gespeichert. Wir haben nichts abgesendet."),
            N_("Versuchen Sie es in ein paar Stunden wieder."),
        ),
        keeps=True,
    ),
    errors.FileRefused: Answer(422, N_("Diese Datei können wir nicht annehmen."), ()),
    ForgedField: _MALFORMED,
    SessionEnded: Answer(
        401,
        N_("Die Sitzung ist beendet."),
        (
            N_("Sie waren länger nicht aktiv. Zur Sicherheit haben wir beendet. Gespeicherte Angaben bleiben."),
            N_("Öffnen Sie Ihren Antrag mit Ihrem Code wieder. Ohne Code fangen Sie neu an."),
        ),
        keeps=True,
    ),
    Forged: Answer(
        400,
        N_("Wir konnten nicht prüfen, ob diese Eingabe von Ihnen kommt."),
        (N_("Öffnen Sie die Seite neu und senden Sie Ihre Eingabe noch einmal. Wir haben nichts geändert."),),
        keeps=True,
    ),
    CutOff: Answer(
        400,
        N_("Ihre Eingabe kam nicht vollständig an."),
        (N_("Vielleicht war die Verbindung gestört. Wir haben nichts geändert. Versuchen Sie es noch einmal."),),
        keeps=True,
    ),
    RequestEntityTooLarge: Answer(
        413,
        N_("Das ist zu groß."),
        (N_("Eine Datei darf höchstens 20 MB haben. Machen Sie ein neues Foto oder laden Sie Seiten einzeln hoch."),),
    ),
}
LATE: Final = Answer(
    401,
    N_("Die Sitzung ist beendet."),
    (
        N_("Sie waren länger nicht aktiv. Zur Sicherheit haben wir beendet. Gespeicherte Angaben bleiben."),
        N_("Was Sie gerade eingegeben haben, bewahren wir 30 Minuten auf."),
        N_("Öffnen Sie Ihren Antrag mit Ihrem Code. Dann steht Ihre Eingabe wieder da."),
    ),
    keeps=True,
)
"""`SessionEnded` where what was posted is kept."""
"""Status and page of each exception. Those that lead on instead stand in `_REDIRECTS`."""


def _to_receipt(_: Exception) -> str:
    return f"/{visit().the_form().id}/confirmation"


def _to_review(_: Exception) -> str:
    return f"/{visit().the_form().id}/review"


def _to_tasks(_: Exception) -> str:
    return f"/{visit().the_form().id}/tasks"


_REDIRECTS: Final = {
    errors.AlreadySubmitted: _to_receipt,
    errors.NotComplete: _to_review,
    errors.StepNotOpen: _to_tasks,
}


def install(app: Flask) -> None:
    """Answer every exception by the table."""
    for kind in TABLE:
        app.register_error_handler(kind, _by_table)
    app.register_error_handler(errors.Stale, _stale)
    app.register_error_handler(Crowded, _crowded)
    app.register_error_handler(Forged, _forged)
    app.register_error_handler(errors.StorageError, _unsaved)
    app.register_error_handler(SessionEnded, _ended)
    for kind in _REDIRECTS:
        app.register_error_handler(kind, _lead_on)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _by_table(error: Exception) -> Response:
    kind = next(kind for kind in type(error).__mro__ if kind in TABLE)
    response = _page(TABLE[kind])
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _crowded(error: Crowded) -> Response:
    """That there is no room; what was posted comes with a button that sends it again, for all else little is done."""
    if rank() is Rank.POSTED:
        try:
            open_visit()
        except errors.FormEngineError as failure:
            _log.warning("a post was not shown again: %s", type(failure).__name__)
    response = _by_table(error)
    response.headers["Retry-After"] = "60"
    return response


def _unsaved(error: errors.StorageError) -> Response:
    """The step again with what was typed: what can still be read is enough for that (F-02, F-03)."""
    _log.error("storage failed", exc_info=error)
    shown = None
    try:
        if "visit" in g:
            shown = recovering.again(visit(), notice=recovering.UNSAVED, status=503)
    except errors.FormEngineError as failure:
        _log.warning("a step was not shown again: %s", type(failure).__name__)
    response = shown if shown is not None else _by_table(error)
    response.headers["Retry-After"] = "60"
    return response


def _ended(_error: SessionEnded) -> Response:
    """That the session is over; what was posted into a step is kept for the applicant's return, but no files."""
    kept = False
    try:
        kept = recovering.keep_late(visit())
    except RequestEntityTooLarge:
        return _page(replace(TABLE[SessionEnded], keeps=False))
    except errors.FormEngineError as failure:
        _log.warning("a late post was not kept: %s", type(failure).__name__)
    if request.form.get("_action") == steps.AUTOSAVE:
        return Response("", 401, headers={"Late-Kept": "1"} if kept else None)
    return _page(LATE if kept else TABLE[SessionEnded])


def _stale(error: errors.Stale) -> Response | WerkzeugResponse:
    """The choice between both states where somebody saved in the very moment of a post to a question."""
    try:
        shown = conflicts.again(visit())
    except errors.AlreadySubmitted as sent:
        return _lead_on(sent)
    except (errors.FormEngineError, ForgedField) as failure:
        _log.warning("a conflict was not shown: %s", type(failure).__name__)
        shown = None
    return shown if shown is not None else _by_table(error)


def _forged(error: Forged) -> Response:
    """The step again where only its token was wrong; what another site sent is not shown in our page."""
    shown = recovering.again(visit(), notice=recovering.UNCHECKED, status=400) if error.is_ours else None
    return shown if shown is not None else _by_table(error)


def _lead_on(error: Exception) -> WerkzeugResponse:
    return redirect(next(_REDIRECTS[kind] for kind in type(error).__mro__ if kind in _REDIRECTS)(error), 303)


def _http(error: HTTPException) -> Response | WerkzeugResponse:
    if error.code is not None and 300 <= error.code < 400:
        return error.get_response()
    answer = _NOT_FOUND if error.code == 404 else _MALFORMED
    response = _page(answer if answer.status == error.code else Answer(error.code or 500, answer.heading, answer.texts))
    if error.code == 405:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "")
    return response


def _unexpected(error: Exception) -> Response:
    mark = secrets.token_hex(4)
    _log.error("unexpected", exc_info=error, extra={"mark": mark, "route": str(request.url_rule)})
    return _page(_SERVER, reference=mark)


def _page(answer: Answer, *, reference: str = "") -> Response:
    """The page of *answer*; where the frame cannot be made, one without it."""
    if "visit" not in g:
        return _plain(answer)
    try:
        v = visit()
        say = v.text.say
        kept = typed(request.form) if answer.keeps and request.method == "POST" else []
        links = [{"href": request.path if kept or answer.keeps else "/", "text": say(N_("Seite neu öffnen"))}]
        if answer.status == 409 and v.open_draft is not None and v.form is not None:
            links = [{"href": f"/{v.form.id}/review", "text": say(N_("Angaben prüfen"))}]
        elif answer.status == 401:
            links = [{"href": "/resume", "text": say(N_("Gespeicherten Antrag öffnen"))}]
            if v.form is not None:
                links.append({"href": f"/{v.form.id}/", "text": say(N_("Antrag neu beginnen"))})
        elif not answer.keeps:
            links = [{"href": f"/{v.form.id}/" if v.form else "/", "text": say(N_("Zur Startseite"))}]
        staff = v.site.audience == STAFF
        return (staff_page if staff else pages.page)(
            "staff/problem.html" if staff else "problem.html",
            "problem",
            status=answer.status,
            heading=say(answer.heading),
            texts=[say(text) for text in answer.texts],
            typed=recovering.named(v, kept),
            links=links,
            reference=reference,
            posted=_posted() if answer.status == 503 else [],
        )
    except Exception:  # noqa: BLE001  the last resort must not fail
        _log.exception("the page of an error failed")
        return _plain(answer)


def _posted() -> list[tuple[str, str]]:
    """All that was posted from our own page but files, to be posted again as it came: its last field last."""
    ours = request.method == "POST" and "visit" in g and from_our_site()
    return list(request.form.items(multi=True)) if ours else []


def _plain(answer: Answer) -> Response:
    """The answer in German, without templates, session or database; what was posted can be sent again (ux.md 3.15)."""
    texts = "".join(f"<p>{escape(text)}</p>" for text in answer.texts)
    kept = ""
    if answer.keeps and _posted():
        said = "".join(f"<li>{escape(value)}</li>" for _, value in typed(request.form))
        fields = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in _posted()
        )
        kept = (
            f"<h2>Das hatten Sie eingegeben</h2><ul>{said}</ul>"
            f'<form method="post">{fields}<button>Noch einmal senden</button></form>'
        )
    html = (
        '<!doctype html><html lang="de" dir="ltr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(answer.heading)}</title></head>"
        f'<body data-page="problem"><main><h1>{escape(answer.heading)}</h1>{texts}{kept}</main></body></html>'
    )
    return Response(html, answer.status, content_type="text/html; charset=utf-8")
