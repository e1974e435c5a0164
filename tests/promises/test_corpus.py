"""The two promises over the corpus, through the pages: what is valid can be entered, what is not is refused in its place."""

from __future__ import annotations

import pytest
from flask import Flask

from formengine.core import numbers
from tests.promises import cases
from tests.promises.entering import Person, same

VALID = [
    pytest.param(case.name, place, id=f"{case.name}-{place}")
    for case in cases.corpus()
    for place in range(len(case.valid))
]
INVALID = [
    pytest.param(case.name, place, id=f"{case.name}-{place}")
    for case in cases.corpus()
    for place in range(len(case.invalid))
]
CASES = {case.name: case for case in cases.corpus()}


def test_the_corpus_is_as_large_as_promised_and_every_schema_of_it_is_served(corpus_site: Flask):
    forms = corpus_site.extensions["formengine"].engine.forms
    assert len(CASES) >= 30
    assert {case for case in CASES if forms.newest(case).id != case} == set()


@pytest.mark.parametrize(("name", "place"), VALID)
def test_a_valid_document_comes_out_as_it_was_meant(corpus_site: Flask, name: str, place: int):
    document = CASES[name].valid[place]
    form = corpus_site.extensions["formengine"].engine.forms.newest(name)
    outcome = Person(corpus_site, name).enter(cases.meant(form, document))
    assert outcome.page is None, str(outcome)
    assert same(outcome.document, document, unordered=cases.ticks(form, document)), str(outcome)
    assert form.schema.reference.is_valid(outcome.document)
    assert numbers.dumps(outcome.document)


@pytest.mark.parametrize(("name", "place"), INVALID)
def test_a_document_that_is_not_valid_is_refused_in_its_place(corpus_site: Flask, name: str, place: int):
    wrong = CASES[name].invalid[place]
    form = corpus_site.extensions["formengine"].engine.forms.newest(name)
    outcome = Person(corpus_site, name).enter(cases.meant(form, wrong.document))
    assert outcome.page is not None, f"accepted: {outcome}"
    assert outcome.page.status == 422, str(outcome)
    assert (wrong.at, wrong.keyword) in {(one.pointer, one.keyword) for one in outcome.page.problems}, str(outcome)
