from __future__ import annotations

from pathlib import Path

from tests.browser.html_checker import check

GOOD = '<!doctype html><html lang="de" dir="ltr"><meta charset="utf-8"><title>T</title><h1>H</h1></html>'


def test_the_checker_names_the_page_with_a_mistake_and_no_other(tmp_path: Path) -> None:
    found = check({"good": GOOD, "bad": GOOD.replace("<h1>H</h1>", "<h1>H</h1><p for=x><div id=a><p id=a>")}, tmp_path)
    assert found
    assert all(finding.startswith("bad:") for finding in found)
