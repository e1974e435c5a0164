"""The designers' own cases: `forms/*.tests.json` against the engine."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from formengine.core import routing
from formengine.core.answers import Answers
from formengine.core.applying import Evaluation, evaluate
from formengine.core.definition import FormDefinition
from formengine.core.loading import load_form
from formengine.core.payload import payload
from formengine.core.proofs import proofs
from formengine.core.source import Source, read
from formengine.core.validation import problems

ROOT = Path(__file__).parents[2]
KEYS = re.compile(r"\{([0-9]+)\}")


def source(path: Path, base: Path) -> Source:
    return read(str(path.relative_to(base)), path.read_bytes())


@cache
def form(name: str) -> FormDefinition:
    """The shipped form, which loads without a warning."""
    found = {str(p.relative_to(ROOT / "schemas")): source(p, ROOT) for p in (ROOT / "schemas").rglob("*.schema.json")}
    definition, values = source(ROOT / "forms" / f"{name}.json", ROOT), source(ROOT / "forms" / "values.json", ROOT)
    loaded, warnings = load_form(name, definition, found, values)
    assert warnings == ()
    return loaded


def _cases() -> Iterator[Any]:
    for path in sorted((ROOT / "forms").glob("*.tests.json")):
        name = path.name.removesuffix(".tests.json")
        for case in json.loads(path.read_text(encoding="utf-8"))["tests"]:
            yield pytest.param(name, case, id=f"{name}: {case['name']}")


CASES = list(_cases())


def entered(name: str, case: Any) -> Evaluation:
    """The evaluation of the case's answers; the keys of items are "key0", "key1" in each list."""
    numbers = itertools.count()
    answers = Answers(case["answers"]).ensure_keys(lambda: f"key{next(numbers)}")
    return evaluate(form(name), answers, date.fromisoformat(case["today"]))


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_answers_lead_through_these_steps(name: str, case: Any) -> None:
    wanted = [KEYS.sub(r"key\1", step) for step in case["steps"]]
    assert [str(address) for address in routing.path(entered(name, case))] == wanted


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_answers_have_these_problems(name: str, case: Any) -> None:
    found = [{"at": one.pointer, "code": one.code, "level": one.level} for one in problems(entered(name, case))]
    assert found == case["problems"]


@pytest.mark.parametrize(("name", "case"), CASES)
def test_these_proofs_are_asked_for(name: str, case: Any) -> None:
    found = proofs(entered(name, case))
    wanted = sorted(KEYS.sub(r"key\1", proof) for proof in case["proofs"])
    assert sorted(f"{one.proof.id}/{one.item_key}".rstrip("/") for one in found) == wanted


@pytest.mark.parametrize(("name", "case"), CASES)
def test_this_application_comes_out(name: str, case: Any) -> None:
    if "application" not in case:
        assert any(problem["level"] == "error" for problem in case["problems"])
        return
    wanted = json.dumps(case["application"], ensure_ascii=False, separators=(",", ":"))
    assert payload(entered(name, case)).bytes.decode() == wanted


@pytest.mark.parametrize(("name", "case"), CASES)
def test_no_page_asks_more_than_six_things(name: str, case: Any) -> None:
    """But that of a short form, which is one page (ux.md 6.1)."""
    found = entered(name, case)
    if any(form(case.values[0]).quick == name for case in CASES):
        assert len(list(routing.path(found))) == 1
        return
    for address in routing.path(found):
        assert len(routing.asked_on(found, address)) <= 6, str(address)
