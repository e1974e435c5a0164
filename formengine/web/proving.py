"""The page of a proof: now, later, not at all or given already; files handed in and taken back."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core.applying import Evaluation, evaluate
from formengine.core.lifecycle import Draft, FileId, ProofAnswer, ProofStatus
from formengine.core.proofs import ProofAsked
from formengine.core.proofs import proofs as all_proofs
from formengine.errors import FileRefused, NotFound
from formengine.i18n.catalogues import N_
from formengine.services import attaching
from formengine.services.clock import today
from formengine.web import pages, progress, steps
from formengine.web.access import applicant
from formengine.web.resume import save_and_leave
from formengine.web.standing import short
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

proofs = Blueprint("proving", __name__)

CHOICES: Final = {
    ProofStatus.UPLOADED: N_("Jetzt hochladen"),
    ProofStatus.LATER: N_("Ich reiche es später nach"),
    ProofStatus.NOT_AVAILABLE: N_("Ich habe es nicht"),
    ProofStatus.GIVEN: N_("Ich habe es schon abgegeben"),
}
KINDS: Final = {
    "application/pdf": ("PDF", "application/pdf"),
    "image/jpeg": ("JPG", "image/jpeg"),
    "image/png": ("PNG", "image/png"),
    "image/heic": ("HEIC", "image/heic,image/heif,.heic"),
}
REFUSED: Final = {
    "empty": N_("{datei} ist leer. Laden Sie eine andere Datei hoch"),
    "type": N_("{datei}: Wir können nur {arten} lesen"),
    "size": N_("{datei} ist größer als 20 MB. Machen Sie ein neues Foto oder laden Sie die Seiten einzeln hoch"),
    "encrypted": N_("{datei} hat ein Passwort. Laden Sie eine andere Datei hoch"),
    "broken": N_("{datei} ist beschädigt. Laden Sie eine andere Datei hoch"),
    "infected": N_("{datei} kann nicht sicher geöffnet werden. Laden Sie eine andere Datei hoch"),
    "count": N_("{datei} ist eine Datei zu viel. Entfernen Sie zuerst eine andere"),
    "room": N_("Wir können gerade keine Dateien annehmen. Versuchen Sie es später oder reichen Sie {datei} nach"),
}
MAX_REASON: Final = 300


@proofs.get("/<form:form>/proofs/<segment:proof>/")
@applicant
def proof(form: str, proof: str) -> Response:  # noqa: ARG001  the visit has read it
    """A proof that is asked once."""
    return _show(visit(), *_find(visit(), proof, ""))


@proofs.get("/<form:form>/proofs/<segment:proof>/<key:item>/")
@applicant
def item_proof(form: str, proof: str, item: str) -> Response:  # noqa: ARG001  the visit has read it
    """A proof for one item of a list."""
    return _show(visit(), *_find(visit(), proof, item))


@proofs.post("/<form:form>/proofs/<segment:proof>/")
@applicant
def post_proof(form: str, proof: str) -> Response | WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """What is said of a proof."""
    return _post(visit(), *_find(visit(), proof, ""))


@proofs.post("/<form:form>/proofs/<segment:proof>/<key:item>/")
@applicant
def post_item_proof(form: str, proof: str, item: str) -> Response | WerkzeugResponse:  # noqa: ARG001  the visit has read it
    """What is said of a proof for one item."""
    return _post(visit(), *_find(visit(), proof, item))


def _find(v: Visit, proof: str, item: str) -> tuple[Evaluation, ProofAsked]:
    e = evaluate(v.the_form(), v.the_draft().answers, today(v.now))
    for asked in all_proofs(e):
        if asked.proof.id == proof and asked.item_key == item:
            return e, asked
    raise NotFound("no such proof is asked")


def _show(
    v: Visit,
    e: Evaluation,
    asked: ProofAsked,
    *,
    errors: dict[str, list[str]] | None = None,
    chosen: str | None = None,
    reason: str | None = None,
    changed: str | None = None,
    status: int = 200,
) -> Response:
    """The page. *changed*: what was chosen here, where something else was saved elsewhere meanwhile (REL-04)."""
    words = Words.of(e, v.text)
    answer = attaching.answer_of(v.the_draft().proofs, asked.proof.id, asked.item_key)
    errors = errors or {}
    fields = {"choice": "wahl", "file": "datei", "reason": "grund"}
    found = [
        {"id": fields[field], "pointer": "", "code": field, "text": text}
        for field, texts in errors.items()
        for text in texts
    ]
    place = {"item": asked.item_pointer, "scope": asked.names.scope}
    kinds, accept = _kinds(asked)
    hint = v.text.say(N_("{arten}. Höchstens 20 MB je Datei. Mehrere Dateien sind möglich."), arten=kinds)
    return pages.page(
        "proof.html",
        "proof",
        status=status,
        has_form=True,
        title=words.title(),
        prefix=f"{v.text.gettext(N_('Fehler:'))} " if found else "",
        tasks_button=steps.tasks_button(v),
        summary=_both(v, answer, changed) if changed is not None else pages.summary(v, found),
        heading=words.fill(asked.proof.title, **place),
        reason=words.fill(asked.proof.reason, **place) if asked.proof.reason else "",
        hint=words.fill(asked.proof.hint, **place) if asked.proof.hint else "",
        errors={field: texts for field, texts in errors.items() if texts},
        choices=[{"value": status.value, "label": v.text.say(label)} for status, label in CHOICES.items()],
        status_now=chosen if chosen is not None else (answer.status.value if answer else ""),
        upload_hint=hint,
        accept=accept,
        reason_text=reason if reason is not None else (answer.reason if answer else ""),
        files=_files(v, answer.files if answer else ()),
        revision=v.the_draft().revision,
        base=_standing(answer),
    )


def _files(v: Visit, files: Any) -> list[dict[str, Any]]:
    return [
        {"id": file.id, "name": file.name, "size": v.text.size(file.size_bytes), "clean": file.clean} for file in files
    ]


def _kinds(asked: ProofAsked) -> tuple[str, str]:
    """The kinds of files that are taken: in words, and for the browser's dialogue."""
    known = [KINDS[kind] for kind in asked.proof.accept if kind in KINDS]
    return ", ".join(name for name, _ in known), ",".join(accept for _, accept in known)


