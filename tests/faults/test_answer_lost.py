"""Faults around a running server: an answer that never reaches the applicant (F-13), an audit log that is full (ACC-07)."""

from __future__ import annotations

import socket
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from tests.journeys.deciding import Deed, decide
from tests.journeys.driver import Journey
from tests.journeys.reading import Page, Persona
from tests.serving import ROOT, Served, serve

FORM = "bildung-und-teilhabe"
P3 = ROOT / "tests/journeys" / FORM / "p3.answers.json"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served") / "data") as served:
        yield served


def code_of(journey: Journey, page: Page) -> str:
    return str(journey.post(page, Deed(press=page.button("save"))).soup.select_one("[data-copy]")["data-copy"])


def post_and_cut(journey: Journey, page: Page, deed: Deed) -> None:
    """Send what pressing the button sends, and tear the line before a byte of the answer is read."""
    at = urlsplit(page.target())
    fields = [field for field in page.hidden() if field[0] != "_end"]
    fields += [(name, text) for name, texts in deed.values.items() for text in texts]
    if deed.press is not None and deed.press.name:
        fields.append((deed.press.name, deed.press.value))
    body = urlencode([*fields, ("_end", "1")]).encode()
    cookies = "; ".join(f"{one.name}={one.value}" for one in journey.client.cookies.jar)
    head = (
        f"POST {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\nCookie: {cookies}\r\nOrigin: http://{at.netloc}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line = socket.create_connection((at.hostname, at.port))
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed with RST, as a lost line
    line.sendall(head.encode() + body)
    line.recv(1, socket.MSG_PEEK)  # the server has answered: only the applicant does not know
    line.close()


def count(served: Served) -> int:
    with closing(sqlite3.connect(served.data / "formengine.db")) as database:
        return int(database.execute("SELECT count(*) FROM submission").fetchone()[0])


def test_f_13_rel_01_who_never_saw_the_receipt_finds_it_by_reloading_and_by_the_code(
    served: Served, tmp_path: Path
) -> None:
    before = count(served)
    persona = Persona.read(P3, files=tmp_path)
    with Journey(served.url, persona) as journey, Journey(served.url, persona) as phone:
        page = journey.run(f"/{FORM}/", until=lambda page: page.kind == "list")
        code = code_of(journey, page)
        page = journey.run(page.url, until=lambda page: page.kind == "declarations")
        post_and_cut(journey, page, decide(page, persona, journey.met))
        reloaded = journey.get(page.url)
        assert reloaded.kind == "confirmation", reloaded.html
        pressed_again = journey.post(page, decide(page, persona, journey.met))
        assert (pressed_again.kind, pressed_again.reference) == ("confirmation", reloaded.reference)
        assert count(served) == before + 1
        resume = phone.get("/resume")
        elsewhere = phone.post(resume, Deed({"_code": [code]}, press=resume.buttons()[0]))
    text = " ".join(elsewhere.soup.get_text(" ").split())
    received = " ".join(reloaded.soup.select_one("time").get_text().split())
    assert elsewhere.status == 200
    assert reloaded.reference in text
    assert received in text, text


def sign_in(client: httpx.Client) -> None:
    page = Page(f"{client.base_url}sign-in", client.get("/sign-in").text, 200)
    fields = [field for field in page.hidden() if field[0] != "_end"]
    data = dict([*fields, ("_person", "development:kaya"), ("_end", "1")])
    answer = client.post("/sign-in", data=data, headers={"Origin": str(client.base_url).rstrip("/")})
    assert answer.status_code == 303, answer.text


def test_acc_07_f_03_a_full_audit_log_closes_staff_reading_and_not_the_applicants(
    served: Served, tmp_path: Path
) -> None:
    persona = Persona.read(P3, files=tmp_path)
    with Journey(served.url, persona) as journey:
        reference = journey.run(f"/{FORM}/").reference
    with httpx.Client(base_url=served.staff_url, timeout=30) as staff:
        sign_in(staff)
        case = f"/applications/{reference}/"
        paths = ["/inbox", case, f"{case}application.json"]
        assert [staff.get(path).status_code for path in paths] == [200, 200, 200]
        assert "Lindenstraße" in staff.get(case).text
        with closing(sqlite3.connect(served.data / "formengine.db")) as database:
            database.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'full'); END")
            database.commit()
            try:
                for path in paths:
                    shut = staff.get(path)
                    assert shut.status_code == 503, path
                    assert "Lindenstraße" not in shut.text
                with Journey(served.url, persona) as journey:
                    assert journey.run(f"/{FORM}/").kind == "confirmation"
            finally:
                database.execute("DROP TRIGGER full")
                database.commit()
        assert [staff.get(path).status_code for path in paths] == [200, 200, 200]
