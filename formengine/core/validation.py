"""What is wrong with the answers: the schema over the effective document, and the form's checks.

The only validation there is; it has no wording. `landing` takes each error of the schema to a control
(form-language, rule 20); here stands which kinds of problems there are, and in which order they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from formengine.core import pointer as pointers
from formengine.core import reckoning
from formengine.core.applying import Evaluation
from formengine.core.landing import Landing
from formengine.core.pointer import ABSENT, JsonValue


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, what, and the limits that were broken; never the answer itself.

    *pointer* is the answer's, *control* the name of the asked control that mends it. *code* is the keyword of the
    schema that failed, or `parse` (text that is no such value), `typed` (text kept, not yet checked), `changed` (the
    question is another since it was answered) or `check` (a rule of the form; *message* is then its wording in the
    source language). *params* holds the keyword's limit
    under `limit`; of `anyOf` and `oneOf` between properties, under `names` the pointers of which one is wanted;
    `at` the pointer where it failed, where that is not asked. *level* is error or warning.
    """

    pointer: str
    control: str
    code: str
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    message: str = ""
    level: str = "error"


def problems(e: Evaluation) -> tuple[Problem, ...]:
    """All that is wrong with *e*, in the order of what is asked, at most one of a kind at each control."""
    found: dict[tuple[str, str, str], Problem] = {}
    for problem in _all(e):
        found.setdefault((problem.control, problem.code, problem.message), problem)
    missing = {control for control, code, _ in found if code == "required"}
    if missing:  # whatever else the schema says there follows from that
        found = {
            key: one for key, one in found.items() if one.code in {"required", "check"} or one.control not in missing
        }
    if len(found) < 2:
        return tuple(found.values())
    order = {asked.control: place for place, asked in enumerate(e.asked)}
    return tuple(sorted(found.values(), key=lambda problem: order.get(problem.control, -1)))


def submit_problems(e: Evaluation) -> tuple[Problem, ...]:
    """The problems that keep *e* from being submitted: those of level error."""
    return tuple(problem for problem in problems(e) if problem.level == "error")


def _all(e: Evaluation) -> Iterator[Problem]:
    kept = {name for name, texts in e.answers.typed.items() if any(texts)}
    kept |= {name.rpartition(":")[0] for name in kept}  # the parts of a date are kept each by its own name
    for asked in e.asked if kept else ():
        if asked.control in kept:
            yield Problem(asked.pointer, asked.control, "typed")
    for asked in e.asked if e.answers.changed else ():
        if asked.control in e.answers.changed and asked.value is not ABSENT:
            yield Problem(asked.pointer, asked.control, "changed")
    landing: Landing | None = None
    for gap in sorted(e.gaps):
        landing = landing or Landing(e)
        pointer, control, _ = landing.control(gap)
        yield Problem(pointer, control, "required")
    if e.document is ABSENT:
        landing = landing or Landing(e)
        pointer, control, _ = landing.control("")
        yield Problem(pointer, control, "required")
        return
    if not e.form.schema.validator.is_valid(e.document):
        landing = landing or Landing(e)
        for at, code, params in landing.errors():
            if any(pointers.is_below(at, gap) for gap in e.gaps):
                continue
            pointer, control, unasked = landing.control(at, code)
            yield Problem(pointer, control, code, {**params, "at": at} if unasked else params)
    for check, at in reckoning.broken(e.form, e.document, e.today):
        landing = landing or Landing(e)
        pointer, control, _ = landing.control(at)
        yield Problem(pointer, control, "check", {}, check.message, check.level)
