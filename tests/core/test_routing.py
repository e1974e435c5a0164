from datetime import date

import pytest

from formengine.core import routing
from formengine.core.addresses import StepAddress
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.loading import load_form
from formengine.core.routing import PageKind, Status
from formengine.core.source import of_value
from formengine.errors import NotFound

TODAY = date(2026, 11, 22)
TEXT = {"type": "string"}
PERSON = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "works": {"type": "boolean"},
        "wage": {"type": "integer"},
        "schools": {
            "type": "array",
            "items": {"type": "object", "required": ["city"], "properties": {"city": TEXT, "year": TEXT}},
        },
    },
    "if": {"properties": {"works": {"const": True}}, "required": ["works"]},
    "then": {"properties": {"employer": TEXT}, "required": ["employer"]},
}
SCHEMA = {
    "type": "object",
    "required": ["name", "persons"],
    "properties": {
        "name": TEXT,
        "nick": TEXT,
        "married": {"type": "boolean"},
        "persons": {"type": "array", "minItems": 1, "items": PERSON},
        "note": TEXT,
        "rent": {"type": "integer"},
        "heating": {"type": "integer"},
    },
    "if": {"properties": {"married": {"const": True}}, "required": ["married"]},
    "then": {"properties": {"spouse": TEXT}, "required": ["spouse"]},
}
STEPS = [
    {"id": "you", "title": "You", "fields": ["/nick", "/name", "/married"]},
    {"id": "hello", "title": "Hello", "body": "Hi {answers.name}", "when": "answers.married == true"},
    {"id": "spouse", "title": "Spouse", "fields": ["/spouse"]},
    {
        "id": "persons",
        "title": "Persons",
        "repeat": "/persons",
        "itemTitle": "{item.name}",
        "steps": [
            {"id": "who", "title": "Who", "fields": ["/name", "/works"]},
            {"id": "job", "title": "Job", "fields": ["/employer"]},
            {
                "id": "schools",
                "title": "Schools",
                "repeat": "/schools",
                "steps": [{"id": "school", "title": "School of {parent.name}", "fields": ["/city", "/year"]}],
            },
        ],
    },
    {
        "id": "income",
        "title": "Income",
        "repeat": "/persons",
        "steps": [{"id": "wage", "title": "Wage", "fields": ["/wage"]}],
    },
    {
        "id": "home",
        "title": "Home",
        "steps": [
            {"id": "rent", "title": "Rent", "fields": ["/rent"]},
            {"id": "heating", "title": "Heating", "fields": ["/heating"]},
        ],
    },
    {"id": "end", "title": "End", "fields": ["/note"]},
]


def form(steps=STEPS, schema=SCHEMA, **more):
    definition = {"id": "f", "version": "1", "schema": "f.schema.json", "title": "F", "steps": steps, **more}
    return load_form("f", of_value("f.json", definition), {"f.schema.json": of_value("s", schema)})[0]


FORM = form()


def evaluation(values=(), rows=(), form=FORM):
    answers = Answers()
    for at, key in rows:
        answers = answers.add_item(at, key, {})
    return evaluate(form, answers.with_values(dict(values)), TODAY)


def at(text, form=FORM, e=None):
    return routing.parse(form, e or evaluation(), text.split("/"))


def path(e):
    return [str(address) for address in routing.path(e)]


TWO = [("/persons", "aaaaa"), ("/persons", "bbbbb")]


def test_an_empty_draft_has_the_pages_that_apply_at_once():
    assert path(evaluation()) == ["you", "persons", "home/rent", "home/heating", "end"]


def test_an_answer_opens_and_closes_steps():
    assert path(evaluation({"/married": True}))[:3] == ["you", "hello", "spouse"]
    assert path(evaluation({"/married": False}))[:2] == ["you", "persons"]


