import pytest

from formengine.core.formats.bgnr import check

VALID = """
12345//0001234
12345BG0001234
12345 bg 0001234
"""
INVALID = """
1234//0001234
12345/0001234
12345//000123
"""


@pytest.mark.parametrize("value", VALID.strip().splitlines())
def test_a_right_one_is_taken(value):
    assert check(value)


@pytest.mark.parametrize("value", ["", *INVALID.strip().splitlines()])
def test_a_wrong_one_is_refused(value):
    assert not check(value)
