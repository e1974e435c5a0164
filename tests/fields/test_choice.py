from decimal import Decimal

import pytest

from formengine.core.definition import Field
from formengine.core.pointer import ABSENT
from formengine.fields import NotOffered
from tests.fields.asking_one import kind_of, options, prompt, read, shown, typed_back

TWO = options(("rent", "Zur Miete", "rent"), ("own", "", "own"))


def test_one_of_several_values_is_chosen():
    asked = prompt("string", options=TWO)
    assert kind_of(asked) == "choice"
    assert read(asked, "own") == "own"
    assert read(asked) is read(asked, "") is ABSENT
    assert typed_back(asked, "rent") == "rent"


def test_a_value_that_was_not_offered_is_refused():
    with pytest.raises(NotOffered):
        read(prompt("string", options=TWO), "other")


def test_up_to_seven_options_are_radios_and_more_a_select():
    def many(n):
        return prompt("integer", options=options(*((i, "", str(i)) for i in range(n))))

    assert [many(n).kind.template_of(many(n)) for n in (2, 7, 8)] == ["choice", "choice", "select"]


def test_an_empty_text_is_an_answer_where_it_is_offered():
    asked = prompt("string", options=options(("", "Nichts", ""), *((str(i), "", str(i)) for i in range(9))))
    assert asked.kind.template_of(asked) == "choice"
    assert read(asked, "") == ""
    assert read(asked) is ABSENT


def test_values_of_all_types_come_back_exactly():
    values = options(
        (1, "", "1"), ("1", "", '"1"'), (None, "", "null"), (True, "", "true"), (Decimal("1.5"), "", "1.5")
    )
    asked = prompt("integer", "string", options=values)
    for option in values:
        assert typed_back(asked, option.value) is option.value
    assert shown(asked, None) == "Weiß ich nicht"
    assert shown(asked, Decimal("1.5")) == "1,5"


def test_labels_come_from_the_definition_then_the_schema_then_the_value():
    asked = prompt("string", options=TWO, field=Field("/x", options={"own": "Im eigenen Haus"}))
    assert [choice.label for choice in asked.choices] == ["Zur Miete", "Im eigenen Haus"]
    assert [choice.label for choice in prompt("string", options=TWO).choices] == ["Zur Miete", "own"]
    assert shown(asked, "own") == "Im eigenen Haus"


def test_an_answer_can_be_taken_back():
    assert read(prompt("string", options=TWO, required=False), "") is ABSENT
    assert read(prompt("boolean", required=False), "") is ABSENT
