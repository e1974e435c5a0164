import pytest

from formengine.core.formats.kvnr import check

VALID = """
A123456780
X110411319
M310519116
T000000002
Z999999997
M123456785
"""
INVALID = """
A123456781
1123456780
AB23456780
X11041131
"""


@pytest.mark.parametrize("value", VALID.strip().splitlines())
def test_a_right_one_is_taken(value):
    assert check(value)


@pytest.mark.parametrize("value", ["", *INVALID.strip().splitlines()])
def test_a_wrong_one_is_refused(value):
    assert not check(value)
