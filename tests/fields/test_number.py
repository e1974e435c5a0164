from decimal import Decimal

import pytest

from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, reason, says, shown, typed_back


def test_integers_and_numbers_are_asked_as_numbers():
    assert kind_of(prompt("integer")) == kind_of(prompt("number")) == "number"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1234,56", Decimal("1234.56")), ("1.234,56", Decimal("1234.56")), ("1234.56", Decimal("1234.56")), ("12,345", Decimal("12.345")),
     (" 7 ", 7), ("٣٫٥", Decimal("3.5")), ("−2", -2), ("1 234,5", Decimal("1234.5")), ("0.125", Decimal("0.125")), ("1.234.567", 1234567),
     (",5", Decimal("0.5")), ("４２", 42), ("2,50", Decimal("2.50"))],
)  # fmt: skip
def test_a_number_is_read_in_the_german_way(text, value):
    assert read(prompt("number"), text) == value


@pytest.mark.parametrize(
    "text", ["1,234.56", "1.234.56", "abc", "1e5", "NaN", "Infinity", "--1", "1,", "1,2,3", "0x10", "½"]
)
def test_what_is_no_number_is_refused(text):
    assert reason(prompt("number"), text)[0] == "number"


def test_a_number_that_could_mean_two_things_is_asked_again():
    assert reason(prompt("number"), "1.234")[0] == "ambiguous"
    assert reason(prompt("number", language="en"), "1,234")[0] == "ambiguous"
    assert read(prompt("integer"), "1.234") == 1234
    assert read(prompt("number", language="en"), "1.234") == Decimal("1.234")
    assert "1234 oder 12,34" in says(prompt("number"), "parse", reason="ambiguous", whole="1234", fraction="12,34")


def test_more_digits_than_receivers_can_hold_are_refused():
    assert read(prompt("integer"), "9" * 15) == 999999999999999
    assert reason(prompt("integer"), "9" * 16)[0] == "digits"


@pytest.mark.parametrize("value", [0, -3, 1234567, Decimal("63.125"), Decimal("0.5"), Decimal("1234.5")])
@pytest.mark.parametrize("language", ["de", "en", "ar", "uk"])
def test_what_is_shown_is_read_as_the_same_number(value, language):
    assert typed_back(prompt("number", language=language), value) == value


def test_a_number_is_shown_grouped_and_never_rounded():
    assert shown(prompt("number"), Decimal("1234567.12345")) == "1.234.567,12345"
    assert read(prompt("number"), " ") is ABSENT


def test_what_is_wrong_is_said_with_an_example_and_the_limit():
    assert says(prompt("number"), "parse", reason="number") == "Geben Sie „Angabe“ als Zahl ein, zum Beispiel 12,5"
    assert says(prompt("integer"), "type") == "„Angabe“ muss eine ganze Zahl sein, zum Beispiel 12"
    assert says(prompt("integer", minimum=1000), "minimum") == "„Angabe“ muss 1.000 oder mehr sein"
    assert (
        says(prompt("number", maximum=Decimal("2.5")), "maximum", limit=Decimal("2.5"))
        == "„Angabe“ muss 2,5 oder weniger sein"
    )
