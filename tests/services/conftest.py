"""A small form, stores of a test's own, and a clock."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from formengine.core import source
from formengine.core.definition import FormDefinition
from formengine.core.loading import load_form
from formengine.services.ports import Stores
from tests import opened
from tests.fakes import Clock

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 2, "title": "Name"},
        "hasPet": {"type": "boolean", "title": "Haben Sie ein Tier?"},
        "petName": {"type": "string", "title": "Wie heißt es?"},
        "children": {
            "type": "array",
            "title": "Kinder",
            "maxItems": 3,
            "items": {
                "type": "object",
                "title": "Kind",
                "properties": {
                    "givenName": {"type": "string", "title": "Vorname"},
                    "pupil": {"type": "boolean", "title": "Geht es zur Schule?"},
                },
                "required": ["givenName"],
            },
        },
    },
    "required": ["name", "hasPet", "children"],
    "if": {"properties": {"hasPet": {"const": True}}, "required": ["hasPet"]},
    "then": {"properties": {"petName": {"type": "string"}}, "required": ["petName"]},
    "else": {"properties": {"petName": False}},
}
DEFINITION = {
    "id": "lunch",
    "version": "1",
    "schema": "lunch.schema.json",
    "title": "Mittagessen",
    "languages": ["de"],
    "steps": [
        {"id": "you", "title": "Sie", "fields": ["/name", "/hasPet", "/petName"]},
        {
            "id": "children",
            "title": "Kinder",
            "repeat": "/children",
            "itemTitle": "{item.givenName}",
            "steps": [{"id": "child", "title": "Kind", "fields": ["/givenName", "/pupil"]}],
        },
    ],
    "proofs": [
        {
            "id": "school",
            "title": "Bescheinigung für {item.givenName}",
            "each": "/children",
            "when": "item.pupil",
            "required": True,
            "maxFiles": 2,
        },
        {"id": "letter", "title": "Ein Brief"},
    ],
    "checks": [{"rule": "answers.name != 'Xx'", "at": "/name", "message": "Nicht {answers.name}.", "level": "warning"}],
    "declarations": [
        {"id": "truth", "text": "Alles stimmt, {answers.name}.", "required": True},
        {"id": "news", "text": "Ich möchte Neues hören."},
    ],
    "retention": {"draftDays": 10},
}


@functools.cache
def lunch() -> FormDefinition:
    schema = source.of_value("lunch.schema.json", SCHEMA)
    definition = source.of_value("lunch.json", DEFINITION)
    return load_form("lunch", definition, {"lunch.schema.json": schema})[0]


@pytest.fixture
def form() -> FormDefinition:
    return lunch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    stores = opened.at_once(tmp_path)
    yield stores
    opened.close(stores)
