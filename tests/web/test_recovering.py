"""Nothing typed is lost: after the session's end (rescued), with a lost token (SES-08), and deletion when one wants it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from formengine.services import rescuing
from formengine.services.visiting import session_id
from formengine.web.site import Site
from tests.web.applicant import Applicant
from tests.web.test_resume import code_on


def stores(ada: Applicant):
    site: Site = ada.app.extensions["formengine"]
    return site.engine.stores


def end_sessions(ada: Applicant) -> None:
    with stores(ada).database.engines.write() as rows:
        rows.connection.execute(text("UPDATE session SET seen_at = seen_at - 7200000000"))


def end_session_of(ada: Applicant) -> None:
    secret = ada.client.get_cookie("formengine").value
    with stores(ada).database.engines.write() as rows:
        end = text("UPDATE session SET seen_at = seen_at - 7200000000 WHERE id = :id")
        rows.connection.execute(end, {"id": session_id(secret)})


def stored(ada: Applicant) -> bytes:
    folder: Path = ada.app.extensions["formengine"].engine.settings.data
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_page_posted_after_the_session_ended_stands_filled_in_after_coming_back(ada: Applicant) -> None:
    start = ada.start()
    code = code_on(ada.press(start, "save"))
    page = ada.get("/small/you/")
    end_sessions(ada)
    ended = ada.press(page, __name="Ada Kanarienvogel")
    assert ended.status == 401
    assert "30 Minuten" in ended.soup.main.get_text()
    assert b"Kanarienvogel" not in stored(ada)
    welcome = ada.press(ada.get("/resume"), _code=code)
    assert "steht wieder da" in welcome.soup.main.get_text()
    back = ada.get(welcome.button("next").href)
    assert urlsplit(back.url).path == urlsplit(page.url).path
    assert back.controls()[0].chosen == ("Ada Kanarienvogel",)
    assert b"Kanarienvogel" not in stored(ada)
    on = ada.press(back)
    assert on.kind == "question"
    assert on.soup.h1.get_text() != back.soup.h1.get_text()


def test_what_came_too_late_is_nobody_elses(ada: Applicant, bo: Applicant) -> None:
    code = code_on(ada.press(ada.start(), "save"))
    page = ada.get("/small/you/")
    end_sessions(ada)
    ada.press(page, __name="Kanarienvogel")
    assert "steht wieder da" not in bo.press(bo.get("/resume"), _code=code).soup.main.get_text()


def test_what_came_too_late_overwrites_nothing_that_was_saved_elsewhere_meanwhile(
    ada: Applicant, bo: Applicant
) -> None:
    code = code_on(ada.press(ada.start(), "save"))
    page = ada.get("/small/you/")
    bo.press(bo.get("/resume"), _code=code)
    end_session_of(ada)
    ada.press(page, __name="Ada")
    bo.press(bo.get("/small/you/"), __name="Bo")
    choice = ada.press(ada.get("/resume"), _code=code)
    assert choice.kind == "conflict"
    assert ada.press(choice, **{"_keep:/name": "here"}).url.endswith("/small/home/")
    assert bo.get("/small/you/").controls()[0].chosen == ("Ada",)


def kept(ada: Applicant) -> int:
    """How many late posts are kept, those of other tests too."""
    with stores(ada).database.engines.read() as rows:
        return int(rows.connection.execute(text("SELECT count(*) FROM late_post")).scalar_one())


def test_what_came_too_late_is_kept_half_an_hour(ada: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
    code = code_on(ada.press(ada.start(), "save"))
    page = ada.get("/small/you/")
    end_sessions(ada)
    of_others = kept(ada)
    monkeypatch.setattr(rescuing, "KEPT", timedelta(0))
    ada.press(page, __name="Kanarienvogel")
    assert "steht wieder da" not in ada.press(ada.get("/resume"), _code=code).soup.main.get_text()
    with stores(ada).write() as work:
        work.late_posts.delete_over(datetime.now().astimezone())
    assert kept(ada) == of_others


def test_too_much_or_too_often_is_not_kept_but_shown(ada: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ada.start()
    end_sessions(ada)
    monkeypatch.setattr(rescuing, "MOST_BYTES", 10)
    ended = ada.press(page, __name="Kanarienvogel")
    assert ended.status == 401
    assert "30 Minuten" not in ended.soup.main.get_text()
    assert "Kanarienvogel" in ended.soup.main.get_text()
    monkeypatch.setattr(rescuing, "MOST_BYTES", 1000)
    monkeypatch.setattr(rescuing, "POSTS_OF_CLIENT", (0, timedelta(minutes=1)))
    assert "Kanarienvogel" in ada.press(page, __name="Kanarienvogel").soup.main.get_text()


def test_ses_08_a_lost_token_shows_the_step_again_with_what_was_typed(ada: Applicant) -> None:
    page = ada.start()
    again = ada.press(page, __name="Ada", _token="lost")
    assert again.status == 400
    assert again.kind == "question"
    assert again.controls()[0].chosen == ("Ada",)
    assert ada.get("/small/you/").controls()[0].chosen == ("",)
    assert ada.press(again).soup.h1.get_text() != page.soup.h1.get_text()


def test_gdp_02_a_draft_is_deleted_at_once_from_the_page(ada: Applicant, bo: Applicant) -> None:
    saved = ada.press(ada.press(ada.start(), __name="Ada"), "save")
    code = code_on(saved)
    with stores(ada).database.engines.read() as rows:
        newest = "SELECT id FROM draft ORDER BY created_at DESC LIMIT 1"
        draft_id = rows.connection.execute(text(newest)).scalar_one()
    ask = ada.get(saved.soup.find("a", href="/small/delete")["href"])
    response = ada.send(ask, "delete")
    assert response.status_code == 303
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    with stores(ada).database.engines.read() as rows:
        for table, count in (("draft", 0), ("key_wrap", 0), ("file", 0), ("session_form", 0), ("tombstone", 1)):
            column = "id" if table == "draft" else "draft_id"
            counted = text(f"SELECT count(*) FROM {table} WHERE {column} = :id")
            assert rows.connection.execute(counted, {"id": draft_id}).scalar_one() == count, table
    assert bo.press(bo.get("/resume"), _code=code).status == 422
