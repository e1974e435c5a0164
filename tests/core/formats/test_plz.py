import pytest

from formengine.core.formats.plz import check

VALID = """
01067
10115
99998
"""
INVALID = """
00123
1234
123456
1O115
١٠١١٥
"""


@pytest.mark.parametrize("value", VALID.strip().splitlines())
def test_a_right_one_is_taken(value):
    assert check(value)


@pytest.mark.parametrize("value", ["", *INVALID.strip().splitlines()])
def test_a_wrong_one_is_refused(value):
    assert not check(value)
