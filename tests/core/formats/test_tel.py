import pytest

from formengine.core.formats.tel import check

VALID = """
110
030/1234567
+4930123456
+49 (0)30 123-45 67
"""
INVALID = """
abc
12
+123456789012345678
0 30 12x
"""


@pytest.mark.parametrize("value", VALID.strip().splitlines())
def test_a_right_one_is_taken(value):
    assert check(value)


@pytest.mark.parametrize("value", ["", *INVALID.strip().splitlines()])
def test_a_wrong_one_is_refused(value):
    assert not check(value)
