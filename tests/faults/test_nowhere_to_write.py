"""F-02, F-03: where nothing can be written, the page still holds what was typed, and all heals by itself."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.journeys.deciding import Deed, decide
from tests.journeys.driver import Journey
from tests.journeys.reading import Button, Page, Persona
from tests.serving import ROOT, Served, serve

FORM = "bildung-und-teilhabe"
P3 = ROOT / "tests/journeys" / FORM / "p3.answers.json"


def children(pid: int) -> list[int]:
    """A process and all that come from it."""
    below = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    return [pid, *(one for child in below for one in children(int(child)))]


@contextmanager
def full_disk(served: Served) -> Iterator[None]:
    """No file of the server can grow any more: what a full disk is to SQLite."""
    pids = children(served.process.pid)
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[pid][1]))
    try:
        yield
    finally:
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before[pid])


@contextmanager
def altered(url: str, setting: str, on: str, off: str) -> Iterator[None]:
    """A PostgreSQL one of whose databases is told *setting* to be *on*, and all of its connections cut; then *off*."""
    server, _, name = url.rpartition("/")

    def say(value: str) -> None:
        engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} {setting} {value}"))
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
        engine.dispose()

    say(on)
    try:
        yield
    finally:
        say(off)


def read_only(url: str) -> AbstractContextManager[None]:
    """As a standby does whose promotion went elsewhere."""
    return altered(url, "SET default_transaction_read_only =", "on", "off")


def gone(url: str) -> AbstractContextManager[None]:
    """Nobody is let in."""
    return altered(url, "WITH ALLOW_CONNECTIONS", "false", "true")


@pytest.fixture(scope="module", params=["full disk", "read-only", "gone"])
def troubled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple]:
    """The running server, and what troubles it."""
    environment = {}
    if request.param != "full disk":
        environment["FORMENGINE_DATABASE_URL"] = request.getfixturevalue("cluster").new_database()
    with serve(tmp_path_factory.mktemp("served") / "data", environment=environment) as served:
        trouble = {
            "full disk": lambda: full_disk(served),
            "read-only": lambda: read_only(environment["FORMENGINE_DATABASE_URL"]),
            "gone": lambda: gone(environment["FORMENGINE_DATABASE_URL"]),
        }[request.param]
        yield served, trouble, request.param


def asks(page: Page, pointer: str) -> bool:
    return any(control.name == pointer for control in page.controls())


def becomes(served: Served, status: int) -> bool:
    """Whether readiness says so within its ten seconds (OPS-01)."""
    for _ in range(100):
        if httpx.get(f"{served.url}/readyz", timeout=30).status_code == status:
            return True
        time.sleep(0.15)
    return False


def test_f_02_f_03_what_was_typed_stays_nothing_is_acknowledged_and_all_goes_on_once_it_can(
    troubled: tuple, tmp_path: Path
) -> None:
    served, trouble, kind = troubled
    with Journey(served.url, Persona.read(P3, files=tmp_path)) as journey:
        page = journey.run(f"/{FORM}/", until=lambda page: asks(page, "/applicant/address/street"))
        deed = decide(page, journey.persona, journey.met)
        with trouble():
            shown = journey.post(page, deed)
            assert shown.status == 503
            assert "Wir können gerade nicht speichern" in shown.soup.get_text()
            assert asks(shown, "/applicant/address/street") or kind == "gone"
            assert "Lindenstraße" in str(shown.soup)
            assert becomes(served, 503)
        # where even the draft cannot be read, the page holds what was posted and a button to send it again
        again = (
            Deed(press=Button("", "", "", "", "")) if kind == "gone" else decide(shown, journey.persona, journey.met)
        )
        done = journey.post(shown, again)
        assert done.status == 200
        assert done.url != page.url
        assert becomes(served, 200)
        page = journey.run(done.url, until=lambda page: page.kind == "declarations")
        deed = decide(page, journey.persona, journey.met)
        with trouble():
            shown = journey.post(page, deed)
            assert (shown.status, shown.kind) == (503, "problem")
        received = journey.post(page, deed)
        assert received.kind == "confirmation"
        assert received.reference
