import pytest

from formengine.core.asking import Role
from formengine.core.pointer import ABSENT
from formengine.fields import NotOffered
from tests.fields.asking_one import kind_of, prompt, read, says, shown, typed_back


def test_a_boolean_is_yes_or_no_and_nothing_is_neither():
    asked = prompt("boolean")
    assert kind_of(asked) == "yes_no"
    assert (read(asked, "true"), read(asked, "false"), read(asked)) == (True, False, ABSENT)
    assert typed_back(asked, False) is False
    assert says(asked, "required") == "Wählen Sie bei „Angabe“ eine Antwort aus"


def test_dont_know_is_a_third_answer_where_null_is_allowed():
    asked = prompt("boolean", nullable=True)
    assert [choice.label for choice in asked.choices] == ["Ja", "Nein", "Weiß ich nicht"]
    assert read(asked, "null") is None
    assert typed_back(asked, None) is None
    with pytest.raises(NotOffered):
        read(prompt("boolean"), "null")


def test_whether_an_object_is_given_is_a_question_too():
    asked = prompt("boolean", role=Role.GIVEN, title="Vertretung")
    assert asked.label.phrase == "Möchten Sie „Vertretung“ angeben?"
    assert read(asked, "true") is True


def test_the_answer_is_shown_in_words():
    assert [shown(prompt("boolean"), value) for value in (True, False, None)] == ["Ja", "Nein", "Weiß ich nicht"]
