"""What a page posted: read by WTForms, text to JSON, nothing judged.

Only the controls that the page offers are read (ANS-02): a name or value that it did not offer is refused, likewise a
name sent twice where one value is meant (ANS-08). A control that the post lacks is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from formengine.core.answers import HOLE
from formengine.core.asking import Asked, Role
from formengine.core.pointer import ABSENT, JsonValue, child, is_below
from formengine.core.validation import Problem
from formengine.errors import FormEngineError
from formengine.fields import Control, NotOffered, ParseProblem, Prompt, raw_of
from formengine.i18n import parsing
from formengine.services.drafting import Reading
from formengine.web.compiled import Page
from formengine.web.drawing import Meta


class ForgedField(FormEngineError):
    """Raised by `read` for a name or value that the page did not offer; becomes 400."""


class Posted(Protocol):
    """A posted form: Werkzeug's `MultiDict`, or anything that can do this."""

    def keys(self) -> Collection[str]:
        """The names."""

    def getlist(self, key: str) -> list[str]:
        """All texts of a name."""


_READING = Meta()
MAX_NAMES = 5000
"""More names than any page has: refused before they are looked at."""


def read(page: Page, asked: Sequence[Asked], posted: Posted, scope: str = "") -> Reading:
    """What *posted* says for the questions *asked* on *page*; the engine's own names (`_…`) are left to others.

    Errors: ForgedField.
    """
    controls = _bound(page, posted, scope)
    values: dict[str, JsonValue] = {}
    picks: dict[str, JsonValue] = {}
    typed: dict[str, tuple[str, ...]] = {}
    blank: list[str] = []
    problems = []
    try:
        for control in controls:
            control.process(posted)
    except NotOffered:
        raise ForgedField("a value that the page did not offer") from None
    for control, one in zip(controls, asked, strict=True):
        prompt = control.prompt
        for part in prompt.parts if prompt.kind.reads else ():
            typed[control.name_of(part)] = _printable(control.raw.get(part, ()))
        if control.problem is not None:
            problems.append(_problem(one, control.problem))
        elif one.role is Role.LIST:
            blank += _empty_list(one, asked)
        elif one.role is Role.MAP:
            problems += _enter(one, control.data, values)
        elif not prompt.kind.reads:
            continue
        elif one.role is Role.VALUE:
            values[one.pointer] = control.data
        else:
            picks[one.control] = control.data
    return Reading(values, picks, typed, tuple(problems), tuple(blank))


def typed(page: Page, asked: Sequence[Asked], posted: Posted, scope: str = "") -> dict[str, tuple[str, ...]]:
    """The text of the controls that differ from what is stored, to be kept unchecked. Errors: ForgedField."""
    found: dict[str, tuple[str, ...]] = {}
    for control, one in zip(_bound(page, posted, scope), asked, strict=True):
        prompt: Prompt = control.prompt
        if not prompt.kind.reads:
            continue
        sent = {part: _printable(posted.getlist(control.name_of(part))) for part in prompt.parts}
        stored = {part: tuple(texts) for part, texts in raw_of(one.value, prompt).items()}
        if any(_said(sent[part]) != _said(stored.get(part, ())) for part in prompt.parts):
            found.update({control.name_of(part): texts for part, texts in sent.items()})
    return found


def cleaned(posted: Posted) -> tuple[str, ...]:
    """The names with characters that nobody can see or take, which were taken out (ANS-03): worth a notice."""
    names = (name for name in list(posted.keys()) if not name.startswith("_"))
    return tuple(name for name in names if any(parsing.has_unseen(text) for text in posted.getlist(name)))


def _bound(page: Page, posted: Posted, scope: str) -> list[Control]:
    """The page's controls, after every posted name was found among them. Errors: ForgedField."""
    controls: list[Control] = list(page.form(scope, _READING))
    offered: dict[str, bool] = {}
    for control in controls:
        if control.prompt.kind.reads:
            repeats = control.prompt.kind.repeats_for(control.prompt.question)
            offered.update(dict.fromkeys(map(control.name_of, control.prompt.parts), repeats))
    names = posted.keys()
    if len(names) > MAX_NAMES:
        raise ForgedField("too many names")
    for name in names:
        if name.startswith("_") and "/" not in name:
            continue
        if name not in offered:
            raise ForgedField("a name that the page did not offer")
        if not offered[name] and len(posted.getlist(name)) > 1:
            raise ForgedField("a name was sent twice")
    return controls


def _printable(texts: Sequence[str]) -> tuple[str, ...]:
    """*texts* as they were typed, without what no page may hold (ANS-03)."""
    return tuple(text if text.isprintable() else parsing.clean(text, lines=True) for text in texts)


def _said(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text.replace("\r\n", "\n") for text in texts if text)


def _problem(one: Asked, problem: ParseProblem) -> Problem:
    params = {"reason": problem.reason, "part": problem.part, **problem.params}
    return Problem(one.pointer, one.control, "parse", params)


def _empty_list(one: Asked, asked: Sequence[Asked]) -> tuple[str, ...]:
    """The pointer of a list without rows on a page that was sent: whether that says "none" is for others."""
    has_rows = any(other is not one and is_below(other.pointer, one.pointer) for other in asked)
    return () if has_rows else (one.pointer,)


def _enter(one: Asked, key: JsonValue, values: dict[str, JsonValue]) -> list[Problem]:
    """Make the entry *key*, blank until it is answered."""
    if key is ABSENT:
        return []
    if isinstance(one.value, dict) and key in one.value:
        return [_problem(one, ParseProblem("taken", "key"))]
    values[child(one.pointer, key)] = HOLE
    return []
