from datetime import UTC, datetime
from decimal import Decimal

import pytest

from formengine.i18n import formatting


@pytest.mark.parametrize(
    ("tag", "locale"), [("de-x-ls", "de"), ("en", "en_GB"), ("pt-BR", "pt_BR"), ("xx-yy", "de"), ("ckb", "ckb")]
)
def test_formats_come_from_the_part_of_the_tag_that_babel_knows(tag, locale):
    assert str(formatting.locale_of(tag)) == locale


def test_arabic_is_written_from_right_to_left():
    assert [formatting.direction(tag) for tag in ("ar", "fa", "ckb", "uk", "de-x-ls")] == [
        "rtl",
        "rtl",
        "rtl",
        "ltr",
        "ltr",
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [("2026-03-09", "9. März 2026"), ("1985-03", "März 1985"), ("1985-03-00", "März 1985"), ("1985-00-00", "1985"), ("1985", "1985"),
     ("2023-02-29", "2023-02-29"), ("abc", "abc"), ("", ""), ("1985-00-31", "1985-00-31"), ("0000-00-00", "0000-00-00")],
)  # fmt: skip
def test_a_day_is_said_in_words_and_anything_else_as_it_is(value, words):
    assert formatting.format_day(value, "de") == words


def test_numbers_and_money_are_exact():
    assert formatting.format_number(Decimal("1234567.123456789"), "de") == "1.234.567,123456789"
    assert formatting.format_money(Decimal("1234.5"), "de") == "1.234,50\u00a0€"
    assert formatting.format_money(Decimal("0.005"), "de") == "0,005\u00a0€"
    assert formatting.format_plain(Decimal("1E+3"), "de") == "1000"


def test_an_instant_is_shown_in_berlin_time_in_summer_and_winter():
    assert formatting.format_moment(datetime(2026, 7, 31, 22, 30, tzinfo=UTC), "de") == "1. August 2026, 00:30 Uhr"
    assert formatting.format_moment(datetime(2026, 12, 31, 22, 30, tzinfo=UTC), "en") == "31 December 2026, 23:30"


def test_f_12_the_two_nights_in_which_the_clocks_are_changed_are_told_apart() -> None:
    def said(*at: int, language: str = "de") -> str:
        return formatting.format_moment(datetime(2026, *at, tzinfo=UTC), language)

    assert said(10, 25, 0, 30) == "25. Oktober 2026, 02:30 Uhr (Mitteleuropäische Sommerzeit)"
    assert said(10, 25, 1, 30) == "25. Oktober 2026, 02:30 Uhr (Mitteleuropäische Normalzeit)"
    assert said(10, 25, 1, 30, language="en") == "25 October 2026, 02:30 (Central European Standard Time)"
    assert said(10, 25, 2, 0) == "25. Oktober 2026, 03:00 Uhr"
    assert [said(3, 29, 0, 59), said(3, 29, 1, 0)] == ["29. März 2026, 01:59 Uhr", "29. März 2026, 03:00 Uhr"]


def test_sizes_are_short():
    assert [formatting.format_size(n, "de") for n in (0, 1, 340_400, 1_250_000)] == ["0 KB", "1 KB", "340 KB", "1,2 MB"]


def test_languages_are_named_in_themselves():
    assert [formatting.name_of(tag) for tag in ("de", "en", "de-x-ls", "uk")] == [
        "Deutsch",
        "English",
        "Leichte Sprache",
        "Українська",
    ]
