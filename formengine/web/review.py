"""Check the answers, confirm the declarations, send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine import metrics
from formengine.core import routing
from formengine.core.applying import Asked, Evaluation, Role, evaluate
from formengine.core.expressions import Names
from formengine.core.lifecycle import ProofStatus
from formengine.core.pages import Page, PageKind
from formengine.core.pages import pages as pages_of
from formengine.core.pointer import ABSENT, element_id, is_below
from formengine.core.proofs import proofs
from formengine.core.validation import Problem, problems
from formengine.fields import display
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import attaching, drafting, submitting
from formengine.services.clock import today
from formengine.web import leading, pages, progress, prompting, steps
from formengine.web.access import applicant
from formengine.web.resume import save_and_leave
from formengine.web.visits import Visit, visit
from formengine.web.words import Words

review = Blueprint("review", __name__)

STATUS: Final = {
    None: N_("Noch nichts gesagt"),
    ProofStatus.UPLOADED: N_("Hochgeladen"),
    ProofStatus.LATER: N_("Ich reiche es später nach"),
    ProofStatus.NOT_AVAILABLE: N_("Ich habe es nicht"),
    ProofStatus.GIVEN: N_("Ich habe es schon abgegeben"),
}
_OPTIONAL: Final = frozenset((Role.VALUE, Role.BRANCH, Role.TYPE, Role.GIVEN, Role.LIST))


@review.get("/<form:form>/review")
@applicant
def check(form: str) -> Response:  # noqa: ARG001  the visit has read it
    """All answers, each with a link that changes it."""
    v = visit()
    e = evaluate(v.the_form(), v.the_draft().answers, today(v.now))
    words = Words.of(e, v.text)
    found = problems(e)
    wrong = {problem.control: problem for problem in reversed(found) if problem.level == "error"}
    steps_there = routing.path(e)
    left = attaching.unspoken(e, v.the_draft().proofs)
    at = routing.resume_at(e)
    if at is not None:
        following = progress.href_of(e, at, review=True)
    elif left:
        following = progress.proof_href(e, left[0])
    else:
        following = f"/{e.form.id}/declarations"
    return pages.page(
        "review.html",
        "review",
        title=words.title(),
        back=progress.href_of(e, steps_there[-1] if steps_there else None),
        tasks=f"/{e.form.id}/tasks",
        missing=len(wrong) + len(left),
        warnings=[{"text": one.text, "href": _place(e, one.at)} for one in leading.warnings(e, words)],
        sections=_sections(e, words, wrong),
        proofs=_proofs(v, e, words),
        next=following,
    )


def answered(e: Evaluation, words: Words) -> list[dict[str, Any]]:
    """What was answered, by section, to be read alone."""
    found = _sections(e, words, {})
    for section in found:
        section["groups"] = [group for group in section["groups"] if group["rows"]]
    return [section for section in found if section["groups"]]


def _place(e: Evaluation, at: str) -> str:
    """The address of the question at the pointer *at*, or of the first below it."""
    for page in pages_of(e):
        for asked in page.asked:
            if is_below(asked.pointer, at):
                return f"{progress.href_of(e, page.address, review=True)}#{element_id(asked.control)}"
    return ""


def _sections(e: Evaluation, words: Words, wrong: dict[str, Problem]) -> list[dict[str, Any]]:
    """The answers by section, and within it by the item that they are about."""
    sections: dict[str, dict[str, Any]] = {}
    for page in pages_of(e):
        if page.kind is PageKind.INFO:
            continue
        section = sections.setdefault(page.chain[0].id, {"title": words.step(page.chain[0]), "groups": {}})
        groups: dict[str, dict[str, Any]] = section["groups"]
        group = groups.setdefault(page.item, {"title": _item_title(page, words), "rows": [], "links": []})
        href = progress.href_of(e, page.address, review=True)
        if page.kind is PageKind.LIST:
            title = words.step(page.step, item=page.item)
            text = words.text.say(N_("{liste}: hinzufügen oder entfernen"), liste=title.plain)
            group["links"].append({"href": href, "text": text, "pointer": page.list})
        group["rows"] += _rows(page, words, wrong, href)
        group["links"] += _open(page, words, wrong, href)
    for section in sections.values():
        for group in section["groups"].values():
            _tell_apart(group["rows"])
        section["groups"] = [group for group in section["groups"].values() if group["rows"] or group["links"]]
    return list(sections.values())


def _tell_apart(rows: Sequence[dict[str, Any]]) -> None:
    """Leave the page's name only on rows that have their label from more than one page."""
    labels = Counter(row["label"].plain for row in rows)
    for row in rows:
        if labels[row["label"].plain] < 2:
            row["about"] = ""


def _item_title(page: Page, words: Words) -> Phrase:
    lists = [step for step in page.chain if step.repeat is not None]
    if not page.item or not page.indexes:
        return Phrase("")
    owner = lists[len(page.indexes) - 1]
    return words.item(owner, page.item, page.indexes[-1])


def _rows(page: Page, words: Words, wrong: dict[str, Problem], href: str) -> list[dict[str, Any]]:
    rows = []
    for asked in page.asked:
        problem = wrong.get(asked.control)
        if not _is_row(asked, problem):
            continue
        element = element_id(asked.control)
        field = prompting.field_of(asked, page.step.fields)
        rows.append(
            {
                "id": element,
                "pointer": asked.pointer,
                "label": steps.label(asked, page, words),
                "about": words.step(page.step, item=page.item),
                "value": display(asked, field, words.text) if asked.value is not ABSENT else None,
                "wrong": problem is not None and asked.value is not ABSENT,
                "href": "" if asked.role is Role.COMPUTED else f"{href}#{element}",
            }
        )
    return rows


