"""From what is asked to what is put on a page: which words belong to which question, what stands within what."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from formengine.core.asking import Asked, Role
from formengine.core.definition import Field
from formengine.core.pointer import is_below, parent
from formengine.fields import Prompt, fitting
from formengine.i18n.catalogues import Text
from formengine.i18n.wording import Wording
from formengine.web.drawing import Drawing

_CONTAINERS = {Role.LIST: "list", Role.MAP: "map"}


def prompts(
    asked: Sequence[Asked], fields: Sequence[Field], text: Text, cut: int = 0, *, colons: Collection[str] = ()
) -> tuple[Prompt, ...]:
    """The questions *asked* as they are put on a page; *cut* characters of their names are the page's scope.

    *colons*: the property names of the schema that hold a colon; a part must not be taken for one of them.
    """
    made = []
    for one in asked:
        field = field_of(one, fields)
        kind = fitting(one.question, one.role, field.widget)
        parts = kind.parts_of(one.question)
        made.append(
            Prompt(
                rest=one.control[cut:],
                at=one.pointer[cut:],
                pattern=one.pattern,
                role=one.role,
                question=one.question,
                field=field,
                text=text,
                kind=kind,
                required=one.required,
                doubled=frozenset(part for part in parts if part and f"{one.question.name}:{part}" in colons),
            )
        )
    return tuple(made)


def field_of(asked: Asked, fields: Sequence[Field]) -> Field:
    """What the definition says of *asked*: of an entry for an object around it, only that it is sensitive."""
    around = [field for field in fields if is_below(asked.pattern, field.pattern)]
    best = max(around, key=lambda field: len(field.pattern), default=None)
    if best is None:
        return Field(asked.pattern)
    return best if best.pattern == asked.pattern else Field(asked.pattern, sensitive=best.sensitive)


def cut(asked: Sequence[Asked], scope: str) -> int:
    """How much of the names the scope of a page is: nothing where the item itself is the question."""
    return len(scope) if all(one.control.startswith(f"{scope}/") for one in asked) else 0


@dataclass(frozen=True, slots=True)
class Set:
    """Questions under one legend, or under none."""

    legend: Wording | None
    controls: tuple[Drawing, ...]

    def words(self) -> object:
        """The legend's text."""
        return self.controls[0].say(self.legend) if self.legend else ""


def sets(tops: Iterable[Drawing], names: Mapping[str, Wording]) -> list[Set]:
    """The questions of a page, those directly in an object that has a name under its legend."""
    grouped = groupby(tops, key=lambda one: parent(one.prompt.pattern))
    return [Set(names.get(pattern), tuple(group)) for pattern, group in grouped]


def part_name(prompt: Prompt, part: str) -> str:
    """The name of a part's control without the page's scope."""
    if not part:
        return prompt.rest
    own = "" if prompt.rest == ":" else prompt.rest
    return f"{own}::{part}" if part in prompt.doubled else f"{own}:{part}"


def tree(form: Iterable[object]) -> list[Drawing]:
    """The controls of a WTForms form, those of rows and entries within their list or map; only the outermost."""
    tops: list[Drawing] = []
    around: list[tuple[Drawing, list[Drawing]]] = []
    for control in form:
        rows: list[Drawing] = []
        one = Drawing(control, rows)  # type: ignore[arg-type]
        while around and not _within(one, around[-1][0]):
            around.pop()
        if around:
            _enter(one, *around[-1])
        else:
            tops.append(one)
        if one.prompt.role in _CONTAINERS:
            around.append((one, rows))
    return tops


def _within(one: Drawing, container: Drawing) -> bool:
    return one.pointer != container.pointer and is_below(one.pointer, container.pointer)


def _enter(one: Drawing, container: Drawing, rows: list[Drawing]) -> None:
    """Put *one* at the end of *rows* of *container*; the last control of a row or entry ends it."""
    token = one.pointer[len(container.pointer) + 1 :].split("/", 1)[0]
    entry = f"{container.pointer}/{token}"
    same = bool(rows) and rows[-1].entry_pointer == entry
    if same:
        rows[-1].ends_entry = False
    index = len({row.entry_pointer for row in rows} | {entry}) - 1
    one.entry = (_CONTAINERS[container.prompt.role], entry, index)
    one.begins_entry = not same
    one.ends_entry = True
    one.is_place = not one.prompt.pattern[len(container.prompt.pattern) :].startswith("/*")
    rows.append(one)


def every(drawings: Iterable[Drawing]) -> Iterator[Drawing]:
    """These and all within them."""
    for one in drawings:
        yield one
        yield from every(one.rows)
