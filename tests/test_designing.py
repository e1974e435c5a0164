"""What `formengine check` says of a form beside its own two files."""

from __future__ import annotations

import json
from pathlib import Path

from formengine import config, designing

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "boolean", "title": "A"}, "b": {"type": "string", "title": "B"}},
}
FIELDS = [{"field": "/a", "widget": "date"}, {"field": "/b", "widget": "textarea"}]
FORM = {
    "id": "long",
    "version": "1",
    "schema": "long.schema.json",
    "title": "Lang",
    "languages": ["de", "en", "uk"],
    "from": ["long", "shrot"],
    "steps": [{"id": "s", "title": "S", "fields": FIELDS}],
}


def said(folder: Path, *paths: Path, **more: str) -> list[str]:
    (folder / "forms").mkdir()
    (folder / "schemas").mkdir()
    (folder / "translations" / "uk" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "translations" / "uk" / "LC_MESSAGES" / "long.po").write_text("")
    (folder / "forms" / "long.json").write_text(json.dumps(FORM, indent=1))
    for name in ("long", "short"):
        (folder / "schemas" / f"{name}.schema.json").write_text(json.dumps(SCHEMA))
    found = designing.check(config.load(more), paths)
    return [f"{one.line}: {one.level}: {one.message} ({one.remedy})" for one in found]


def folders(folder: Path) -> dict[str, str]:
    names = ("forms", "schemas", "translations")
    return {f"FORMENGINE_{name.upper()}": str(folder / name) for name in names}


FROM = '13: warning: there is no form "shrot" whose answers could fill in this one (did you mean "short"?)'
WIDGET = "22: warning: date cannot ask /a (upload or yes_no can)"
CURE = "formengine translations update makes its catalogue, to be filled in; or take the language out"
LANGUAGE = f'8: warning: nothing of this form is translated to "en" ({CURE})'


def test_other_forms_languages_and_controls_that_do_not_go_with_it_are_named(tmp_path):
    assert set(said(tmp_path, **folders(tmp_path))) == {FROM, WIDGET, LANGUAGE}


def test_of_a_form_of_elsewhere_nobody_asks_for_catalogues(tmp_path):
    assert set(said(tmp_path, tmp_path / "forms" / "long.json")) == {FROM, WIDGET}


def test_a_schema_that_cannot_be_read_is_told_once_and_not_called_missing(tmp_path):
    said(tmp_path, **folders(tmp_path))
    (tmp_path / "schemas" / "long.schema.json").write_text('{"type": "object",}')
    wanted = ["there is a comma too many before }"]
    for paths in ((), (tmp_path / "forms" / "long.json",), (tmp_path / "schemas" / "long.schema.json",)):
        found = designing.check(config.load(folders(tmp_path)), paths)
        assert [one.message for one in found if one.level == "error"] == wanted, paths
