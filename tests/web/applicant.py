"""A small form served in this process, and an applicant who reads pages and presses buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from itertools import count
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from formengine import bootstrap, designing
from formengine.config import Settings
from formengine.web.app import create_app
from tests.journeys.reading import Page

ROOT = Path(__file__).parents[2]
_CLIENTS = count(1)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name", "kind", "children"],
    "properties": {
        "name": {"type": "string", "title": "Ihr Name", "maxLength": 20},
        "kind": {"enum": ["rent", "own"], "title": "Wie wohnen Sie?"},
        "rent": {"type": "integer", "format": "cents", "title": "Miete"},
        "nicknames": {"type": "array", "title": "Spitznamen", "items": {"type": "string", "title": "Spitzname"}},
        "children": {
            "type": "array",
            "title": "Kinder",
            "maxItems": 2,
            "items": {
                "type": "object",
                "required": ["first"],
                "properties": {"first": {"type": "string", "title": "Vorname"}},
            },
        },
    },
    "if": {"properties": {"kind": {"const": "rent"}}, "required": ["kind"]},
    "then": {"required": ["rent"]},
    "else": {"properties": {"rent": False}},
}
FORM = {
    "id": "small",
    "version": "1",
    "schema": "small.schema.json",
    "title": "Ein kleiner Antrag",
    "languages": ["de", "en"],
    "minutes": 3,
    "steps": [
        {"id": "you", "title": "Ihre Angaben", "fields": ["/name", "/nicknames"]},
        {"id": "home", "title": "Wohnen", "fields": ["/kind", "/rent"]},
        {
            "id": "children",
            "title": "Kinder",
            "repeat": "/children",
            "itemTitle": "{item.first}",
            "steps": [{"id": "child", "title": "Angaben zum Kind", "fields": ["/first"]}],
        },
    ],
    "proofs": [
        {"id": "lease", "title": "Mietvertrag", "when": 'answers.kind == "rent"', "required": True},
        {"id": "birth", "title": "Urkunde von {item.first}", "each": "/children", "required": True},
    ],
    "declarations": [
        {"id": "truth", "text": "Meine Angaben sind richtig.", "required": True},
        {"id": "call", "text": "Sie dürfen mich anrufen."},
    ],
}


def serve(
    folder: Path,
    schema: object = SCHEMA,
    form: object = FORM,
    *,
    beside: Mapping[str, tuple[object, object]] | None = None,
    database_url: str = "",
) -> Flask:
    """The applicants' site with the small form, or another of that id, its data in *folder*.

    *beside*: schema and definition of further forms by id.
    """
    (folder / "forms").mkdir()
    (folder / "schemas").mkdir()
    all_of_them = {"small": (schema, form), **(beside or {})}
    for name, (of_form, definition) in all_of_them.items():
        (folder / "forms" / f"{name}.json").write_text(json.dumps(definition), encoding="utf-8")
        (folder / "schemas" / f"{name}.schema.json").write_text(json.dumps(of_form), encoding="utf-8")
    data = folder / "data"
    settings = replace(
        Settings(),
        data=data,
        forms=folder / "forms",
        schemas=folder / "schemas",
        translations=ROOT / "translations",
        database_url=database_url or f"sqlite:///{data / 'formengine.db'}",
        files_url=f"{(data / 'files').as_uri()}/",
        origin="http://localhost",
        staff_origin="http://localhost:8001",
        pepper_file=data / "keys" / "pepper",
        scanner="off",
    )
    bootstrap.prepare_data(settings)
    bootstrap.ensure_test_keys(settings)
    bootstrap.migrate(settings)
    published, mistakes = designing.publish(settings)
    assert {form.id for form in published} == set(all_of_them), mistakes
    return create_app(bootstrap.build(settings))


@dataclass
class Applicant:
    """One person with one browser, at an address of their own: limits count by address."""

    app: Flask
    client: FlaskClient = field(init=False)
    response: TestResponse = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = str(ip_address(0x0A000000 + next(_CLIENTS)))

    def get(self, path: str, **kwargs: object) -> Page:
        """The page at *path*, redirects followed."""
        return self._read(self.client.get(path, follow_redirects=True, **kwargs))

    def send(self, page: Page, action: str = "next", **fields: object) -> TestResponse:
        """The answer to the form of *page* with these fields (a double underscore is a slash at the beginning)."""
        data: dict[str, object] = {name: value for name, value in page.hidden() if name != "_end"}
        data |= {c.name: list(c.chosen) for c in page.controls() if c.kind != "file" and c.chosen}
        data |= {"_action": action} if action else {}
        data |= {name.replace("__", "/", 1) if name.startswith("__") else name: v for name, v in fields.items()}
        data["_end"] = "1"
        return self.client.post(page.target(), data={name: value for name, value in data.items() if value is not None})

    def press(self, page: Page, action: str = "next", **fields: object) -> Page:
        """The page that pressing *action* leads to; on the way one says that the device is one's own."""
        after = self._read(self.send(page, action, **fields))
        if after.kind != "device" or page.kind == "device":
            return after
        return self._read(self.send(after, _device="own"))

    def start(self) -> Page:
        """The first step of a new application."""
        return self.press(self.get("/small/"))

    def rent(self) -> None:
        """A home that is rented, so that a proof is asked for."""
        page = self.press(self.start(), __name="Ada")
        self.press(self.press(page, __kind="rent"), __rent="1")

    def fill(self) -> Page:
        """The declarations of an application that is complete: renting, one child, no proofs at hand."""
        page = self.press(self.start(), __name="Ada")
        page = self.press(self.press(page, __kind="rent"), __rent="480,50")
        page = self.press(page, **{"/children:more": "true"})
        page = self.press(page, **{"/children/0/first": "Bo"})
        page = self.press(page, **{"/children:more": "false"})
        page = self.press(page, _status="later")
        page = self.press(page, _status="given", _reason="im März")
        assert page.kind == "review", page.html
        return self.get("/small/declarations")

    def _read(self, response: TestResponse) -> Page:
        for _ in range(5):
            if response.status_code not in {301, 302, 303}:
                break
            response = self.client.get(response.location)
        self.response = response
        return Page(f"http://localhost{response.request.full_path.rstrip('?')}", response.text, response.status_code)
