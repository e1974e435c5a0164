"""Two tabs, two devices: what was typed on a page that was saved elsewhere meanwhile (REL-04).

A page carries what stood in each of its questions when it was made, as short marks. Where that still stands, nothing is
overwritten and what was typed is taken. Where something else stands by now, both are shown, question by question, and
the person chooses; rows of a list and entries of a map that came or went are chosen as a whole. What the page does not
ask any more is kept as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.core import routing
from formengine.core.answers import HOLE, Answers
from formengine.core.applying import Asked, Evaluation, Role, evaluate
from formengine.core.blocks import MOST_ROWS
from formengine.core.definition import FormDefinition
from formengine.core.outline import Outline
from formengine.core.pages import Page, PageKind
from formengine.core.pointer import ABSENT, child, is_below, parse
from formengine.fields import Prompt, display, raw_of
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import drafting, items
from formengine.services.clock import today
from formengine.services.rescuing import LatePost
from formengine.web import editing, pages, progress, prompting, recovering, steps
from formengine.web.forms import ForgedField
from formengine.web.standing import Marks, standing
from formengine.web.visits import Visit
from formengine.web.words import Words

STORED: Final = "stored"
HERE: Final = "here"
BRING_BACK: Final = "bring-back"
MISSING: Final = N_("Wählen Sie aus, was bei „{label}“ gelten soll")
_CONTAINERS: Final = frozenset({Role.LIST, Role.MAP})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A question of which something else is *stored* than what was typed *here*."""

    name: str
    element: str
    label: Phrase
    stored: str
    here: str


def post(v: Visit, e: Evaluation, page: Page) -> Response | WerkzeugResponse:
    """Take what was posted to *page*, once nothing of it is in conflict with what was saved elsewhere."""
    revision = steps.posted_revision()
    if revision == v.the_draft().revision and "_open" not in request.form:
        return steps.take(v, e, page, request.form, revision)
    settling = _Settling(v, e, page, request.form)
    found = settling.settle()
    if found:
        return Response("", 409) if request.form.get("_action") == steps.AUTOSAVE else _choose(settling, found)
    return steps.take(v, settling.e, settling.page, settling.posted, v.the_draft().revision)


def again(v: Visit) -> Response | WerkzeugResponse | None:
    """The choice after somebody else saved in the very moment of the post; None if the post was not to a question.

    Errors: AlreadySubmitted, if it was sent in that moment.
    """
    if v.draft is not None:
        v.draft = drafting.reload(v.stores, v.draft)
    found = recovering.step(v)
    return post(v, *found) if found is not None else None


def _of_late(v: Visit, e: Evaluation, page: Page, late: LatePost) -> Response | MultiDict[str, str]:
    """What came too late for *page*, to be kept there; or the choice, where something else was saved meanwhile.

    Errors: ForgedField.
    """
    settling = _Settling(v, e, page, MultiDict([(n, text) for n, texts in late.posted.items() for text in texts]))
    found = settling.settle()
    return _choose(settling, found) if found else settling.posted


def bring_back(v: Visit, segments: str) -> tuple[Evaluation, Page] | Response:
    """The page of an item that was removed elsewhere: the item back in its place if one asked for that, else a page
    that offers it, with what was typed.
    """
    draft = v.the_draft()
    removed = drafting.restorable(draft, v.now)
    is_it = removed is not None and removed.key in segments.split("/")
    if is_it and request.form.get("_action") == BRING_BACK:
        v.draft = drafting.restore_item(v.stores, v.the_form(), draft, revision=steps.posted_revision(), now=v.now)
        e = evaluate(v.the_form(), v.draft.answers, today(v.now))
        page = routing.page_named(e, segments.split("/"))
        if page is not None:
            return e, page
    kept = _texts(request.form)
    return pages.page(
        "gone.html",
        "conflict",
        status=409,
        has_form=False,
        typed=recovering.named(v, [(name, text) for name, text in kept if text.strip()]),
        hidden=[*kept, ("_base", request.form.get("_base", ""))] if is_it else None,
        revision=draft.revision,
        tasks=f"/{v.the_form().id}/tasks",
    )


