"""What is wrong with the answers: the schema over the effective document, and the form's checks.

The only validation there is. Decides at which control each problem is mended (form-language, rule 20); has no wording.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from formengine.core.applying import Evaluation
from formengine.core.pointer import JsonValue


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where, what, and the limits that were broken; never the answer itself.

    *pointer* is the answer's, *control* the name of the asked control that mends it. *code* is the keyword of the
    schema that failed, or `parse` (text that is no such value), `typed` (text kept, not yet checked) or `check`
    (a rule of the form; *message* is then its wording in the source language). *level* is error or warning.
    """

    pointer: str
    control: str
    code: str
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    message: str = ""
    level: str = "error"


def problems(e: Evaluation) -> tuple[Problem, ...]:
    """All that is wrong with *e*, in the order of what is asked, at most one of a kind at each control."""
    raise NotImplementedError


def submit_problems(e: Evaluation) -> tuple[Problem, ...]:
    """The problems that keep *e* from being submitted: those of level error."""
    return tuple(problem for problem in problems(e) if problem.level == "error")
