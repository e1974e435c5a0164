import pytest

from formengine.core.asking import Question
from formengine.core.pointer import ABSENT
from formengine.fields import NotOffered
from tests.fields.asking_one import kind_of, options, prompt, read, says, shown, typed_back

ITEMS = Question(("string",), options=options(("lunch", "Mittagessen", "lunch"), ("trip", "Ausflug", "trip")))


def asked(**more):
    return prompt("array", items=ITEMS, uniqueItems=True, **more)


def test_choices_are_ticked_in_any_order_and_stored_in_the_schemas():
    assert kind_of(asked()) == "choices"
    assert read(asked(), "trip", "lunch", "trip") == ["lunch", "trip"]
    assert typed_back(asked(), ["trip"]) == ["trip"]


def test_nothing_ticked_is_an_empty_list_where_an_answer_is_due():
    assert read(asked(required=True)) == []
    assert read(asked(required=False)) is ABSENT


def test_what_was_not_offered_is_refused():
    with pytest.raises(NotOffered):
        read(asked(), "trip", "moon")


def test_ticked_choices_are_shown_by_their_labels():
    assert shown(asked(), ["lunch", "trip"]) == "Mittagessen, Ausflug"
    assert shown(asked(), []) == "Nichts davon"
    assert says(asked(minItems=1), "minItems") == "Wählen Sie bei „Angabe“ mindestens eine Antwort aus"
    assert says(asked(minItems=2), "minItems") == "Wählen Sie bei „Angabe“ mindestens 2 Antworten aus"