def refill(v: Visit, form: FormDefinition, late: LatePost | None) -> Response | None:
    """Put what came too late into the opened draft, unchecked; the page where one chooses, if its step was saved
    elsewhere meanwhile.
    """
    draft = v.the_draft()
    if late is None or draft.form != late.form:
        return None
    e = evaluate(form, draft.answers, today(v.now))
    page = routing.page_named(e, late.segments.split("/"))
    if page is None or page.kind is not PageKind.QUESTION:
        return None
    try:
        settled = _of_late(v, e, page, late)
        if isinstance(settled, Response):
            return settled
        typed = steps.typed(v, e, page, settled)
    except ForgedField:
        return None
    editing.keep(v, page, typed, draft.revision)
    return None


class _Settling:
    """One post to one page. `settle` leaves in *posted* what is to be taken, and the visit's draft ready for it."""

    def __init__(self, v: Visit, e: Evaluation, page: Page, form: MultiDict[str, str]) -> None:
        self.v, self.e, self.page, self.form = v, e, page, form
        self.words = Words.of(e, v.text)
        item, _, marks = form.get("_base", "").rpartition("|")
        self.marks = frozenset(marks.split("."))
        self._now = Marks(v.the_draft().answers)
        self.open = frozenset(form.getlist("_open"))
        self.posted = MultiDict(
            (page.item + name[len(item) :] if item and name.startswith(f"{item}/") else name, text)
            for name, text in _texts(form)
        )
        self.all: list[tuple[str, str]] = list(self.posted.items(multi=True))
        self.chosen: dict[str, str] = {}
        self.changed_again = False
        self.extra: dict[str, tuple[str, ...]] = {}

    def settle(self) -> list[Conflict]:
        """What is left to choose."""
        found: list[Conflict] = []
        covered: list[str] = []
        for one in [one for one in self.page.asked if one.role in _CONTAINERS]:
            if not any(is_below(one.pointer, above) for above in covered):
                found += self._rows(one, covered)
        self.extra = self._unasked(covered)
        for one, prompt in zip(self.page.asked, self._prompts(), strict=True):
            if prompt.kind.reads and not any(is_below(one.pointer, above) for above in covered):
                found += self._one(one, prompt)
        if not found and self.extra:
            self._change(self.v.the_draft().answers.with_typed(self.extra))
        return found

    def _rows(self, one: Asked, covered: list[str]) -> list[Conflict]:
        """A list or map whose rows are not those that the page had: chosen as a whole, with all that is in it."""
        answers = self.v.the_draft().answers
        if not self._is_due(one):
            return []
        here = [text for name, text in self.posted.items(multi=True) if is_below(name, one.pointer) and text.strip()]
        below = [
            (inner, prompt)
            for inner, prompt in zip(self.page.asked, self._prompts(), strict=True)
            if inner.role not in _CONTAINERS and is_below(inner.pointer, one.pointer)
        ]
        stored = [text for inner, prompt in below for texts in self._stored(inner, prompt).values() for text in texts]
        choice = self._choice(one)
        if choice == STORED:
            for name in [name for name in self.posted if is_below(name, one.pointer)]:
                del self.posted[name]
            for inner, prompt in below:
                self._put(inner, prompt)
        elif choice == HERE:
            whole = self.e.asked_at(one.pointer)
            if whole is None or whole.question is one.question:  # else other rows stand on other pages, and stay
                self._change(_with_rows(answers, one, list(self.posted)))
        elif [text for text in stored if text.strip()] == here:
            return []
        covered.append(one.pointer)
        return [] if choice else [self._conflict(one, ", ".join(filter(None, stored)), ", ".join(here))]

    def _one(self, one: Asked, prompt: Prompt) -> list[Conflict]:
        """A question of which something else is stored by now than the page showed."""
        names = _names(one, prompt)
        stored = self._stored(one, prompt)
        sent = {part: tuple(self.posted.getlist(name)) for part, name in names.items()}
        if all(_said(sent[part]) == _said(stored.get(part, ())) for part in names) or not self._is_due(one):
            return []
        choice = self._choice(one)
        if choice == STORED:
            self._put(one, prompt)
        if choice:
            return []
        kept = [text for texts in stored.values() for text in texts if text]
        is_typed = any(name in self.v.the_draft().answers.typed for name in names.values())
        said = " ".join(kept) if is_typed else display(one, prompt.field, self.v.text)
        return [self._conflict(one, said, self._shown(prompt, sent))]

    def _is_due(self, one: Asked) -> bool:
        """Whether *one* has to be chosen: it changed since the page was made, or the page asked for the choice."""
        changed = self._mark(one) not in self.marks
        self.changed_again = self.changed_again or changed
        return changed or self._name(one) in self.open

    def _choice(self, one: Asked) -> str:
        """What was chosen for *one*; nothing where what is stored is no longer what the choice was made from."""
        picked = self.form.get(f"_keep:{self._name(one)}", "")
        if picked not in {STORED, HERE} or self._mark(one) not in self.marks:
            return ""
        self.chosen[self._name(one)] = picked
        return picked

    def _mark(self, one: Asked) -> str:
        """What stands in *one* by now."""
        answers = self.v.the_draft().answers
        if self._now.answers is not answers:
            self._now = Marks(answers)
        return self._now.of(one, self.page.item)

    def _unasked(self, covered: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What was typed to questions that the page does not ask by now, taken out of *posted*. Errors: ForgedField."""
        offered = {
            name
            for one, prompt in zip(self.page.asked, self._prompts(), strict=True)
            for name in _names(one, prompt).values()
        }
        form = self.v.the_form()
        outline = Outline(form.schema.bundled, form.schema.draft)
        extra = {}
        for name in [name for name in self.posted if name not in offered]:
            if outline.find(re.sub(r"/\d+(?=/|$)", "/*", name.partition(":")[0])) is None:
                raise ForgedField("a name that no page offers")
            texts = tuple(self.posted.poplist(name))
            if any(texts) and not any(is_below(name, above) for above in covered):
                extra[name] = texts
        return extra

    def _shown(self, prompt: Prompt, sent: Mapping[str, Sequence[str]]) -> str:
        """What was typed, as it would stand among the answers; the text itself where it is no answer."""
        try:
            value = prompt.kind.to_json({part: texts for part, texts in sent.items() if texts}, prompt)
        except ValueError:
            value = ABSENT
        if value is not ABSENT and value is not HOLE:
            return prompt.kind.display(value, prompt.question, prompt.field, self.v.text)
        return " ".join(text for texts in sent.values() for text in texts if text)

    def _stored(self, one: Asked, prompt: Prompt) -> dict[str, tuple[str, ...]]:
        """What is stored for *one*, as its controls show it."""
        typed = self.v.the_draft().answers.typed
        names = _names(one, prompt)
        if any(name in typed for name in names.values()):
            return {part: tuple(typed.get(name, ())) for part, name in names.items()}
        return {part: tuple(texts) for part, texts in raw_of(one.value, prompt).items()}

    def _put(self, one: Asked, prompt: Prompt) -> None:
        """Put what is stored for *one* in the place of what was typed."""
        stored = self._stored(one, prompt)
        for part, name in _names(one, prompt).items():
            self.posted.setlist(name, list(stored.get(part, ())))

    def _change(self, answers: Answers) -> None:
        self.v.draft = replace(self.v.the_draft(), answers=answers)
        self.e = evaluate(self.v.the_form(), answers, self.e.today)
        self.page = routing.page_at(self.e, self.page.address) or self.page

    def _conflict(self, one: Asked, stored: str, here: str) -> Conflict:
        name = self._name(one)
        label = steps.label(one, self.page, self.words)
        return Conflict(name, f"wahl{name.replace('/', '-').replace(':', '-')}", label, stored, here)

    def _name(self, one: Asked) -> str:
        return one.control[len(self.page.item) :]

    def _prompts(self) -> Sequence[Prompt]:
        return steps.questions(self.v, self.e, self.page).prompts


def _choose(settling: _Settling, found: Sequence[Conflict]) -> Response:
    """Both states, and the choice between them; what was chosen already stays."""
    v, page = settling.v, settling.page
    language = settling.form.get("_lang", "")
    if language in v.languages:
        v.keep(language=language)
        v.language = language
    missing = bool(settling.open) and not settling.changed_again and language not in v.languages
    draft = v.the_draft()
    moment = v.text.moment(draft.saved_at)
    is_same = v.session is not None and draft.saved_by == v.session.id
    saved = N_("Gespeichert am {zeit}, in einem anderen Fenster auf diesem Gerät.")
    elsewhere = N_("Gespeichert am {zeit}, auf einem anderen Gerät.")
    rows = [
        {
            "conflict": one,
            "chosen": settling.chosen.get(one.name, ""),
            "error": v.text.gettext(MISSING, label=one.label.plain) if missing else "",
        }
        for one in found
    ]
    problems = [
        {"id": row["conflict"].element, "pointer": row["conflict"].name, "code": "required", "text": row["error"]}  # type: ignore[attr-defined]  # a Conflict
        for row in rows
        if row["error"]
    ]
    action = settling.form.get("_action", "next")
    return pages.page(
        "conflict.html",
        "conflict",
        status=422 if missing else 409,
        has_form=True,
        summary=pages.summary(v, problems),
        prefix=f"{v.text.gettext(N_('Fehler:'))} " if problems else "",
        heading_of_step=settling.words.step(page.step, item=page.item),
        saved=v.text.say(saved if is_same else elsewhere, zeit=moment),
        rows=rows,
        picked=[(f"_keep:{name}", choice) for name, choice in settling.chosen.items()],
        opened=[*settling.chosen, *(one.name for one in found)],
        extra=recovering.named(v, [(name, text) for name, texts in settling.extra.items() for text in texts]),
        hidden=settling.all,
        target=progress.href_of(settling.e, page.address, review=request.args.get("return") == "review"),
        base=standing(page, draft.answers),
        revision=draft.revision,
        press=("_lang", v.language) if language else ("_action", action),
    )


def _texts(form: MultiDict[str, str]) -> list[tuple[str, str]]:
    """What was posted to questions, all texts of a name."""
    return [(name, text) for name, text in form.items(multi=True) if not name.startswith("_")]


def _names(one: Asked, prompt: Prompt) -> dict[str, str]:
    """The HTML names of a question, by part."""
    return {part: one.control + prompting.part_name(prompt, part)[len(prompt.rest) :] for part in prompt.parts}


def _said(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n") for text in texts if text)


def _with_rows(answers: Answers, one: Asked, names: Sequence[str]) -> Answers:
    """*answers* with blank rows or entries at *one*, as many and with the names as the page had that posted *names*."""
    depth = len(parse(one.pointer))
    tokens = [parse(name)[depth] for name in names if is_below(name, one.pointer) and name != one.pointer]
    if one.role is Role.MAP:
        gone: dict[str, object] = {one.pointer: ABSENT}
        keys = dict.fromkeys(token for token in tokens if ":" not in token)
        return answers.with_values(gone).with_values({child(one.pointer, key): HOLE for key in keys})
    indexes = [int(found[0]) for token in tokens if (found := re.match(r"\d{1,4}", token))]
    first = min(indexes, default=0) // MOST_ROWS * MOST_ROWS  # of a long list, a page has some rows alone
    rows = answers.get(one.pointer, ())
    there = len(rows) if isinstance(rows, list) else 0
    for index in reversed(range(first, min(there, first + MOST_ROWS))):
        answers = answers.remove_item(one.pointer, index)
    for index in range(first, max(indexes, default=-1) + 1):
        answers = answers.add_item(one.pointer, items.new_key(answers), index=index)
    return answers
