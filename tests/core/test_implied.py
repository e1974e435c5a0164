import json
from datetime import date

import pytest

from formengine.core import routing
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.loading import load_form
from formengine.core.source import read

TEXT = {"type": "string"}


def form(schema, own="my-form"):
    return load_form(own, None, {f"{own}.schema.json": read("s", json.dumps(schema))})[0]


def outline(steps):
    return [(step.id, step.repeat, [f.pattern for f in step.fields], outline(step.steps)) for step in steps]


def test_objects_and_lists_at_the_top_have_steps_and_the_rest_a_first_one():
    schema = {
        "title": "Antrag",
        "type": "object",
        "properties": {
            "name": TEXT,
            "homeAddress": {"type": "object", "title": "Wohnung {1}", "properties": {"city": TEXT}},
            "tags": {"type": "array", "items": TEXT},
            "children": {"type": "array", "items": {"type": "object", "properties": {"name": TEXT, "pets": {"type": "array", "items": {"type": "object", "properties": {"kind": TEXT}}}}}},
            "born": TEXT,
        },
    }  # fmt: skip
    found = form(schema)
    assert found.title == "Antrag"
    assert outline(found.steps) == [
        ("general", None, [""], []),
        ("home-address", None, ["/homeAddress"], []),
        ("tags", None, ["/tags"], []),
        (
            "children",
            "/children",
            [],
            [
                ("item", None, ["/children/*"], []),
                ("pets", "/children/*/pets", [], [("item", None, ["/children/*/pets/*"], [])]),
            ],
        ),
    ]
    assert [step.title for step in found.steps] == ["Antrag", "Wohnung {{1}}", "Tags", "Children"]
    assert [step.id for step in found.chain("/born")] == ["general"]


def test_a_list_within_an_object_becomes_a_step_behind_it():
    schema = {
        "type": "object",
        "properties": {
            "home": {
                "type": "object",
                "properties": {
                    "city": TEXT,
                    "rooms": {"type": "array", "items": {"type": "object", "properties": {"size": TEXT}}},
                },
            }
        },
    }
    assert [(step.id, step.repeat) for step in form(schema).steps] == [
        ("general", None),
        ("home", None),
        ("rooms", "/home/rooms"),
    ]


def test_ids_are_numbered_where_two_are_equal_or_one_is_reserved():
    schema = {
        "type": "object",
        "properties": {
            name: {"type": "object", "properties": {"a": TEXT}}
            for name in ("status", "homeTown", "home_town", "general", "Größe", "日本")
        },
    }
    assert [step.id for step in form(schema).steps] == [
        "general",
        "status-2",
        "home-town",
        "home-town-2",
        "general-2",
        "groesse",
        "step",
    ]


@pytest.mark.parametrize(
    ("schema", "pages"),
    [
        ({"type": "string"}, ["general"]),
        ({"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}, ["general"]),
        ({"type": "array", "items": TEXT}, ["general"]),
        ({"type": "object", "additionalProperties": TEXT}, ["general"]),
        (
            {
                "oneOf": [
                    {"title": "A", "type": "object", "properties": {"a": TEXT}, "required": ["a"]},
                    {"title": "B", "type": "object", "properties": {"b": TEXT}, "required": ["b"]},
                ]
            },
            ["general"],
        ),
        (
            {"type": "array", "items": {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}},
            ["general"],
        ),
    ],
)
def test_a_root_of_any_kind_has_a_page(schema, pages):
    e = evaluate(form(schema), Answers(document={} if schema.get("type") == "object" else []), date(2026, 11, 22))
    assert [str(address) for address in routing.path(e)] == pages


def test_what_contains_itself_is_asked_some_levels_deep():
    schema = {
        "type": "object",
        "properties": {"name": TEXT, "child": {"$ref": "#"}, "parts": {"type": "array", "items": {"$ref": "#"}}},
    }
    steps = list(form(schema).walk())
    assert 5 < len(steps) < 1000


def test_every_question_of_a_schema_without_definition_is_on_a_page():
    schema = {
        "type": "object",
        "properties": {
            "a": TEXT,
            "b": {
                "type": "object",
                "properties": {
                    "c": TEXT,
                    "d": {"type": "array", "items": {"type": "object", "properties": {"e": TEXT}}},
                },
            },
            "f": {"type": ["object", "string"], "properties": {"g": TEXT}},
        },
        "if": {"properties": {"a": {"const": "x"}}, "required": ["a"]},
        "then": {"properties": {"h": {"type": "object", "properties": {"i": TEXT}}}},
    }
    answers = Answers().with_values({"/a": "x", "/b/c": "y"}).add_item("/b/d", "aaaaa", {})
    e = evaluate(form(schema), answers, date(2026, 11, 22))
    on_pages = [asked.control for page in routing.pages(e) for asked in page.asked]
    assert sorted(on_pages) == sorted(asked.control for asked in e.asked)
