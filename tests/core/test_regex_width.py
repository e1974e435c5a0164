"""How long texts are that a pattern takes: never told too narrowly, whatever the pattern."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.core.patterns import matcher
from formengine.core.regex_width import width

TEXTS = ["".join(text) for size in range(6) for text in product("ab.", repeat=size)]

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\w", r"\b", r"\.", "(?=a)", "(?!b)", "(?<=a)", "^", "$"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,}", "+?"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
    ),
    max_leaves=8,
)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(PATTERNS, st.sampled_from(["^{}$", "{}", "^{}", "(^{}$)", "^{}|a$"]))
def test_every_text_that_matches_is_as_long_as_was_said(pattern: str, around: str):
    pattern = around.replace("{}", pattern)
    try:
        matches = matcher(pattern).is_valid
    except ValueError:
        return
    least, most = width(pattern)
    for text in filter(matches, TEXTS):
        assert least <= len(text), (pattern, text)
        assert most is None or len(text) <= most, (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^\p{L}{3,5}-\d{4}$", (8, 10)), (r"^(?=.*\d)(?!.*x).{8,64}$", (8, 64)), ("^a|b$", (1, None)), (r"^(a)\1$", (1, None)),
        (r"^[^]a]{2}$", (2, 2)), ("(?i)abc", (0, None)), (r"^\u{1F600}\u00e4$", (2, 2)), ("(", (0, None)), ("^" + "(" * 5000, (0, None)),
    ],
)  # fmt: skip
def test_what_is_not_known_may_be_of_any_length(pattern: str, expected: tuple[int, int | None]):
    assert width(pattern) == expected
