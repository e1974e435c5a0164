"""Persona P3 by HTTP alone: posts only, the golden payload at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_journeys import delivered
from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.serving import Served, serve

HERE = Path(__file__).parent / "bildung-und-teilhabe"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served") / "data") as running:
        yield running


def test_p3_comes_out_as_the_golden_json(served: Served, tmp_path: Path) -> None:
    persona = Persona.read(HERE / "p3.answers.json", files=tmp_path)
    with Journey(served.url, persona) as journey:
        done = journey.run("/bildung-und-teilhabe/")
    folder = delivered(served, done.reference)
    assert json.loads((folder / "application.json").read_bytes()) == json.loads(
        (HERE / "p3.application.json").read_bytes()
    )
    record = json.loads((folder / "record.json").read_bytes()) if (folder / "record.json").exists() else {}
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["reference"] == done.reference
    assert record == {} or record["reference"] == done.reference