def _post(v: Visit, e: Evaluation, asked: ProofAsked) -> Response | WerkzeugResponse:
    revision = steps.posted_revision()
    here = f"{request.path}{'?return=review' if request.args.get('return') == 'review' else ''}"
    action, language = request.form.get("_action", "next"), request.form.get("_lang", "")
    chosen, reason = request.form.get("_status", ""), request.form.get("_reason", "").strip()[:MAX_REASON]
    files = [file for file in request.files.getlist("_file") if file.filename]
    draft = v.the_draft()
    if revision != draft.revision and action != "upload" and _is_other(draft, asked, chosen, reason):
        return _show(v, e, asked, chosen="", reason=reason, changed=chosen, status=409)
    revision = draft.revision  # a file more or less overwrites nothing
    if action.startswith("remove:"):
        file_id = FileId(action.removeprefix("remove:"))
        v.draft = attaching.remove(v.stores, v.the_form(), v.the_draft(), file_id, revision=revision, now=v.now)
        return redirect(here, 303)
    refused = _attach(v, asked, files, revision) if files else []
    if refused:
        return _show(v, e, asked, errors={"file": refused}, chosen=chosen, reason=reason, status=422)
    if action == "upload":
        if not files:
            text = v.text.gettext(N_("Wählen Sie zuerst eine Datei aus"))
            return _show(v, e, asked, errors={"file": [text]}, chosen=chosen, reason=reason, status=422)
        return redirect(f"{here}#dateien", 303)
    wrong = _say(v, asked, chosen, reason)
    if language in v.languages:
        v.keep(language=language)
        return redirect(here, 303)
    if action == "back":
        return redirect(_back(e, asked), 303)
    if action == "tasks":
        return redirect(f"/{e.form.id}/tasks", 303)
    if action == "save":
        return save_and_leave(v)
    if wrong:
        return _show(v, e, asked, errors=wrong, chosen=chosen, reason=reason, status=422)
    if request.args.get("return") == "review":
        return redirect(progress.href_of(e, None), 303)
    return redirect(progress.behind_proof(v, e, asked), 303)


