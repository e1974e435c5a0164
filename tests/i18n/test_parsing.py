import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formengine.i18n import parsing
from formengine.i18n.parsing import Unreadable


@given(st.text())
def test_whatever_is_typed_is_a_value_or_unreadable(text):
    for language in ("de", "en", "ar"):
        for read in (parsing.number, parsing.month):
            with contextlib.suppress(Unreadable):
                read(text, language)
        parsing.day(text, language)


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",))))
def test_clean_text_is_clean_and_stays_so(text):
    once = parsing.clean(text, lines=False)
    assert parsing.clean(once, lines=False) == once
    assert not parsing.has_unseen(once)


def test_visible_text_is_left_alone():
    text = "Zoë Şükrü 李 محمد\tA\nB 👩‍👧"
    assert parsing.clean(text, lines=True) == text
    assert not parsing.has_unseen(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("31.3.1980", ("31", "3", "1980")), ("1980-3-1", ("1", "3", "1980")), ("31. märz 1980", ("31", "3", "1980")), ("31 de marzo", None), ("1.2", None)],
)  # fmt: skip
def test_a_date_put_in_whole_falls_apart(text, found):
    assert parsing.day(text, "de") == found


def test_months_are_known_in_the_pages_language_german_and_english():
    assert parsing.month("березня", "uk") == parsing.month("March", "uk") == parsing.month("März", "uk") == 3
    assert parsing.month("Dez.", "de") == 12
    for text in ("Ma", "J", "xyz", ""):
        with pytest.raises(Unreadable):
            parsing.month(text, "de")
