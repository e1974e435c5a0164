"""Save on one device, come back on another."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import text

from formengine import bootstrap, cli
from formengine.config import Settings
from formengine.services import visiting
from formengine.web.resume import qr
from tests.journeys.reading import Page
from tests.web.applicant import Applicant
from tests.web.test_forgery import staff_beside

ADDRESSES = {"href", "src", "action"}


def code_on(page) -> str:
    return page.soup.select_one(".app-code").get_text(" ", strip=True)


def test_a_code_opens_the_application_elsewhere_with_what_was_typed(ada: Applicant, bo: Applicant) -> None:
    saved = ada.press(ada.start(), "save", __name="Ada Lovelace")
    code = code_on(saved)
    assert saved.soup.select_one("svg[role=img]")
    page = bo.press(bo.get("/resume"), _code=code.lower().replace(" ", "-"))
    assert page.kind == "welcome"
    assert "Ihre Angaben" in page.soup.main.get_text()
    assert bo.get(page.button("next").href).controls()[0].chosen == ("Ada Lovelace",)


def test_res_04_the_code_travels_in_a_post_alone(ada: Applicant, bo: Applicant) -> None:
    """No link or form names it, the QR code has it behind the #, and no address with it opens anything."""
    saved = ada.press(ada.start(), "save", __name="Ada Lovelace")
    code = code_on(saved).replace(" ", "-")
    plain = code.replace("-", "")
    names = [
        tag[name] for tag in saved.soup.select("[href], [src], [action]") for name in tag.attrs if name in ADDRESSES
    ]
    assert names
    assert not [name for name in names if code in name or plain in name.upper()]
    assert saved.soup.select_one("form#step")["method"] == bo.get("/resume").soup.select_one("form#step")["method"]
    assert bo.get("/resume").soup.select_one("form#step")["method"] == "post"
    assert (
        saved.soup.select_one("svg[role=img]").encode()
        == BeautifulSoup(
            qr(f"http://localhost/resume#{code}", "QR-Code: öffnet Ihren gespeicherten Antrag"), "lxml"
        ).svg.encode()
    )
    assert ada.client.get("/small/save").headers["Referrer-Policy"] == "same-origin"
    for path in (f"/resume?_code={code}", f"/resume?code={code}", f"/resume/{code}", f"/small/?_code={code}"):
        bo.client.get(path)
        assert "welcome" not in bo.get("/small/welcome").url


def test_res_09_that_nobody_can_replace_the_code_is_said_before_it(ada: Applicant) -> None:
    text = ada.press(ada.start(), "save").soup.main.get_text(" ", strip=True)
    assert 0 < text.index("Wir können ihn nicht ersetzen") < text.index("Ihr Code zum Weitermachen")


def test_res_09_no_route_and_no_command_for_staff_leads_to_a_draft(ada: Applicant, bo: Applicant) -> None:
    """No support override: not for the administration, and not on the command line."""
    ada.press(ada.start(), "save", __name="Ada Lovelace")
    built = ada.app.extensions["formengine"].engine
    staff = staff_beside(ada.app)
    own = {"health", "sign_in", "casework", "by_hand", "staff_sessions"}
    assert {rule.endpoint.partition(".")[0] for rule in staff.url_map.iter_rules()} - {"static"} == own
    with built.stores.read() as work:
        found = work.drafts._rows.connection.execute(text("SELECT id FROM draft")).scalars().all()
    people = [
        tag["value"] for tag in BeautifulSoup(staff.test_client().get("/sign-in").text, "lxml").select("[name=_person]")
    ]
    assert len(people) >= 4
    for person in people:
        client = staff.test_client()
        page = Page("http://localhost/", client.get("/sign-in").text, 200)
        signed = client.post("/sign-in", data=dict(page.hidden()) | {"_person": person, "_end": "1"})
        assert signed.status_code == 303
        assert "Ada Lovelace" not in client.get("/", follow_redirects=True).text
        for draft_id in found:
            assert client.get(f"/applications/{draft_id}/").status_code == 404
            assert client.get(f"/applications/{draft_id}/export").status_code == 404
    help_ = cli._parser().format_help().lower()
    assert not [word for word in ("resume", "recover", "draft", "code") if re.search(rf"\b{word}", help_)]


