"""Where anybody checks a PDF: whether it is ours and unchanged, and what is attached. Nothing of it is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.documents.checking import MOST_BYTES
from formengine.i18n.catalogues import N_, Phrase
from formengine.services.clock import rfc3339
from formengine.services.limiting import limit
from formengine.web import pages, verdict_view, verify_report
from formengine.web.access import public
from formengine.web.visits import visit

verify = Blueprint("verify", __name__)

OF_CLIENT: Final = 60, timedelta(hours=1)
IN_SUM: Final = 120, timedelta(minutes=1)
"""LIM-01: each costs a second of a processor; an office behind one address can still work."""

_REPORT: Final = "pruefbericht"
_REFERENCE: Final = re.compile(r"[0-9A-Z]{2,6}(?:-[0-9A-Z]{2,6}){1,4}")


@verify.get("/verify")
@public
def ask() -> Response:
    """Where one hands the PDF in; a reference in the address is shown and gives no access (LIM-05)."""
    return _ask(_reference(request.args.get("reference", "")))


@verify.post("/verify")
@public
def answer() -> Response | WerkzeugResponse:
    """What was found."""
    v = visit()
    reference = _reference(request.form.get("_reference", ""))
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(f"/verify?reference={reference}" if reference else "/verify", 303)
    file = request.files.get("_pdf")
    pdf = file.read(MOST_BYTES + 1) if file else b""
    if not pdf:
        return _ask(reference, v.text.say(N_("Wählen Sie ein PDF aus")))
    if len(pdf) > MOST_BYTES:
        return _ask(reference, v.text.say(N_("Die Datei ist zu groß. Ein Antrag hat höchstens 20 MB")))
    limit(v.stores, "verify", request.remote_addr or "", OF_CLIENT, now=v.now)
    limit(v.stores, "verify-sum", "", IN_SUM, now=v.now)
    verdict = v.site.engine.checker.check(pdf)
    name = (file.filename if file else "") or ""
    found = verify_report.report(pdf, name, verdict, asked=reference, now=v.now)
    return pages.page(
        "verify.html",
        "verify",
        has_form=True,
        reference=reference,
        error=None,
        summary="",
        verdict=verdict_view.context(v.text, verdict, reference),
        report=verify_report.carried(v.stores, found),
    )


@verify.post("/verify/report")
@public
def report() -> Response:
    """The report on a file that was checked, to save and print. Errors: NotFound for one that is not ours."""
    v = visit()
    found = verify_report.brought(v.stores, request.form.get("_report", ""))
    verdict = found.verdict
    response = pages.page(
        "verify_report.html",
        "verify-report",
        report=found,
        word=verdict_view.word(v.text, verdict),
        sentences=verdict.sentences(v.text.gettext),
        size=v.text.size(found.size_bytes),
        local=v.text.moment(found.checked_at),
        iso=rfc3339(found.checked_at),
        address=f"{v.site.origin_of(v.tenant)}/verify",
        other=found.asked if found.asked != verdict.reference and verdict.reference else "",
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{_REPORT}-{found.sha256[:12]}.html"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    return response


def _ask(reference: str, error: Phrase | None = None) -> Response:
    v = visit()
    problems = [{"id": "pdf", "pointer": "", "code": "pdf", "text": error}] if error is not None else []
    return pages.page(
        "verify.html",
        "verify",
        status=422 if error else 200,
        has_form=True,
        reference=reference,
        error=error,
        summary=pages.summary(v, problems),
        verdict=None,
    )


def _reference(text: str) -> str:
    """*text* if it looks like a reference, else "": an address must not put words on the page."""
    return text if _REFERENCE.fullmatch(text) and len(text) <= 20 else ""
