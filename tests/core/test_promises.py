"""The two promises, over random schemas and documents, and over the forms that are shipped."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import jsonschema_rs
import pytest
import schemes
from hypothesis import example, given, settings
from hypothesis import strategies as st
from promises import TODAY, enter, equal, evaluated, form_of

from formengine.core import numbers
from formengine.core.answers import HOLE, Answers
from formengine.core.applying import Role, evaluate
from formengine.core.payload import payload
from formengine.core.pointer import ABSENT
from formengine.core.validation import problems

SEEDS = st.integers(0, 5_000)
FEW = settings(max_examples=150, deadline=None, derandomize=True)


def over_seeds(test):
    """Run *test* for some seeds, and for those at which something once was wrong."""
    for seed in schemes.FOUND:
        test = example(seed)(test)
    return FEW(given(SEEDS)(test))


@cache
def case(seed):
    """A form, and valid documents that hold only what its schema describes and no empty containers (they count as absent)."""
    schema = schemes.schema(seed)
    form = form_of(schema)
    strict = jsonschema_rs.Draft202012Validator(schemes.strict(schema))
    rng = random.Random(seed)
    documents = []
    for _ in range(60):
        made = schemes.document(rng, schema)
        fine = isinstance(made, dict) and not {"[]", "{}"} & set(re.findall(r"\[\]|\{\}", repr(made)))
        if fine and made not in documents and form.schema.is_valid(made) and strict.is_valid(made):
            documents.append(made)
    return form, documents[:5], [schemes.document(rng, schema) for _ in range(8)]


@over_seeds
def test_every_valid_document_can_be_entered(seed):
    form, documents, _ = case(seed)
    for document in documents:
        assert equal(enter(form, document).document, document)


@over_seeds
def test_changing_all_answers_is_as_good_as_beginning_anew(seed):
    form, documents, _ = case(seed)
    for before, after in pairwise(documents):
        assert equal(enter(form, after, enter(form, before).answers).document, after)


@over_seeds
def test_picks_are_read_from_the_answers(seed):
    form, documents, _ = case(seed)
    for document in documents:
        assert equal(evaluated(form, document).document, document)


@over_seeds
def test_no_problems_means_a_payload_valid_by_the_reference(seed):
    form, _, others = case(seed)
    for document in others:
        e = evaluated(form, document if isinstance(document, dict) else {})
        if not e.gaps:
            assert (not problems(e)) == form.schema.reference.is_valid(e.document)


@over_seeds
def test_every_problem_lies_on_a_control_that_is_asked(seed):
    form, _, others = case(seed)
    for document in others:
        e = evaluated(form, document if isinstance(document, dict) else {})
        controls = {asked.control for asked in e.asked}
        assert not controls or {problem.control for problem in problems(e)} <= controls


@over_seeds
def test_the_payload_of_a_payload_is_the_same_payload(seed):
    form, documents, _ = case(seed)
    for document in documents:
        first = payload(evaluated(form, document))
        again = payload(evaluated(form, numbers.loads(first.bytes)))
        assert again.bytes == first.bytes


@over_seeds
def test_changing_an_answer_and_changing_it_back_gives_the_same(seed):
    form, documents, _ = case(seed)
    for document in documents:
        e = evaluated(form, document)
        for asked in e.asked[:3]:
            if asked.pointer and asked.role is Role.VALUE and asked.value is not ABSENT:
                changed = e.answers.with_values({asked.pointer: "other"})
                back = changed.with_values({asked.pointer: e.answers.get(asked.pointer)})
                assert payload(evaluate(form, back, TODAY)).bytes == payload(e).bytes


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | st.sampled_from(["", "x", "y"])
    | st.just(HOLE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "d", "k", "0", "1", "m"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@FEW
@given(
    SEEDS,
    JSON,
    st.dictionaries(st.sampled_from([":branch", "/a:branch", "/a:type", "/b:given", ":branch2"]), JSON, max_size=3),
)
def test_no_answers_whatever_stop_an_evaluation(seed, document, picks):
    form, _, _ = case(seed)
    e = evaluate(form, Answers(document, picks), TODAY)
    problems(e)
    payload(e)


SHIPPED = sorted(Path(__file__).parents[2].joinpath("schemas").glob("*.schema.json"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_schema_evaluates_empty_and_names_what_is_missing(path):
    root = path.parent
    others = {one.relative_to(root).as_posix(): numbers.loads(one.read_bytes()) for one in root.rglob("*.json")}
    form = form_of(others.pop(path.name), others=others, name=path.name)
    e = evaluated(form)
    assert e.asked
    assert not form.schema.reference.is_valid(e.document)
    assert {problem.control for problem in problems(e)} <= {asked.control for asked in e.asked}
