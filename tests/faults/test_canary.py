"""ENC-01, RES-03, RES-04, LOG-01 to LOG-03: what a person typed, and their code, stand only where they were delivered.

Not in the database, PostgreSQL's files, its log of writes and its dump, the files, a late post, a backup or the log.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from tests import opened
from tests.browser.test_journeys import delivered
from tests.journeys.deciding import Deed
from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.opened import Cluster
from tests.services.test_sealing import forms_of
from tests.serving import ROOT, serve

FORM = "bildung-und-teilhabe"
P3 = ROOT / "tests/journeys" / FORM / "p3.answers.json"
BIRD = {
    "/applicant/givenName": "Kanarija",
    "/applicant/familyName": "Zwölfvögel",
    "/applicant/address/street": "Zwitscherpfad",
    "/applicant/address/city": "Kanarienstadt",
    "/applicant/email": "kanarija@zwitscher.example",
    "/children/0/givenName": "Piepmätzchen",
    "/children/0/classTrip/destination": "Schullandheim Vogelfluh",
    "/children/1/lunch/provider": "Kita Kolibri",
    "/payment/bankAccount/accountHolder": "Kanarija Zwölfvögel",
}
"""What is typed in place of P3's answers: the shipped forms show those as examples."""
CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{4}[ -]+){5}[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]\b")


def written(data: Path, log: Path, since: float) -> Iterator[tuple[Path, bytes]]:
    """Everything that the server wrote, but for what it delivered."""
    files = [path for path in data.rglob("*") if "delivered" not in path.relative_to(data).parts]
    files += Path(tempfile.gettempdir()).glob("formengine*/**/*")
    for path in [*files, log]:
        if path.is_file() and path.stat().st_mtime >= since:
            yield path, path.read_bytes()


def of_postgresql(server: Cluster, url: str, since: float) -> dict[Path, bytes]:
    """The files that the server wrote, its log of writes too, and a dump; what is no secret is found in each."""
    server.flush()
    files = {
        path: path.read_bytes() for path in server.data.rglob("*") if path.is_file() and path.stat().st_mtime >= since
    }
    wal = [content for path, content in files.items() if path.parent.name == "pg_wal"]
    tables = [content for path, content in files.items() if "base" in path.relative_to(server.data).parts]
    found = files | {Path("pg_dump"): server.dump(url)}
    assert all(any(FORM.encode() in content for content in kind) for kind in (wal, tables, [found[Path("pg_dump")]]))
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Cluster | None]:
    """A server of this test's own: that of all tests has written much."""
    with opened.cluster() if request.param == "postgresql" else nullcontext() as server:
        if server is None and request.param == "postgresql":
            pytest.skip("there is no PostgreSQL server to start")
        yield server


@pytest.mark.slow
def test_a_whole_journey_leaves_no_answer_and_no_code_in_database_files_or_log(
    server: Cluster | None, tmp_path: Path
) -> None:
    began = time.time() - 5
    url = {"FORMENGINE_DATABASE_URL": server.empty_database()} if server else {}
    with serve(tmp_path / "data", environment={"FORMENGINE_LOG_LEVEL": "DEBUG", **url}) as served:
        (tmp_path / "mine").mkdir()
        read = Persona.read(P3, files=tmp_path / "mine")
        persona = replace(read, typed={**read.typed, **BIRD})
        with Journey(served.url, persona) as journey, Journey(served.url, persona) as other:
            page = journey.run(f"/{FORM}/", until=lambda page: page.kind == "list" and page.list_count == 2)
            saved = journey.post(page, Deed(press=page.button("save")))
            found = CODE.search(" ".join(saved.soup.get_text(" ").split()))
            assert found is not None
            code = found[0]
            with Journey(served.url, persona) as late:  # a page that is posted after its session ended is kept too
                step = late.run(f"/{FORM}/", until=lambda page: page.url.endswith("/applicant/name/"))
                late.client.cookies.clear()
                names = {name: text for name, text in BIRD.items() if name.startswith("/applicant/g")}
                kept = late.post(step, Deed({name: [text] for name, text in names.items()}, press=step.button("next")))
                assert (kept.status, "bewahren wir 30 Minuten auf" in kept.html) == (401, True)
            copied = subprocess.run(
                [sys.executable, "-m", "formengine.cli", "backup", str(tmp_path / "copy")],
                env={**os.environ, "FORMENGINE_DATA": str(served.data), **url},
                capture_output=True,
                check=False,
            )
            assert copied.returncode == 0, copied.stderr
            for path in (f"/{FORM}/Kanarija%0d%0aFORGED/", f"/{FORM}/?q=kanarija@zwitscher.example%0d%0aFORGED%1b[31m"):
                journey.client.get(path)
            for body in ("Kanarija", "Zwölfvögel\r\nFORGED"):
                assert (
                    journey.client.post(f"/{FORM}/applicant/name/", data={"/applicant/givenName": body}).status_code
                    == 400
                )
            resume = other.get("/resume")
            wrong = other.post(
                resume, Deed({"_code": [code[:-1] + ("0" if code[-1] != "0" else "1")]}, press=resume.buttons()[0])
            )
            assert wrong.status == 422
            welcome = other.post(wrong, Deed({"_code": [code.lower()]}, press=wrong.buttons()[0]))
            assert welcome.status == 200
            done = other.run(f"/{FORM}/tasks")
        folder = delivered(served, done.reference)
        assert json.loads((folder / "application.json").read_bytes())["applicant"]["familyName"] == "Zwölfvögel"
        proof = next((folder / "proofs").iterdir()).read_bytes()
    everything = dict(written(served.data, served.log, began))
    everything |= {path: path.read_bytes() for path in (tmp_path / "copy").rglob("*") if path.is_file()}
    assert {path.name for path in everything} >= {"keys.db"}
    assert served.log in everything
    if server:
        everything |= of_postgresql(server, url["FORMENGINE_DATABASE_URL"], began)
    else:
        assert served.data / "formengine.db" in everything
    plain = code.replace(" ", "").replace("-", "")
    sought = [
        *BIRD.values(),
        "erst im Dezember aus",
        code,
        plain,
        plain[:24],
        re.sub(r"(.{4})(?=.)", r"\1-", plain[:24]),
    ]
    hits = [
        f"{text!r} as {form!r} in {path.name}: {content[max(0, content.find(form) - 40) : content.find(form) + 40]!r}"
        for path, content in everything.items()
        for text in sought
        for form in forms_of(text)
        if form in content
    ]
    assert hits == []
    assert not [path for path, content in everything.items() if proof in content]
    assert b"FORGED" not in everything[served.log]
    assert b"\x1b" not in everything[served.log]
