"""Save on one device, come back on another."""

from __future__ import annotations

import pytest

from tests.web.applicant import Applicant


def code_on(page) -> str:
    return page.soup.select_one(".app-code").get_text(" ", strip=True)


def test_a_code_opens_the_application_elsewhere_with_what_was_typed(ada: Applicant, bo: Applicant) -> None:
    saved = ada.press(ada.start(), "save", __name="Ada Lovelace")
    code = code_on(saved)
    assert saved.soup.select_one("svg[role=img]")
    page = bo.press(bo.get("/resume"), _code=code.lower().replace(" ", "-"))
    assert page.kind == "tasks"
    assert bo.get(page.button("next").href).controls()[0].chosen == ("Ada Lovelace",)


def test_the_code_is_shown_once_and_a_new_one_ends_it(ada: Applicant, bo: Applicant) -> None:
    first = code_on(ada.press(ada.start(), "save"))
    again = ada.get("/small/save")
    assert again.soup.select_one(".app-code") is None
    second = code_on(ada.press(again))
    assert second != first
    assert bo.press(bo.get("/resume"), _code=first).status == 422
    assert bo.press(bo.get("/resume"), _code=second).kind == "tasks"


@pytest.mark.parametrize("code", ["nonsense", "0" * 25, "7K3Q-XXXX"])
def test_whatever_opens_nothing_gets_the_same_words(ada: Applicant, code: str) -> None:
    page = ada.press(ada.get("/resume"), _code=code)
    assert page.status == 422
    assert page.problems[0].text == "Wir finden keinen gespeicherten Antrag zu diesem Code. Prüfen Sie die Eingabe"
    assert code not in ada.response.request.full_path


def test_leaving_ends_the_session_and_clears_the_browser(ada: Applicant) -> None:
    ada.start()
    page = ada.get("/small/device")
    response = ada.send(page, "leave")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ada.client.get_cookie("formengine") is None
    assert ada.get("/small/you/").kind == "start"


def test_a_shared_device_is_remembered_and_its_fields_remember_nothing(ada: Applicant) -> None:
    ada.start()
    ada.press(ada.get("/small/device"), _device="shared")
    page = ada.get("/small/device")
    assert page.controls()[0].chosen == ("shared",)


def test_the_code_is_shown_by_whichever_process_answers_and_to_this_session_alone(
    ada: Applicant, bo: Applicant
) -> None:
    sent = ada.send(ada.start(), "save")
    sealed = ada.client.get_cookie("formengine-code").value
    bo.start()
    bo.client.set_cookie("formengine-code", sealed)
    assert bo.get("/small/save").soup.select_one(".app-code") is None
    page = ada.get(sent.location)
    code = code_on(page)
    assert code.replace(" ", "-") not in sealed
    assert ada.client.get_cookie("formengine-code") is None


def test_who_comes_back_reads_the_language_chosen_last(ada: Applicant, bo: Applicant) -> None:
    english = ada.press(ada.start(), "", _lang="en")
    code = code_on(ada.press(english, "save"))
    assert bo.press(bo.get("/resume"), _code=code).soup.html["lang"] == "en"
