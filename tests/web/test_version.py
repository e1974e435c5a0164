"""A form gets another version while people fill it in (REL-12, F-17), through the pages, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from formengine import designing, keeping
from formengine.services import delivering
from formengine.services.ports import Stores
from formengine.storage import definitions
from tests import opened
from tests.journeys.reading import Page
from tests.web.applicant import FORM, SCHEMA, Applicant, serve

ON_BOTH = pytest.mark.parametrize("site", ["sqlite", "postgresql"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    url = ""
    if getattr(request, "param", "") == "postgresql":
        url = request.getfixturevalue("cluster").new_database()
    app = serve(tmp_path_factory.mktemp("site"), database_url=url)
    yield app
    app.extensions["formengine"].engine.database.close()


@pytest.fixture(autouse=True)
def _seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "SERVED_FOR_S", 0.0)


_ADDRESSES = count(1)


@dataclass
class Person(Applicant):
    """One person with one browser, at the form *form*."""

    form: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{next(_ADDRESSES)}"

    def complete(self) -> Page:
        """Everything but the declarations, by a code kept for later; the page with the code."""
        page = self.press(self.press(self.get(f"/{self.form}/")), __name="Ada")
        page = self.press(self.press(page, __kind="rent"), __rent="480,50")
        page = self.press(page, **{"/children:more": "true"})
        page = self.press(page, **{"/children/0/first": "Bo"})
        page = self.press(page, **{"/children:more": "false"})
        page = self.press(page, _status="later")
        page = self.press(page, _status="given", _reason="im März")
        assert page.kind == "review", page.html
        page = self.press(self.get(f"/{self.form}/declarations"), "save", **{"_declaration:truth": "true"})
        assert page.kind == "save", page.html
        return page

    def resume(self, saved: Page) -> Page:
        """The page that another browser comes to with the code on the page *saved*."""
        return self.press(self.get("/resume"), _code=saved.soup.select_one(".app-code").get_text(" ", strip=True))

    def send_it(self) -> str:
        """Confirm and send; the reference."""
        page = self.get(f"/{self.form}/declarations")
        assert page.kind == "declarations", page.html
        done = self.press(page, **{c.name: "true" for c in page.controls() if c.name.startswith("_declaration:")})
        assert done.kind == "confirmation", done.html
        return str(done.reference)


class Publisher:
    """Publishes versions of one form of its own at the site."""

    def __init__(self, site: Flask, name: str) -> None:
        self.settings = site.extensions["formengine"].engine.settings
        self.name, self.number = name, 0

    def publish(self, schema: Any = SCHEMA, form: Any = FORM) -> None:
        self.number += 1
        named = {**form, "id": self.name, "version": str(self.number), "schema": f"{self.name}.schema.json"}
        (self.settings.forms / f"{self.name}.json").write_text(json.dumps(named))
        (self.settings.schemas / f"{self.name}.schema.json").write_text(json.dumps(schema))
        published, mistakes = designing.publish(self.settings)
        assert self.name in [one.id for one in published], mistakes


@pytest.fixture
def form(site: Flask, request: pytest.FixtureRequest) -> Publisher:
    name = "".join(c for c in request.node.name if c.isalnum())[-40:]
    made = Publisher(site, f"f-{name}")
    made.publish()
    return made


def person(site: Flask, form: Publisher) -> Person:
    return Person(site, form.name)


def listed(page: Page, anchor: str) -> list[str]:
    """The entries of a part of the page that tells of a new version."""
    return [entry.get_text(" ", strip=True) for entry in page.soup.select(f"section[aria-labelledby={anchor}] li")]


def frozen(site: Flask, reference: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The payload and the record that were frozen, as the authority reads them."""
    engine = site.extensions["formengine"].engine
    stores: Stores = engine.stores.opened_by(engine.authority)
    with stores.read() as work:
        submission = work.submissions.load(reference)
    assert engine.forms.version(submission.form_hash).schema.validator.is_valid(json.loads(submission.payload))
    record = json.loads(submission.record)
    assert (record["form"]["hash"], record["form"]["version"]) == (submission.form_hash, submission.form_version)
    return json.loads(submission.payload), record


