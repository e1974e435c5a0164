"""What an applicant can take away and delete (GDP-02, GDP-06), and until when it is kept (RES-10)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask

from formengine.i18n.catalogues import Catalogues
from formengine.services.clock import today
from tests.intake.conftest import pdf
from tests.journeys.reading import Page
from tests.web.applicant import Applicant
from tests.web.test_resume import code_on


def taken_away(person: Applicant) -> dict[str, bytes]:
    response = person.client.get("/small/data")
    assert response.status_code == 200
    assert response.content_type == "application/zip"
    assert "no-store" in response.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_file(ada: Applicant) -> tuple[Page, bytes]:
    """The page behind the proof of a lease that was handed in, and its bytes as they are stored."""
    ada.rent()
    data = pdf()
    page = ada.get("/small/proofs/lease/")
    return ada.press(page, "upload", _status="uploaded", _file=(io.BytesIO(data), "Vertrag.pdf")), data


def rows(site: Flask, table: str) -> list[dict[str, Any]]:
    with site.extensions["formengine"].engine.database.engines.read() as found:
        return [dict(row) for row in found.connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()]


def test_gdp_06_a_draft_is_downloaded_whole_after_coming_back_with_the_code(
    site: Flask, ada: Applicant, bo: Applicant
) -> None:
    with_file(ada)
    page = ada.press(ada.get("/small/home/"), "save", __rent="viel")
    assert bo.press(bo.get("/resume"), _code=code_on(page)).status == 200
    held = taken_away(bo)
    draft = json.loads(held["draft.json"])
    assert draft["document"]["name"] == "Ada"
    assert draft["typed"] == {"/rent": ["viel"]}
    (proof,) = draft["proofs"]
    (file,) = proof["files"]
    assert len(held[file["path"]]) == file["size"]
    assert held[file["path"]].startswith(b"%PDF")
    stored = [row for row in rows(site, "file") if row["id"].startswith(file["path"][6:14])]
    assert [row["size_bytes"] for row in stored] == [file["size"]]
    assert 'href="/small/data"' in ada.get("/small/save").html


def test_gdp_06_what_was_sent_is_downloaded_whole(ada: Applicant) -> None:
    done = ada.press(ada.fill(), **{"_declaration:truth": "true"})
    assert 'href="/small/data"' in done.html
    held = taken_away(ada)
    assert json.loads(held["application.json"])["name"] == "Ada"
    assert json.loads(held["record.json"])["reference"] == done.reference
    status = json.loads(held["status.json"])
    assert {one["channel"] for one in status["deliveries"]} == {"inbox", "folder"}


def test_gdp_06_nobody_else_gets_it(ada: Applicant, bo: Applicant) -> None:
    ada.start()
    assert bo.client.get("/small/data").status_code == 404


def test_gdp_02_who_comes_back_with_the_code_deletes_all_at_once(site: Flask, ada: Applicant, bo: Applicant) -> None:
    with_file(ada)
    code = code_on(ada.press(ada.get("/small/home/"), "save"))
    files = site.extensions["formengine"].engine.stores.files._store
    before = {"draft": rows(site, "draft"), "file": rows(site, "file"), "objects": set(files.listed())}
    bo.press(bo.get("/resume"), _code=code)
    assert bo.press(bo.get("/small/delete"), "delete").kind == "start"
    (draft,) = [row for row in before["draft"] if row not in rows(site, "draft")]
    assert not [row for name in ("file", "key_wrap") for row in rows(site, name) if row["draft_id"] == draft["id"]]
    gone = before["objects"] - set(files.listed())
    assert len(gone) == 1
    assert bo.press(bo.get("/resume"), _code=code).status == 422
    assert ada.client.get("/small/you/").status_code in {303, 401}


def test_res_10_every_page_says_until_when_all_is_kept(ada: Applicant) -> None:
    until = Catalogues().text("de").day(today(datetime.now(UTC) + timedelta(days=30)).isoformat())
    sentence = f"Ihre Angaben sind gespeichert bis {until}."
    page = ada.start()
    assert sentence in page.html
    assert sentence in ada.press(page, __name="Ada").html
    assert sentence in ada.get("/small/save").html


def test_f_16_with_no_valid_key_sending_waits_and_the_draft_is_safe(site: Flask, ada: Applicant) -> None:
    """ENC-07: the working or the recovery key of the authority is not active any more."""
    page = ada.fill()
    ring = site.extensions["formengine"].engine.settings.ring
    sound = ring.read_text()
    keys = json.loads(sound)["keys"]
    for role in ("working", "recovery"):
        without = [{**key, "state": "retired"} if key["role"] == role else key for key in keys]
        ring.write_text(json.dumps({"keys": without}))
        try:
            answer = ada.press(page, **{"_declaration:truth": "true"})
        finally:
            ring.write_text(sound)
        assert answer.status == 503
        assert "Absenden ist gerade nicht möglich." in answer.html
        assert "Ihre Angaben sind gespeichert. Wir haben nichts abgesendet." in answer.html
    assert ada.press(ada.get("/small/declarations"), **{"_declaration:truth": "true"}).kind == "confirmation"
