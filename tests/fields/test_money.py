from decimal import Decimal

import pytest

from tests.fields.asking_one import kind_of, prompt, read, reason, says, shown, typed_back

CENTS = {"format": ("cents",)}
EUROS = {"multipleOf": (Decimal("0.01"),)}


def test_cents_and_hundredths_are_money():
    assert kind_of(prompt("integer", **CENTS)) == kind_of(prompt("number", **EUROS)) == "money"
    assert kind_of(prompt("number", widget="money")) == "money"


@pytest.mark.parametrize(
    ("text", "cents"),
    [("0", 0), ("0,29", 29), ("1.234,56", 123456), ("1234,56", 123456), ("1234.56", 123456), ("19,99", 1999), ("1.234", 123400),
     ("1 234,56 €", 123456), ("480,50 Euro", 48050), ("EUR 5", 500), ("480,-", 48000), ("12,5", 1250), ("٤٨٠٫٥٠", 48050)],
)  # fmt: skip
def test_an_amount_is_read_to_the_cent(text, cents):
    assert read(prompt("integer", **CENTS), text) == cents
    assert read(prompt("number", **EUROS), text) == Decimal(cents) / 100


@pytest.mark.parametrize("text", ["1,234.56", "1.234.56", "abc", "€"])
def test_what_is_no_amount_is_refused(text):
    assert reason(prompt("integer", **CENTS), text)[0] == "number"


def test_fractions_of_a_cent_are_refused_not_rounded():
    assert reason(prompt("integer", **CENTS), "12,345")[0] == "decimals"


def test_every_amount_up_to_a_thousand_euros_survives_being_shown_and_read():
    asked = prompt("integer", **CENTS)
    assert all(typed_back(asked, cents) == cents for cents in range(0, 100_000, 7))


def test_an_amount_is_shown_with_its_unit_and_limits_are_too():
    assert shown(prompt("integer", **CENTS), 48050) == "480,50\u00a0€"
    assert shown(prompt("number", language="en", **EUROS), Decimal("480.5")) == "€480.50"
    assert says(prompt("integer", minimum=100, **CENTS), "minimum") == "„Angabe“ muss 1,00\u00a0€ oder mehr sein"
    assert says(prompt("integer", **CENTS), "parse", reason="number").endswith("zum Beispiel 480,50")
    assert prompt("integer", **CENTS).hint.phrase == "Zum Beispiel 480,50"
