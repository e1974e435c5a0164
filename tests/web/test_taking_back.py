"""An optional question with radios: what was chosen can be taken back, which a browser alone does not let one do."""

from __future__ import annotations

from pathlib import Path

from tests.web.applicant import FORM, SCHEMA, Applicant, serve


def test_an_optional_choice_that_was_made_offers_no_answer_and_takes_it(tmp_path: Path) -> None:
    schema = {
        **SCHEMA,
        "properties": {
            **SCHEMA["properties"],
            "pet": {"enum": ["cat", "dog"], "title": "Haustier"},
            "car": {"type": "boolean", "title": "Haben Sie ein Auto?"},
        },
    }
    steps = [{"id": "more", "title": "Mehr", "fields": ["/pet", "/car"]}, *FORM["steps"]]
    ada = Applicant(serve(tmp_path, schema, {**FORM, "steps": steps}))
    page = ada.start()
    assert "keine Angabe" not in page.html, "nothing is chosen: leaving it is enough"
    ada.press(page, __pet="dog", __car="true")
    again = ada.get("/small/more/")
    assert again.html.count("keine Angabe") == 2
    assert {c.name: c.chosen for c in again.controls()} == {"/pet": ("dog",), "/car": ("true",)}
    after = ada.press(again, __pet="", __car="")
    assert after.url != again.url, after.html
    empty = ada.get("/small/more/")
    assert [c.chosen for c in empty.controls()] == [(), ()]
    assert "keine Angabe" not in empty.html
