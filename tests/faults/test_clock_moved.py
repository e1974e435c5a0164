"""F-12, REL-10 with real processes whose clock is set while they run: nobody notices, nothing runs out, nothing doubles."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from tests.browser.test_journeys import delivered
from tests.journeys.deciding import Deed, decide
from tests.journeys.driver import Journey
from tests.journeys.reading import Page, Persona
from tests.serving import ROOT, Served, serve

FORM = "bildung-und-teilhabe"
P3 = ROOT / "tests/journeys" / FORM / "p3.answers.json"
MOVED = Path(__file__).parent / "moved"
Move = Callable[[float], None]


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Move]]:
    """A running server, and what sets its clock to so many seconds ahead of the right time."""
    folder = tmp_path_factory.mktemp("moved")
    ahead = folder / "ahead"
    ahead.write_text("0")

    def move(seconds: float) -> None:
        beside = ahead.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(ahead)

    path = os.pathsep.join(filter(None, (str(MOVED), os.environ.get("PYTHONPATH", ""))))
    with serve(folder / "data", environment={"PYTHONPATH": path, "MOVED_CLOCK": str(ahead)}) as served:
        yield served, move


def is_at(pointer: str) -> Callable[[Page], bool]:
    return lambda page: any(control.name == pointer for control in page.controls())


def received_at(served: Served, done: Page) -> tuple[datetime, dict]:
    """When it was received, and all that the record says, which is attached to the document."""
    document = PdfReader(delivered(served, done.reference) / "application.pdf")
    record = json.loads(document.attachments["record.json"][0])
    return datetime.fromisoformat(record["receivedAt"]), record


@pytest.mark.parametrize("seconds", [3600, -3600, -1], ids=["an hour on", "an hour back", "a leap second"])
def test_f_12_a_clock_that_is_set_while_somebody_types_takes_nothing_away(
    moved: tuple[Served, Move], tmp_path: Path, seconds: float
) -> None:
    served, move = moved
    move(0)
    persona = Persona.read(P3, files=tmp_path)
    with Journey(served.url, persona) as journey, Journey(served.url, persona) as phone:
        page = journey.run(f"/{FORM}/", until=is_at("/applicant/address/street"))
        saved = journey.post(page, Deed(press=page.button("save")))
        code = saved.soup.select_one("[data-copy]")
        assert code is not None
        page = journey.get(page.url)
        move(seconds)
        # what is typed across the step is taken, by the button and by saving itself; the session lives on
        deed = decide(page, persona, journey.met)
        after = journey.post(page, deed)
        assert (after.status, after.kind) == (200, "question"), after.html
        assert journey.get(page.url).controls()[0].chosen[0], "it stands there still"
        # another device opens it with the code, and back
        resume = phone.get("/resume")
        assert phone.post(resume, Deed({"_code": [str(code["data-copy"])]}, press=resume.buttons()[0])).status == 200
        move(0)
        page = journey.run(page.url, until=lambda page: page.kind == "declarations")
        move(seconds)
        done = journey.run(page.url)
        again = journey.get(f"/{FORM}/confirmation")
        assert again.reference == done.reference
        at, record = received_at(served, done)
    right = datetime.now(UTC) + timedelta(seconds=seconds)
    assert timedelta() <= right - at < timedelta(minutes=2)
    assert all(datetime.fromisoformat(one["acceptedAt"]) <= at for one in record["declarations"])
    move(0)


def test_f_12_who_mistypes_the_code_before_the_clock_is_put_back_is_not_locked_out_for_an_hour(
    moved: tuple[Served, Move], tmp_path: Path
) -> None:
    served, move = moved
    move(3600)
    with Journey(served.url, Persona.read(P3, files=tmp_path)) as journey:

        def attempt() -> int:
            page = journey.get("/resume")
            return journey.post(page, Deed({"_code": ["0" * 25]}, press=page.buttons()[0])).status

        while attempt() != 429:
            pass
        move(0)
        assert attempt() == 422


def night(month: int, hour: int, minute: int) -> datetime:
    """That time, UTC, on the next last Sunday of *month*: then Berlin's clocks are changed, at 01:00 UTC."""
    now = datetime.now(UTC)
    for year in (now.year, now.year + 1):
        day = datetime(year, month, 31, hour, minute, tzinfo=UTC)
        day -= timedelta(days=(day.weekday() + 1) % 7)
        if day > now:
            break
    return day


@pytest.mark.parametrize(
    ("month", "time", "zone"),
    [
        (10, (0, 30), "MESZ"),
        (10, (1, 30), "MEZ"),
        (3, (1, 0), "MESZ"),
    ],
    ids=["the hour before", "the same hour again", "after the lost hour"],
)
def test_f_12_the_nights_in_which_the_clocks_change_are_right_on_page_and_document(
    moved: tuple[Served, Move], tmp_path: Path, month: int, time: tuple[int, int], zone: str
) -> None:
    served, move = moved
    wanted = night(month, *time)
    move((wanted - datetime.now(UTC)).total_seconds())
    try:
        with Journey(served.url, Persona.read(P3, files=tmp_path)) as journey:
            done = journey.run(f"/{FORM}/")
        received, record = received_at(served, done)
        folder = delivered(served, done.reference)
    finally:
        move(0)
    assert timedelta() <= received - wanted < timedelta(minutes=10)
    there = received.astimezone(ZoneInfo("Europe/Berlin"))
    assert record["receivedOn"] == there.date().isoformat()
    page = " ".join(done.soup.get_text(" ").split())
    twice = {"MESZ": " (Mitteleuropäische Sommerzeit)", "MEZ": " (Mitteleuropäische Normalzeit)"}[zone]
    assert f", {there:%H:%M} Uhr{twice if month == 10 else ''}" in page
    assert ("Mitteleuropäische" in page) is (month == 10)
    pdf = " ".join(" ".join(one.extract_text() for one in PdfReader(folder / "application.pdf").pages).split())
    assert f"um {there:%H:%M} Uhr ({zone})" in pdf
