"""Dynamic references: read as plain ones where that is what they mean, else refused."""

from __future__ import annotations

import pytest

from formengine.core.schemas import Schema, SchemaRefused

ONE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$dynamicAnchor": "node",
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"$dynamicRef": "#node"}},
}
TWO = {**ONE, "$defs": {"other": {"$id": "other", "$dynamicAnchor": "node", "type": "string"}}}


def test_an_anchor_that_stands_once_is_a_plain_place():
    schema = Schema.load(ONE, name="t.schema.json")
    assert schema.is_valid({"next": {"name": "x"}})
    assert not schema.is_valid({"next": {"name": 1}})


def test_an_anchor_that_stands_twice_is_refused_with_its_place():
    with pytest.raises(SchemaRefused) as refused:
        Schema.load(TWO, name="t.schema.json")
    assert [(one.file, one.pointer) for one in refused.value.errors] == [
        ("t.schema.json", "/properties/next/$dynamicRef")
    ]
    assert "#node" in refused.value.errors[0].message


def test_so_is_a_recursive_anchor_within_another():
    inner = {"$id": "inner", "$recursiveAnchor": True, "properties": {"b": {"$recursiveRef": "#"}}}
    schema = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$recursiveAnchor": True,
        "properties": {"a": {"$ref": "inner"}},
        "$defs": {"inner": inner},
    }
    with pytest.raises(SchemaRefused) as refused:
        Schema.load(schema, name="t.schema.json")
    assert refused.value.errors[0].pointer == "/$defs/inner/properties/b/$recursiveRef"
