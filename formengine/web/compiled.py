"""The questions of a page, compiled once per form version, language and shape; then only filled in.

Drawing controls is what makes form pages slow, so it is done once: WTForms and the macros draw the page with marks
where a person's answers go (stage 1), and what comes out is cut at the marks and joined with the answers (stage 2). All
text in it is text for good: nothing of a schema can become template syntax (SCH-08). Which item of a list the page is
about is a variable too, so one page serves all items. Wrong answers are put into words here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from wtforms.form import BaseForm

from formengine.core.asking import Asked
from formengine.core.definition import FormDefinition, Step
from formengine.core.pointer import element_id
from formengine.core.validation import Problem
from formengine.fields import OWN, Control, Prompt, Raw, raw_of
from formengine.i18n.catalogues import Text
from formengine.i18n.legends import legends
from formengine.i18n.wording import Fill, Wording
from formengine.web import drawing, prompting
from formengine.web.drawing import Live, Meta, Slots
from formengine.web.flat import Flat

_MACROS = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_NOTHING: frozenset[int] = frozenset()
_SHAPE = itemgetter(*map(Asked._fields.index, ("control", "question", "required", "role")))
"""What a question looks like, whatever was answered."""


@dataclass(frozen=True, slots=True)
class Said:
    """A problem in words: for the summary's link and for the place at the control, which say the same."""

    id: str
    pointer: str
    code: str
    text: str
    control: str
    parts: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one question writes into the template: variables of texts and of picks, by part."""

    prompt: Prompt
    texts: tuple[tuple[str, str], ...]
    picks: tuple[tuple[str, str], ...]

    def write(self, raw: Raw, state: dict[str, Any]) -> None:
        """Put *raw* into the template's *state*."""
        for name, part in self.texts:
            found = raw.get(part)
            if found:
                state[name] = found[0]
        for name, part in self.picks:
            state[name] = drawing.picked(raw, part, self.prompt.places)


class Page:
    """One page's questions in one language. *alone*: there is one, and its label is the page's heading.

    *headed*: the step has words of its own below its heading, which the question's label cannot be then.

    *relative*: the questions' names lie below the item that the page is about; else they are whole.
    """

    def __init__(
        self,
        prompts: tuple[Prompt, ...],
        text: Text,
        *,
        shared: bool,
        legends: Mapping[str, Wording] | None = None,
        relative: bool = True,
        headed: bool = False,
    ) -> None:
        self.prompts = prompts
        self._legends = legends or {}
        self._relative = relative and all(prompt.rest.startswith("/") for prompt in prompts)
        self.text = text
        self.shared = shared
        self.alone = len(prompts) == 1 and prompts[0].kind.heads and not headed
        self.unbound = tuple((prompt.rest, prompt.kind.control(prompt)) for prompt in prompts)
        scope = drawing.new_scope() if self._relative else ""
        slots = Slots()
        form = self.form(scope, Meta(slots, self._macro, shared=shared))
        for control in form:
            control.process(None)
        questions, reasons = self._draw(form)
        self._pieces = tuple(slots.texts)
        self._scope = scope
        self._ids = element_id(scope)
        self._clean = Flat(questions, errors=False)
        self._marked = questions
        self._reasons = Flat(reasons, errors=False) if reasons.strip() else None
        self._blank = {name: _NOTHING if name[0] == "p" else "" for name in self._clean.names}
        self._entries = tuple(_entry(prompt, place, self._clean.names) for place, prompt in enumerate(prompts))

    def form(self, scope: str, meta: Meta) -> BaseForm:
        """The WTForms form of the page for the item at the pointer *scope*."""
        if not scope or not self._relative:
            return BaseForm(self.unbound, meta=meta)  # type: ignore[no-untyped-call]
        named = [(name.removeprefix("/"), field) for name, field in self.unbound]
        return BaseForm(named, prefix=f"{scope}/", meta=meta)  # type: ignore[no-untyped-call]

    def render(
        self,
        asked: Sequence[Asked],
        scope: str = "",
        *,
        typed: Mapping[str, Sequence[str]],
        said: Sequence[Said] = (),
        fill: Fill,
    ) -> Markup:
        """The questions with the answers of *asked*; *typed* text comes before them. *scope*: the item's pointer."""
        state = self._state(fill)
        template = self._clean
        for entry, one in zip(self._entries, asked, strict=True):
            raw = typed_raw(entry.prompt, scope if self._relative else "", typed) if typed else None
            if raw is None:
                raw = raw_of(one.value, entry.prompt)
            if raw:
                entry.write(raw, state)
        places = {one.control: place for place, one in enumerate(asked)} if said else {}
        for problem in said:
            template = self._with_errors
            self._tell(problem, places[problem.control], state)
        return self._finished(template, state, scope)

    def reasons(self, scope: str = "", *, fill: Fill) -> Markup:
        """Why we ask, for below the buttons; empty where nobody said."""
        return self._finished(self._reasons, self._state(fill), scope) if self._reasons is not None else Markup()

    def fresh(
        self,
        asked: Sequence[Asked],
        scope: str = "",
        *,
        typed: Mapping[str, Sequence[str]],
        said: Sequence[Said] = (),
        fill: Fill,
    ) -> Markup:
        """What `render` gives, drawn anew by WTForms: the reference that the compiled page is compared with."""
        live = Live({one.control: one.text for one in said}, {one.control: one.parts for one in said}, fill)
        form = self.form(scope, Meta(live, self._macro, shared=self.shared))
        for control, prompt, one in zip(form, self.prompts, asked, strict=True):
            control.process(None, one.value)
            raw = typed_raw(prompt, scope if self._relative else "", typed)
            control.raw = control.raw if raw is None else raw
        return self._draw(form)[0]

    def say(
        self, problems: Iterable[Problem], asked: Sequence[Asked], scope: str = "", *, fill: Fill
    ) -> tuple[Said, ...]:
        """*problems* in words, in the order of the page, one for a control. Those of other pages are left out."""
        by_control: dict[str, Problem] = {}
        for problem in problems:
            by_control.setdefault(problem.control, problem)
        form = self.form(scope, Meta())
        names = {one.pointer: prompt.label for one, prompt in zip(asked, self.prompts, strict=True)}
        found = []
        for control, prompt, one in zip(form, self.prompts, asked, strict=True):
            if one.control in by_control:
                found.append(_said(_with_names(by_control[one.control], names, fill), control, prompt, fill))
        return tuple(found)

    @cached_property
    def _with_errors(self) -> Flat:
        """What is filled for a page with something wrong: most pages never need it."""
        return Flat(self._marked, errors=True)

    def _finished(self, template: Flat, state: Mapping[str, Any], scope: str) -> Markup:
        """The template's text, about the item at *scope*: its pointer and the ids made of it are the same all over."""
        html = template.render(state)
        if self._relative:
            html = html.replace(self._ids, element_id(scope)).replace(self._scope, str(escape(scope)))
        return Markup(html)  # noqa: S704  escaped by the template

    def _state(self, fill: Fill) -> dict[str, Any]:
        state: dict[str, Any] = dict(self._blank)
        for place, wording in enumerate(self._pieces):
            state[f"t{place}"] = wording.filled(fill).plain
        return state

    def _tell(self, problem: Said, place: int, state: dict[str, Any]) -> None:
        state[f"e{place}_0"] = problem.text
        for part in problem.parts:
            state[drawing.variable("w", place, self.prompts[place].parts, part)] = True

    def _macro(self, name: str) -> Any:
        return _macro(name, self.text)

    def _draw(self, form: BaseForm) -> tuple[Markup, Markup]:
        tops = prompting.tree(form)
        module = _MACROS.get_template("controls/page.html").make_module({"_": self.text.say})
        questions = module.questions(prompting.sets(tops, self._legends), self.alone)  # type: ignore[attr-defined]
        reasons = module.reasons(tuple(prompting.every(tops)))  # type: ignore[attr-defined]
        return Markup(questions), Markup(reasons)  # noqa: S704  the macros escape


