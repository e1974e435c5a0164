"""The two promises over schemas and documents that nobody thought of, through the pages."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from itertools import pairwise

import jsonschema_rs
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis_jsonschema import from_schema

from formengine.core import numbers
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.definition import FormDefinition
from formengine.core.pointer import JsonValue
from formengine.core.validation import problems
from formengine.errors import NotFound
from formengine.i18n import parsing
from tests.core import schemes
from tests.promises import cases
from tests.promises.entering import Person, same
from tests.promises.site import make_app

SEEDS = (*range(150), *schemes.FOUND)
"""Schemas of `schemes`; each gets up to three documents."""
PARTS = 10
"""The schemas are dealt to as many tests, so that a failure names few and several processes can share them."""


@cache
def documents(seed: int) -> tuple[dict[str, object], tuple[JsonValue, ...]]:
    """A schema, and valid documents that hold only what it describes and no empty containers."""
    schema = schemes.schema(seed)
    real = jsonschema_rs.Draft202012Validator(schema)
    strict = jsonschema_rs.Draft202012Validator(schemes.strict(schema))
    rng = random.Random(seed)
    found: list[JsonValue] = []
    for _ in range(60):
        made = schemes.document(rng, schema)
        fine = isinstance(made, dict) and not re.search(r"\[\]|\{\}", repr(made))
        if fine and made not in found and real.is_valid(made) and strict.is_valid(made):
            found.append(made)
    return schema, tuple(found[:3])


@pytest.fixture(scope="module")
def random_site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The site of the schemas that anybody can have documents for."""
    forms = [(f"s{seed}", documents(seed)[0]) for seed in SEEDS if documents(seed)[1]]
    return make_app(tmp_path_factory.mktemp("random"), forms)


@pytest.mark.slow
@pytest.mark.xdist_group("promises")
@pytest.mark.parametrize("part", range(PARTS))
def test_every_valid_document_of_a_random_schema_can_be_entered(random_site: Flask, part: int):
    entered = 0
    for seed in SEEDS[part::PARTS]:
        form = served(random_site, f"s{seed}")
        for document in documents(seed)[1] if form else ():
            outcome = Person(random_site, form.id).enter(cases.meant(form, document))
            assert outcome.page is None, f"{seed}: {numbers.dumps(document)}\n{outcome}"
            assert same(outcome.document, document, unordered=cases.ticks(form, document)), f"{seed}: {outcome}"
            entered += 1
    assert entered > 10


@pytest.mark.slow
@pytest.mark.xdist_group("promises")
@pytest.mark.parametrize("part", range(PARTS))
def test_one_document_can_be_changed_into_another_and_back(random_site: Flask, part: int):
    for seed in SEEDS[part::PARTS]:
        form = served(random_site, f"s{seed}")
        for one, other in pairwise(documents(seed)[1]) if form else ():
            person = Person(random_site, form.id)
            person.fill(cases.meant(form, one), person.begin())
            person.fill(cases.meant(form, other))
            outcome = person.finish(person.fill(cases.meant(form, one)))
            assert outcome.page is None, f"{seed}: {numbers.dumps(one)} by {numbers.dumps(other)}\n{outcome}"
            assert same(outcome.document, one, unordered=cases.ticks(form, one)), f"{seed}: {outcome}"
            break


def served(site: Flask, name: str) -> FormDefinition | None:
    """The form of that name; None where the engine refused it, as some random schemas must be."""
    try:
        return site.extensions["formengine"].engine.forms.newest(name)
    except NotFound:
        return None


OWN = (
    *("any-of-at-the-root", "bounds", "dependencies", "dependent-schemas", "draft-06", "enum-names"),
    *("exactly-one-of-two", "forbidden", "free-keys-of-objects", "if-then-else", "list-bounds", "list-of-objects"),
    *("lists-of-lists-of-texts", "nullable", "nullable-list-of-objects", "one-of-at-the-root", "one-of-picked"),
    *("optional-objects", "several-types", "telephone-or-mail"),
)
"""Schemas of the corpus for which Hypothesis finds documents quickly: without hard patterns and long lists."""


@pytest.mark.slow
@pytest.mark.xdist_group("promises")
@pytest.mark.parametrize("name", OWN)
def test_documents_that_hypothesis_makes_can_be_entered(corpus_site: Flask, name: str):
    form = corpus_site.extensions["formengine"].engine.forms.newest(name)
    found: dict[str, JsonValue] = {}

    @settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(from_schema(closed(json.loads(numbers.dumps(form.schema.bundled)))))
    def collect(made: object) -> None:
        if is_plain(made) and len(found) < 5:
            document = numbers.loads(json.dumps(made))
            e = evaluate(form, Answers(document), cases.TODAY)
            if same(e.document, document) and not problems(e):
                found[numbers.dumps(document)] = document

    collect()
    assert found
    for document in found.values():
        outcome = Person(corpus_site, name).enter(cases.meant(form, document))
        assert outcome.page is None, f"{numbers.dumps(document)}\n{outcome}"
        assert same(outcome.document, document, unordered=cases.ticks(form, document)), str(outcome)


def closed(schema: JsonValue) -> JsonValue:
    """*schema* without room for properties that nothing describes, and with texts that can be seen."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(one) for key, one in schema.items()}
    others = {"allOf", "anyOf", "oneOf", "if", "dependencies", "dependentSchemas", "additionalProperties"}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not others & schema.keys():
        made["additionalProperties"] = False
    if schema.get("type") == "string" and not {"pattern", "format", "enum"} & schema.keys():
        made["pattern"] = "^[a-zA-Zäé ]{3,9}$"
    return made


def is_plain(value: object) -> bool:
    """Whether *value* is within the limits of `security.md` 8: what a person can type and a reader can see."""
    if isinstance(value, dict):
        return len(value) < 9 and all(is_plain(one) and is_plain(key) for key, one in value.items())
    if isinstance(value, list):
        return len(value) < 5 and all(map(is_plain, value))
    if isinstance(value, str) and re.match(r"[0-9]{4}-", value):
        return "1900" <= value < "2101"  # ANS-07
    if isinstance(value, str):
        return parsing.clean(value, lines=False) == value == value.strip() and not parsing.is_blank(value)
    return not isinstance(value, int | float) or (abs(value) < 1e9 and round(value, 3) == value)
