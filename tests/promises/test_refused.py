"""What cannot be asked: `check` names the place and what is wrong, and the site refuses that form alone."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from formengine.core.loading import check_form
from formengine.core.source import read
from formengine.errors import NotFound
from tests.promises.entering import Meant, Person
from tests.promises.site import make_app

GOOD = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


@cache
def cases() -> list[dict[str, object]]:
    return json.loads((Path(__file__).parents[1] / "corpus" / "refused.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["name"]))
def test_check_names_the_place_by_line_and_column_and_what_is_wrong(case: dict[str, object]):
    source = read("t.schema.json", json.dumps(case["schema"], indent=1))
    errors = [one for one in check_form("t", None, {"t.schema.json": source}) if one.level == "error"]
    assert (case["at"], case["says"], case["remedy"]) in [(one.pointer, one.message, one.remedy) for one in errors]
    assert all(one.line > 0 and one.column > 0 and one.file == "t.schema.json" for one in errors)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A site with one good form among all that must be refused."""
    bad = [(f"bad{place}", case["schema"]) for place, case in enumerate(cases())]
    return make_app(tmp_path_factory.mktemp("refused"), [*bad, ("good", GOOD)])


def test_the_site_refuses_those_forms_alone(site: Flask):
    forms = site.extensions["formengine"].engine.forms
    for place in range(len(cases())):
        with pytest.raises(NotFound):
            forms.newest(f"bad{place}")
    assert Person(site, "good").enter(Meant({"name": "x"})).document == {"name": "x"}
