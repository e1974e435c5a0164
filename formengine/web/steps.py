"""A page that asks: shown with what was answered, taken when it is sent, kept as typed when one leaves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from flask import Response, redirect, request
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing, validation
from formengine.core.addresses import StepAddress
from formengine.core.applying import Asked, Evaluation, evaluate
from formengine.core.pages import Page, PageKind
from formengine.core.pages import pages as pages_of
from formengine.core.pointer import element_id
from formengine.core.validation import Problem
from formengine.i18n import wording
from formengine.i18n.catalogues import N_, Phrase
from formengine.i18n.formatting import BERLIN
from formengine.services import drafting
from formengine.services.clock import today
from formengine.services.drafting import Reading
from formengine.web import compiled, editing, forms, leading, pages, progress, prompting
from formengine.web.resume import save_and_leave
from formengine.web.skeleton import Skeleton, slots
from formengine.web.standing import standing
from formengine.web.visits import Visit
from formengine.web.words import Words

_SLOTS: Final = (
    *("title", "mark", "back", "tasks", "progress", "summary", "heading", "lead", "enctype", "token", "revision"),
    *("base", "fields", "until", "after", "clock", "left", "most"),
)
AUTOSAVE: Final = "autosave"
_MULTIPART: Final = Markup(' enctype="multipart/form-data"')


def show(
    v: Visit,
    e: Evaluation,
    page: Page,
    *,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, Sequence[str]] | None = None,
    notice: Phrase | None = None,
    made_from: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The questions of *page* with what was answered or typed, and what is wrong with it.

    *made_from*: the revision and marks of the page on which *typed* was typed, where that is not what stands now.
    """
    words = Words.of(e, v.text, v.site.filled)
    draft = v.the_draft()
    is_wrong = bool(problems)
    if not problems and draft.answers.changed and draft.earlier is None:
        problems = [
            one for one in routing.problems_on(e, page.address, validation.problems(e)) if one.code == "changed"
        ]
    skeleton = _skeleton(v)
    ends = pages.session_of(v)
    values = {
        "mark": page.kind.value if page.kind is not PageKind.QUESTION else "question",
        "back": _back(v),
        "tasks": tasks_button(v),
        "progress": progress_bar(v, e, page, words),
        "token": v.token,
        "clock": ends.clock if ends is not None else "",
        "left": str(ends.left_s) if ends is not None else "",
        "most": str(ends.most_s) if ends is not None else "",
        "revision": str(draft.revision) if made_from is None else escape(made_from[0]),
        "base": escape(standing(page, draft.answers) if made_from is None else made_from[1]),
        "enctype": "",
        "summary": "",
        "lead": leading.lead(v, e, page, words),
        "until": _until(v),
    }
    if page.kind is PageKind.INFO:
        heading = words.step(page.step, item=page.item)
        prose = pages.prose(words.fill(page.step.body, item=page.item, scope=page.step.scope))
        values |= {"fields": Markup('<div class="app-prose kern-body">{}</div>').format(prose.html), "after": ""}
        alone = False
    else:
        asking = questions(v, e, page)
        alone = asking.alone

        def fill(text: str) -> str:
            return words.put_in(text, item=page.item, scope=page.step.scope)

        said = asking.say(problems, page.asked, page.item, fill=fill) if problems else ()
        heading = asking.prompts[0].label.filled(fill) if alone else words.step(page.step, item=page.item)
        values["summary"] = pages.summary(v, said) if said else ""
        values["fields"] = asking.render(
            page.asked, page.item, typed=draft.answers.typed if typed is None else typed, said=said, fill=fill
        )
        values["after"] = asking.reasons(page.item, fill=fill)
        if any(prompt.kind.html_type == "file" or not prompt.kind.reads for prompt in asking.prompts):
            values["enctype"] = _MULTIPART
    if notice is not None:
        values["summary"] = pages.piece("notice", notice)
    values["heading"] = _heading(page, words, heading, alone=alone)
    values["title"] = _title(v, page, words, heading, wrong=is_wrong)
    return Response(skeleton.fill(values), status, content_type="text/html; charset=utf-8")


def _skeleton(v: Visit) -> Skeleton:
    """The page around the questions, rendered once for a form version, language and theme."""
    theme = v.session.theme if v.session is not None else ""
    shared = v.session is not None and v.session.shared
    key = (v.tenant.id, v.the_form().hash, v.language, theme, v.query, shared)
    found = v.site.skeletons.get(key)
    if found is None:
        if len(v.site.skeletons) > 500:
            v.site.skeletons.clear()
        marks = slots(_SLOTS)
        ends = pages.SessionEnd(marks["clock"], marks["left"], marks["most"])
        html = pages.render(
            "question.html", "question", has_form=True, slot=marks, token=marks["token"], session=ends
        )  # fmt: skip
        found = Skeleton(html)
        v.site.skeletons[key] = found
    return found


