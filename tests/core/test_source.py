from decimal import Decimal

import pytest

from formengine.core import source
from formengine.errors import DefinitionError

TEXT = """{
  "a": [1, 2.50, {"x/y": true}],
  "ä": "text",
  "~": null
}
"""


def failure(data, **limits):
    with pytest.raises(DefinitionError) as caught:
        source.read("f.json", data, **limits)
    return caught.value


def test_numbers_are_exact_and_never_floats():
    value = source.read("f.json", "[1, 2.50, 1e2, -0.1]").value
    assert value == [1, Decimal("2.50"), Decimal(100), Decimal("-0.1")]
    assert not any(isinstance(number, float) for number in value)


@pytest.mark.parametrize(
    ("pointer", "key", "place"),
    [
        ("", False, (1, 1)),
        ("/a", False, (2, 8)),
        ("/a", True, (2, 3)),
        ("/a/1", False, (2, 12)),
        ("/a/2/x~1y", True, (2, 19)),
        ("/a/2/x~1y", False, (2, 26)),
        ("/ä", False, (3, 8)),
        ("/~0", True, (4, 3)),
        ("/a/2/missing/deeper", False, (2, 18)),
    ],
)
def test_every_value_and_key_has_its_line_and_column(pointer, key, place):
    assert source.read("f.json", TEXT).place(pointer, key=key) == place


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ('{"a": 1,\n "a": 2}', 2, 2, "twice"),
        ('{"a": NaN}', 1, 7, "NaN"),
        ('{"a": -Infinity}', 1, 7, "Infinity"),
        ("[1e400]", 1, 2, "too large"),
        ("[" + "9" * 400 + "]", 1, 2, "too large"),
        ('["\\ud800"]', 1, 2, "half a character"),
        ('{"a": 1,}', 1, 9, "comma too many"),
        ("[1,]", 1, 4, "comma too many"),
        ("[1 2]", 1, 4, "comma"),
        ('{"a" 1}', 1, 6, "colon"),
        ("{a: 1}", 1, 2, "a is no JSON"),
        ('{"a": 1', 1, 8, "missing"),
        ("", 1, 1, "ends too early"),
        ("[] []", 1, 4, "behind the end"),
        ('["a\nb"]', 1, 2, "not closed"),
        ("[01]", 1, 2, "can't stand here"),
        ("// hi\n{}", 1, 1, "comments"),
        ("{“a”: 1}", 1, 2, "printer's quotation mark"),
        ("[truely]", 1, 2, "truely"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place_in_plain_words(text, line, column, says):
    error = failure(text)
    assert says in error.message
    assert (error.line, error.column, error.file) == (line, column, "f.json")


def test_a_pair_of_surrogates_is_one_character():
    assert source.read("f.json", '["\\ud83d\\ude00"]').value == ["😀"]


def test_bytes_that_are_no_utf8_and_byte_order_marks_are_refused():
    assert "UTF-8" in failure(b'{\n"a": "\xff"}').message
    assert failure(b'{\n"a": "\xff"}').line == 2
    assert "byte order mark" in failure(b"\xef\xbb\xbf{}").message


def test_depth_and_size_are_limited():
    assert source.read("f.json", "[" * 32 + "]" * 32).value
    assert "32 deep" in failure("[" * 33 + "]" * 33).message
    assert "deep" in failure("[" * 100_000).message
    assert source.read("f.json", "[]" + " " * 8, max_bytes=10).value == []
    assert "bytes" in failure("[]" + " " * 9, max_bytes=10).message


def test_an_error_prints_as_one_line_with_its_remedy():
    error = source.read("forms/a.json", TEXT).error("no such key", "/a", key=True, remedy="write b")
    assert str(error) == "forms/a.json:2:3: error: no such key (write b)"