def test_res_11_no_link_resumes_and_no_message_carries_one() -> None:
    """There is no resume by mail or SMS to turn on: only the applicants' site makes or reads codes."""
    folder = Path(bootstrap.__file__).parent
    users = {
        path.relative_to(folder).parts[0] + "/" + path.name
        for path in folder.rglob("*.py")
        if re.search(r"\b(resuming|new_resume_code|read_resume_code|ResumeCode)\b", path.read_text())
    }
    assert users == {
        "services/codes.py", "services/resuming.py", "errors.py/errors.py",
        "web/coming_back.py", "web/resume.py", "web/leaving.py",
    }  # fmt: skip
    assert not [name for name in (one.name for one in fields(Settings)) if "resume" in name or "sms" in name]


def test_res_07_the_code_is_shown_once_and_again_on_request_in_its_session_alone(ada: Applicant, bo: Applicant) -> None:
    first = code_on(ada.press(ada.start(), "save"))
    again = ada.get("/small/save")
    assert again.soup.select_one(".app-code") is None
    assert code_on(ada.press(again, "show")) == first
    bo.press(bo.get("/resume"), _code=first)
    assert code_on(bo.press(bo.get("/small/save"), "show")) == first
    assert first.replace(" ", "-") not in ada.response.request.full_path


def test_res_07_that_the_code_was_written_down_is_checked_by_its_last_group(ada: Applicant) -> None:
    page = ada.press(ada.start(), "save")
    code = code_on(page)
    wrong = ada.press(page, "written", _last="AAAAA")
    assert wrong.status == 422
    assert [problem.href for problem in wrong.problems] == ["#notiert", "#letzte"]
    assert code_on(wrong) == code
    for typed in (code[-6:], code[-6:].lower().replace("-", " "), code[-6:-2]):
        done = ada.press(wrong, "written", _written="true", _last=typed)
        assert "Der Code stimmt" in done.soup.main.get_text()
    assert done.soup.select_one(".app-code") is None


def test_res_08_a_new_code_ends_the_old_one_everywhere(ada: Applicant, bo: Applicant) -> None:
    first = code_on(ada.press(ada.start(), "save"))
    bo.press(bo.get("/resume"), _code=first)
    second = code_on(ada.press(ada.get("/small/save"), "new"))
    assert second != first
    elsewhere = bo.get("/small/save")
    assert elsewhere.soup.select_one("button[value=show]") is None, "it knows no code that opens anything"
    assert bo.press(bo.get("/resume"), _code=first).status == 422
    assert bo.press(bo.get("/resume"), _code=second).kind == "welcome"


def test_res_07_the_kept_code_is_sealed_to_its_session(ada: Applicant) -> None:
    code = code_on(ada.press(ada.start(), "save")).replace(" ", "-")
    data = ada.app.extensions["formengine"].engine.settings.data
    everything = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert code.encode() not in everything
    assert code.replace("-", "").encode() not in everything
    assert all(code not in cookie.value for cookie in ada.client._cookies.values())


def test_res_12_whoever_comes_back_reads_how_often_and_when_the_code_was_used(ada: Applicant, bo: Applicant) -> None:
    code = code_on(ada.press(ada.start(), "save"))
    first = bo.press(bo.get("/resume"), _code=code).soup.main.get_text()
    assert "jetzt zum ersten Mal" in first
    second = ada.press(ada.get("/resume"), _code=code).soup.main.get_text()
    assert "vorher mit dem Code geöffnet: 1." in second
    assert "Zuletzt geöffnet am" in second


@pytest.mark.parametrize("code", ["nonsense", "0" * 25, "7K3Q-XXXX"])
def test_whatever_opens_nothing_gets_the_same_words(ada: Applicant, code: str) -> None:
    page = ada.press(ada.get("/resume"), _code=code)
    assert page.status == 422
    assert page.problems[0].text == "Wir finden keinen gespeicherten Antrag zu diesem Code. Prüfen Sie die Eingabe"
    assert code not in ada.response.request.full_path


def test_whose_device_it_is_is_asked_before_the_first_data(ada: Applicant) -> None:
    start = ada.get("/small/")
    response = ada.send(start)
    assert response.location == "/small/device"
    asked = ada.get("/small/device")
    assert asked.kind == "device"
    assert asked.controls()[0].chosen == ()
    assert ada.press(asked).status == 422
    assert ada.press(asked, _device="shared").kind == "question"
    assert ada.get("/small/device").controls()[0].chosen == ("shared",)


