"""A short application fixes the day; its answers then fill in the long form (ux.md 6.1, form-language `from`)."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from formengine.core.lifecycle import Reference
from tests.journeys.reading import Page
from tests.web.applicant import FORM, SCHEMA, Applicant, serve

SHORT_SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "title": "Ihr Name", "maxLength": 40},
        "rent": {"type": "integer", "format": "cents", "title": "Miete"},
        "note": {"type": "string", "title": "Was noch wichtig ist"},
    },
}
SHORT = {
    "id": "short",
    "version": "1",
    "schema": "short.schema.json",
    "title": "Kurzer Antrag",
    "languages": ["de", "en"],
    "steps": [{"id": "short", "title": "Kurz", "fields": ["/name", "/rent", "/note"]}],
    "declarations": [{"id": "truth", "text": "Ich beantrage Wohngeld.", "required": True}],
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    form = {**FORM, "quick": "short"}
    return serve(tmp_path_factory.mktemp("following"), SCHEMA, form, beside={"short": (SHORT_SCHEMA, SHORT)})


def send_short(ada: Applicant, name: str = "Ada") -> Reference:
    start = ada.get("/small/")
    short = start.soup.find("a", string=lambda text: text and "kurz stellen" in text)
    page = ada.press(ada.press(ada.get(short["href"]), _device="own"), __name=name, __rent="300", __note="Eilt")
    assert page.kind == "review", page.html
    done = ada.press(ada.get("/short/declarations"), "submit", **{"_declaration:truth": "true"})
    assert done.kind == "confirmation", done.html
    return Reference(done.reference)


def onward(ada: Applicant, page_at: str = "/short/confirmation") -> str:
    page = ada.get(page_at)
    form = page.soup.select_one("form.app-onward")
    hidden = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    return ada.client.post(form["action"], data=hidden).location


def held(page: Page, name: str) -> str:
    """What stands in the control *name*; "" where nothing is chosen."""
    found = [text for control in page.controls() if control.name == name for text in control.chosen]
    return found[0] if found else ""


def record(app: Flask, reference: Reference) -> dict[str, object]:
    engine = app.extensions["formengine"].engine
    with engine.stores.opened_by(engine.job).read() as work:
        return json.loads(work.submissions.load(reference).record)


def test_the_list_of_forms_leaves_the_short_one_to_the_long_one(app: Flask) -> None:
    page = Applicant(app).get("/")
    assert [link["href"] for link in page.soup.select("main a[href^='/s']")] == ["/small/"]


def test_the_long_form_is_filled_in_and_each_answer_is_looked_at_again(app: Flask) -> None:
    ada = Applicant(app)
    send_short(ada)
    page = ada.get(onward(ada))
    assert held(page, "/name") == "Ada"
    assert "Diese Angaben kommen aus Ihrem Antrag" in page.html
    assert ada.get("/small/declarations").kind != "declarations", (
        "what was filled in is sent only when it was confirmed"
    )
    page = ada.press(page)
    assert "Diese Angaben kommen" not in ada.get("/small/you/").html
    assert held(page, "/kind") == "", "what the short form did not ask is open"


def test_a_value_that_the_long_form_does_not_take_is_left_out(app: Flask) -> None:
    ada = Applicant(app)
    send_short(ada, name="Adalbertina von und zu Musterstadt")
    assert held(ada.get(onward(ada)), "/name") == ""


def test_the_long_application_names_the_short_one_and_what_changed(app: Flask) -> None:
    ada = Applicant(app)
    short = send_short(ada)
    page = ada.press(ada.get(onward(ada, "/short/status")), __name="Ada Neu")
    page = ada.press(ada.press(page, __kind="own"), **{"/children:more": "false"})
    assert page.kind == "review", page.html
    done = ada.press(ada.get("/small/declarations"), "submit", **{"_declaration:truth": "true"})
    stored = record(app, Reference(done.reference))
    assert stored["from"]["reference"] == short
    assert stored["from"]["changed"] == ["/name"]


def test_pressed_twice_it_goes_on_with_what_was_begun(app: Flask) -> None:
    ada = Applicant(app)
    send_short(ada)
    first = onward(ada)
    ada.press(ada.get(first), __name="Ada Zwei")
    assert onward(ada) == "/small/welcome"
    assert held(ada.get("/small/you/"), "/name") == "Ada Zwei"


def test_nobody_goes_on_from_what_they_did_not_send(app: Flask) -> None:
    ada, bo = Applicant(app), Applicant(app)
    send_short(ada)
    bo.start()
    page = bo.get("/small/you/")
    hidden = dict(page.hidden()) | {"_end": "1"}
    assert bo.client.post("/short/onward/small", data=hidden).status_code == 404
    assert bo.client.post("/small/onward/short", data=hidden).status_code == 404
