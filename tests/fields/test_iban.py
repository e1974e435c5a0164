import pytest

from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, reason, says, shown, typed_back

IBAN = {"format": ("iban",)}


@pytest.mark.parametrize(
    "text", ["DE89370400440532013000", "de89 3704 0044 0532 0130 00", "DE89\u00a03704 0044 0532 0130 00 "]
)
def test_an_iban_is_stored_in_its_normal_form(text):
    assert kind_of(prompt("string", **IBAN)) == "iban"
    assert read(prompt("string", **IBAN), text) == "DE89370400440532013000"


def test_an_iban_is_shown_in_groups_of_four():
    assert shown(prompt("string", **IBAN), "DE89370400440532013000") == "DE89 3704 0044 0532 0130 00"
    assert typed_back(prompt("string", **IBAN), "FR1420041010050500013M02606") == "FR1420041010050500013M02606"
    assert read(prompt("string", **IBAN), " ") is ABSENT


def test_a_wrong_one_is_compared_with_the_card():
    assert says(prompt("string", **IBAN), "format") == "Die IBAN stimmt nicht. Vergleichen Sie sie mit Ihrer Bankkarte"


@pytest.mark.parametrize(("text", "said"), [("DE27 1203", "zu kurz"), ("DE27 1203 0000 1000 0000 012", "zu lang")])
def test_a_german_one_of_the_wrong_length_is_said_to_be_so(text, said):
    code, _ = reason(prompt("string", **IBAN), text)
    assert said in says(prompt("string", **IBAN), code)