def test_a_shared_device_remembers_nothing_and_its_header_ends_and_deletes(ada: Applicant) -> None:
    ada.start()
    assert ada.get("/small/you/").soup.select_one("form.app-leave button").get_text() == "Beenden"
    ada.press(ada.get("/small/device"), _device="shared")
    page = ada.get("/small/you/")
    assert page.soup.select_one("form.app-leave button").get_text() == "Beenden und löschen"
    assert {tag.get("autocomplete") for tag in page.soup.select("main form#step input[type=text]")} == {"off"}


def leave(ada: Applicant, page, **fields: str):
    form = page.soup.select_one("form.app-leave, form[action$=leave]")
    hidden = {tag["name"]: tag["value"] for tag in form.select("input")}
    return ada.client.post(form["action"], data={**hidden, "_action": "leave", **fields})


def test_ses_06_leaving_ends_the_session_and_clears_the_browser(ada: Applicant) -> None:
    ada.press(ada.start(), "save")
    page = ada.get("/small/you/")
    response = leave(ada, page)
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ada.client.get_cookie("formengine") is None
    assert ada.get(response.location).kind == "ended"
    assert ada.get("/small/you/").kind == "start"
    assert leave(ada, page).status_code == 401, "a page of before says that the session is over"


def test_who_leaves_without_a_code_is_told_first(ada: Applicant) -> None:
    page = ada.start()
    asked = leave(ada, page)
    assert asked.status_code == 200
    assert "Sie haben noch keinen Code" in asked.text
    assert ada.get("/small/you/").kind == "question"
    assert leave(ada, page, _sure="1").status_code == 303


def test_ses_05_one_press_extends_the_session(ada: Applicant) -> None:
    page = ada.start()
    token = dict(page.hidden())["_token"]
    assert ada.client.post("/small/session", data={"_token": "lost", "_end": "1"}).status_code == 400
    response = ada.client.post("/small/session", data={"_token": token, "_end": "1"})
    assert response.status_code == 204
    assert 3590 <= int(response.headers["Session-Left"]) <= 3600
    ada.press(ada.get("/small/device"), _device="shared")
    response = ada.client.post("/small/session", data={"_token": token, "_end": "1"})
    assert 1190 <= int(response.headers["Session-Left"]) <= 1200


def autosave(ada: Applicant, page, **fields: str):
    return ada.send(page, "autosave", **fields)


def test_typed_text_is_kept_while_one_types_and_the_page_can_go_on(ada: Applicant) -> None:
    page = ada.start()
    saved = autosave(ada, page, __name="Ad")
    assert saved.status_code == 204
    assert ada.get("/small/you/").controls()[0].chosen == ("Ad",)
    fresh = {"_revision": saved.headers["Revision"], "_base": unquote(saved.headers["Base"])}
    assert autosave(ada, page, __name="Ada", **fresh).status_code == 204
    assert autosave(ada, page, __name="Eva").status_code == 409, "an older page overwrites nothing"
    assert ada.get("/small/you/").controls()[0].chosen == ("Ada",)
    assert ada.press(ada.get("/small/you/")).url.endswith("/small/home/")


def test_text_kept_after_the_session_ended_is_said_to_be(ada: Applicant) -> None:
    code = code_on(ada.press(ada.start(), "save"))
    page = ada.get("/small/you/")
    visiting.end(ada.app.extensions["formengine"].engine.stores, session_of(ada))
    response = autosave(ada, page, __name="Ada")
    assert (response.status_code, response.headers["Late-Kept"]) == (401, "1")
    welcome = ada.press(ada.get("/resume"), _code=code)
    assert ada.get(welcome.button("next").href).controls()[0].chosen == ("Ada",)


def session_of(ada: Applicant):
    secret = ada.client.get_cookie("formengine").value
    return visiting.find(ada.app.extensions["formengine"].engine.stores, secret, now=datetime.now(UTC)).session


def test_who_comes_back_reads_the_language_chosen_last(ada: Applicant, bo: Applicant) -> None:
    english = ada.press(ada.start(), "", _lang="en")
    code = code_on(ada.press(english, "save"))
    assert bo.press(bo.get("/resume"), _code=code).soup.html["lang"] == "en"
