import pytest

from formengine.core.definition import Field
from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, reason, says, shown, typed_back


def test_a_string_is_asked_by_a_line_of_text():
    assert kind_of(prompt("string")) == "text"
    assert kind_of(prompt()) == "text"


def test_text_is_kept_as_it_was_typed():
    assert read(prompt("string"), "  Zoë  İ.") == "  Zoë  İ."
    assert typed_back(prompt("string"), "a\nb") == "a\nb"


def test_blanks_around_go_where_something_else_than_the_text_is_meant():
    assert read(prompt("string", pattern=("^[0-9]+$",)), " 12 ") == "12"
    assert read(prompt("string", field=Field("/x", autocomplete="given-name")), "Amira ") == "Amira"


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u00a0", "\u2800", "\u3164"])
def test_what_nobody_can_see_is_no_answer(text):
    assert read(prompt("string"), text) is ABSENT
    assert read(prompt("string")) is ABSENT


def test_control_characters_and_overrides_of_direction_are_taken_out():
    assert read(prompt("string"), "a\x00b\x9fc\u202ed\ud800e") == "abcde"


def test_null_is_chosen_beside_the_text_and_never_with_it():
    asked = prompt("string", nullable=True)
    assert read(asked, none="true") is None
    assert read(asked, "x") == "x"
    assert reason(asked, "x", none="true") == ("none", "none")
    assert typed_back(asked, None) is None


def test_a_limit_is_said_in_words_with_the_label():
    asked = prompt("string", maxLength=5, minLength=2, pattern=("^a",))
    assert says(asked, "required") == "Geben Sie „Angabe“ ein"
    assert says(asked, "maxLength") == "„Angabe“ darf höchstens 5 Zeichen lang sein"
    assert says(asked, "minLength") == "„Angabe“ muss mindestens 2 Zeichen lang sein"
    assert "verlangt" in says(asked, "pattern")
    assert says(prompt("string", pattern=("^a",), examples=["a1"]), "pattern") == "Geben Sie „Angabe“ so ein: a1"


def test_the_definition_has_the_last_word_on_a_message():
    assert (
        says(prompt("string", field=Field("/x", messages={"required": "Wie heißen Sie?"})), "required")
        == "Wie heißen Sie?"
    )


def test_braces_in_a_label_are_text():
    asked = prompt("string", title="{0.__class__} %(x)s {{7*7}}")
    assert says(asked, "required") == "Geben Sie „{0.__class__} %(x)s {{7*7}}“ ein"


def test_any_value_can_be_shown():
    asked = prompt("string")
    assert [shown(asked, value) for value in ("x", None, True, 5, [1])] == ["x", "Weiß ich nicht", "Ja", "5", "[1]"]