def changed(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Schema and form after *change*."""
    schema, form = deepcopy(SCHEMA), deepcopy(FORM)
    change(schema, form)
    return schema, form


def rename(schema, form):
    schema["properties"]["fullName"] = schema["properties"].pop("name")
    schema["required"][0] = "fullName"
    form["steps"][0]["fields"] = ["/fullName", "/nicknames"]


def remove(schema, form):
    del schema["properties"]["name"]
    schema["required"].remove("name")
    form["steps"][0]["fields"] = ["/nicknames"]


def tighten(schema, form):
    schema["properties"]["name"]["maxLength"] = 2


def tighten_within(schema, form):
    schema["properties"]["name"]["minLength"] = 3


def bounds(schema, form):
    schema["properties"]["children"]["minItems"] = 2


def other_type(schema, form):
    schema["properties"]["rent"] = {"type": "string", "title": "Miete"}


@ON_BOTH
def test_rel_12_a_draft_whose_answers_do_not_hold_finishes_on_its_own_version(site: Flask, form: Publisher) -> None:
    saved = person(site, form).complete()
    for change in (rename, remove, tighten, bounds, other_type):
        form.publish(*changed(change))
        bo = person(site, form)
        assert bo.resume(saved).kind == "welcome", change.__name__
        assert bo.get(f"/{form.name}/version").kind == "tasks"
    payload, record = frozen(site, bo.send_it())
    assert payload == {"name": "Ada", "kind": "rent", "rent": 48050, "children": [{"first": "Bo"}]}
    assert record["form"]["version"] == "1"


def new_optional(schema, form):
    schema["properties"]["email"] = {"type": "string", "title": "E-Mail", "maxLength": 50}
    form["steps"][0]["fields"].append("/email")


def new_required(schema, form):
    new_optional(schema, form)
    schema["properties"]["phone"] = {"type": "string", "title": "Telefon", "maxLength": 50}
    schema["required"].append("phone")
    form["steps"][0]["fields"].append("/phone")


def new_step(schema, form):
    new_required(schema, form)
    schema["properties"]["school"] = {"type": "string", "title": "Schule", "maxLength": 50}
    schema["required"].append("school")
    form["steps"].append({"id": "more", "title": "Noch etwas", "fields": ["/school"]})


@ON_BOTH
def test_rel_12_new_questions_are_named_asked_and_sent(site: Flask, form: Publisher) -> None:
    saved = person(site, form).complete()
    steps = {new_optional: ("you", "Ihre Angaben: E-Mail", "/email"), new_required: ("you", "Ihre Angaben: Telefon",
        "/phone"), new_step: ("more", "Noch etwas: Schule", "/school")}  # fmt: skip
    for change, (at, told, name) in steps.items():
        form.publish(*changed(change))
        bo = person(site, form)
        page = bo.resume(saved)
        assert page.kind == "version", page.html
        assert listed(page, "neu") == [told]
        assert not page.soup.select("#pruefen")
        assert bo.get(f"/{form.name}/you/").kind == "version", "every page of the form leads there first"
        assert bo.press(page).kind == "tasks"
        expected = "declarations" if change is new_optional else "review"
        assert bo.get(f"/{form.name}/declarations").kind == expected, "what is required is asked before it is sent"
        bo.press(bo.get(f"/{form.name}/{at}/"), **{name: "Neues"})
    payload, record = frozen(site, bo.send_it())
    assert (payload["email"], payload["phone"], payload["school"]) == ("Neues", "Neues", "Neues")
    assert (payload["name"], payload["children"], record["form"]["version"]) == ("Ada", [{"first": "Bo"}], "4")
    assert [proof["status"] for proof in record["proofs"]] == ["later", "given"]


def other_words(schema, form):
    schema["properties"]["name"]["title"] = "Ihr Geburtsname"


def other_choices(schema, form):
    other_words(schema, form)
    schema["properties"]["kind"] = {"enum": ["rent", "own", "shelter"], "title": "Wie wohnen Sie?"}


@ON_BOTH
def test_rel_12_an_answer_to_a_changed_question_is_looked_at_again_before_it_is_sent(
    site: Flask, form: Publisher
) -> None:
    saved = person(site, form).complete()
    steps = {other_words: ("you", "Ihre Angaben: Ihr Geburtsname", "Ada"), other_choices: ("home",
        "Wohnen: Wie wohnen Sie?", "rent")}  # fmt: skip
    for change, (at, told, answer) in steps.items():
        form.publish(*changed(change))
        bo = person(site, form)
        page = bo.resume(saved)
        assert listed(page, "pruefen") == [told]
        assert "Bitte prüfen" in bo.press(page).html
        assert bo.get(f"/{form.name}/declarations").kind == "review", "first it is looked at"
        page = bo.get(f"/{form.name}/{at}/")
        (problem,) = page.problems
        assert problem.keyword == "changed"
        assert problem.text.startswith("Prüfen Sie Ihre Antwort zu")
        assert page.controls()[0].chosen == (answer,), "the answer is kept"
        bo.press(page)
        assert not bo.get(f"/{form.name}/{at}/").problems, "once is enough"
    assert frozen(site, bo.send_it())[1]["form"]["version"] == "3"


def test_rel_12_a_tick_under_other_words_is_none_and_new_proofs_are_named(site: Flask, form: Publisher) -> None:
    def change(schema, form):
        form["declarations"][0]["text"] = "Meine Angaben sind richtig und vollständig."
        form["proofs"].append({"id": "id", "title": "Ausweis", "required": True})

    saved = person(site, form).complete()
    form.publish(*changed(change))
    bo = person(site, form)
    page = bo.resume(saved)
    assert listed(page, "erklaerungen") == ["Meine Angaben sind richtig und vollständig."]
    assert listed(page, "nachweise") == ["Ausweis"]
    bo.press(page)
    bo.press(bo.get(f"/{form.name}/proofs/id/"), _status="later")
    assert [c.chosen for c in bo.get(f"/{form.name}/declarations").controls()] == [(), ()]
    _, record = frozen(site, bo.send_it())
    assert record["declarations"][0]["text"] == "Meine Angaben sind richtig und vollständig."
    assert [proof["id"] for proof in record["proofs"]] == ["lease", "birth", "id"]


def test_rel_12_whoever_is_at_it_keeps_what_they_are_typing_and_hears_of_it_then(site: Flask, form: Publisher) -> None:
    ada = person(site, form)
    page = ada.press(ada.get(f"/{form.name}/"))
    form.publish(*changed(new_required))
    page = ada.press(page, __name="Ada")
    assert page.kind == "version", "the page sent was taken in its own version"
    tab = ada.get(f"/{form.name}/version")
    assert ada.press(page).kind == "tasks"
    again = ada.send(tab)
    assert again.status_code == 303, "moved already"
    assert ada.get(f"/{form.name}/you/").controls()[0].chosen == ("Ada",)


def test_rel_12_what_changes_nothing_for_somebody_says_so(site: Flask, form: Publisher) -> None:
    def change(schema, form):
        form["minutes"] = 4

    ada = person(site, form)
    ada.press(ada.get(f"/{form.name}/"))
    form.publish(*changed(change))
    page = ada.get(f"/{form.name}/tasks")
    assert "Für Ihre Angaben ändert sich nichts." in page.html
    assert ada.press(page).kind == "tasks"


@ON_BOTH
def test_rel_12_a_withdrawn_version_says_so_keeps_the_data_readable_and_is_not_sent(
    site: Flask, form: Publisher
) -> None:
    ada = person(site, form)
    saved = ada.complete()
    declarations = ada.get(f"/{form.name}/declarations")
    list(keeping.withdraw(form.settings, form.name, "1"))
    refused = ada.press(declarations, **{"_declaration:truth": "true"})
    assert refused.status == 503
    assert "Gespeicherte Angaben bleiben" in refused.html
    page = person(site, form).resume(saved)
    assert page.kind == "withdrawn", page.html
    assert "Sie können diesen Antrag nicht mehr absenden" in page.html
    values = {dd["data-pointer"]: dd.get_text(strip=True) for dd in page.soup.select("dd[data-pointer]")}
    assert values["/name"] == "Ada"
    assert values["/children/0/first"] == "Bo"
    assert "480,50" in values["/rent"]
    fresh = person(site, form)
    assert fresh.get(f"/{form.name}/").status == 503, "nobody begins it"
    form.publish(*changed(tighten_within))
    assert person(site, form).resume(saved).kind == "version", "a sound version takes it on"


@ON_BOTH
def test_f_17_a_broken_version_stops_its_own_form_alone_and_is_rolled_back(site: Flask, form: Publisher) -> None:
    ada = person(site, form)
    saved = ada.complete()
    engine = site.extensions["formengine"].engine
    with engine.stores.write() as work:
        work.versions.add(form=form.name, version="9", hash=opened.codes.new_key().hex(), bundle=b"{}", now=opened.NOW)
    other = Applicant(site)
    assert other.get(f"/{form.name}/").status == 503
    assert form.name not in other.get("/").html
    assert other.get("/").status == 200
    assert other.start().kind == "question", "the other forms run"
    assert person(site, form).resume(saved).kind == "welcome", "who is at it goes on"
    list(keeping.withdraw(form.settings, form.name, "9"))
    list(keeping.serve(form.settings, form.name, "1"))
    assert other.get(f"/{form.name}/").kind == "start"
    assert [line for line in keeping.versions(form.settings, form.name) if "withdrawn" in line]


def test_rel_12_who_stays_in_an_older_version_reads_it_in_the_translation_of_its_time(
    site: Flask, form: Publisher, tmp_path: Path
) -> None:
    def worded(schema, form):
        schema["properties"]["name"]["title"] = "Ihr Rufname"

    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / f"{form.name}.po").write_text(
        'msgid ""\nmsgstr "Language: en\\n"\n\nmsgid "Ihr Rufname"\nmsgstr "First name"\n'
    )
    form.settings = replace(form.settings, translations=tmp_path)
    form.publish(*changed(worded))
    ada = person(site, form)
    ada.press(ada.press(ada.get(f"/{form.name}/")), __name="Ada")
    form.settings = replace(form.settings, translations=tmp_path / "none")
    form.publish(*changed(rename))
    page = ada.press(ada.get(f"/{form.name}/you/"), "", _lang="en")
    assert page.soup.html["lang"] == "en"
    assert "First name" in page.html


def test_what_was_sent_is_delivered_in_the_version_that_it_names(site: Flask, form: Publisher) -> None:
    ada = person(site, form)
    ada.complete()
    reference = ada.send_it()
    form.publish(*changed(rename))
    engine = site.extensions["formengine"].engine
    stores = engine.stores.opened_by(engine.job)
    with stores.read() as work:
        form_hash = work.submissions.load(reference).form_hash
    assert engine.forms.version(form_hash).version == "1"
    assert delivering.applications(stores)
