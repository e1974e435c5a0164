from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.core.numbers import dumps, exact, loads


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "[1e-400]", "{", "", "9" * 5000])
def test_what_is_no_exact_json_is_refused(text):
    with pytest.raises(ValueError):
        loads(text)


def test_numbers_are_read_exactly():
    assert loads("[19.99, 1, -0.0, 1e2]") == [Decimal("19.99"), 1, Decimal("-0.0"), Decimal(100)]
    assert type(loads("1.0")) is Decimal


def test_equal_numbers_are_written_alike():
    assert dumps([Decimal("1.50"), Decimal("2.0"), Decimal("1E+3"), Decimal("-0.0")]) == "[1.5,2,1000,0]"


@pytest.mark.parametrize("value", [1.5, {1, 2}, [object()], Decimal("NaN"), Decimal("1e999")])
def test_what_is_no_json_value_is_not_written(value):
    with pytest.raises((TypeError, ValueError)):
        dumps(value)


def test_text_is_written_as_it_is():
    assert dumps({"ä": '"\\\n'}) == '{"ä":"\\"\\\\\\n"}'
    assert dumps({"ä": ['"\\\n', Decimal("0.1")]}) == '{"ä":["\\"\\\\\\n",0.1]}'
    assert dumps([{}, [], Decimal(1)]) == "[{},[],1]"


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), ("1", 1), (None, False), ([], {}), ([1], [True])])
def test_values_of_different_types_are_never_equal(one, other):
    assert exact(one) != exact(other)


@settings(deadline=None, derandomize=True)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)
    )
)
def test_what_is_written_is_read_as_the_same(value):
    assert loads(dumps(value)) == value
