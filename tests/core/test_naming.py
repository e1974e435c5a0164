import pytest

from formengine.core.naming import literal, readable, step_id


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("dateOfBirth", "Date of birth"), ("date_of_birth", "Date of birth"), ("date-of-birth", "Date of birth"), ("IBAN", "IBAN"),
        ("ibanNumber", "Iban number"), ("HTMLText", "HTML text"), ("line2", "Line 2"), ("straße", "Straße"), ("", ""), ("$ref", "Ref"), ("!", "!"),
    ],
)  # fmt: skip
def test_a_property_name_is_made_readable(name, label):
    assert readable(name) == label


@pytest.mark.parametrize(
    ("name", "own"),
    [("dateOfBirth", "date-of-birth"), ("Größe", "groesse"), ("été", "ete"), ("日本", "step"), ("a/b", "a-b")],
)
def test_a_property_name_is_made_a_segment_of_an_address(name, own):
    assert step_id(name, ()) == own


def test_an_id_that_is_taken_gets_a_number():
    assert step_id("a", {"a", "a-2"}) == "a-3"


def test_wording_of_a_schema_holds_no_expressions():
    assert literal("{a}") == "{{a}}"
