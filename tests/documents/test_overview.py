"""What a caseworker sees first: who, for whom and what, which proofs are missing, what was declared."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from formengine.core.definition import FormDefinition
from formengine.core.pointer import JsonValue
from formengine.documents.paper import Group, Paper
from formengine.documents.submissions import DocumentRenderer
from formengine.i18n.catalogues import Catalogues
from tests.documents.applications import PROOFS, ROOT, education, implied, persona, submission

MAKER = DocumentRenderer([], Catalogues(ROOT / "translations"), seal="none")


def overview(paper: Paper) -> dict[str, str]:
    return {row.label.de: row.value.de for row in paper.overview}


def headings(groups: tuple[Group, ...]) -> Iterator[str]:
    for group in groups:
        yield group.title.de
        yield from headings(group.groups)


def test_it_says_who_for_whom_what_and_which_proofs_are_missing() -> None:
    paper = MAKER.paper(submission(education(), persona(), proofs=PROOFS), education())
    assert overview(paper) == {
        "Antragstellende Person": "Mariam Çelik, geboren am 17. Mai 1994",
        "Kinder und Jugendliche": (
            "Elif Çelik: Klassenfahrt oder Fahrt mit der Kita über mehrere Tage; "
            "Mittagessen in Schule, Hort, Kita oder Tagespflege\n"
            "Jonas Çelik: Mittagessen in Schule, Hort, Kita oder Tagespflege"
        ),
        "Nachweise": "1 beigefügt, 1 wird nachgereicht, 1 nicht vorhanden",
        "Fehlende Nachweise": (
            "Bestätigung zum Mittagessen für Elif Çelik (wird nachgereicht)\n"
            "Bestätigung zum Mittagessen für Jonas Çelik (nicht vorhanden)"
        ),
        "Erklärungen": "1 bestätigt, 1 nicht erteilt",
    }


def test_of_many_the_first_are_named_and_the_rest_counted() -> None:
    many = [{**PROOFS[1], "id": f"p{n}", "title": f"Nachweis {n}"} for n in range(30)]
    lines = overview(MAKER.paper(submission(education(), persona(), proofs=many), education()))["Fehlende Nachweise"]
    assert lines.splitlines()[0] == "Nachweis 0 (wird nachgereicht)"
    assert lines.splitlines()[-1] == "und 22 weitere"


@pytest.mark.parametrize(("language", "name"), [("en", "Englisch"), ("ar", "Arabisch")])
def test_the_language_is_said_and_every_label_stands_in_it_too(language: str, name: str) -> None:
    paper = MAKER.paper(submission(education(), persona(), language=language, proofs=PROOFS), education())
    assert overview(paper)["Sprache beim Ausfüllen"] == name
    assert all(row.label.other for row in paper.overview)


def test_it_names_the_short_application_before_and_what_changed_since() -> None:
    before = {
        "reference": "0X2M-9QXA-2PD",
        "receivedAt": "2026-10-24T22:30:00Z",
        "changed": ["/applicant/address/street", "/persons"],
    }
    said = overview(MAKER.paper(submission(education(), persona(), earlier=before), education()))
    assert said["Ergänzt den Antrag"] == "0X2M-9QXA-2PD, eingegangen am 25. Oktober 2026 um 00:30 Uhr (MESZ)"
    assert said["Seitdem geändert"] == "Straße\nPersons"


HOUSEHOLD = {
    "type": "object",
    "properties": {
        "persons": {
            "type": "array",
            "title": "Personen",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "title": "Name"},
                    "months": {"type": "array", "title": "Monate", "items": {"type": "string"}},
                    "payer": {
                        "type": "object",
                        "title": "Wer zahlt",
                        "properties": {"name": {"type": "string", "title": "Name"}},
                    },
                },
            },
        }
    },
}


def household(persons: JsonValue) -> tuple[FormDefinition, Paper]:
    form = implied(json.dumps(HOUSEHOLD))
    return form, MAKER.paper(submission(form, {"persons": persons}), form)


def test_an_entry_without_a_title_is_called_by_its_first_answer() -> None:
    _, paper = household([{"name": "Anton"}, {"months": ["Mai", "Juni"]}])
    assert overview(paper) == {"Personen": "Eintrag 1: Anton\nEintrag 2"}


def test_answers_within_an_object_stand_below_its_name() -> None:
    _, paper = household([{"name": "Anton", "payer": {"name": "Berta"}}])
    assert "Wer zahlt" in list(headings(paper.groups))


def test_single_values_of_a_list_stand_in_one_row_and_many_in_rows_with_the_lists_name() -> None:
    _, paper = household([{"name": "A", "months": ["Mai", "Juni"]}, {"name": "B", "months": ["x"] * 30}])
    few, many = (item.groups[0].rows for item in paper.groups[0].groups)
    assert [(row.label.de, row.value.de) for row in few] == [("Name", "A"), ("Monate", "Mai\nJuni")]
    assert [row.label.de for row in many][1:3] == ["Monate 1", "Monate 2"]
    assert len(many) == 31
