from __future__ import annotations

import re
from pathlib import Path

import pytest

from formengine.documents import layout
from formengine.documents.layout import FULL, PLAIN

TEMPLATES = sorted(Path(layout.__file__).parent.joinpath("templates").glob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_trusts_a_text(path: Path) -> None:
    """Answers are text: nothing may switch escaping off, and what comes from outside passes the filter `shown`."""
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe|autoescape|Markup|url\(|src=|href=", source)
    for expression in re.findall(r"\{\{(.*?)\}\}", source):
        if not expression.strip().startswith("w.") and re.search(
            r"(reason|name|title|label|value)\.?(de|other)?\s*(\||$)", expression.strip()
        ):
            assert "shown" in expression, expression


def test_a_text_within_the_limits_stays_as_it_is() -> None:
    text = "Zeile\n" * (FULL.lines - 1) + "Ende"
    assert layout.cut(text, FULL) == text


@pytest.mark.parametrize("text", ["a\n" * 1000, "a" * 20_000])
@pytest.mark.parametrize("look", [FULL, PLAIN])
def test_a_text_beyond_the_limits_says_so_and_where_the_rest_is(text: str, look: layout.Layout) -> None:
    short = layout.cut(text, look)
    assert short.endswith("[gekürzt; vollständig in der beigefügten Datei application.json]")
    assert short.count("\n") < look.lines
    assert len(short) < look.characters + 100


def test_the_style_sheet_names_bundled_files_only() -> None:
    addresses = re.findall(r"url\((.*?)\)", layout.style())
    assert addresses
    assert all(address.startswith("formengine-font:") for address in addresses)
    assert "@import" not in layout.style()