def _heading(page: Page, words: Words, heading: Phrase, *, alone: bool) -> Markup | str:
    """The page's heading; where the one question is the heading, who or what it is about stands above."""
    if not alone:
        return Markup(f'<h1 class="kern-heading-large">{escape(heading)}</h1>')  # noqa: S704  escaped
    about = words.step(page.step, item=page.item) if page.step.title else Phrase("")
    if about.plain and about.plain != heading.plain:
        return Markup('<p class="kern-preline app-about">{}</p>').format(about)
    return ""


def _title(v: Visit, page: Page, words: Words, heading: Phrase, *, wrong: bool) -> Markup:
    section = words.step(page.chain[0])
    parts = [heading.plain, section.plain, words.title().plain]
    prefix = f"{v.text.gettext(N_('Fehler:'))} " if wrong else ""
    return escape(prefix + " – ".join(dict.fromkeys(part for part in parts if part)))


def progress_bar(v: Visit, e: Evaluation, page: Page, words: Words) -> Markup:
    """In which section one is, of how many."""
    ids = pages_of(e).sections
    number = ids.index(page.chain[0].id) + 1
    name = words.step(page.chain[0]).plain
    key = ("progress", v.language, number, len(ids), name)
    found = v.site.pieces.get(key)
    if found is None:
        text = v.text.say(N_("Abschnitt {n} von {m}: {name}"), n=number, m=len(ids), name=name)
        found = pages.piece("progress", text, number, len(ids))
        v.site.keep_piece(key, found)
    return found


def _until(v: Visit) -> Markup:
    """Until when all is saved (RES-10)."""
    day = today(v.the_draft().expires_at)
    key = ("until", v.language, day)
    found = v.site.pieces.get(key)
    if found is None:
        found = escape(v.text.say(N_("Ihre Angaben sind gespeichert bis {datum}."), datum=v.text.day(day.isoformat())))
        v.site.keep_piece(key, found)
    return found


def _back(v: Visit) -> Markup:
    key = ("back", v.language)
    found = v.site.pieces.get(key)
    if found is None:
        found = pages.piece("back_button", v.text.say(N_("Zurück")))
        v.site.keep_piece(key, found)
    return found


def tasks_button(v: Visit) -> Markup:
    """The way to the sections: a button, so that what was typed comes along (ux.md P4)."""
    key = ("tasks", v.language)
    found = v.site.pieces.get(key)
    if found is None:
        found = pages.piece("tasks_button", v.text.say(N_("Übersicht")))
        v.site.keep_piece(key, found)
    return found


def sentence(v: Visit, e: Evaluation, problem: Problem) -> str:
    """A problem in words, where it is told outside of its page."""
    for page in pages_of(e):
        if any(asked.control == problem.control for asked in page.asked):
            asking = questions(v, e, page)
            words = Words.of(e, v.text)
            said = asking.say(
                [problem],
                page.asked,
                page.item,
                fill=lambda text: words.put_in(text, item=page.item, scope=page.step.scope),  # noqa: B023  used at once
            )
            if said:
                return said[0].text
    return problem.message