def test_an_item_has_its_own_pages_and_a_later_step_walks_through_the_items():
    e = evaluation({"/persons/1/works": True}, [*TWO, ("/persons/1/schools", "ccccc")])
    assert path(e)[1:-1] == [
        "persons",
        "persons/aaaaa/who",
        "persons/aaaaa/schools",
        "persons/bbbbb/who",
        "persons/bbbbb/job",
        "persons/bbbbb/schools",
        "persons/bbbbb/schools/ccccc/school",
        "income/aaaaa/wage",
        "income/bbbbb/wage",
        "home/rent",
        "home/heating",
    ]


@pytest.mark.parametrize(
    ("here", "following"),
    [
        ("you", "persons"),
        ("persons", "income/aaaaa/wage"),
        ("persons/aaaaa/who", "persons/aaaaa/schools"),
        ("persons/aaaaa/schools", "persons"),
        ("persons/bbbbb/job", "persons/bbbbb/schools"),
        ("persons/bbbbb/schools", "persons"),
        ("persons/bbbbb/schools/ccccc/school", "persons/bbbbb/schools"),
        ("income/aaaaa/wage", "income/bbbbb/wage"),
        ("income/bbbbb/wage", "home/rent"),
        ("home/rent", "home/heating"),
        ("end", None),
    ],
)
def test_next_goes_along_the_path_and_from_an_item_back_to_its_list(here, following):
    e = evaluation({"/persons/1/works": True}, [*TWO, ("/persons/1/schools", "ccccc")])
    found = routing.next_step(e, at(here, e=e))
    assert (found and str(found)) == following


@pytest.mark.parametrize(
    ("here", "before"),
    [
        ("you", None),
        ("persons", "you"),
        ("persons/aaaaa/who", "persons"),
        ("persons/bbbbb/who", "persons"),
        ("persons/bbbbb/job", "persons/bbbbb/who"),
        ("persons/bbbbb/schools/ccccc/school", "persons/bbbbb/schools"),
        ("income/aaaaa/wage", "persons"),
        ("income/bbbbb/wage", "income/aaaaa/wage"),
        ("home/rent", "income/bbbbb/wage"),
        ("home/heating", "home/rent"),
    ],
)
def test_back_goes_along_the_path_and_leaves_items_by_their_list(here, before):
    e = evaluation({"/persons/1/works": True}, [*TWO, ("/persons/1/schools", "ccccc")])
    found = routing.previous_step(e, at(here, e=e))
    assert (found and str(found)) == before


def test_next_works_from_a_page_that_has_just_ceased_to_apply():
    e = evaluation({"/married": False})
    assert str(routing.next_step(e, StepAddress((("spouse", ""),)))) == "persons"


def test_a_page_holds_its_questions_in_the_order_of_its_fields():
    assert [asked.pointer for asked in routing.asked_on(evaluation(), at("you"))] == ["/nick", "/name", "/married"]
    e = evaluation((), TWO)
    assert [asked.pointer for asked in routing.asked_on(e, at("persons/bbbbb/who", e=e))] == [
        "/persons/1/name",
        "/persons/1/works",
    ]
    assert [asked.pointer for asked in routing.asked_on(e, at("persons"))] == ["/persons"]
    assert routing.asked_on(e, StepAddress((("spouse", ""),))) == ()


def test_pages_are_questions_lists_or_information():
    e = evaluation({"/married": True})
    kinds = {str(page.address): page.kind for page in routing.pages(e)}
    assert (kinds["you"], kinds["hello"], kinds["persons"]) == (PageKind.QUESTION, PageKind.INFO, PageKind.LIST)


def test_problems_of_a_page_are_those_on_its_questions():
    e = evaluation({"/persons/0/name": "A"}, TWO)
    wrong = {str(page.address): [p.pointer for p in routing.problems_on(e, page.address)] for page in routing.pages(e)}
    assert wrong["you"] == ["/name"]
    assert wrong["persons"] == []
    assert wrong["persons/aaaaa/who"] == []
    assert wrong["persons/bbbbb/who"] == ["/persons/1/name"]


def test_a_list_not_reached_is_a_problem_of_its_overview():
    e = evaluation()
    assert [p.code for p in routing.problems_on(e, at("persons"))]


