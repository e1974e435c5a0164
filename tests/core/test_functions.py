import pytest

from formengine.core.functions import FUNCTIONS


@pytest.mark.parametrize(
    ("name", "values", "comes_to"),
    [
        ("age", ("2010-11-22", "2026-11-22"), 16),
        ("age", ("2010-11-23", "2026-11-22"), 15),
        ("age", ("2008-02-29", "2023-02-28"), 14),
        ("age", ("2008-02-29", "2023-03-01"), 15),
        ("days", ("2026-02-28", "2026-03-01"), 1),
        ("days", ("2026-03-01", "2026-02-28"), -1),
        ("months", ("2026-01-15", "2026-03-14"), 1),
        ("months", ("2026-01-15", "2026-03-15"), 2),
        ("months", ("2026-03-15", "2026-01-15"), -2),
        ("addMonths", ("2026-01-31", 1), "2026-02-28"),
        ("addMonths", ("2024-01-31", 1), "2024-02-29"),
        ("addMonths", ("2026-11-30", 3), "2027-02-28"),
        ("addMonths", ("2026-03-31", -1), "2026-02-28"),
        ("sum", ([1, 2, 3],), 6),
        ("sum", ([],), 0),
    ],
)
def test_the_calendar_and_sums(name, values, comes_to):
    assert FUNCTIONS[name](*values) == comes_to


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("age", ("1985", "2026-11-22")),
        ("age", ("1985-00-00", "2026-11-22")),
        ("age", ("20260101", "2026-11-22")),
        ("days", (None, "2026-11-22")),
        ("addMonths", ("2026-01-01", 10**6)),
        ("sum", (["x"],)),
        ("sum", ([True],)),
    ],
)
def test_what_is_no_day_or_number_is_refused_without_naming_it(name, values):
    with pytest.raises(ValueError) as caught:
        FUNCTIONS[name](*values)
    assert "1985" not in str(caught.value)
    assert "x" not in str(caught.value).split()
