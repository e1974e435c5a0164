"""Computed values and checks: the only place where evaluation and CEL meet.

Decides over which items an expression is evaluated and where its result belongs; leaves its meaning to `expressions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from formengine.core import numbers
from formengine.core import pointer as pointers
from formengine.core.definition import Check, FormDefinition
from formengine.core.expressions import UNDECIDED, Expression, Names
from formengine.core.pointer import JsonValue


def items(document: JsonValue, scope: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The pointers, with their places, of all items of *document* that the pattern *scope* means; once for ""."""
    found: list[tuple[str, tuple[int, ...], JsonValue]] = [("", (), document)]
    for token in scope.split("/")[1:]:
        following: list[tuple[str, tuple[int, ...], JsonValue]] = []
        for at, places, value in found:
            if token == "*":
                rows = value if isinstance(value, list) else []
                following += [(f"{at}/{place}", (*places, place), row) for place, row in enumerate(rows)]
            else:
                name = pointers.parse("/" + token.replace("~2", "*"))[0]
                if isinstance(value, dict) and name in value:
                    following.append((pointers.child(at, name), places, value[name]))
                elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
                    following.append((f"{at}/{name}", places, value[int(name)]))
        found = following
    for at, places, _ in found:
        yield at, places


def reckon(form: FormDefinition, document: JsonValue, today: date) -> dict[str, JsonValue]:
    """The computed values for *document*, by pointer, each seeing those before it; undecided ones are left out."""
    found: dict[str, JsonValue] = {}
    for computed in form.computed:
        scope = f"{computed.each}/*" if computed.each else ""
        expression = form.expressions.get((scope, computed.value))
        if not isinstance(expression, Expression):
            continue
        for item, places in list(items(document, scope)):
            value = expression.evaluate(Names(document, today, form.figures, item, scope))
            at = pointers.resolve(computed.at, places)
            if value is not UNDECIDED:
                found[at] = value
                document = pointers.put(document, at, value)
            else:
                document = pointers.put(document, at, pointers.ABSENT)
    return found


def same(one: dict[str, JsonValue], other: dict[str, JsonValue]) -> bool:
    """Whether both hold equal values at the same places."""
    return one.keys() == other.keys() and all(numbers.exact(one[at]) == numbers.exact(other[at]) for at in one)


def broken(form: FormDefinition, document: JsonValue, today: date) -> Iterator[tuple[Check, str]]:
    """Each check that does not hold, with the pointer of the answer that can mend it."""
    for check in form.checks:
        scope = f"{check.each}/*" if check.each else ""
        expression = form.expressions.get((scope, check.rule))
        if not isinstance(expression, Expression):
            continue
        for item, places in items(document, scope):
            if not expression.holds(Names(document, today, form.figures, item, scope), undecided=True):
                yield check, pointers.resolve(check.at, places)
