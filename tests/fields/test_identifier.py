import pytest

from tests.fields.asking_one import kind_of, prompt, read, says, shown, typed_back


@pytest.mark.parametrize(
    ("name", "typed", "stored", "display"),
    [("idnr", "12 345 678 995", "12345678995", "12 345 678 995"), ("rvnr", "65 170839 j 00 3", "65170839J003", "65 170839 J 00 3"),
     ("kvnr", "a123456780", "A123456780", "A123456780"), ("plz", "０4109", "04109", "04109"), ("bgnr", "12345//0001234", "12345//0001234", "12345//0001234")],
)  # fmt: skip
def test_numbers_are_stored_without_blanks_and_shown_in_groups(name, typed, stored, display):
    asked = prompt("string", format=(name,))
    assert kind_of(asked) == "identifier"
    assert read(asked, typed) == stored
    assert shown(asked, stored) == display
    assert typed_back(asked, stored) == stored


def test_each_says_what_it_looks_like():
    assert says(prompt("string", format=("plz",)), "format") == "Die Postleitzahl hat 5 Ziffern, zum Beispiel 04109"
    assert "11 Ziffern" in says(prompt("string", format=("idnr",)), "pattern")
    assert prompt("string", format=("plz",)).kind.inputmode(prompt("string", format=("plz",))) == "numeric"
    assert shown(prompt("string", format=("idnr",)), "123") == "123"
