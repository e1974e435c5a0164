from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, typed_back


def test_long_text_gets_several_lines():
    assert kind_of(prompt("string", maxLength=201)) == "textarea"
    assert kind_of(prompt("string", maxLength=200)) == "text"
    assert kind_of(prompt("string", widget="textarea")) == "textarea"


def test_line_ends_are_of_one_form_and_the_text_is_kept():
    asked = prompt("string", maxLength=500)
    assert read(asked, " a\r\nb\rc\n") == " a\nb\nc\n"
    assert typed_back(asked, "\na\n") == "\na\n"
    assert read(asked, " \r\n ") is ABSENT
