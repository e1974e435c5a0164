import pytest

from formengine.core.formats.cents import check

VALID = """
0
29
123456
-1
"""
INVALID = """
0,29
1.5
007
abc
"""


@pytest.mark.parametrize("value", VALID.strip().splitlines())
def test_a_right_one_is_taken(value):
    assert check(value)


@pytest.mark.parametrize("value", ["", *INVALID.strip().splitlines()])
def test_a_wrong_one_is_refused(value):
    assert not check(value)
