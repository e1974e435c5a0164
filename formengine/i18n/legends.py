"""What the objects are called that the questions of one page lie in: page and document say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from formengine.core.asking import Asked
from formengine.core.definition import FormDefinition, Step
from formengine.core.outline import Outline
from formengine.core.pointer import parent, parse
from formengine.i18n.catalogues import Phrase, Text
from formengine.i18n.wording import Wording, readable, written


def legends(form: FormDefinition, step: Step, asked: Sequence[Asked], text: Text) -> dict[str, Wording]:
    """What the objects on a page are called, by pattern; none where all questions lie in one."""
    around = {parent(one.pattern) for one in asked}
    around.discard(_common(around))
    outline = Outline(form.schema.bundled, form.schema.draft) if around else None
    labels = {field.pattern: written(field.label, text) for field in step.fields if field.label}
    heading = text.of_form(step.title).plain
    found = {}
    for pattern in around:
        place = outline.find(pattern) if outline else None
        title = place.title() if place else ""
        name = parse(pattern.replace("~2", "*"))[-1]
        own = Wording(text.of_form(title) if title else Phrase(readable(name)))
        if "/*" not in pattern.removeprefix(step.scope) and own.phrase.plain != heading:
            found[pattern] = labels.get(pattern) or own
    return found


def _common(patterns: Iterable[str]) -> str:
    """The longest pattern that all of these lie in."""
    tokens = [pattern.split("/") for pattern in patterns]
    shared = [row[0] for row in zip(*tokens, strict=False) if len(set(row)) == 1]
    return "/".join(shared)
