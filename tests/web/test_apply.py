"""The wizard over HTTP: what is asked next, what is kept, what a wrong answer gets."""

from __future__ import annotations

from tests.web.applicant import Applicant


def test_a_form_is_filled_in_and_sent_once(ada: Applicant) -> None:
    declarations = ada.fill()
    done = ada.press(declarations, "submit", **{"_declaration:truth": "true"})
    assert done.kind == "confirmation"
    assert done.reference
    again = ada.press(declarations, "submit", **{"_declaration:truth": "true"})
    assert again.reference == done.reference
    assert ada.client.get("/small/confirmation/application.json").get_json() == {
        "name": "Ada",
        "kind": "rent",
        "rent": 48050,
        "children": [{"first": "Bo"}],
    }
    assert ada.get("/small/home/").kind == "confirmation"


def test_a_wrong_answer_gets_the_same_page_with_a_summary_and_the_typed_text(ada: Applicant) -> None:
    page = ada.press(ada.start(), __name="x" * 21)
    assert page.status == 422
    assert page.soup.title.text.startswith("Fehler: ")
    [problem] = page.problems
    assert (problem.pointer, problem.keyword) == ("/name", "maxLength")
    assert page.soup.find(id=problem.href[1:])["aria-invalid"] == "true"
    assert page.soup.select_one(".app-error-summary").has_attr("autofocus")
    assert {c.name: c.chosen for c in page.controls()}["/name"] == ("x" * 21,)


def test_a_question_that_newly_applies_is_asked_next_on_the_same_page_without_an_error(ada: Applicant) -> None:
    home = ada.press(ada.start(), __name="Ada")
    assert [c.name for c in home.controls()] == ["/kind"]
    more = ada.press(home, __kind="rent")
    assert (more.status, more.url, more.problems) == (200, home.url, [])
    assert [c.name for c in more.controls()] == ["/kind", "/rent"]


def test_the_first_button_of_a_page_is_the_default_one_and_it_goes_on(ada: Applicant) -> None:
    page = ada.start()
    first = page.soup.select_one("button")
    assert first["value"] == "next"
    assert "app-default-submit" in first["class"]


def test_the_start_page_names_the_proofs_without_whom_they_are_for(ada: Applicant) -> None:
    said = [line.get_text(strip=True) for line in ada.get("/small/").soup.select("main li")]
    assert said[:2] == ["Mietvertrag", "Urkunde"]


def test_back_overview_save_and_the_language_switch_keep_what_was_typed(ada: Applicant) -> None:
    page = ada.start()
    english = ada.press(page, "", __name="y" * 30, _lang="en")
    assert english.soup.html["lang"] == "en"
    assert english.controls()[0].chosen == ("y" * 30,)
    assert english.problems == []
    ada.press(english, "back", __name="z" * 30)
    again = ada.get("/small/you/")
    assert again.controls()[0].chosen == ("z" * 30,)
    assert ada.press(again, "tasks", __name="t" * 30).kind == "tasks"
    again = ada.get("/small/you/")
    assert again.controls()[0].chosen == ("t" * 30,)
    assert ada.press(again, "save", __name="q" * 30).kind == "save"
    assert ada.get("/small/you/").controls()[0].chosen == ("q" * 30,)


def test_leaving_a_page_unchanged_leaves_its_answers_answers(ada: Applicant) -> None:
    home = ada.press(ada.start(), __name="Ada")
    you = ada.press(home, "back")
    assert you.controls()[0].chosen == ("Ada",)
    ada.press(you, "save")
    assert "Fertig" in ada.get("/small/tasks").soup.select_one(".kern-task-list__item").text


def test_items_are_added_changed_removed_and_put_back(ada: Applicant) -> None:
    ada.press(ada.start(), __name="Ada")
    empty = ada.get("/small/children/")
    assert (empty.kind, empty.list_pointer, empty.list_count) == ("list", "/children", 0)
    child = ada.press(empty, **{"/children:more": "true"})
    listed = ada.press(child, **{"/children/0/first": "Bo"})
    assert listed.list_count == 1
    assert "Bo" in listed.soup.select_one(".app-card h2").text
    edit = listed.button("edit")
    assert edit.pointer == "/children/0"
    asked = ada.get(listed.button("remove").href)
    assert asked.kind == "remove"
    assert ada.press(asked, "next").list_count == 1
    gone = ada.press(asked, "remove")
    assert gone.list_count == 0
    undo = gone.soup.select_one("button[value=restore]").find_parent("form")
    fields = {i["name"]: i["value"] for i in undo.select("input")} | {"_action": "restore"}
    ada.client.post("/small/children/", data=fields)
    assert ada.get("/small/children/").list_count == 1


