"""References and resume codes: typed in any way, mistyped in any way, made from the system's secrets (RES-01, RES-02)."""

from __future__ import annotations

import ast
import collections
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formengine.services import codes

SYMBOLS = st.sampled_from(codes.SYMBOLS)


def written(count: int) -> st.SearchStrategy[str]:
    return st.text(SYMBOLS, min_size=count, max_size=count).map(codes.checked)


@pytest.mark.parametrize("count", [codes.RESUME_SYMBOLS, codes.REFERENCE_SYMBOLS])
@settings(deadline=None)
@given(data=st.data())
def test_res_02_every_single_wrong_symbol_is_found(count: int, data: st.DataObject) -> None:
    code = data.draw(written(count))
    place = data.draw(st.integers(0, count))
    wrong = data.draw(SYMBOLS.filter(lambda symbol: symbol != code[place]))
    assert codes.read(code[:place] + wrong + code[place + 1 :], count=count) is None


@pytest.mark.parametrize("count", [codes.RESUME_SYMBOLS, codes.REFERENCE_SYMBOLS])
@settings(deadline=None)
@given(data=st.data())
def test_res_02_every_swap_of_two_symbols_is_found(count: int, data: st.DataObject) -> None:
    code = data.draw(written(count))
    one, other = data.draw(st.lists(st.integers(0, count), min_size=2, max_size=2, unique=True))
    swapped = list(code)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    if "".join(swapped) != code:
        assert codes.read("".join(swapped), count=count) is None


def test_res_02_of_one_code_all_wrong_symbols_and_all_swaps_of_neighbours_are_found() -> None:
    """The sum is linear: what holds of one code holds of all. A few more make sure of that."""
    for _ in range(20):
        code = codes.new_resume_code().symbols
        for place, symbol in enumerate(code):
            for wrong in codes.SYMBOLS.replace(symbol, ""):
                assert codes.read_resume_code(code[:place] + wrong + code[place + 1 :]) is None
            swapped = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
            assert swapped == code or codes.read_resume_code(swapped) is None


@settings(deadline=None)
@given(data=st.data())
def test_res_02_case_spaces_dashes_and_lookalikes_do_not_matter(data: st.DataObject) -> None:
    code = data.draw(written(codes.RESUME_SYMBOLS))
    looks = {"1": "1Ili L".replace(" ", ""), "0": "0oO"}
    typed = "".join(
        data.draw(st.sampled_from(["", " ", "-", "\n", "–"])) + data.draw(st.sampled_from(looks.get(s, s + s.lower())))
        for s in code
    )
    assert codes.read(typed, count=codes.RESUME_SYMBOLS) == code


def test_the_check_symbol_is_the_one_that_the_form_language_defines() -> None:
    # 1 at place 1 counts x = 2, at place 5 it counts x^5 = x^2 + 1 = 5.
    assert codes.checked("1") == "12"
    assert codes.checked("10000") == "100005"


def test_a_code_is_shown_in_six_groups_of_four_and_its_check_symbol() -> None:
    code = codes.new_resume_code()
    assert [len(group) for group in str(code).split("-")] == [4, 4, 4, 4, 4, 4, 1]
    assert codes.read_resume_code(str(code)) == code


def test_a_code_is_not_in_what_is_logged_of_it() -> None:
    code = codes.new_resume_code()
    assert code.symbols not in repr(code)


def test_res_01_a_hundred_thousand_codes_do_not_repeat_and_use_all_symbols_evenly_at_each_place() -> None:
    many = [codes.random_symbols(codes.RESUME_SYMBOLS) for _ in range(100_000)]
    assert len(set(many)) == len(many)
    assert 5 * codes.RESUME_SYMBOLS >= 120
    expected = len(many) / 32
    for place in range(codes.RESUME_SYMBOLS):
        counts = collections.Counter(code[place] for code in many)
        chi_squared = sum((counts[symbol] - expected) ** 2 / expected for symbol in codes.SYMBOLS)
        assert chi_squared < 95, place  # 31 degrees of freedom: beyond it at one place once in some 10^6 runs


def test_res_01_codes_come_from_the_systems_secrets_alone() -> None:
    """Whatever the seed of the ordinary generator; and nothing that makes keys or codes knows another source."""
    state = random.getstate()
    try:
        made = [(random.seed(1), codes.new_resume_code().symbols)[1] for _ in range(2)]
    finally:
        random.setstate(state)
    assert made[0] != made[1]
    folder = Path(codes.__file__).parents[1]
    for path in [
        *(folder / "services").rglob("*.py"),
        *(folder / "storage").rglob("*.py"),
        *(folder / "web").rglob("*.py"),
    ]:
        names = {
            name.partition(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "") or ""]
            )
        }
        assert not names & {"random", "uuid", "numpy"}, path.name


def test_the_lookup_depends_on_the_pepper_and_does_not_show_the_code() -> None:
    code = codes.new_resume_code()
    assert code.lookup(b"a" * 32) != code.lookup(b"b" * 32)
    assert code.lookup(b"a" * 32) == code.lookup(b"a" * 32)
    assert len(code.lookup(b"a" * 32)) == 32
    assert code.symbols.encode()[:8] not in code.lookup(b"a" * 32)


def test_rel_03_a_reference_has_ten_symbols_and_a_check_symbol_in_groups() -> None:
    reference = codes.new_reference()
    assert [len(group) for group in reference.split("-")] == [4, 4, 3]
    assert codes.read_reference(reference.lower().replace("-", " ")) == reference
    assert codes.read_reference("") is None


def test_an_endless_text_is_refused_without_reading_it() -> None:
    assert codes.read(" " * 10_000_000, count=24) is None


def test_a_key_of_an_item_is_five_lower_case_symbols_and_new() -> None:
    key = codes.new_item_key(set())
    assert len(key) == 5
    assert set(key.upper()) <= set(codes.SYMBOLS)
    assert key == key.lower()
