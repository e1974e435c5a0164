"""What a page says beside its questions: hints, help, warnings, the facts on an item's card, what was cleaned."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.web.applicant import Applicant, serve

SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["start", "people"],
    "properties": {
        "start": {"type": "string", "title": "Beginn"},
        "end": {"type": "string", "title": "Ende"},
        "people": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "town"],
                "properties": {
                    "name": {"type": "string", "title": "Name"},
                    "code": {"type": "string", "title": "Kennwort"},
                    "town": {"type": "string", "title": "Ort"},
                },
            },
        },
    },
}
FORM = {
    "id": "small",
    "version": "1",
    "schema": "small.schema.json",
    "title": "Ein kleiner Antrag",
    "languages": ["de", "en"],
    "steps": [
        {
            "id": "time",
            "title": "Zeitraum",
            "hint": "Beide Tage zählen mit.",
            "help": "Sie finden den Zeitraum im Vertrag.",
            "fields": ["/start", "/end"],
        },
        {
            "id": "people",
            "title": "Menschen",
            "hint": "Nennen Sie alle.",
            "repeat": "/people",
            "itemTitle": "{item.name}",
            "steps": [
                {
                    "id": "person",
                    "title": "Angaben zur Person",
                    "fields": ["/name", {"field": "/code", "sensitive": True}, "/town"],
                }
            ],
        },
    ],
    "checks": [
        {"rule": "answers.end >= answers.start", "at": "/end", "level": "warning", "message": "Ende ist vor Beginn"},
        {
            "each": "/people",
            "rule": 'item.town != "Rom"',
            "at": "/town",
            "level": "warning",
            "message": "{item.name}: Rom?",
        },
    ],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return serve(tmp_path_factory.mktemp("site"), SCHEMA, FORM)


def text(page) -> str:
    return " ".join(page.soup.main.get_text(" ").split())


def first_person(ada: Applicant, **time: str):
    return ada.press(ada.start(), **{"/start": "b", "/end": "c", **time})


def test_a_step_shows_its_hint_and_its_help(ada: Applicant) -> None:
    page = ada.start()
    assert "Beide Tage zählen mit." in text(page)
    assert page.soup.select_one("details").get_text(" ", strip=True) == (
        "Hilfe zu dieser Seite Sie finden den Zeitraum im Vertrag."
    )


def test_a_list_that_must_hold_something_begins_with_its_first_item(ada: Applicant) -> None:
    page = first_person(ada)
    assert page.kind == "question"
    assert [c.name for c in page.controls()] == ["/people/0/name", "/people/0/code", "/people/0/town"]
    back = ada.press(page, "back")
    assert (back.kind, back.list_count) == ("list", 1)


def test_a_list_that_is_empty_again_asks_and_says_that_none_is_too_few(ada: Applicant) -> None:
    overview = ada.press(first_person(ada), "back")
    asking = ada.get(overview.button("remove").href)
    empty = ada.press(asking, "remove")
    assert empty.list_count == 0
    assert "Möchten Sie hier etwas eintragen?" in text(empty)
    refused = ada.press(empty, **{"/people:more": "false"})
    assert (refused.status, refused.problems[0].keyword) == (422, "minItems")


def test_a_card_shows_facts_but_no_title_twice_and_nothing_sensitive(ada: Applicant) -> None:
    page = ada.press(first_person(ada), **{"/people/0/name": "Eva", "/people/0/code": "xyz", "/people/0/town": "Ulm"})
    assert text(page).count("Eva") == 1 + 2  # the title, and hidden within its two links
    assert [fact.get_text(" ", strip=True) for fact in page.soup.select(".app-fact")] == ["Ort Ulm"]
    assert "Nennen Sie alle." in text(page)


def test_who_was_removed_is_named(ada: Applicant) -> None:
    page = ada.press(first_person(ada), **{"/people/0/name": "Eva", "/people/0/town": "Ulm"})
    gone = ada.press(ada.get(page.button("remove").href), "remove")
    assert "Eva wurde entfernt." in text(gone)
    assert ada.press(gone, "restore").list_count == 1


def test_a_warning_is_shown_on_its_page_and_before_sending_and_stops_nobody(ada: Applicant) -> None:
    page = first_person(ada, **{"/end": "a"})
    assert page.kind == "question"
    page = ada.press(page, **{"/people/0/name": "Eva", "/people/0/town": "Rom"})
    review = ada.press(page, **{"/people:more": "false"})
    assert review.kind == "review"
    assert "Ende ist vor Beginn" in text(review)
    assert "Eva: Rom?" in text(review)
    changed = ada.get("/small/time/")
    assert "Ende ist vor Beginn" in text(changed)
    assert changed.problems == []
    wrong = ada.press(changed, **{"/start": ""})
    assert [problem.pointer for problem in wrong.problems] == ["/start"]
    assert ada.get("/small/declarations").kind == "declarations"


def test_text_that_was_cleaned_is_said(ada: Applicant) -> None:
    page = first_person(ada, **{"/end": "c\x07"})
    assert "Zeichen entfernt" in text(page)
    assert "Zeichen entfernt" not in text(ada.get("/small/time/"))


def test_no_proof_and_no_review_is_offered_in_the_task_list_before_its_time(ada: Applicant) -> None:
    first_person(ada)
    page = ada.get("/small/tasks")
    [task] = [li for li in page.soup.select("li") if "Prüfen und absenden" in li.get_text()]
    assert "Noch nicht möglich" in task.get_text()
    assert task.a is None


def test_after_the_session_what_was_typed_stands_beside_its_questions(ada: Applicant) -> None:
    page = first_person(ada)
    ada.client.delete_cookie("formengine")
    gone = ada.press(page, **{"/people/0/name": "Eva", "/people/0/town": "Ulm"})
    assert gone.status == 401
    assert [row.get_text(" ", strip=True) for row in gone.soup.select(".app-answer")] == ["Name Eva", "Ort Ulm"]


def test_who_goes_back_from_a_change_is_at_its_row_again(ada: Applicant) -> None:
    first_person(ada)
    page = ada.get("/small/time/?return=review")
    assert ada.send(page, "back").location.endswith("/small/review#row-f-start")


def test_a_box_left_empty_is_no_open_question(tmp_path: Path) -> None:
    """The review offers what was left out, not a box beside an answer that nobody had to tick."""
    text = {"type": "string"}
    words: dict[str, object] = {"name": {**text, "title": "Ihr Name"}, "nick": {**text, "title": "Spitzname"}}
    only: object = {"const": True, "title": "Ich habe nur einen Namen"}
    schema = {"type": "object", "required": ["name"], "properties": {**words, "only": only}}
    steps = [
        {"id": "you", "title": "Wie heißen Sie?", "fields": ["/name", "/only"]},
        {"id": "more", "title": "Noch etwas", "fields": ["/nick"]},
    ]
    form: dict[str, object] = {key: FORM[key] for key in ("id", "version", "schema", "title", "languages")} | {
        "steps": steps
    }
    ada = Applicant(serve(tmp_path, {"$schema": SCHEMA["$schema"], **schema}, form))
    review = ada.press(ada.press(ada.start(), __name="Ada"))
    assert review.kind == "review", review.html
    assert "Freiwillige Fragen bei „Noch etwas“ beantworten (1 offen)" in review.html
    assert "Freiwillige Fragen bei „Wie heißen Sie?“" not in review.html
