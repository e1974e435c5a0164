"""The house rules of the architecture, held by the suite instead of by reviewers."""

import ast
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from formengine import config, errors

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "formengine").rglob("*.py"))


def test_import_contracts_hold():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_grew_past_400_lines(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_a_drawer_for_anything(path):
    assert path.stem not in {"helpers", "utils", "common", "misc", "base"}


def test_core_modules_open_with_what_they_decide():
    for path in sorted((ROOT / "formengine" / "core").glob("*.py")):
        assert len((ast.get_docstring(ast.parse(path.read_text())) or "").split()) >= 5, path.name


def test_every_setting_is_documented_and_every_documented_setting_exists():
    documented = set(re.findall(r"^\| `(FORMENGINE_\w+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE))
    assert documented == {config.variable(field.name) for field in fields(config.Settings) if field.name != "tenants"}


def test_the_example_of_the_operators_file_loads(tmp_path):
    text = (ROOT / "docs/configuration.md").read_text()
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL).group(1)
    (tmp_path / "formengine.toml").write_text(example)
    settings = config.load({"FORMENGINE_CONFIG": str(tmp_path / "formengine.toml")})
    assert settings.tenants[0].channels_of("bildung-und-teilhabe") == ("inbox",)
    assert settings.tenants[0].channels_of("another") == ("inbox", "folder")


def test_every_exception_stands_in_the_tree_of_the_docstring():
    names = {name for name, item in vars(errors).items() if isinstance(item, type)}
    assert names <= set(re.findall(r"\w+", errors.__doc__))


def test_locks_name_no_package_host():
    for lock in ("requirements.lock", "requirements-dev.lock", "deploy/assets/package-lock.json"):
        text = (ROOT / lock).read_text()
        assert not re.search(r"https?://|--index-url|\"resolved\"", text.replace('"url": "https://', "")), lock


def test_locked_packages_are_at_or_above_the_floor_for_parsers_of_untrusted_input():
    """UPL-16: versions below these have known holes."""
    pins = dict(re.findall(r"^([a-z0-9-]+)==([0-9.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    floors = {"pillow": (13, 0, 0), "weasyprint": (70, 0)}
    for name, floor in floors.items():
        assert tuple(map(int, pins[name].split("."))) >= floor, name


def test_the_version_is_told_once():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert version in (ROOT / "CHANGELOG.md").read_text()


def test_core_takes_nothing_of_urllib_but_the_reckoning_with_strings():
    for path in (ROOT / "formengine" / "core").rglob("*.py"):
        taken = re.findall(r"^(?:from|import) (urllib\S*)", path.read_text(), re.MULTILINE)
        assert set(taken) <= {"urllib.parse"}, path.name
