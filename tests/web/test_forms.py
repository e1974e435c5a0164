from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.core.answers import HOLE
from formengine.core.asking import Role
from formengine.core.pointer import ABSENT
from formengine.fields import raw_of
from formengine.web import forms
from formengine.web.forms import ForgedField
from tests.web.asked_page import LIST, VALUES, asked, everything, page, posted


def read(questions, *pairs, scope=""):
    return forms.read(page(questions, scope), questions, posted(*pairs), scope)


def test_answers_are_read_by_their_pointers():
    reading = read(
        everything("/items/2"), ("/items/2/text", "Zoë"), ("/items/2/money", "480,50"), ("/items/2/date:day", "31"),
        ("/items/2/date:month", "3"), ("/items/2/date:year", "1980"), ("/items/2/boxes", "b"), ("/items/2/boxes", "a"),
        ("/items/2/number", "1.234,5"), ("/items/2/list/1", "zwei"), scope="/items/2",
    )  # fmt: skip
    values = reading.values
    assert values["/items/2/text"] == "Zoë"
    assert values["/items/2/money"] == 48050
    assert values["/items/2/date"] == "1980-03-31"
    assert values["/items/2/boxes"] == ["a", "b"]
    assert values["/items/2/number"] == Decimal("1234.5")
    assert values["/items/2/list/1"] == "zwei"
    assert reading.problems == ()
    assert reading.typed["/items/2/date:month"] == ("3",)


def test_a_control_that_the_post_lacks_is_empty():
    values = read(everything()).values
    assert values["/text"] is ABSENT
    assert values["/tick"] is ABSENT


def test_files_and_computed_values_are_never_read():
    values = read(everything()).values
    assert "/file" not in values
    assert "/sum" not in values


def test_picks_are_read_by_their_control():
    picks = read(
        everything(), ("/branch:branch", "1"), ("/branches:branch", "0"), ("/branches:branch", "1"), ("/type:type", "null"), ("/given:given", "false")
    ).picks  # fmt: skip
    assert picks == {"/branch:branch": 1, "/branches:branch": [0, 1], "/type:type": "null", "/given:given": False}


def test_text_that_is_no_value_is_a_problem_that_names_its_part():
    reading = read(everything(), ("/date:day", "3"), ("/date:month", "x"), ("/date:year", "1980"), ("/money", "viel"))
    assert [(one.control, one.code, one.params["reason"], one.params["part"]) for one in reading.problems] == [
        ("/money", "parse", "number", ""),
        ("/date", "parse", "month", "month"),
    ]
    assert "/date" not in reading.values


@pytest.mark.parametrize(
    "pair",
    [("/other", "x"), ("/text/0", "x"), ("/text:day", "x"), ("/date", "1980-03-31"), ("text", "x"), ("/file", "x"), ("/sum", "1"),
     ("/list/99999999999", "x"), ("/list/-1", "x"), ("", "x"), ("/items/0/text", "x"), ("/_x", "1")],
)  # fmt: skip
def test_a_name_that_the_page_did_not_offer_is_refused(pair):
    with pytest.raises(ForgedField):
        read(everything(), pair)


@pytest.mark.parametrize(
    "pair",
    [
        ("/radio", "z"),
        ("/yes", "maybe"),
        ("/boxes", "z"),
        ("/tick", "false"),
        ("/branch:branch", "2"),
        ("/select", "zz"),
    ],
)
def test_a_value_that_the_page_did_not_offer_is_refused(pair):
    with pytest.raises(ForgedField):
        read(everything(), pair)


@pytest.mark.parametrize("name", ["/text", "/radio", "/date:day", "/yes", "/tick"])
def test_a_name_sent_twice_is_refused_where_one_value_is_meant(name):
    with pytest.raises(ForgedField):
        read(everything(), (name, "1"), (name, "2"))


def test_a_list_without_rows_is_named():
    found = read((asked("/list", Role.LIST, LIST, required=False),))
    assert (found.blank, found.values) == (("/list",), {})
    assert "/list" not in read(everything()).blank


def test_a_new_entry_is_there_and_blank():
    assert read(everything(), ("/map:key", "Strom/Gas")).values["/map/Strom~1Gas"] is HOLE
    (problem,) = read(everything(filled=True), ("/map:key", "Gas")).problems
    assert problem.params["reason"] == "taken"


def test_only_what_differs_from_the_answers_is_kept_as_typed():
    questions = everything(filled=True)
    pairs = []
    compiled = page(questions)
    for control, one in zip(compiled.form("", forms._READING), questions, strict=True):
        if control.prompt.kind.reads:
            raw = raw_of(one.value, control.prompt)
            pairs += [
                (control.name_of(part), text.replace("\n", "\r\n")) for part, texts in raw.items() for text in texts
            ]
    assert forms.typed(compiled, questions, posted(*pairs)) == {}
    changed = [(name, "12," if name == "/money" else text) for name, text in pairs if name != "/radio"]
    assert forms.typed(compiled, questions, posted(*changed)) == {"/money": ("12,",), "/radio": ()}


def test_characters_that_are_taken_out_are_worth_a_notice():
    assert forms.cleaned(posted(("/a", "x\x00"), ("/b", "x\r\ny"), ("/c", "\u202ex"))) == ("/a", "/c")


NAMES = [
    name for name, (asks, _) in VALUES.items() if not asks.options and name not in {"file", "boxes", "yes", "tick"}
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.text(max_size=40))
def test_any_text_is_read_or_is_a_problem(name, text):
    one = asked(f"/{name}", Role.VALUE, VALUES[name][0])
    compiled = page((one,))
    prompt = compiled.prompts[0]
    first = f"/{name}:{prompt.parts[0]}" if prompt.parts[0] else f"/{name}"
    reading = forms.read(compiled, (one,), posted((first, text)))
    assert reading.problems or f"/{name}" in reading.values
    assert compiled.render((one,), typed=reading.typed, said=compiled.say(reading.problems, (one,), fill=str), fill=str)
