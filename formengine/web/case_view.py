"""What a caseworker sees of one application. The answers are gathered as for its document: the two cannot differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from formengine.auth import Role
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.lifecycle import Delivery, DeliveryStatus
from formengine.documents.gathering import gather
from formengine.documents.overview import MISSING
from formengine.documents.paper import Office, Paper
from formengine.documents.phrases import Languages
from formengine.i18n import formatting
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import delivering
from formengine.services.casework import SubmissionView, is_to_be_taken
from formengine.services.clock import rfc3339
from formengine.services.ports import LateStamp
from formengine.web.inbox_view import state
from formengine.web.reasons import in_words
from formengine.web.visits import Visit

LEADS: Final = frozenset({Role.CASE_LEAD.value})
"""Who may let a delivery be tried again at once."""
_SENT: Final = {
    DeliveryStatus.WAITING: N_("wartet"),
    DeliveryStatus.SENDING: N_("läuft gerade"),
    DeliveryStatus.DELIVERED: N_("übergeben"),
    DeliveryStatus.FAILED: N_("gescheitert, wird nicht mehr von selbst versucht"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line at the head of an application."""

    label: Phrase
    value: str
    iso: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to save; without *href* it cannot be had yet, and *text* says so."""

    text: str
    href: str = ""
    kind: str = ""
    size: str = ""


def context(v: Visit, read: SubmissionView) -> dict[str, Any]:
    """What the template of an application needs."""
    paper = _paper(v, read)
    return {
        "reference": read.submission.reference,
        "paper": paper,
        "facts": _facts(v, read, paper),
        "files": _files(v, read),
        "seal": f"/applications/{read.submission.reference}/seal" if read.submission.pdf_sha512 else "",
        "proofs": _proofs(v, read, paper),
        "deliveries": [sent(v, delivery) for delivery in read.deliveries],
        "take_over": f"/applications/{read.submission.reference}/taken"
        if any(is_to_be_taken(one) for one in read.deliveries)
        else "",
        "kept_days": v.tenant.kept_days,
        "by_hand": f"/applications/{read.submission.reference}/export"
        if any(one.status is DeliveryStatus.FAILED for one in read.deliveries)
        else "",
        "may_retry": bool(LEADS & set(v.session.person.get("roles", ()) if v.session is not None else ())),
    }


def sent(v: Visit, delivery: Delivery) -> dict[str, Any]:
    """One way of the application to the authority: how it stands, why, and when it is tried again."""
    failed = delivery.status is DeliveryStatus.FAILED
    waiting = delivery.status is DeliveryStatus.WAITING
    return {
        "channel": v.text.say(N_("Eingang")) if v.tenant.kind_of(delivery.channel) == "inbox" else delivery.channel,
        "state": v.text.say(_SENT[delivery.status]),
        "reason": v.text.say(reason) if (reason := in_words(delivery.error)) else "",
        "noted": delivery.error,
        "tries": v.text.ngettext("1 Versuch", "{n} Versuche", delivery.attempts),
        "again": v.text.moment(delivery.due_at) if waiting and delivery.attempts else "",
        "retry": f"/applications/{delivery.reference}/deliveries/{delivery.channel}/retry"
        if failed or (waiting and delivery.attempts)
        else "",
    }


def _paper(v: Visit, read: SubmissionView) -> Paper:
    form = v.site.engine.forms.version(read.submission.form_hash)
    e = evaluate(form, Answers(document=read.payload), date.fromisoformat(read.record["receivedOn"]))
    text = v.site.text_of(form, v.language)
    return gather(e, read.record, Languages(text), office=Office(v.tenant.authority.name), seal="")


def _facts(v: Visit, read: SubmissionView, paper: Paper) -> list[Fact]:
    submission = read.submission
    statuses = {delivery.status for delivery in delivering.of_application(read.deliveries)}
    say = v.text.say
    late = [Fact(say(N_("Zeitstempel")), _late(v, read.late_stamp))] if read.late_stamp is not None else []
    return [
        Fact(say(N_("Antrag")), paper.title.de),
        Fact(say(N_("Eingegangen")), v.text.moment(submission.received_at), rfc3339(submission.received_at)),
        Fact(say(N_("Stand")), state(v, pdf=bool(submission.pdf_sha512), statuses=statuses).plain),
        *late,
        Fact(say(N_("Sprache beim Ausfüllen")), formatting.name_of(submission.language)),
        Fact(say(N_("Fassung des Formulars")), submission.form_version),
    ]


def _late(v: Visit, stamp: LateStamp) -> str:
    """How it stands with the time stamp of a document that went out without one (PDF-07)."""
    if stamp.sha512:
        return v.text.gettext(N_("Fehlte beim Siegeln. Jetzt ist er im PDF."))
    missing = v.text.gettext(N_("Fehlt noch. Er wird von selbst nachgetragen."))
    return f"{missing} {v.text.gettext(reason)}" if (reason := in_words(stamp.error)) else missing


def _files(v: Visit, read: SubmissionView) -> list[Download]:
    submission = read.submission
    at = f"/applications/{submission.reference}"
    pdf = Download(v.text.gettext(N_("Das PDF wird gerade erstellt. Laden Sie die Seite in einer Minute neu.")))
    if submission.pdf_sha512:
        pdf = Download(v.text.gettext(N_("Antrag als PDF")), f"{at}/application.pdf", "PDF")
    return [
        pdf,
        Download(
            v.text.gettext(N_("Angaben als Daten")),
            f"{at}/application.json",
            "JSON",
            v.text.size(len(submission.payload)),
        ),
        Download(
            v.text.gettext(N_("Protokoll des Eingangs")),
            f"{at}/record.json",
            "JSON",
            v.text.size(len(submission.record)),
        ),
    ]


def _proofs(v: Visit, read: SubmissionView, paper: Paper) -> list[dict[str, Any]]:
    """The proofs in the words of the document, with where their files can be had."""
    lines = []
    for line, entry in zip(paper.proofs, read.record["proofs"], strict=True):
        files = [
            {
                "name": file["name"],
                "size": v.text.size(int(file["size"])),
                "href": f"/applications/{read.submission.reference}/{file['path']}"
                if read.files[file["path"]].clean
                else "",
            }
            for file in entry["files"]
        ]
        missing = line.status in MISSING
        lines.append(
            {
                "title": line.title.de,
                "status": line.said.de,
                "missing": missing,
                "reason": line.reason,
                "files": files,
            }
        )
    return lines
