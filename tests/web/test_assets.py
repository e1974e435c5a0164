"""What `deploy/assets/build.py` made of others' files, and what a page weighs (ux.md 2.1 to 2.5, P10)."""

from __future__ import annotations

import gzip
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "formengine/web/static"
VENDOR = STATIC / "vendor"


@pytest.fixture(scope="module")
def css() -> str:
    [path] = VENDOR.glob("kern/*/kern.*.css")
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def logical() -> ModuleType:
    spec = importlib.util.spec_from_file_location("logical", ROOT / "deploy/assets/logical.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_inline_and_every_address_leads_to_a_file(css: str) -> None:
    [folder] = VENDOR.glob("kern/*")
    assert "data:" not in css
    addresses = set(re.findall(r'url\("?([^")]+)"?\)', css))
    assert len(addresses) > 40
    assert all((folder / address).is_file() for address in addresses)


def test_one_style_sheet_serves_both_directions(css: str) -> None:
    ours = (STATIC / "app.css").read_text(encoding="utf-8")
    physical = r"(?:margin|padding|border)-(?:left|right)\b|float:(?:left|right)|text-align:\s*(?:left|right)\b"
    assert re.findall(physical, css + ours) == []


def test_icons_stay_visible_in_forced_colours(css: str) -> None:
    assert "CanvasText" in css
    assert "var(--kern-color-white) !important" not in css


def test_a_first_page_is_light(css: str) -> None:
    ours = (STATIC / "app.css").read_bytes()
    assert len(gzip.compress(css.encode() + ours)) < 30_000
    assert len(gzip.compress((STATIC / "app.js").read_bytes())) < 30_000
    assert sum(path.stat().st_size for path in VENDOR.glob("kern/*/fonts/*-latin.*")) < 60_000


def test_the_licences_lie_beside_the_files() -> None:
    [folder] = VENDOR.glob("kern/*")
    assert "modified" in (folder / "NOTICE").read_text(encoding="utf-8")
    assert "Fira Sans" in (folder / "LICENSE-OFL-1.1.txt").read_text(encoding="utf-8")
    assert (folder / "LICENSE-EUPL-1.2.md").is_file()
    assert (folder / "LICENSE-Apache-2.0.txt").is_file()


@pytest.mark.parametrize(
    ("physical", "wanted"),
    [
        ("margin-left: 1px", ["margin-inline-start: 1px"]),
        ("right: 0", ["inset-inline-end: 0"]),
        ("border-left: 1px solid red", ["border-inline-start: 1px solid red"]),
        ("text-align: right", ["text-align: end"]),
        ("padding: 1px 2px 3px 2px", ["padding: 1px 2px 3px 2px"]),
        (
            "padding: 1px calc(1px + 2px) 3px 4px !important",
            [
                "padding-top: 1px !important",
                "padding-inline-end: calc(1px + 2px) !important",
                "padding-bottom: 3px !important",
                "padding-inline-start: 4px !important",
            ],
        ),
        (
            "border-radius: 1px 2px 2px 1px",
            [
                "border-start-start-radius: 1px",
                "border-start-end-radius: 2px",
                "border-end-end-radius: 2px",
                "border-end-start-radius: 1px",
            ],
        ),
        ("color: red", ["color: red"]),
    ],
)
def test_physical_declarations_become_logical(logical: ModuleType, physical: str, wanted: list[str]) -> None:
    lines = logical.rewrite(f"a {{\n  {physical};\n}}\n", leave="tick").splitlines()
    assert [line.strip().rstrip(";") for line in lines[1:-1]] == wanted


def test_rules_that_are_to_stay_are_left_alone(logical: ModuleType) -> None:
    css = "a,\n.tick::after {\n  left: 3px;\n}\n"
    assert logical.rewrite(css, leave="tick") == css
