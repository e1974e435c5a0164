import pytest

from formengine.core.pointer import ABSENT
from tests.fields.asking_one import kind_of, prompt, read, reason, says, shown, typed_back

DATE = {"format": ("date",)}
PARTIAL = {"pattern": (r"^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$",)}
ZEROS = {"pattern": (r"^\d{4}-\d{2}-\d{2}$",)}


def test_dates_are_known_by_format_and_by_pattern():
    for keywords in (
        DATE,
        PARTIAL,
        ZEROS,
        {"pattern": (r"^\d{2}\.\d{2}\.\d{4}$",)},
        {"pattern": (r"^\d{4}-(0[1-9]|1[0-2])$",)},
    ):
        assert kind_of(prompt("string", **keywords)) == "date"
    for pattern in (r"^\d{5}$", r"^\d{4}-\d{2}$", ".*", r"^[0-9-]+$", r"^\d{4}$", r"^[A-Z]{2}\d+$"):
        assert kind_of(prompt("string", pattern=(pattern,))) == "text"


@pytest.mark.parametrize(
    ("parts", "value"),
    [(("29", "02", "2024"), "2024-02-29"), (("1", "2", "1990"), "1990-02-01"), (("31.", "März", "1980"), "1980-03-31"),
     (("31", "mar", "1980"), "1980-03-31"), (("٣١", "٣", "١٩٨٠"), "1980-03-31"), (("1", "Jänner", "2000"), "2000-01-01")],
)  # fmt: skip
def test_a_day_is_read_from_its_parts(parts, value):
    assert read(prompt("string", **DATE), **dict(zip(("day", "month", "year"), parts, strict=True))) == value


@pytest.mark.parametrize("text", ["31.03.1980", "31. März 1980", "31/3/1980", "1980-03-31", "31 3 1980", "31-03-1980"])
def test_a_whole_date_may_be_put_into_the_first_part(text):
    assert read(prompt("string", **DATE), day=text) == "1980-03-31"


@pytest.mark.parametrize(
    ("parts", "found"),
    [(("29", "2", "2023"), "real"), (("31", "4", "2020"), "real"), (("1", "13", "2020"), "month"), (("32", "1", "2020"), "day"),
     (("1", "Foo", "2020"), "month"), (("1", "1", "85"), "year"), (("1", "1", "1899"), "range"), (("1", "1", "2101"), "range"),
     (("", "3", "1980"), "missing-day"), (("1", "", "1980"), "missing-month"), (("1", "3", ""), "missing-year"),
     (("00", "1", "2020"), "missing-day"), (("a", "1", "2020"), "day")],
)  # fmt: skip
def test_what_is_no_day_is_told_by_its_part(parts, found):
    asked = prompt("string", **DATE)
    why, part = reason(asked, **dict(zip(("day", "month", "year"), parts, strict=True)))
    assert why == found
    assert part == {"real": "day", "range": "year"}.get(found, found.removeprefix("missing-"))
    assert "{" not in says(asked, "parse", reason=why, first="1900", last="2100")


def test_parts_that_nobody_knows_are_left_out_where_the_pattern_lets_them():
    asked = prompt("string", **PARTIAL)
    assert read(asked, year="1985") == "1985"
    assert read(asked, month="3", year="1985") == "1985-03"
    assert read(asked, day="1", month="3", year="1985") == "1985-03-01"
    assert read(prompt("string", **ZEROS), month="0", year="1985") == "1985-00-00"
    assert reason(asked, day="3", year="1985")[0] == "missing-month"
    assert asked.kind.parts_may_lack(asked.question)


def test_a_month_is_asked_without_a_day():
    asked = prompt("string", pattern=(r"^\d{4}-(0[1-9]|1[0-2])$",))
    assert asked.parts == ("month", "year")
    assert read(asked, month="12", year="2025") == "2025-12"


@pytest.mark.parametrize("value", ["1985", "1985-03", "1985-03-31"])
def test_what_is_shown_is_read_as_the_same_date(value):
    assert typed_back(prompt("string", **PARTIAL), value) == value


def test_a_day_is_shown_in_words_and_never_shifted():
    assert shown(prompt("string", **DATE), "1980-03-09") == "9. März 1980"
    assert shown(prompt("string", language="en", **DATE), "1980-03-09") == "9 March 1980"
    assert shown(prompt("string", **PARTIAL), "1985-03") == "März 1985"
    assert shown(prompt("string", **DATE), "kein Datum") == "kein Datum"
    assert read(prompt("string", **DATE), day=" ", year="") is ABSENT


def test_an_unknown_date_can_be_null():
    asked = prompt("string", nullable=True, **DATE)
    assert asked.parts == ("day", "month", "year", "none")
    assert read(asked, none="true") is None