@lru_cache(maxsize=1024)
def _macro(name: str, text: Text) -> Any:
    """The macro of a kind of control, saying its own words in the language of *text*."""
    return _MACROS.get_template(f"controls/{name}.html").make_module({"_": text.say}).control  # type: ignore[attr-defined]


class Pages:
    """The compiled pages of a process: at most *limit* of them, the longest unused goes first."""

    def __init__(self, limit: int = 1024) -> None:
        self._limit = limit
        self._pages: OrderedDict[object, Page] = OrderedDict()
        self._lock = Lock()

    def page(
        self,
        form: FormDefinition,
        text: Text,
        step: Step,
        asked: Sequence[Asked],
        scope: str = "",
        *,
        shared: bool = False,
    ) -> Page:
        """The page that asks *asked* of *step*, for any item. *shared*: on a device that others use too."""
        cut = prompting.cut(asked, scope)
        shapes = tuple(map(_SHAPE, asked) if not cut else ((one.control[cut:], *_SHAPE(one)[1:]) for one in asked))
        key = (form.hash, text, step.scope, step.id, shared, shapes)
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
                return page
        called = legends(form, step, asked, text)
        page = Page(
            prompting.prompts(asked, step.fields, text, cut, colons=form.schema.graph.names_with_colon),
            text,
            shared=shared,
            legends=called,
            relative=cut > 0,
            headed=bool(step.title and (step.hint or step.help)),
        )
        with self._lock:
            self._pages[key] = page
            if len(self._pages) > self._limit:
                self._pages.popitem(last=False)
        return page


def typed_raw(prompt: Prompt, scope: str, typed: Mapping[str, Sequence[str]]) -> Raw | None:
    """What was typed for *prompt* and kept, or None if nothing was."""
    scope = scope if prompt.rest.startswith("/") else ""
    names = [(part, scope + prompting.part_name(prompt, part)) for part in prompt.parts]
    if not any(name in typed for _, name in names):
        return None
    return {part: typed[name] for part, name in names if typed.get(name)}


def _with_names(problem: Problem, names: Mapping[str, Wording], fill: Fill) -> Problem:
    """*problem* with the labels of the questions of which one is wanted, where all of them stand on the page."""
    wanted = problem.params.get("names")
    if not wanted:
        return problem
    labels = [f"„{names[at].filled(fill).plain}“" for at in wanted if at in names]
    params = {key: value for key, value in problem.params.items() if key != "names"}
    if len(labels) == len(wanted):
        params["names"] = ", ".join(labels)
    return replace(problem, params=params)


def _said(problem: Problem, control: Control, prompt: Prompt, fill: Fill) -> Said:
    part = str(problem.params.get("part", OWN))
    parts = frozenset((part,) if part in prompt.parts and part else prompt.parts)
    target = control.id_of(part) if part in prompt.parts else control.id
    text = prompt.kind.message(problem, prompt, prompt.label.filled(fill).plain)
    if problem.message:
        text = fill(text)
    return Said(target, control.pointer, problem.code, text, control.name, parts)


def _entry(prompt: Prompt, place: int, used: frozenset[str]) -> _Entry:
    texts: list[tuple[str, str]] = []
    picks: list[tuple[str, str]] = []
    for part in prompt.parts:
        for letter, found in (("v", texts), ("p", picks)):
            name = drawing.variable(letter, place, prompt.parts, part)
            if name in used:
                found.append((name, part))
    return _Entry(prompt, tuple(texts), tuple(picks))
