from __future__ import annotations

import pytest

from formengine.core.schemas import Schema, SchemaRefused

ADDRESS = {
    "$id": "https://example.org/schemas/common/address.schema.json",
    "type": "object",
    "properties": {"plz": {"$ref": "parts.schema.json#/$defs/plz"}},
}
PARTS = {"$defs": {"plz": {"type": "string", "pattern": "^[0-9]{5}$"}}}


def load(document, others=None, **more):
    return Schema.load(document, name="f.schema.json", others=others or {}, **more)


def errors(document, others=None):
    with pytest.raises(SchemaRefused) as caught:
        load(document, others)
    return [(error.file, error.pointer) for error in caught.value.errors]


@pytest.mark.parametrize("root", [{}, {"$id": "https://example.org/schemas/f.schema.json"}, {"$id": "@next"}])
def test_references_lead_to_files_beside_the_schema_whatever_its_id(root):
    schema = load(
        {**root, "type": "object", "properties": {"a": {"$ref": "common/address.schema.json"}}},
        {"common/address.schema.json": ADDRESS, "common/parts.schema.json": PARTS},
    )
    for document, valid in (({"a": {"plz": "04109"}}, True), ({"a": {"plz": "x"}}, False)):
        assert schema.is_valid(document) is valid
        assert schema.reference.is_valid(document) is valid


def test_a_place_in_the_bundle_knows_its_file():
    schema = load({"$ref": "common/parts.schema.json#/$defs/plz"}, {"common/parts.schema.json": PARTS})
    place = next(node.pointer for node in schema.graph.nodes if node.own.get("pattern"))
    assert schema.origin(place) == ("common/parts.schema.json", "/$defs/plz")
    assert schema.origin("") == ("f.schema.json", "")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/x.json",
        "https://example.org/x.json",
        "file:///etc/passwd",
        "//host/x",
        "nowhere.schema.json",
        "#/$defs/none",
        "#none",
    ],
)
def test_a_reference_that_leads_out_is_a_mistake_at_its_place(target):
    assert errors({"properties": {"a": {"$ref": target}}}) == [("f.schema.json", "/properties/a")]


def test_anchors_ids_and_escaped_pointers_are_found():
    schema = load(
        {
            "properties": {"a": {"$ref": "#x"}, "b": {"$ref": "#/$defs/a~1b%20c"}, "c": {"$ref": "inner.json#y"}},
            "$defs": {
                "x": {"$anchor": "x", "type": "string"},
                "a/b c": {"type": "integer"},
                "i": {"$id": "inner.json", "$defs": {"y": {"$anchor": "y", "type": "boolean"}}},
            },
        }
    )
    assert schema.is_valid({"a": "x", "b": 1, "c": True})
    assert [schema.is_valid({name: None}) for name in "abc"] == [False, False, False]


def test_an_id_among_the_data_is_no_id():
    assert load({"properties": {"$id": {"type": "string"}, "a": {"const": {"$id": "x", "$ref": "y"}}}}).is_valid(
        {"$id": "x"}
    )


def test_a_schema_that_is_none_is_refused_with_all_its_places():
    found = errors({"properties": {"a": {"type": "strin"}, "b": {"minLength": "x"}}})
    assert {place for _, place in found} >= {"/properties/a/type", "/properties/b/minLength"}


def test_an_unknown_draft_and_mixed_drafts_are_refused():
    assert errors({"$schema": "https://example.org/own"}) == [("f.schema.json", "/$schema")]
    old = {"$schema": "http://json-schema.org/draft-07/schema#"}
    assert errors({"$ref": "o.schema.json"}, {"o.schema.json": old}) == [("o.schema.json", "/$schema")]


def test_a_pattern_that_cannot_be_read_is_a_mistake_and_a_plain_slip_is_mended():
    assert errors({"pattern": "("}) == [("f.schema.json", "/pattern")]
    schema = load({"type": "string", "pattern": r"^[\w-.]{1,3}$"})
    assert schema.is_valid("a-.")
    assert schema.reference.is_valid("a-.")
    assert not schema.is_valid("äöü")


def test_a_catastrophic_pattern_is_bounded():
    schema = load({"type": "string", "pattern": "^(a+)+$"})
    assert not schema.is_valid("a" * 5000 + "b")
    assert not load({"type": "string", "pattern": "^(?=(a+)+$)(a|aa)+$"}).is_valid("a" * 5000 + "b")


def test_formats_are_asserted_by_both_validators():
    schema = load(
        {"properties": {"a": {"format": "even"}, "b": {"format": "date"}}},
        formats={"even": lambda text: len(text) % 2 == 0},
    )
    for document, valid in (({"a": "xx"}, True), ({"a": "x"}, False), ({"a": 1}, True), ({"b": "2026-02-29"}, False)):
        assert schema.is_valid(document) is valid
        assert schema.reference.is_valid(document) is valid


def test_the_formats_of_the_registry_are_known_without_being_given():
    assert not load({"type": "string", "format": "plz"}).is_valid("00000")


@pytest.mark.parametrize(
    "draft",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema",
        "https://json-schema.org/draft/2019-09/schema",
    ],
)
def test_older_drafts_are_read(draft):
    assert load(
        {
            "$schema": draft,
            "type": "object",
            "properties": {"a": {"$ref": "#/definitions/x"}},
            "definitions": {"x": {"type": "string"}},
        }
    ).is_valid({"a": "x"})


def test_a_schema_that_is_a_boolean_is_read():
    assert load(True).is_valid(1)
    assert not load(False).is_valid(1)
