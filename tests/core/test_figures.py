from datetime import date

from formengine.core.figures import Figures

FIGURES = Figures(
    values={"limit": [{"from": "2026-01-01", "value": 1}, {"from": "2026-07-01", "value": 2}]},
    terms={"benefit": [{"from": "2023-01-01", "value": "Bürgergeld"}]},
    overrides={"authority": "Amt"},
)


def test_the_last_entry_that_is_not_after_the_day_holds():
    assert FIGURES.values_on(date(2026, 6, 30)) == {"limit": 1}
    assert FIGURES.values_on(date(2026, 7, 1)) == {"limit": 2}


def test_before_its_first_day_a_name_has_no_value():
    assert FIGURES.values_on(date(2025, 12, 31)) == {}


def test_the_operators_terms_hold_on_every_day_and_before_the_shipped_ones():
    assert FIGURES.terms_on(date(2000, 1, 1)) == {"authority": "Amt"}
    named = Figures(terms=FIGURES.terms, overrides={"benefit": "Geld"})
    assert named.terms_on(date(2026, 1, 1)) == {"benefit": "Geld"}


def test_names_are_known_whatever_the_day():
    assert FIGURES.names("values") == {"limit": 2}
    assert FIGURES.names("terms") == {"benefit": "Bürgergeld", "authority": "Amt"}
