"""The overview of a list: its items, "another one?", and taking one away."""

from __future__ import annotations

from typing import Any, Final

from flask import Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing
from formengine.core.applying import Asked, Evaluation, evaluate
from formengine.core.pages import Page, key_of
from formengine.core.pages import pages as pages_of
from formengine.core.pointer import ABSENT, element_id
from formengine.core.validation import problems, submit_problems
from formengine.errors import NotFound
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import drafting
from formengine.services.clock import today
from formengine.web import pages, progress, steps
from formengine.web.resume import save_and_leave
from formengine.web.visits import Visit
from formengine.web.words import Words

YES: Final = "true"
NO: Final = "false"


def show(
    v: Visit, e: Evaluation, page: Page, *, error: str = "", code: str = "required", status: int = 200
) -> Response:
    """The items of the list, and the question whether there is another one."""
    words = Words.of(e, v.text)
    asked = page.asked[0]
    rows = _items(v, e, page, words)
    element = element_id(f"{asked.control}:more")
    removed = drafting.restorable(v.the_draft(), v.now)
    message = None
    if removed is not None and removed.list == page.list and request.args.get("removed"):
        message = {"text": v.text.say(N_("Der Eintrag wurde entfernt.")), "undo": True}
    heading = words.fill(page.step.title, item=page.item, scope=page.step.scope) if page.step.title else None
    found = [{"id": element, "pointer": asked.pointer, "code": code, "text": error}] if error else []
    return pages.page(
        "list.html",
        "list",
        status=status,
        has_form=True,
        title=words.title(),
        heading=heading or words.step(page.step),
        prefix=f"{v.text.gettext(N_('Fehler:'))} " if error else "",
        progress=steps.progress_bar(v, e, page, words),
        tasks_link=steps.tasks_link(v),
        summary=pages.summary(v, found),
        message=message,
        count_text=_count(v, len(rows)),
        list={"pointer": page.list},
        items=rows,
        more=_more(v, asked, count=len(rows), error=error),
        revision=v.the_draft().revision,
    )


def _items(v: Visit, e: Evaluation, page: Page, words: Words) -> list[dict[str, Any]]:
    wrong = {problem.control for problem in problems(e) if problem.level == "error"}
    all_pages = pages_of(e)
    found = []
    for index in range(e.items(page.list)):
        key = key_of(e, page.list, index)
        pointer = f"{page.list}/{index}"
        first = routing.item_address(e, page.address, key)
        left = sum(
            asked.control in wrong
            for one in all_pages
            if one.address.is_below(page.address) and one.item.startswith(pointer)
            for asked in one.asked
            if asked.pointer == pointer or asked.pointer.startswith(f"{pointer}/")
        )
        found.append(
            {
                "key": key,
                "pointer": pointer,
                "title": words.item(page.step, pointer, index),
                "left": v.text.ngettext("Noch 1 Angabe", "Noch {n} Angaben", left) if left else "",
                "edit": progress.href_of(e, first or page.address),
                "remove": "" if index < page.step.fixed else f"{progress.href_of(e, page.address)}{key}/remove",
            }
        )
    return found


def _count(v: Visit, count: int) -> Phrase:
    if not count:
        return v.text.say(N_("Hier steht noch nichts."))
    return v.text.ngettext("Sie haben 1 Eintrag angegeben.", "Sie haben {n} Einträge angegeben.", count)


def _is_full(asked: Asked, count: int) -> bool:
    most = asked.question.keywords.get("maxItems")
    return most is not None and count >= most


def _more(v: Visit, asked: Asked, *, count: int, error: str) -> Markup | str:
    name = f"{asked.control}:more"
    element = element_id(name)
    if _is_full(asked, count):
        text = v.text.say(N_("Mehr als {n} Einträge gehen nicht."), n=count)
        return Markup('<p class="kern-body">{}</p>').format(text)
    legend = N_("Möchten Sie noch einen Eintrag hinzufügen?") if count else N_("Möchten Sie einen Eintrag hinzufügen?")
    chosen = NO if not count and asked.value is not ABSENT else ""
    return pages.piece(
        "more",
        name,
        element,
        asked.pointer,
        v.text.say(legend),
        [(YES, v.text.say(N_("Ja"))), (NO, v.text.say(N_("Nein")))],
        chosen,
        error,
        v.text.say(N_("Fehler:")),
    )


def post(v: Visit, e: Evaluation, page: Page) -> Response | WerkzeugResponse:
    """Add an item and open it, or go on."""
    asked = page.asked[0]
    form, draft = v.the_form(), v.the_draft()
    here = progress.href_of(e, page.address)
    action, language = request.form.get("_action", "next"), request.form.get("_lang", "")
    revision = steps.posted_revision()
    if language in v.languages:
        v.keep(language=language)
        return redirect(here, 303)
    if action == "back":
        return redirect(steps.back_href(v, e, page), 303)
    if action == "save":
        return save_and_leave(v)
    if action == "restore":
        drafting.restore_item(v.stores, form, draft, revision=revision, now=v.now)
        return redirect(here, 303)
    count = e.items(page.list)
    more = request.form.getlist(f"{asked.control}:more")
    if action == "add" or more == [YES]:
        if _is_full(asked, count):
            return redirect(here, 303)
        added = drafting.add_item(v.stores, form, draft, page.list, revision=revision, now=v.now)
        after = evaluate(form, added.draft.answers, today(v.now))
        return redirect(progress.href_of(after, routing.item_address(after, page.address, added.key)), 303)
    if more != [NO] and not _is_full(asked, count):
        return show(
            v, e, page, error=v.text.gettext(N_("Wählen Sie aus, ob Sie einen Eintrag hinzufügen möchten")), status=422
        )
    if not count:
        v.draft = draft = drafting.no_items(v.stores, form, draft, page.list, revision=revision, now=v.now)
        e = evaluate(form, draft.answers, today(v.now))
    found = [p for p in submit_problems(e) if p.control == asked.control]
    if found:
        return show(v, e, page, error=steps.sentence(v, e, found[0]), code=found[0].code, status=422)
    if request.args.get("return") == "review":
        return redirect(steps.back_to_review(v, e, page), 303)
    following = routing.next_step(e, page.address)
    return redirect(progress.href_of(e, following) if following else progress.behind_steps(v, e), 303)


def ask_to_remove(v: Visit, e: Evaluation, page: Page, key: str) -> Response:
    """The page that asks whether an item is to go."""
    words = Words.of(e, v.text)
    found = next((row for row in _items(v, e, page, words) if row["key"] == key and row["remove"]), None)
    if found is None:
        raise NotFound("no such item")
    return pages.page(
        "remove.html",
        "remove",
        has_form=True,
        title=words.title(),
        item=found,
        back=f"{progress.href_of(e, page.address)}#item-{key}",
        revision=v.the_draft().revision,
    )


def remove(v: Visit, e: Evaluation, page: Page, key: str) -> WerkzeugResponse:
    """Take the item away; anything else keeps it."""
    here = progress.href_of(e, page.address)
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(request.path, 303)
    if request.form.get("_action") != "remove":
        return redirect(f"{here}#item-{key}", 303)
    drafting.remove_item(
        v.stores, v.the_form(), v.the_draft(), page.list, key, revision=steps.posted_revision(), now=v.now
    )
    return redirect(f"{here}?removed=1", 303)
