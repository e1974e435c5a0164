"""Patterns as published schemas have them: which look around, and what they must take and refuse (SCH-04)."""

from __future__ import annotations

from itertools import product

import pytest

from formengine.core import patterns

TYPICAL = [
    (r"^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)(?=.*[^\w\s]).{12,128}$", ["Abcdef1!ghij", "A1!" + "x" * 125], ["abcdefghijkl"]),
    (r"^(?!.*(.)\1{2}).{8,64}$", ["abcdefgh", "ab" * 32], ["aaabcdefg"]),
    (r"^(?!\s*$).+", ["x", " " * 500 + "x", "x" * 10000], ["   "]),
    (r"^(?!.*\s\s)\S.*\S$", ["Ada Lovelace", "a" + " b" * 4000], ["a  b"]),
    (r"^(?!0+$)\d{5}$", ["01067", "99999"], ["00000"]),
    (r"^(?!01000|99999)(0[1-9]\d{3}|[1-9]\d{4})$", ["01067"], ["01000"]),
    (r"^(?!(000|666|9))\d{3}-(?!00)\d{2}-(?!0000)\d{4}$", ["123-45-6789"], ["000-45-6789", "123-00-6789"]),
    (
        r"^(?=.{1,254}$)(?=.{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        ["ada@example.org", "a" * 64 + "@" + "b" * 180 + ".org"],
        ["a" * 65 + "@example.org"],
    ),
    (
        r"^(?:(?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)+[A-Za-z]{2,63}$",
        ["example.org", ".".join(["a" * 60] * 4) + ".org"],
        ["-a.org", "a-.org"],
    ),
    (
        r"^(?:(?:31(?!\.(?:02|04|06|09|11)))|(?:30(?!\.02))|0[1-9]|[12]\d)\.(?:0[1-9]|1[0-2])\.(?:19|20)\d{2}$",
        ["31.01.2020", "29.02.2020"],
        ["31.02.2020", "30.02.2021"],
    ),
    (
        r"^(?!0000)\d{4}-(?:(?!02-3)(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))$",
        ["2020-02-29", "2020-12-31"],
        ["2020-02-30"],
    ),
    (r"^(?!DE)[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", ["FR1420041010050500013M02606"], ["DE89370400440532013000"]),
    (r"^[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} (?!0)\d{1,4}[HE]?$", ["B-MW 1234", "HH-AB 12E"], ["B-MW 0123"]),
    (
        r"^(?![ -])(?!.*[ -]{2})[\p{L} '-]{1,80}(?<![ -])$",
        ["Anne-Marie O'Neill", "Ä" * 80],
        ["-Anne", "Anne-", " Anne"],
    ),
    (r"^(?!.*(?:<script|javascript:)).*$", ["hello", "x" * 10000], ["a <script>"]),
    (r"^((?!foo).)*$", ["x" * 10000, "fo" * 5000], ["x" * 9990 + "foo"]),
    (r"^(?:(?!https?://)[\s\S])+$", ["line\nline" * 1000], ["see http://x"]),
    (r"^(?=(?:\D*\d){6,15}\D*$)[+\d() /-]+$", ["+49 (0)30 123456-78"], ["123"]),
    (r"^(?![A-Z]{2}00)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?!00)\d{6}[A-D]$", ["AB123456C"], ["AB001234C"]),
    (r"^(?!.*[DFIOQU])[A-VXY][0-9][A-Z] ?[0-9][A-Z][0-9]$", ["K1A 0B1"], ["K1D 0B1"]),
    (r"^([0-9])(?!\1{10}$)[0-9]{10}$", ["86095742719"], ["11111111111"]),
    (r"(?<!\d)\d{5}(?!\d)", ["PLZ 01067 Dresden"], ["123456"]),
    (r"^(?=.*\d)(?!.*[^\d.,-])-?\d{1,3}(?:\.\d{3})*(?:,\d{2})?$", ["1.234,50", "-12,00"], ["1.23x"]),
    (r"^\S+(?: \S+)*(?<!\.)$", ["a b c", " ".join(["wort"] * 300)], ["a b."]),
]


@pytest.mark.parametrize(("pattern", "right", "wrong"), TYPICAL)
def test_ordinary_patterns_that_look_around_hold_within_the_limit(pattern, right, wrong):
    matches = patterns.matcher(patterns.mended(pattern)).is_valid
    assert [text for text in right if not matches(text)] == []
    assert [text for text in wrong if matches(text)] == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"^((?!a*).)*$", r"^((?!(?=x)y).)*$", r"^((?!a).)*(?!b).$", r"^((?!a)(?!b).)*$", r"^((?!a)x(?:b).)*$", r"^((?!\bx).)*$",
        r"^((?!foo).)*", r"^((?!(a)\1).)*$", r"^((?!foo)[a-z])*$", r"^((?!foo).){3}$",
    ],
)  # fmt: skip
def test_only_what_means_the_same_is_looked_for_at_once(pattern):
    forgetting = pattern if "\\1" in pattern else pattern.replace("^((", "^(?:(")
    assert patterns.mended(pattern) == forgetting


@pytest.mark.parametrize(
    ("pattern", "forgetting"),
    [
        (r"(?=(.*?x)+)y", r"(?=(?:.*?x)+)y"),
        (r"^(?=(a)[(]\(x)((b)|c)(?<!d)$", r"^(?=(?:a)[(]\(x)(?:(?:b)|c)(?<!d)$"),
        (r"(?=[^](]a|[](])(b)", r"(?=[^](]a|[](])(?:b)"),
        (r"(?=(a))\1", r"(?=(a))\1"),
        (r"(?=(?<n>a))(b)", r"(?=(?<n>a))(b)"),
        (r"(a)+(b)", r"(a)+(b)"),
    ],
)
def test_groups_beside_a_look_around_keep_nothing_unless_something_refers_to_them(pattern, forgetting):
    assert patterns.mended(pattern) == forgetting
    old, new = patterns.matcher(pattern), patterns.matcher(forgetting)
    texts = ["".join(text) for size in range(5) for text in product("abx(]", repeat=size)]
    assert [text for text in texts if old.is_valid(text)] == [text for text in texts if new.is_valid(text)]


@pytest.mark.parametrize("never", ["foo", "a|bc", r"\d{3}", "[xy]z", r"https?://"])
@pytest.mark.parametrize("any_one", [".", r"[\s\S]"])
@pytest.mark.parametrize("times", ["*", "+"])
def test_what_is_looked_for_at_once_means_the_same(never, any_one, times):
    pattern = f"^((?!{never}){any_one}){times}$"
    mended = patterns.mended(pattern)
    assert mended != pattern
    for text in (
        "",
        "a",
        "foo",
        "xfoo",
        "fo",
        "fo\no",
        "a\n",
        "b\nfoo",
        "bc",
        "12",
        "123",
        "x123x",
        "yz",
        "http://",
        "x\n123",
    ):
        assert patterns.matcher(pattern).is_valid(text) is patterns.matcher(mended).is_valid(text), repr(text)