def posted_revision() -> int:
    """The revision at which the page was made. Errors: BadRequest."""
    text = request.form.get("_revision", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequest
    return int(text)


def take(v: Visit, e: Evaluation, page: Page, posted: forms.Posted, revision: int) -> Response | WerkzeugResponse:
    """Take the answers *posted* and lead on, or keep the text as typed and go where one wants to.

    Errors: ForgedField, Stale, AlreadySubmitted.
    """
    form, draft = v.the_form(), v.the_draft()
    action, language = request.form.get("_action", "next"), request.form.get("_lang", "")
    reading = _read(v, e, page, posted)
    if language in v.languages:
        editing.keep(v, page, typed(v, e, page, posted), revision)
        v.keep(language=language)
        return redirect(_same(e, page), 303)
    if action == AUTOSAVE:
        editing.keep(v, page, typed(v, e, page, posted), revision)
        return _autosaved(v, page)
    if action in {"back", "tasks"}:
        editing.keep(v, page, typed(v, e, page, posted), revision)
        return redirect(back_href(v, e, page) if action == "back" else f"/{form.id}/tasks", 303)
    if action == "save":
        editing.keep(v, page, typed(v, e, page, posted), revision)
        return save_and_leave(v)
    if action.startswith(("add:", "remove:")):
        editing.edit_rows(v, page, reading, typed(v, e, page, posted), action=action, revision=revision)
        return redirect(_with_rows(v, e, page, action), 303)
    if page.kind is PageKind.INFO:
        return redirect(_on(v, e, page, routing.next_step(e, page.address)), 303)
    answered = drafting.answer_step(v.stores, form, draft, page.address, reading, revision=revision, now=v.now, seen=e)
    v.draft = answered.draft
    if answered.problems:
        after = routing.page_at(answered.evaluation, page.address) or page
        return show(v, answered.evaluation, after, problems=answered.problems, status=422)
    if answered.next == page.address:
        return redirect(_noticed(_same(e, page), posted), 303)
    return redirect(_noticed(_on(v, answered.evaluation, page, answered.next), posted), 303)


def _with_rows(v: Visit, e: Evaluation, page: Page, action: str) -> str:
    """The page again after a row came or went: the last one of a long list where it came."""
    verb, _, pointer = action.partition(":")
    after = evaluate(v.the_form(), v.the_draft().answers, e.today)
    holding = [one for one in pages_of(after) if any(asked.pointer == pointer for asked in one.asked)]
    return _same(after, holding[-1] if verb == "add" and holding else page)


def _autosaved(v: Visit, page: Page) -> Response:
    """That what was typed is kept: from what the page is made by now, and when that was."""
    draft = v.the_draft()
    e = evaluate(v.the_form(), draft.answers, today(v.now))
    now = routing.page_at(e, page.address) or page
    response = Response("", 204)
    response.headers["Revision"] = str(draft.revision)
    response.headers["Base"] = quote(standing(now, draft.answers))
    response.headers["Saved-At"] = draft.saved_at.astimezone(BERLIN).strftime("%H:%M")
    return response


def _noticed(href: str, posted: forms.Posted) -> str:
    """*href*, the page of which then says so if the text just sent was cleaned."""
    if not forms.cleaned(posted):
        return href
    path, mark, row = href.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{leading.CLEANED}=1{mark}{row}"


def _read(v: Visit, e: Evaluation, page: Page, posted: forms.Posted) -> Reading:
    """What was posted. Errors: ForgedField."""
    if page.kind is PageKind.INFO:
        return Reading({})
    return forms.read(questions(v, e, page), page.asked, posted, page.item)


def typed(v: Visit, e: Evaluation, page: Page, posted: forms.Posted) -> dict[str, tuple[str, ...]]:
    """The text of *posted* that is not an answer already, by HTML name. Errors: ForgedField."""
    if page.kind is PageKind.INFO:
        return {}
    return forms.typed(questions(v, e, page), page.asked, posted, page.item)


def questions(v: Visit, e: Evaluation, page: Page) -> compiled.Page:
    """The page's questions, ready to be filled or read."""
    shared = v.session is not None and v.session.shared
    return v.site.questions.page(e.form, v.text, page.step, page.asked, page.item, shared=shared)


def _same(e: Evaluation, page: Page) -> str:
    return progress.href_of(e, page.address, review=request.args.get("return") == "review")


def _on(v: Visit, e: Evaluation, page: Page, following: StepAddress | None) -> str:
    if request.args.get("return") == "review":
        return back_to_review(v, e, page)
    return onward(v, e, following)


def onward(v: Visit, e: Evaluation, following: StepAddress | None) -> str:
    """The address of what comes next. Of a list that must hold something and is empty, the first item is begun."""
    if following is None:
        return progress.behind_steps(v, e)
    page = routing.page_at(e, following)
    if page is None or page.kind is not PageKind.LIST or e.items(page.list) or not needs_item(page.asked[0]):
        return progress.href_of(e, following)
    form, draft = v.the_form(), v.the_draft()
    added = drafting.add_item(v.stores, form, draft, page.list, revision=draft.revision, now=v.now)
    v.draft = added.draft
    after = evaluate(form, added.draft.answers, e.today)
    return progress.href_of(after, routing.item_address(after, page.address, added.key) or following)


def needs_item(asked: Asked) -> bool:
    """Whether a list cannot be sent empty."""
    return asked.required and asked.question.keywords.get("minItems", 0) > 0


def back_to_review(v: Visit, e: Evaluation, page: Page) -> str:
    """The row of the review from which one came, unless the change asks something new: that comes first."""
    del v
    missing = routing.resume_at(e)
    if missing is not None:
        return progress.href_of(e, missing, review=True)
    return _row_of(e, page)


def _row_of(e: Evaluation, page: Page) -> str:
    """The review, at the page's first answer."""
    row = f"#row-{element_id(page.asked[0].control)}" if page.asked else ""
    return f"{progress.href_of(e, None)}{row}"


def back_href(v: Visit, e: Evaluation, page: Page) -> str:
    """The page before, the review if one came from there, or the start page."""
    if request.args.get("return") == "review":
        return _row_of(e, page)
    before = routing.previous_step(e, page.address)
    return progress.href_of(e, before) if before is not None else f"/{v.the_form().id}/"


def label(asked: Asked, page: Page, words: Words) -> Phrase:
    """What a question is called, where its answer is read."""
    field = prompting.field_of(asked, page.step.fields)
    return wording.label(asked.question, field, words.text, at=asked.pointer, pattern=asked.pattern).filled(
        lambda text: words.put_in(text, item=page.item, scope=page.step.scope)
    )
