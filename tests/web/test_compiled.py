import pytest
from bs4 import BeautifulSoup

from formengine.core.asking import Role
from formengine.core.definition import Field
from formengine.core.pointer import ABSENT
from formengine.core.validation import Problem
from formengine.fields import field_types
from formengine.web import forms
from formengine.web.compiled import Pages
from tests.web.asked_page import HARMLESS, VALUES, asked, everything, fill, page, posted, question


def soup(html):
    return BeautifulSoup(str(html), "html.parser")


def drawn(*questions, scope="", typed=None, problems=(), **more):
    compiled = page(questions, scope, **more)
    said = compiled.say(problems, questions, scope, fill=fill)
    return soup(compiled.render(questions, scope, typed=typed or {}, said=said, fill=fill))


def wrong(questions):
    """Something wrong with every question."""
    return [Problem(one.pointer, one.control, "parse", {"reason": "parse"}) for one in questions]


@pytest.mark.parametrize("scope", ["", "/items/3"])
@pytest.mark.parametrize("state", ["empty", "filled", "typed", "wrong", "wrong in a part"])
def test_the_compiled_page_is_the_page_that_wtforms_draws(scope, state):
    questions = everything(scope, filled=state == "filled")
    compiled = page(questions, scope)
    typed, problems = {}, []
    if state in {"typed", "wrong"}:
        names = [
            control.name_of(part) for control in compiled.form(scope, forms._READING) for part in control.prompt.parts
        ]
        typed = dict.fromkeys(names, ("<b>{{x}}</b>", "b"))
    if state == "wrong":
        problems = wrong(questions)
    if state == "wrong in a part":
        problems = [Problem(f"{scope}/date", f"{scope}/date", "parse", {"reason": "missing-day", "part": "day"})]
    said = compiled.say(problems, questions, scope, fill=fill)
    fresh = compiled.fresh(questions, scope, typed=typed, said=said, fill=fill)
    assert compiled.render(questions, scope, typed=typed, said=said, fill=fill) == fresh


def test_every_field_type_is_compared():
    compiled = page(everything())
    assert {type(prompt.kind) for prompt in compiled.prompts} == {kind for _, kind in field_types.items()}


def test_text_of_a_schema_is_text_and_never_a_template():
    html = page(everything()).render(everything(), typed={}, fill=fill)
    assert "49" not in html
    assert HARMLESS.strip("\ue000\ue001") in soup(html).get_text()
    assert "<b>&" not in html


def test_names_ids_and_marks_are_those_of_the_form_language():
    html = drawn(*everything("/items/3"), scope="/items/3")
    day = html.find(attrs={"name": "/items/3/date:day"})
    assert (day["id"], day["data-pointer"], day["data-part"]) == ("f-items-3-date", "/items/3/date", "day")
    assert html.find(attrs={"name": "/items/3/date:month"})["id"] == "f-items-3-date.month"
    branch = html.find_all(attrs={"data-role": "variant"})
    assert {one["name"] for one in branch} == {"/items/3/branch:branch", "/items/3/branches:branch"}
    assert branch[0]["data-pointer"] == "/items/3/branch"
    assert [one["value"] for one in html.find_all(attrs={"name": "/items/3/radio"})] == ["a", "b"]
    assert html.find(attrs={"name": "/items/3/list/0"})
    assert html.find(attrs={"data-action": "add", "data-pointer": "/items/3/list"})
    assert html.find(attrs={"data-list": "/items/3/list"})["data-count"] == "2"
    key = html.find(attrs={"data-role": "map-key"})
    assert (key["name"], key["data-index"]) == ("/items/3/map:key", "1")
    assert html.find(attrs={"data-role": "map-value"})["name"] == "/items/3/map/Gas"


def test_every_id_stands_once_and_every_reference_resolves():
    questions = everything()
    for problems in ((), wrong(questions)):
        html = drawn(*questions, problems=problems)
        ids = [one["id"] for one in html.find_all(id=True)]
        assert len(ids) == len(set(ids))
        for one in html.find_all(attrs={"aria-describedby": True}):
            assert set(one["aria-describedby"].split()) <= set(ids)
        for one in html.find_all("label"):
            assert one["for"] in ids


def test_every_control_has_a_label_or_stands_under_a_legend():
    html = drawn(*everything())
    for control in html.find_all(["input", "select", "textarea"]):
        assert html.find("label", attrs={"for": control["id"]}), control


def test_a_problem_is_said_at_the_control_with_the_words_of_the_summary():
    one = asked("/date", Role.VALUE, VALUES["date"][0])
    compiled = page((one,))
    problem = Problem("/date", "/date", "parse", {"reason": "missing-month", "part": "month"})
    (said,) = compiled.say([problem], (one,), fill=fill)
    html = soup(compiled.render((one,), typed={"/date:day": ("3",)}, said=[said], fill=fill))
    assert said.id == "f-date.month"
    assert said.text in html.find(id="f-date-error").get_text()
    assert html.find(id="f-date-error").find(class_="kern-sr-only").get_text() == "Fehler: "
    assert [one["name"] for one in html.find_all(attrs={"aria-invalid": "true"})] == ["/date:month"]
    assert html.find("fieldset")["aria-describedby"] == "f-date-hint f-date-error"
    assert html.find(attrs={"name": "/date:day"})["value"] == "3"


