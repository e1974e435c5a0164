import pytest

from tests.fields.asking_one import kind_of, prompt, read, reason, shown, typed_back

TIME = {"format": ("time",)}


@pytest.mark.parametrize("text", ["14:30", "14.30", "14:30 Uhr", "١٤:٣٠"])
def test_a_time_is_read_leniently(text):
    assert kind_of(prompt("string", **TIME)) == "time"
    assert read(prompt("string", **TIME), text) == "14:30:00+01:00"


@pytest.mark.parametrize("value", ["14:30:00+01:00", "14:30:15+01:00", "14:30:00Z", "09:05:00.5-03:30"])
def test_every_time_survives_being_shown_and_read(value):
    assert typed_back(prompt("string", **TIME), value) == value


def test_what_is_no_time_is_refused_and_one_is_shown_to_the_minute():
    assert reason(prompt("string", **TIME), "25:00")[0] == "parse"
    assert reason(prompt("string", **TIME), "bald")[0] == "parse"
    assert shown(prompt("string", **TIME), "14:30:00+01:00") == "14:30 Uhr"
    assert shown(prompt("string", language="en", **TIME), "14:30:00Z") == "14:30 (Z)"
