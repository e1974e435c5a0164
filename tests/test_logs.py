"""Logs: one JSON object a line, never what a person wrote or is known by (LOG-01 to LOG-03)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.logs import JsonLines
from tests.web.applicant import Applicant, serve

CANARY = "Canaria Zwitscher"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What all loggers of this process write, as a process of its own would."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.mark.parametrize(
    "bad", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", '{"level":"forged"}\n{}', "a\x00b", "a\x85b"]
)
def test_log_03_nothing_forges_a_line(bad: str, lines: io.StringIO) -> None:
    logging.getLogger("formengine.test").warning("said %s", bad, extra={"more": bad})
    written = lines.getvalue()
    assert len(written.splitlines()) == 1
    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["more"] == bad


def test_log_02_an_exception_is_logged_by_its_kind_and_place_without_its_message(lines: io.StringIO) -> None:
    try:
        int(CANARY)
    except ValueError:
        logging.getLogger("formengine.test").exception("it failed")
    line = json.loads(lines.getvalue())
    assert line["exception"] == "ValueError"
    assert "test_logs.py" in line["at"][0]
    assert CANARY not in lines.getvalue()


def test_log_02_what_a_library_puts_into_its_message_is_not_written(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot use %s", CANARY)
    assert CANARY not in lines.getvalue()


def test_log_01_a_request_leaves_its_route_and_status_and_nothing_of_who_asked_or_what_was_answered(
    tmp_path: Path, lines: io.StringIO
) -> None:
    ada = Applicant(serve(tmp_path))
    page = ada.start()
    ada.press(page, __name=CANARY)
    ada.get(f"/small/home/?q={CANARY}", headers={"User-Agent": CANARY}, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    ada.client.get(f"/{CANARY}/nowhere")
    ada.client.post("/resume", data={"_code": CANARY})
    written = lines.getvalue()
    for part in (*CANARY.split(), "203.0.113.77"):
        assert part not in written
    requests = [line for line in map(json.loads, written.splitlines()) if line["event"] == "request"]
    saved = next(line for line in requests if line["method"] == "POST" and line["route"].startswith("/<form:form>/<"))
    assert saved["status"] == 303
    assert (saved["form"], saved["version"], saved["tenant"]) == ("small", "1", "musterstadt")
    assert saved["ms"] >= 0
    assert len({line["request"] for line in requests}) == len(requests)
