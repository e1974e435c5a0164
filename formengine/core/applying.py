"""Which questions apply, and the document that would be submitted now.

`evaluate` finds the effective document E by rounds (form-language, rules 1 to 19); `applying` is a reading of it.
Leaves to `validation` what is wrong with E, and to `routing` on which page a question stands.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from formengine.core import reckoning
from formengine.core.answers import Answers
from formengine.core.asking import Asked, Option, Question, Role
from formengine.core.definition import FormDefinition
from formengine.core.pointer import ABSENT, JsonValue, get
from formengine.core.shapes import shape_of
from formengine.core.spots import Spot, Walked
from formengine.core.walking import Walk

__all__ = ["Asked", "Evaluation", "Option", "Question", "Role", "applying", "evaluate"]

PICKS = frozenset({Role.BRANCH, Role.TYPE, Role.GIVEN})
"""The roles whose answers are picks, kept beside the document."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """One reading of the answers, from which everything else follows.

    *document* is E (ABSENT where the root is no object and not answered); *asked* is what is asked, in the schema's
    order, and *sign* stands for which questions these are; *gaps* are the pointers of rows, entries and tuple places
    that must be filled; *computed* are the reckoned values by pointer.
    *memo* keeps what `pages` reads from this evaluation.
    """

    form: FormDefinition
    answers: Answers
    today: date
    document: JsonValue
    asked: tuple[Asked, ...]
    sign: Hashable
    gaps: frozenset[str]
    computed: Mapping[str, JsonValue]
    _places: dict[str, Asked] = field(default_factory=dict, repr=False)
    _controls: dict[str, Asked] = field(default_factory=dict, repr=False)
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        return f"Evaluation({self.form.id!r}, {len(self.asked)} asked)"

    def asked_at(self, pointer: str) -> Asked | None:
        """What is asked at exactly *pointer*, the value before its picks; or None."""
        if not self._places:
            for asked in self.asked:
                known = self._places.get(asked.pointer)
                if known is None or (known.role in PICKS and asked.role not in PICKS):
                    self._places[asked.pointer] = asked
        return self._places.get(pointer)

    def asked_as(self, control: str) -> Asked | None:
        """What is asked by the control *control*, or None."""
        if not self._controls:
            self._controls.update((asked.control, asked) for asked in self.asked)
        return self._controls.get(control)

    @property
    def picks(self) -> dict[str, JsonValue]:
        """The picks as they count, chosen or read from the answers, by control name."""
        return {one.control: one.value for one in self.asked if one.role in PICKS and one.value is not ABSENT}

    def items(self, pointer: str) -> int:
        """How many rows the list at *pointer* has in E; 0 where there is none."""
        rows = get(self.document, pointer)
        return len(rows) if isinstance(rows, list) else 0


def evaluate(form: FormDefinition, answers: Answers, today: date) -> Evaluation:
    """What *answers* come to on *today*: the effective document, what is asked, and the picks."""
    computed: dict[str, JsonValue] = {}
    walk, found = _walk(form, answers, computed)
    asked = tuple(found.asked)
    if form.computed and not _computed_steers(form):
        computed = reckoning.reckon(form, found.value, today)
        walk.enter(computed)
        asked = tuple([one if one.role is not Role.COMPUTED else _shown(one, computed) for one in asked])
    elif form.computed:
        for _ in range(len(form.computed) + 2):
            reckoned = reckoning.reckon(form, found.value, today)
            if reckoning.same(reckoned, computed):
                break
            computed = reckoned
            walk, found = _walk(form, answers, computed)
        asked = tuple(found.asked)
    gaps = frozenset(at for at in walk.gaps if get(found.value, at) is None) if walk.gaps else frozenset()
    return Evaluation(form, answers, today, found.value, asked, found.signed(), gaps, computed)


def _shown(asked: Asked, computed: Mapping[str, JsonValue]) -> Asked:
    return asked._replace(value=computed[asked.pointer]) if asked.pointer in computed else asked


def _computed_steers(form: FormDefinition) -> bool:
    """Whether a computed value can open or close a question, so that what applies has to be found anew."""
    graph = form.schema.graph
    cache = graph.cache("computed steers")
    found = cache.get(form.computed)
    if found is None:
        names = [one.at.rpartition("/")[2] for one in form.computed]
        found = cache[form.computed] = graph.looks_at_more or any(
            name in graph.names_read or name == "*" or name.isdigit() or "~" in name for name in names
        )
    return bool(found)


def _walk(form: FormDefinition, answers: Answers, computed: Mapping[str, JsonValue]) -> tuple[Walk, Walked]:
    graph = form.schema.graph
    patterns = graph.cache("computed").get(form.computed)
    if patterns is None:
        patterns = graph.cache("computed")[form.computed] = frozenset(one.at for one in form.computed)
    walk = Walk(graph, answers.picks, computed, patterns, prefilled=bool(form.sources))
    root = shape_of(graph, ((graph.root, None),), "")
    return walk, walk.place(root, answers.document, Spot("", "", required=True))


def applying(e: Evaluation) -> tuple[Asked, ...]:
    """What is asked, in the schema's order."""
    return e.asked
