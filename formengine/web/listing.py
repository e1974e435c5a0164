"""The overview of a list: its items, "another one?", and taking one away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Response, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing
from formengine.core.addresses import index_of, key_of
from formengine.core.applying import Asked, Evaluation, Role, evaluate
from formengine.core.blocks import MOST_ROWS
from formengine.core.lifecycle import Removed
from formengine.core.pages import Page
from formengine.core.pages import pages as pages_of
from formengine.core.pointer import ABSENT, element_id, put
from formengine.core.validation import problems, submit_problems
from formengine.errors import NotFound
from formengine.fields import display
from formengine.i18n.catalogues import N_
from formengine.services import drafting
from formengine.services.clock import today
from formengine.web import leading, pages, progress, prompting, steps
from formengine.web.resume import save_and_leave
from formengine.web.visits import Visit
from formengine.web.words import Words

YES: Final = "true"
NO: Final = "false"
MISSING: Final = N_("Wählen Sie aus, ob noch jemand oder etwas dazukommt")
NONE_YET: Final = N_("Wählen Sie aus, ob Sie hier jemanden oder etwas angeben möchten")
CHANGED: Final = N_("Die Liste wurde inzwischen an anderer Stelle geändert. Prüfen Sie sie und wählen Sie noch einmal.")
MOST_FACTS: Final = 3
LONGEST_FACT: Final = 60


def show(
    v: Visit,
    e: Evaluation,
    page: Page,
    *,
    error: str = "",
    code: str = "required",
    changed: bool = False,
    status: int = 200,
) -> Response:
    """The items of the list, and the question whether there is another one. *changed*: elsewhere, meanwhile."""
    words = Words.of(e, v.text)
    asked = page.asked[0]
    count, shown = e.items(page.list), _shown(e, page)
    element = element_id(f"{asked.control}:more")
    removed = drafting.restorable(v.the_draft(), v.now)
    message = None
    if removed is not None and removed.list == page.list and request.args.get("removed"):
        message = {
            "text": v.text.say(N_("{name} wurde entfernt."), name=_title_of(e, page, words, removed)),
            "undo": True,
        }
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
        tasks_button=steps.tasks_button(v),
        summary=pages.piece("notice", v.text.say(CHANGED)) if changed else pages.summary(v, found),
        message=message,
        lead=leading.lead(v, e, page, words),
        count_text=v.text.say(N_("Bisher angegeben: {n}"), n=count) if count else "",
        list={"pointer": page.list, "count": count},
        items=_items(v, e, page, words, shown),
        blocks=_blocks(v, e, page, shown),
        more=_more(v, asked, count=count, error=error),
        revision=v.the_draft().revision,
    )


def _shown(e: Evaluation, page: Page) -> range:
    """Which items are shown: those that the address asks for, else the last ones (SCH-11)."""
    count = e.items(page.list)
    last = max(count - 1, 0) // MOST_ROWS
    wanted = request.args.get("rows", "")
    number = min(int(wanted) - 1, last) if wanted in map(str, range(1, last + 2)) else last
    return range(number * MOST_ROWS, min((number + 1) * MOST_ROWS, count))


def _blocks(v: Visit, e: Evaluation, page: Page, shown: range) -> list[dict[str, Any]]:
    """Links to all items of a long list, some at once."""
    count, here = e.items(page.list), progress.href_of(e, page.address)
    found = []
    for number, first in enumerate(range(0, count if count > MOST_ROWS else 0, MOST_ROWS), 1):
        text = v.text.say(N_("Einträge {von} bis {bis}"), von=first + 1, bis=min(first + MOST_ROWS, count))
        found.append({"text": text, "href": "" if first == shown.start else f"{here}?rows={number}"})
    return found


def _at(e: Evaluation, page: Page, key: str) -> str:
    """The address at which the item *key* is shown."""
    index = index_of(e, page.list, key) or 0
    rows = f"?rows={index // MOST_ROWS + 1}" if e.items(page.list) > MOST_ROWS else ""
    return f"{progress.href_of(e, page.address)}{rows}#item-{key}"


def _items(v: Visit, e: Evaluation, page: Page, words: Words, indexes: Iterable[int]) -> list[dict[str, Any]]:
    wrong = {problem.control for problem in problems(e) if problem.level == "error"}
    found = []
    for index in indexes:
        key = key_of(e, page.list, index)
        pointer = f"{page.list}/{index}"
        first = routing.item_address(e, page.address, key)
        title = words.item(page.step, pointer, index)
        of_item = tuple(pages_of(e).below((*page.order[:-1], index)))
        left = sum(asked.control in wrong for one in of_item for asked in one.asked)
        found.append(
            {
                "key": key,
                "pointer": pointer,
                "title": title,
                "facts": _facts(of_item, pointer, words, title.plain),
                "left": v.text.ngettext("Noch 1 Angabe", "Noch {n} Angaben", left) if left else "",
                "edit": progress.href_of(e, first or page.address),
                "remove": "" if index < page.step.fixed else f"{progress.href_of(e, page.address)}{key}/remove",
            }
        )
    return found


def _facts(of_item: Sequence[Page], pointer: str, words: Words, title: str) -> list[dict[str, Any]]:
    """The first answers about the item that its title does not say: what it is told apart by; nothing sensitive."""
    facts: list[dict[str, Any]] = []
    for page in of_item:
        for asked in page.asked if page.item == pointer else ():
            field = prompting.field_of(asked, page.step.fields)
            if asked.role is not Role.VALUE or asked.value is ABSENT or field.sensitive or asked.question.tick:
                continue
            text = display(asked, field, words.text)
            if text and text not in title and len(text) <= LONGEST_FACT and "\n" not in text:
                facts.append({"label": steps.label(asked, page, words), "value": text})
                if len(facts) == MOST_FACTS:
                    return facts
    return facts


def _title_of(e: Evaluation, page: Page, words: Words, removed: Removed) -> str:
    """What the item was called that was taken away."""
    document = put(e.document, page.list, [removed.answers.document])
    there = Words(words.form, words.text, words.today, document)
    return there.item(page.step, f"{page.list}/0", removed.index).plain


def _is_full(asked: Asked, count: int) -> bool:
    most = asked.question.keywords.get("maxItems")
    return most is not None and count >= most


def _more(v: Visit, asked: Asked, *, count: int, error: str) -> Markup | str:
    name = f"{asked.control}:more"
    element = element_id(name)
    if _is_full(asked, count):
        text = v.text.say(N_("Mehr als {n} gehen hier nicht."), n=count)
        return Markup('<p class="kern-body">{}</p>').format(text)
    legend = N_("Möchten Sie hier noch etwas eintragen?") if count else N_("Möchten Sie hier etwas eintragen?")
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
    if action == "tasks":
        return redirect(f"/{form.id}/tasks", 303)
    if action == "save":
        return save_and_leave(v)
    if revision != draft.revision:
        return show(v, e, page, changed=True, status=409)
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
        return redirect(
            progress.href_of(after, routing.item_address(after, page.address, added.key) or page.address), 303
        )
    if more != [NO] and not _is_full(asked, count):
        return show(v, e, page, error=v.text.gettext(MISSING if count else NONE_YET), status=422)
    if not count:
        v.draft = draft = drafting.no_items(v.stores, form, draft, page.list, revision=revision, now=v.now)
        e = evaluate(form, draft.answers, today(v.now))
    found = [p for p in submit_problems(e) if p.control == asked.control]
    if found:
        return show(v, e, page, error=steps.sentence(v, e, found[0]), code=found[0].code, status=422)
    if request.args.get("return") == "review":
        return redirect(steps.back_to_review(v, e, page), 303)
    return redirect(steps.onward(v, e, routing.next_step(e, page.address)), 303)


def ask_to_remove(v: Visit, e: Evaluation, page: Page, key: str, *, changed: bool = False) -> Response:
    """The page that asks whether an item is to go. *changed*: it may look other than when that was asked before."""
    words = Words.of(e, v.text)
    index = index_of(e, page.list, key)
    found = _items(v, e, page, words, () if index is None else (index,))
    if not found or not found[0]["remove"]:
        raise NotFound("no such item")
    return pages.page(
        "remove.html",
        "remove",
        status=409 if changed else 200,
        summary=pages.piece("notice", v.text.say(CHANGED)) if changed else "",
        has_form=True,
        title=words.title(),
        item=found[0],
        back=_at(e, page, key),
        revision=v.the_draft().revision,
    )


def remove(v: Visit, e: Evaluation, page: Page, key: str) -> Response | WerkzeugResponse:
    """Take the item away; anything else keeps it. Asked again if it may have been changed elsewhere meanwhile."""
    here = progress.href_of(e, page.address)
    if request.form.get("_lang") in v.languages:
        v.keep(language=request.form["_lang"])
        return redirect(request.path, 303)
    if request.form.get("_action") != "remove":
        return redirect(_at(e, page, key), 303)
    revision, draft = steps.posted_revision(), v.the_draft()
    if revision != draft.revision:
        if draft.answers.item_index(page.list, key) is None:
            return redirect(here, 303)
        return ask_to_remove(v, e, page, key, changed=True)
    drafting.remove_item(v.stores, v.the_form(), draft, page.list, key, revision=revision, now=v.now)
    return redirect(f"{here}?removed=1", 303)