def test_hint_unit_and_error_describe_an_amount_in_this_order():
    one = asked("/money", Role.VALUE, VALUES["money"][0])
    html = drawn(one, problems=[Problem("/money", "/money", "minimum", {"limit": 0})])
    assert html.find("input")["aria-describedby"] == "f-money-hint f-money-unit f-money-error"
    assert html.find("input")["aria-invalid"] == "true"


def test_the_label_of_the_only_question_is_the_heading():
    for name, (asks, _) in VALUES.items():
        html = drawn(asked(f"/{name}", Role.VALUE, asks))
        alone = page((asked(f"/{name}", Role.VALUE, asks),)).alone
        assert len(html.find_all("h1")) == int(alone), name
    assert not drawn(*everything()).find("h1")


def test_what_may_be_left_out_says_so():
    asks = question("string", title="Name")
    assert "(freiwillig)" in drawn(asked("/a", Role.VALUE, asks, required=False)).get_text()
    assert "(freiwillig)" not in drawn(asked("/a", Role.VALUE, asks)).get_text()


def test_pieces_of_the_definition_are_filled_and_escaped():
    one = everything("/items/3")[0]
    compiled = page((one,), "/items/3")
    html = compiled.render((one,), "/items/3", typed={}, fill=fill)
    assert "Frage &lt;i&gt;Amira&lt;/i&gt;" in html
    assert "Weil &lt;i&gt;Amira&lt;/i&gt;" in compiled.reasons("/items/3", fill=fill)
    (said,) = compiled.say([Problem(one.pointer, one.control, "required")], (one,), "/items/3", fill=fill)
    assert said.text == "Geben Sie „Frage <i>Amira</i>“ ein"


def test_one_compiled_page_serves_every_item():
    pages = Pages()
    first = page(everything("/items/0"), "/items/0", pages=pages)
    assert page(everything("/items/7"), "/items/7", pages=pages) is first
    assert "/items/0" not in first.render(everything("/items/7"), "/items/7", typed={}, fill=fill)


def test_pages_that_nobody_asks_for_are_forgotten():
    pages = Pages(limit=2)
    shapes = [(asked(f"/{name}", Role.VALUE, VALUES[name][0]),) for name in ("text", "date", "money")]
    first = page(shapes[0], pages=pages)
    page(shapes[1], pages=pages)
    page(shapes[2], pages=pages)
    assert len(pages._pages) == 2
    assert page(shapes[0], pages=pages) is not first


def test_the_browser_fills_in_what_the_definition_names_and_nothing_on_a_shared_device():
    one = asked("/date", Role.VALUE, VALUES["date"][0])
    assert drawn(one).find("input")["autocomplete"] == "bday-day"
    assert drawn(one, shared=True).find("input")["autocomplete"] == "off"
    assert drawn(asked("/text", Role.VALUE, question("string"))).find("input")["autocomplete"] == "off"


def test_a_default_is_shown_until_there_is_an_answer():
    asks = question("string", default="x")
    assert drawn(asked("/a", Role.VALUE, asks)).find("input")["value"] == "x"
    assert drawn(asked("/a", Role.VALUE, asks, value="y")).find("input")["value"] == "y"


def test_what_was_kept_as_typed_comes_before_the_answer():
    one = asked("/money", Role.VALUE, VALUES["money"][0], value=100)
    assert drawn(one, typed={"/money": ("12,",)}).find("input")["value"] == "12,"
    assert drawn(one, typed={"/money": ()}).find("input")["value"] == ""


def test_a_select_and_radios_offer_an_empty_choice_and_none_beforehand():
    html = drawn(asked("/select", Role.VALUE, VALUES["select"][0]), asked("/radio", Role.VALUE, VALUES["radio"][0]))
    assert html.find("option")["value"] == ""
    assert not html.find_all(checked=True)
    assert not html.find_all(selected=True)


def test_a_full_list_takes_no_more_rows():
    rows = [one for one in everything(filled=True) if one.pointer.startswith("/list")]
    full = (*rows, rows[-1]._replace(pointer="/list/2", control="/list/2"))
    assert drawn(*rows).find(attrs={"data-action": "add"})
    assert not drawn(*full).find(attrs={"data-action": "add"})
    assert len(drawn(*full).find_all(attrs={"data-action": "remove"})) == 3


def test_a_label_of_the_definition_belongs_to_its_own_question_only():
    inner = asked("/a/b", Role.VALUE, question("string", title="Innen"))
    html = drawn(inner, step_fields=(Field("/a", label="Außen"),))
    assert html.find("label").get_text().strip() == "Innen"


def test_posted_answers_come_back_as_they_were_typed():
    questions = everything()
    compiled = page(questions)
    reading = forms.read(compiled, questions, posted(("/money", "12,345"), ("/radio", "b")))
    said = compiled.say(reading.problems, questions, fill=fill)
    html = soup(compiled.render(questions, typed=reading.typed, said=said, fill=fill))
    assert html.find(attrs={"name": "/money"})["value"] == "12,345"
    assert html.find(attrs={"name": "/radio", "value": "b"}).has_attr("checked")
    assert [one.control for one in said] == ["/money"]
    assert reading.values["/text"] is ABSENT
