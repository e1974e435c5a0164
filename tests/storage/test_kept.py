"""GDP-01: nothing is stored of which nobody says what for, until when, and what deletes it."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import fields

import pytest

from formengine.services import filing
from formengine.storage import kept, tables


def test_gdp_01_every_table_says_what_it_is_for_and_what_deletes_it() -> None:
    assert set(kept.TABLES) == set(tables.metadata.tables)
    for one in (*kept.TABLES.values(), *kept.OBJECTS.values(), kept.JOBS):
        assert one.purpose
        assert one.until


def test_gdp_01_what_holds_something_of_a_person_has_a_deleter() -> None:
    """Columns of bytes hold what applicants wrote; what names a draft, session or client is about somebody."""
    about = {"draft_id", "session_id", "client", "csrf", "body", "payload", "lookup", "wrapped"}
    for table in tables.metadata.tables.values():
        if about & set(table.columns.keys()):
            assert kept.TABLES[table.name].by, table.name


@pytest.mark.parametrize(
    "by", sorted({one.by for one in (*kept.TABLES.values(), *kept.OBJECTS.values(), kept.JOBS)} - {""})
)
def test_gdp_01_the_deleters_are_there(by: str) -> None:
    module, _, name = by.rpartition(".")
    if module.rpartition(".")[2][0].isupper():
        module, _, holder = module.rpartition(".")
        name = f"{holder}.{name}"
    found = importlib.import_module(f"formengine.{module}")
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found)


def test_gdp_01_every_object_lies_where_a_kind_of_object_is_named() -> None:
    places = [
        function(*["x" if p.annotation != "int" else 1 for p in inspect.signature(function).parameters.values()])
        for name, function in inspect.getmembers(filing, inspect.isfunction)
        if name.endswith("_key")
    ]
    assert len(places) == 5
    assert all(any(place.startswith(start) for start in kept.OBJECTS) for place in places)
    assert {field.name for field in fields(kept.Kept)} == {"purpose", "until", "by"}