def test_one_resumes_at_the_first_page_with_something_missing():
    assert str(routing.resume_at(evaluation())) == "you"
    assert str(routing.resume_at(evaluation({"/name": "A"}))) == "persons"
    assert str(routing.resume_at(evaluation({"/name": "A"}, TWO))) == "persons/aaaaa/who"
    done = evaluation({"/name": "A", "/persons/0/name": "A"}, TWO[:1])
    assert routing.resume_at(done) is None


@pytest.mark.parametrize(
    "segments", ["nothing", "persons/zzzzz/who", "persons/aaaaa/nothing", "you/more", "", "spouse/x"]
)
def test_an_address_that_names_no_step_or_item_is_not_found(segments):
    with pytest.raises(NotFound):
        at(segments, e=evaluation((), TWO))


def test_the_address_of_a_group_or_an_item_means_its_first_page():
    e = evaluation((), TWO)
    assert str(at("home", e=e)) == "home/rent"
    assert str(at("persons/bbbbb", e=e)) == "persons/bbbbb/who"
    assert str(at("income", e=e)) == "income/aaaaa/wage"
    assert str(at("income/bbbbb", e=e)) == "income/bbbbb/wage"
    assert str(at("persons", e=e)) == "persons"
    with pytest.raises(NotFound):
        at("income", e=evaluation())


def test_an_address_that_does_not_apply_is_parsed_but_not_on_the_path():
    assert at("spouse") not in routing.path(evaluation())


def test_a_new_item_is_entered_by_its_first_page():
    e = evaluation((), TWO)
    assert str(routing.item_address(e, at("persons"), "bbbbb")) == "persons/bbbbb/who"


def test_texts_of_a_page_are_read_at_its_item():
    e = evaluation({"/persons/1/name": "B"}, [*TWO, ("/persons/1/schools", "ccccc")])
    names = routing.names_at(e, at("persons/bbbbb/schools/ccccc/school", e=e))
    assert (names.item, names.scope) == ("/persons/1/schools/0", "/persons/*/schools/*")
    assert FORM.expressions[names.scope, "parent.name"].evaluate(names) == "B"


def test_progress_counts_the_sections_that_apply():
    e = evaluation((), TWO)
    found = routing.progress(e, at("income/bbbbb/wage", e=e))
    assert (found.number, found.of, found.section.id) == (3, 5, "income")
    assert routing.progress(e, at("you")).number == 1


def test_sections_say_how_far_they_are():
    found = {state.step.id: state for state in routing.sections(evaluation({"/nick": "x"}))}
    assert (found["you"].status, found["you"].left, str(found["you"].address)) == (Status.STARTED, 1, "you")
    assert found["persons"].status is Status.NOT_STARTED
    assert found["income"].status is Status.LOCKED
    assert found["income"].waits_for.id == "persons"
    assert found["home"].status is Status.DONE
    assert "spouse" not in found


def test_a_section_with_a_wrong_answer_is_to_be_looked_at():
    found = {state.step.id: state for state in routing.sections(evaluation({"/name": 5, "/rent": "x", "/persons": []}))}
    assert found["persons"].status is Status.CHECK
    assert "income" not in found


def test_a_pick_stands_on_the_page_of_the_first_question_below_it():
    branch = {"title": "A", "type": "object", "required": ["a"], "properties": {"a": TEXT}}
    other = {"title": "B", "type": "object", "required": ["b"], "properties": {"b": TEXT}}
    schema = {"type": "object", "properties": {"x": TEXT, "how": {"type": "object", "oneOf": [branch, other]}}}
    steps = [{"id": "one", "title": "1", "fields": ["/x", "/how/a"]}, {"id": "two", "title": "2", "fields": ["/how/b"]}]
    e = evaluation(form=form(steps, schema))
    assert [asked.control for asked in routing.asked_on(e, StepAddress((("one", ""),)))] == ["/x", "/how:branch"]