def _is_other(draft: Draft, asked: ProofAsked, chosen: str, reason: str) -> bool:
    """Whether something else is stored by now than when the page was made, and than what was sent."""
    answer = attaching.answer_of(draft.proofs, asked.proof.id, asked.item_key)
    stored = (answer.status.value, answer.reason) if answer is not None else ("", "")
    return stored != (chosen, reason) and _standing(answer) != request.form.get("_base", "")


def _standing(answer: ProofAnswer | None) -> str:
    """What was said of a proof, as a mark for its page to carry."""
    return short(f"{answer.status.value} {answer.reason}") if answer is not None else ""


def _both(v: Visit, answer: ProofAnswer | None, chosen: str) -> Markup:
    """What is stored and what was chosen here, to choose once more."""
    labels = {status.value: label for status, label in CHOICES.items()}
    nothing = N_("keine Angabe")
    text = v.text.say(
        N_("Das wurde an anderer Stelle geändert. Gespeichert: {dort}. Hier: {hier}. Wählen Sie noch einmal."),
        dort=v.text.gettext(labels[answer.status.value] if answer is not None else nothing),
        hier=v.text.gettext(labels.get(chosen, nothing)),
    )
    return pages.piece("notice", text)


def _back(e: Evaluation, asked: ProofAsked) -> str:
    if request.args.get("return") == "review":
        return progress.href_of(e, None)
    return progress.before_proof(e, asked)


def _attach(v: Visit, asked: ProofAsked, files: list[FileStorage], revision: int) -> list[str]:
    """Attach each file that can be taken; the sentences for the others."""
    refused = []
    for file in files:
        try:
            v.draft = attaching.attach(
                v.stores,
                v.the_form(),
                v.the_draft(),
                asked.proof.id,
                asked.item_key,
                name=file.filename or "",
                claimed=file.mimetype,
                data=file.read(attaching.MAX_FILE_BYTES + 1),
                intake=v.site.engine.intake,
                revision=revision,
                now=v.now,
                client=request.remote_addr or "",
            )
        except FileRefused as error:
            sentence = REFUSED.get(error.code, REFUSED["broken"])
            refused.append(v.text.gettext(sentence, datei=file.filename or "", arten=_kinds(asked)[0]))
        else:
            revision = v.draft.revision
    return refused


def _say(v: Visit, asked: ProofAsked, chosen: str, reason: str) -> dict[str, list[str]]:
    """Keep what was chosen; what is wrong with it, by field."""
    answer = attaching.answer_of(v.the_draft().proofs, asked.proof.id, asked.item_key)
    if chosen not in {status.value for status in CHOICES}:
        if asked.proof.required:
            return {"choice": [v.text.gettext(N_("Wählen Sie aus, was Sie mit diesem Nachweis tun möchten"))]}
        return {}
    status = ProofStatus(chosen)
    if answer is None or answer.status is not status or answer.reason != reason:
        draft = v.the_draft()
        v.draft = attaching.say(
            v.stores,
            v.the_form(),
            draft,
            asked.proof.id,
            asked.item_key,
            status=status,
            reason=reason,
            revision=draft.revision,
            now=v.now,
        )
    if status is ProofStatus.UPLOADED and not (answer and answer.files):
        return {"file": [v.text.gettext(N_("Laden Sie eine Datei hoch oder wählen Sie „Ich reiche es später nach“"))]}
    return {}
