"""The two promises over schemas and documents that nobody thought of, through the pages."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import pairwise

import jsonschema_rs
import pytest
from flask import Flask

from formengine.core import numbers
from formengine.core.definition import FormDefinition
from formengine.core.pointer import JsonValue
from formengine.errors import NotFound
from tests.core import schemes
from tests.promises import cases
from tests.promises.entering import Person, same
from tests.promises.site import make_app

SEEDS = range(150)
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