def test_a_full_list_says_so_instead_of_asking_for_more(ada: Applicant) -> None:
    ada.press(ada.start(), __name="Ada")
    page = ada.get("/small/children/")
    for index in range(2):
        child = ada.press(page, **{"/children:more": "true"})
        page = ada.press(child, **{f"/children/{index}/first": "Bo"})
    assert page.list_count == 2
    assert page.controls() == []
    assert "Mehr als 2" in page.soup.text


def test_a_list_must_be_answered(ada: Applicant) -> None:
    ada.press(ada.start(), __name="Ada")
    page = ada.press(ada.get("/small/children/"))
    assert page.status == 422
    assert page.soup.find(id=page.problems[0].href[1:])["data-role"] == "add-another"


def test_rows_are_added_and_removed_by_buttons_that_keep_the_rest(ada: Applicant) -> None:
    page = ada.press(ada.start(), "add:/nicknames", __name="Typed")
    assert {c.name: c.chosen for c in page.controls()} == {"/name": ("Typed",), "/nicknames/0": ("",)}
    page = ada.press(page, "remove:/nicknames/0", **{"/nicknames/0": "Ad"})
    assert [c.name for c in page.controls()] == ["/name"]


def test_a_change_from_the_review_comes_back_to_its_row(ada: Applicant) -> None:
    ada.fill()
    review = ada.get("/small/review")
    change = next(b for b in review.buttons() if b.pointer == "/name")
    page = ada.get(change.href)
    answer = ada.send(page, __name="Eva")
    assert (answer.status_code, answer.location) == (303, "/small/review#row-f-name")
    assert "Eva" in ada.get("/small/review").soup.select_one("[data-pointer='/name']").text


def test_a_change_that_asks_something_new_asks_it_first(ada: Applicant) -> None:
    page = ada.press(ada.start(), __name="Ada")
    ada.press(page, __kind="own")
    ada.press(ada.get("/small/children/"), **{"/children:more": "false"})
    review = ada.get("/small/review")
    assert review.button("next").href.endswith("/small/declarations")
    changed = ada.press(ada.get("/small/home/?return=review"), __kind="rent")
    assert [c.name for c in changed.controls()] == ["/kind", "/rent"]
    assert ada.press(changed, __rent="1").kind == "review"


def test_what_is_missing_stands_on_the_review_and_is_where_it_leads(ada: Applicant) -> None:
    ada.press(ada.start(), __name="Ada")
    review = ada.get("/small/review")
    assert "Fehlt noch" in review.soup.text
    assert "/small/home/" in review.button("next").href
    assert ada.get("/small/declarations").kind == "review"


def test_declarations_are_not_ticked_beforehand_and_the_required_one_is_due(ada: Applicant) -> None:
    page = ada.fill()
    assert all(control.chosen == () for control in page.controls())
    wrong = ada.press(page, "submit", **{"_declaration:call": "true"})
    assert wrong.status == 422
    assert len(wrong.problems) == 1
    assert {c.name: c.chosen for c in wrong.controls()}["_declaration:call"] == ("true",)


def test_the_latest_post_of_an_old_page_is_not_taken_but_shown_beside_what_is_stored(ada: Applicant) -> None:
    page = ada.start()
    ada.press(page, __name="Ada")
    stale = ada.press(page, __name="Eva")
    assert stale.status == 409
    assert ada.get("/small/you/").controls()[0].chosen == ("Ada",)


def test_a_proof_must_be_spoken_for_and_none_blocks(ada: Applicant) -> None:
    ada.rent()
    proof = ada.get("/small/proofs/lease/")
    assert ada.press(proof).problems[0].href == "#wahl"
    wrong = ada.press(proof, _status="uploaded")
    assert wrong.problems[0].href == "#datei"
    assert ada.press(wrong, _status="notAvailable", _reason="verloren").status == 200


def test_a_file_is_handed_in_refused_and_taken_back(ada: Applicant) -> None:
    from io import BytesIO

    from tests.intake.conftest import pdf

    ada.rent()
    proof = ada.get("/small/proofs/lease/")
    refused = ada.press(proof, "upload", _file=(BytesIO(b"hello"), "vertrag.pdf"))
    assert refused.status == 422
    assert "vertrag.pdf" in refused.problems[0].text
    taken = ada.press(refused, "upload", _file=(BytesIO(pdf()), "vertrag.pdf"))
    assert "vertrag.pdf" in taken.soup.select_one(".app-card").text
    remove = taken.soup.select_one("button[data-action=remove]")
    assert ada.press(taken, remove["value"]).soup.select_one(".app-card") is None
