"""The pages of random schemas: every question is on one of them, and going along them comes to an end."""

import random

import pytest
import schemes
from promises import enter

from formengine.core import routing
from formengine.core.loading import Mistakes, load_form
from formengine.core.source import of_value


def forms(seeds):
    for seed in seeds:
        schema = schemes.schema(seed)
        try:
            yield seed, schema, load_form("t", None, {"t.schema.json": of_value("t", schema)})[0]
        except Mistakes:
            continue


@pytest.mark.parametrize("first", range(1, 61, 10))
def test_every_question_is_on_one_page_and_the_way_through_them_ends(first):
    for seed, schema, form in forms(range(first, first + 10)):
        e = enter(form, schemes.document(random.Random(seed), schema))
        assert sorted(a.control for p in routing.pages(e) for a in p.asked) == sorted(a.control for a in e.asked), seed
        path = routing.path(e)
        seen = []
        here = path[0] if path else None
        while here is not None:
            assert here not in seen, seed
            seen.append(here)
            here = routing.next_step(e, here)
        assert [page for page in path if not any(key for _, key in page.steps)] == seen, seed
        for address in path:
            assert routing.parse(form, e, address.segments) == address
            before = routing.previous_step(e, address)
            assert before is None or before in path
