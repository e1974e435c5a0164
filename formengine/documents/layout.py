"""The HTML of an application's document and its style sheet; and a plainer one for when the first cannot be made.

Decides how it looks. What stands in it comes from `gathering`; answers reach the page as escaped text only, cut where
one of them would fill page after page (PDF-02, PDF-03). Nothing is lost by that: the attached data are whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from formengine.documents import fonts
from formengine.documents.paper import Paper, Row

_TEMPLATES = Path(__file__).parent / "templates"
_LONG, _LINES = 280, 12
_CUT = "[gekürzt; vollständig in der beigefügten Datei application.json]"


@dataclass(frozen=True, slots=True)
class Layout:
    """A template and how much of one answer it shows."""

    template: str
    lines: int
    characters: int


FULL = Layout("application.html", lines=150, characters=12_000)
PLAIN = Layout("plain.html", lines=20, characters=1_000)


def html(paper: Paper, layout: Layout = FULL) -> str:
    """The page of *paper*."""

    def shown(text: str) -> str:
        return cut(fonts.showable(text), layout)

    environment = _environment().overlay()
    environment.filters = {**environment.filters, "shown": shown, "runs": _runs}
    return environment.get_template(layout.template).render(paper=paper, w=paper.words)


@cache
def style() -> str:
    """The style sheet of all documents."""
    return (_TEMPLATES / "document.css").read_text(encoding="utf-8")


def cut(text: str, layout: Layout) -> str:
    """*text* within the limits of *layout*, which says so where it leaves something out.

    >>> cut("a", FULL)
    'a'
    """
    lines = text.split("\n")
    short = "\n".join(lines[: layout.lines])[: layout.characters]
    return short if len(short) == len(text) else f"{short.rstrip()} {_CUT}"


def _runs(rows: Sequence[Row]) -> Iterator[tuple[bool, list[Row]]]:
    """The rows in order, those side by side in a table apart from those whose answer needs the width of the page."""
    for is_long, run in groupby(rows, key=lambda row: _is_long(row.value.de)):
        yield is_long, list(run)


def _is_long(text: str) -> bool:
    lines = text.split("\n")
    return len(lines) > _LINES or max(map(len, lines)) > _LONG


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
