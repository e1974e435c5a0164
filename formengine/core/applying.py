"""Which questions apply, and the document that would be submitted now.

`evaluate` finds the effective document E by rounds (form-language, rules 1 to 19); `applying` is a reading of it.
Leaves to `validation` what is wrong with E, and to `routing` on which page a question stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from formengine.core.answers import Answers
from formengine.core.asking import Asked, Option, Question, Role
from formengine.core.definition import FormDefinition
from formengine.core.pointer import JsonValue

__all__ = ["Asked", "Evaluation", "Option", "Question", "Role", "applying", "evaluate"]


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """One reading of the answers, from which everything else follows.

    *document* is E (ABSENT where the root is no object and not answered); *asked* is what is asked, in the schema's
    order; *picks* are the picks as they count, chosen or read from the answers, by control name; *gaps* are the
    pointers of rows, entries and tuple places that must be filled; *computed* are the reckoned values by pointer.
    """

    form: FormDefinition
    answers: Answers
    today: date
    document: JsonValue
    asked: tuple[Asked, ...]
    picks: Mapping[str, JsonValue]
    gaps: frozenset[str]
    computed: Mapping[str, JsonValue]

    def asked_at(self, pointer: str) -> Asked | None:
        """What is asked at exactly *pointer*, the value before its picks; or None."""
        raise NotImplementedError

    def asked_as(self, control: str) -> Asked | None:
        """What is asked by the control *control*, or None."""
        raise NotImplementedError

    def items(self, pointer: str) -> int:
        """How many rows the list at *pointer* has in E; 0 where there is none."""
        raise NotImplementedError


def evaluate(form: FormDefinition, answers: Answers, today: date) -> Evaluation:
    """What *answers* come to on *today*: the effective document, what is asked, and the picks."""
    raise NotImplementedError


def applying(e: Evaluation) -> tuple[Asked, ...]:
    """What is asked, in the schema's order."""
    return e.asked
