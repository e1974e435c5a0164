"""REL-15: so many at once, so many wait; what is posted goes first, and who finds no room loses nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask

from formengine.web import crowding
from formengine.web.crowding import Crowded, Door, Rank
from tests.web.applicant import Applicant, serve


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_rel_15_what_is_posted_goes_before_pages_and_pages_before_files() -> None:
    door, came = Door(1), []
    door.enter(Rank.PAGE, 0)

    def come(rank: Rank) -> None:
        door.enter(rank, 30)
        came.append(rank)
        door.leave(rank)

    people = []
    for number, rank in enumerate((Rank.LONG, Rank.PAGE, Rank.POSTED), start=1):
        people.append(threading.Thread(target=come, args=(rank,)))
        people[-1].start()
        until(lambda n=number: sum(len(line) for line in door._lines.values()) == n)
    door.leave(Rank.PAGE)
    for one in people:
        one.join()
    assert came == [Rank.POSTED, Rank.PAGE, Rank.LONG]


def test_rel_15_half_the_room_is_kept_for_what_is_posted() -> None:
    door = Door(1, room=2)
    door.enter(Rank.PAGE, 0)
    waits = threading.Thread(target=door.enter, args=(Rank.PAGE, 30))
    waits.start()
    until(lambda: len(door._lines[Rank.PAGE]) == 1)
    with pytest.raises(Crowded, match="no room"):
        door.enter(Rank.PAGE, 30)
    with pytest.raises(Crowded, match="too long"):
        door.enter(Rank.POSTED, 0)
    door.leave(Rank.PAGE)
    waits.join()
    door.leave(Rank.PAGE)
    door.enter(Rank.POSTED, 0)


def test_rel_15_what_takes_long_never_fills_the_house() -> None:
    door = Door(2)
    door.enter(Rank.LONG, 0)
    with pytest.raises(Crowded):
        door.enter(Rank.LONG, 0)
    door.enter(Rank.PAGE, 0)
    door.leave(Rank.LONG)
    door.enter(Rank.LONG, 0)


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return serve(tmp_path_factory.mktemp("crowding"))


def test_rel_15_who_finds_no_room_is_told_so_and_sends_what_was_typed_again_by_one_press(
    ada: Applicant, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ada.start()
    with monkeypatch.context() as full:
        full.setattr(crowding, "PATIENCE_S", dict.fromkeys(Rank, 0.0))
        full.setattr(Door, "_let_in", lambda door: None)
        shown = ada.get("/small/")
        assert (shown.status, ada.response.headers["Retry-After"]) == (503, "60")
        assert "sehr viele Menschen" in shown.soup.get_text()
        assert ada.get("/livez").status == 200
        refused = ada.press(page, __name="Kanarienvogel")
    assert (refused.status, ada.response.headers["Retry-After"]) == (503, "60")
    assert "Kanarienvogel" in refused.soup.main.get_text()
    again = ada.press(refused, "")
    assert again.status == 200
    assert "Kanarienvogel" in ada.get(page.url.removeprefix("http://localhost")).html