def _open(page: Page, words: Words, wrong: dict[str, Problem], href: str) -> list[dict[str, Any]]:
    """A link to the page's questions that need no answer and have none: a later answer may have opened them."""
    left = [one for one in page.asked if one.value is ABSENT and one.control not in wrong and one.role in _OPTIONAL]
    if len(left) < len(page.asked):  # who saw the page and left a box empty has answered: nothing is open there
        left = [one for one in left if not one.question.tick]
    if page.kind is PageKind.LIST or not left:
        return []
    text = words.text.say(
        N_("Freiwillige Fragen bei „{seite}“ beantworten ({n} offen)"),
        seite=words.step(page.step, item=page.item).plain,
        n=len(left),
    )
    return [{"href": f"{href}#{element_id(left[0].control)}", "text": text, "pointer": left[0].pointer}]


def _is_row(asked: Asked, problem: Problem | None) -> bool:
    if problem is not None:
        return True
    return asked.value is not ABSENT and asked.role not in {Role.LIST, Role.MAP}


def _proofs(v: Visit, e: Evaluation, words: Words) -> list[dict[str, Any]]:
    found = []
    for asked in proofs(e):
        answer = attaching.answer_of(v.the_draft().proofs, asked.proof.id, asked.item_key)
        said = answer if attaching.is_spoken_for(answer) else None
        found.append(
            {
                "title": words.fill(asked.proof.title, item=asked.item_pointer, scope=asked.names.scope),
                "status": v.text.say(STATUS[said.status if said else None]),
                "files": said.files if said else (),
                "href": progress.proof_href(e, asked),
                "missing": said is None or said.status in {ProofStatus.LATER, ProofStatus.NOT_AVAILABLE},
            }
        )
    return found


@review.get("/<form:form>/declarations")
@applicant
def declarations(form: str) -> Response | WerkzeugResponse:
    """What one confirms, the warning against haste (§ 36a SGB I), and the button that sends."""
    v = visit()
    e = evaluate(v.the_form(), v.the_draft().answers, today(v.now))
    if routing.resume_at(e) is not None or attaching.unspoken(e, v.the_draft().proofs):
        return redirect(f"/{form}/review", 303)
    return _declarations(v, e, ticked=v.the_draft().accepted or {})


def _declarations(v: Visit, e: Evaluation, *, ticked: Any, wrong: Sequence[str] = (), status: int = 200) -> Response:
    words = Words.of(e, v.text)
    items = []
    for declaration in submitting.declarations(e):
        element = element_id(f"/declaration/{declaration.id}")
        text = v.text.say(N_("Bestätigen Sie die Erklärung, damit Sie den Antrag absenden können"))
        items.append(
            {
                "id": element,
                "name": f"_declaration:{declaration.id}",
                "lines": words.fill(declaration.text).lines,
                "required": declaration.required,
                "ticked": declaration.id in ticked,
                "error": text if declaration.id in wrong else "",
            }
        )
    found = [{"id": i["id"], "pointer": "", "code": "required", "text": i["error"]} for i in items if i["error"]]
    return pages.page(
        "declarations.html",
        "declarations",
        status=status,
        has_form=True,
        title=words.title(),
        prefix=f"{v.text.gettext(N_('Fehler:'))} " if found else "",
        back=f"/{e.form.id}/review",
        summary=pages.summary(v, found),
        missing=[proof for proof in _proofs(v, e, words) if proof["missing"]],
        declarations=items,
        revision=v.the_draft().revision,
    )


@review.post("/<form:form>/declarations")
@applicant
def send(form: str) -> Response | WerkzeugResponse:
    """Send the application, once; or keep the ticks and go elsewhere."""
    v = visit()
    definition, draft = v.the_form(), v.the_draft()
    revision = steps.posted_revision()
    e = evaluate(definition, draft.answers, today(v.now))
    offered = [declaration.id for declaration in submitting.declarations(e)]
    accepted = [name for name in offered if request.form.get(f"_declaration:{name}") == "true"]
    language = request.form.get("_lang", "")
    action = request.form.get("_action", "next")
    if language in v.languages or action in {"save", "back"}:
        v.draft = drafting.accept(v.stores, definition, draft, accepted, offered=offered, revision=revision, now=v.now)
        if action == "save":
            return save_and_leave(v)
        if language in v.languages:
            v.keep(language=language)
            return redirect(f"/{form}/declarations", 303)
        return redirect(f"/{form}/review", 303)
    wrong = [d.id for d in submitting.declarations(e) if d.required and d.id not in accepted]
    if wrong:
        return _declarations(v, e, ticked=accepted, wrong=wrong, status=422)
    if set(draft.accepted or {}) & set(offered) - set(accepted):
        v.draft = drafting.accept(v.stores, definition, draft, accepted, offered=offered, revision=revision, now=v.now)
        revision = v.draft.revision
    _submit(v, accepted, revision)
    return redirect(f"/{form}/confirmation", 303)


def _submit(v: Visit, accepted: Sequence[str], revision: int) -> None:
    """One transaction; whoever sent meanwhile gets the same receipt. Errors: NotComplete, Stale, StorageError."""
    definition, draft = v.the_form(), v.the_draft()

    def wording(text: str, names: Names) -> str:
        words = Words(definition, v.text, names.today, names.document)
        return words.fill(text, item=names.item, scope=names.scope).plain

    with metrics.submitting():
        v.reference = submitting.submit(
            v.stores,
            definition,
            draft.id,
            idempotency_key=None,
            accepted=accepted,
            language=v.language,
            channels=v.tenant.channels_of(definition.id),
            now=v.now,
            revision=revision,
            wording=wording,
        )
