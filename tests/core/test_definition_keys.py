import json
from pathlib import Path

import jsonschema_rs
import pytest

from formengine.core.definition_keys import TABLES, check_keys
from formengine.core.source import read

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas/form-definition.schema.json").read_text("utf-8"))
GOOD = {
    "id": "f",
    "version": "1",
    "schema": "f.schema.json",
    "title": "F",
    "steps": [{"id": "a", "title": "A", "fields": ["/a"]}],
}


def shape(table):
    schema = SCHEMA if table == "form" else SCHEMA["$defs"][table]
    return schema["oneOf"][1] if table == "field" else schema


@pytest.mark.parametrize("table", TABLES)
def test_the_schema_of_definitions_has_the_same_keys(table):
    keys, schema = TABLES[table], shape(table)
    assert set(schema["properties"]) == set(keys)
    assert set(schema.get("required", ())) == {name for name, key in keys.items() if key.required}
    assert schema["additionalProperties"] is False
    for name, key in keys.items():
        said = schema["properties"][name]
        inner = said["items"] if key.many else said
        assert inner["$ref"] == f"#/$defs/{key.kind}", name


def mistakes(value):
    return list(check_keys(read("f.json", json.dumps(value))))


VARIANTS = [
    (),
    (("titel", "x"),),
    (("minutes", 0),),
    (("minutes", "ten"),),
    (("languages", ["German"]),),
    (("languages", ["de", "de-x-ls", "zh-Hant"]),),
    (("steps", {}),),
    (("steps", [3]),),
    (("steps", [{"id": "A b", "title": "A", "fields": ["/a"]}]),),
    (("steps", [{"id": "a", "fields": ["/a"]}]),),
    (("steps", [{"id": "a", "title": "A", "fields": [{"field": "/a", "lable": "x"}]}]),),
    (("steps", [{"id": "a", "title": "A", "fields": [{"field": "/a", "options": {"x": 1}}]}]),),
    (("checks", [{"rule": "true", "at": "/a", "message": "m", "level": "fatal"}]),),
    (("proofs", [{"id": "p", "title": "P", "required": "yes"}]),),
    (("retention", {"draftDays": 91}),),
    (("retention", {"draftDays": 90}),),
    (("declarations", [{"id": "d", "text": ""}]),),
    (("title", 5),),
]


@pytest.mark.parametrize("changes", VARIANTS)
def test_loading_and_the_schema_agree_on_what_is_wrong(changes):
    value = {**GOOD, **dict(changes)}
    validator = jsonschema_rs.validator_for(SCHEMA)
    assert validator.is_valid(value) is not bool(mistakes(value))


def test_shipped_definitions_keep_to_the_schema():
    validator = jsonschema_rs.validator_for(SCHEMA)
    for path in (ROOT / "forms").glob("*.json"):
        if path.name != "values.json" and not path.name.endswith(".tests.json"):
            assert validator.is_valid(json.loads(path.read_text("utf-8"))), path.name


def test_an_unknown_key_names_the_nearest_right_spelling_and_its_place():
    (error,) = mistakes({**GOOD, "titel": "x"})
    assert 'no key "titel"' in error.message
    assert error.remedy == 'did you mean "title"?'
    assert error.column > 1


def test_all_mistakes_are_reported_not_the_first():
    assert len(mistakes({"id": 3, "steps": [{"id": "x y"}], "minutes": -1})) == 7


def test_what_is_no_object_is_said_so():
    (error,) = mistakes([])
    assert "no form" in error.message
