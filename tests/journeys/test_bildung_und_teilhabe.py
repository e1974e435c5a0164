"""Persona P3 by HTTP alone: posts only, the golden payload at the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.test_journeys import delivered
from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.serving import Served, serve
from tests.test_cli import formengine

HERE = Path(__file__).parent / "bildung-und-teilhabe"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    environment = {}
    if request.param == "postgresql":  # by its URL alone: an empty database, the driver not named
        url = request.getfixturevalue("cluster").empty_database()
        environment["FORMENGINE_DATABASE_URL"] = url.replace("+psycopg", "")
    with serve(tmp_path_factory.mktemp("served") / "data", environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def reference(served: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The application that P3 sent."""
    persona = Persona.read(HERE / "p3.answers.json", files=tmp_path_factory.mktemp("files"))
    with Journey(served.url, persona) as journey:
        return journey.run("/bildung-und-teilhabe/").reference


def test_p3_comes_out_as_the_golden_json(served: Served, reference: str) -> None:
    folder = delivered(served, reference)
    assert json.loads((folder / "application.json").read_bytes()) == json.loads(
        (HERE / "p3.application.json").read_bytes()
    )
    record = json.loads((folder / "record.json").read_bytes()) if (folder / "record.json").exists() else {}
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["reference"] == reference
    assert record == {} or record["reference"] == reference


def test_ops_03_a_copy_of_what_runs_comes_back_on_a_fresh_host(
    served: Served, reference: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    delivered(served, reference)
    here = {"FORMENGINE_DATA": str(served.data), **served.environment}
    there = {"FORMENGINE_DATA": str(tmp_path / "fresh")}
    if served.environment:
        there["FORMENGINE_DATABASE_URL"] = request.getfixturevalue("cluster").empty_database()
    shutil.copytree(served.data / "keys", tmp_path / "fresh" / "keys")
    assert formengine("backup", tmp_path / "copy", **here).returncode == 0
    restored = formengine("restore", tmp_path / "copy", **there)
    assert restored.returncode == 0, restored.stderr
    assert f"{reference}\t" in formengine("deliveries", "list", reference, **there).stdout
