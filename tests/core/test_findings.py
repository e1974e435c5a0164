import json

import pytest

from formengine.core.loading import check_form
from formengine.core.source import read

TEXT = {"type": "string"}


def findings(schema, level):
    source = read("f.schema.json", json.dumps({"type": "object", **schema}, indent=1))
    found = check_form("f", None, {"f.schema.json": source})
    return [error for error in found if error.level == level]


def obj(required=(), **properties):
    return {"properties": properties, **({"required": list(required)} if required else {})}


WHEN_A = {"if": {"properties": {"a": {"const": "x"}}, "required": ["a"]}}

ERRORS = [
    (obj(["b"], a=TEXT), "/b is required but described nowhere"),
    ({**obj(a=TEXT), **WHEN_A, "then": {"required": ["b"]}}, "/b is required but described nowhere"),
    ({**obj(["b"], a=TEXT, b=TEXT), "allOf": [{"properties": {"b": False}}]}, "/b is required, and forbidden"),
    ({**obj(a=TEXT), "additionalProperties": False, "allOf": [{"properties": {"b": TEXT}, "required": ["b"]}]}, "/b is required, and forbidden"),
    (obj(a={"type": "string", "enum": [1, 2]}), "no option is left"),
    (obj(a={"enum": ["x"], "allOf": [{"enum": ["y"]}]}), "no option is left"),
    (obj(a={"const": "x", "allOf": [{"const": "y"}]}), "no option is left"),
    (obj(a={"type": "string", "minLength": 5, "maxLength": 4}), "minLength 5 is more than maxLength 4"),
    (obj(a={"type": "integer", "minimum": 5, "allOf": [{"maximum": 4}]}), "minimum 5 is more than maximum 4"),
    (obj(a={"type": "string", "allOf": [{"type": "integer"}]}), "types exclude each other"),
    (obj(a={"type": "string", "not": {"type": ["string", "null"]}}), "types exclude each other"),
    (obj(a={"type": ["integer", "number"], "not": {"type": "number"}}), "types exclude each other"),
    (obj(a={"type": "string", "format": "date", "maxLength": 5}), "no date as YYYY-MM-DD keeps maxLength 5"),
    (obj(a={"type": "string", "format": "date", "allOf": [{"pattern": "^[A-Z]"}]}), "no date as YYYY-MM-DD keeps pattern ^[A-Z]"),
    (obj(a={**TEXT, "pattern": "^[0-9]{5}$", "maxLength": 4}), "takes 5 characters or more, maxLength is 4"),
    (obj(a={**TEXT, "maxLength": 2, "allOf": [{"pattern": "[a-c]{3}"}]}), "takes 3 characters or more, maxLength is 2"),
    (obj(a={**TEXT, "pattern": "^(A|BC)?$", "minLength": 3}), "takes 2 characters at most, minLength is 3"),
    (obj(a={**TEXT, "format": "plz", "maxLength": 4}), "the format plz takes 5 characters or more"),
    ({**obj(["a"], a=TEXT), "not": {"required": ["a"]}}, "/a is required, and forbidden"),
    (obj(a={"type": "strng"}), '"strng" is no type'),
    (obj(a={"type": "string", "required": True}), '"required" is to be a list of names'),
    ({"properties": ["a", "b"]}, '"properties" is to be an object'),
    (obj(a=5), "this is to be a schema"),
    (obj(type=5), "this is to be a schema"),
    (obj(a={"minLength": -1}), '"minLength" is to be a whole number, 0 or more'),
    ({**obj(a={"$ref": "#/$defs/adress"}), "$defs": {"address": TEXT}}, "'#/$defs/adress' leads nowhere"),
    ({**obj(["b"], a=TEXT), "if": {"required": ["b"]}, "then": {"properties": {"b": TEXT}}}, "/b is described only where it is answered"),
    ({**obj(["a"]), "properties": {"a": {"$ref": "#"}}}, "without end"),
    (obj(**{"x" * 65: TEXT}), "longer than 64"),
    (obj(**{f"p{n}": TEXT for n in range(2001)}), "more than 2000 questions"),
]  # fmt: skip

WARNINGS = [
    ({**obj(a=TEXT), "if": {"required": ["b"]}, "then": {"properties": {"b": TEXT}}}, "/b is described only where it is answered", ""),
    ({**obj(a=TEXT), "dependentSchemas": {"b": {"properties": {"b": TEXT}}}}, "/b is described only where it is answered", ""),
    ({**obj(a=TEXT), **WHEN_A, "then": {"properties": {"a": False}}}, "/a takes itself away", ""),
    ({**obj(a=TEXT, b=TEXT), "if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}}, "while a is not answered", '"required": ["a"]'),
    ({"oneOf": [obj(k={"const": 1}, a=TEXT), obj(k={"const": 2}, b=TEXT)]}, "k tells the branches apart but is not required", "required"),
    (obj(["id"], id={"type": "string", "readOnly": True}), "/id is readOnly and required, but nothing fills it in", "compute"),
    (obj(a={}), "/a has no type; a text is asked", "type"),
    (obj(a={**TEXT, "maxLenght": 5}), '"maxLenght" is no keyword', "maxLength"),
    ({**obj(a=TEXT), "requried": ["a"]}, '"requried" is no keyword', "required"),
    ({**obj(a=TEXT), "if": {"required": ["a"]}}, "neither then nor else", "add one"),
    ({**obj(a=TEXT), "then": {"required": ["a"]}}, "this then has no if", "add the if"),
    (obj(a={**TEXT, "enum": ["x", "x", "y"]}), 'enum has "x" twice', "take one"),
    (obj(a={**TEXT, "enum": ["x", 2]}), "enum has 2, which is not of type string", "that type"),
    (obj(a={**TEXT, "enum": ["x", "y"], "enumNames": ["X"]}), "enumNames has 1 names for 2 options", "one name"),
    (obj(a={"properties": {"b": TEXT}}), "/a has no type; object", "type"),
    (obj(a={**TEXT, "format": "datum"}), 'the format "datum" is not known', '"date"'),
    (obj(a={**TEXT, "format": "IBAN"}), 'the format "IBAN" is not known', '"iban"'),
    (obj(a={**TEXT, "format": "xyz"}), 'the format "xyz" is not known', "there is: bgnr"),
    (obj(a={"type": "number", "format": "cents"}), "format cents says nothing of type number", '"integer"'),
    (obj(a={"type": "integer", "maxLength": 5}), "maxLength says nothing of type integer", "type string"),
    (obj(a={"type": "integer", "default": "5"}), "this default is no answer", ""),
    (obj(a={**TEXT, "enum": ["x", "y"], "default": "z"}), "this default is no answer", ""),
    (obj(a={**TEXT, "pattern": "^[0-9]{5}$", "examples": ["01067", "1067"]}), 'the example "1067" is no answer', ""),
    (obj(a={**TEXT, "pattern": "/^[0-9]+$/"}), "this pattern wants a / before and behind", "without the two"),
    (obj(a={**TEXT, "enum": ["x", "yyy"], "maxLength": 2}), 'enum has "yyy", which the limits', "limits"),
    (obj(a={"type": "array"}), "does not say what stands in it", '"items"'),
    ({**obj(a=TEXT, c=TEXT), **WHEN_A, "then": {"required": ["c"], "b": TEXT}}, '"b" is no keyword', '"properties"'),
    ({**obj(a={"enum": ["y"]}, c=TEXT), **WHEN_A, "then": {"required": ["c"]}}, "waits for a to be x, which it never is", "there is: y"),
    ({**obj(a={"type": "boolean"}, c=TEXT), **WHEN_A, "then": {"required": ["c"]}}, "which is not of its type", "without quotes"),
    ({**obj(ab=TEXT, c=TEXT), **WHEN_A, "then": {"required": ["c"]}}, "this if reads a, which is described nowhere", '"ab"'),
    ({**obj(a=TEXT), **WHEN_A, "then": {"properties": {"c": TEXT}}, "else": {"properties": {"c": {"type": "object"}}}}, "/c has different types", ""),
]  # fmt: skip

FINE = [
    obj(["a"], a=TEXT, b={"type": "integer", "minimum": 1, "maximum": 1}),
    {**obj(a=TEXT), **WHEN_A, "then": {"properties": {"b": TEXT}, "required": ["b"]}},
    {**obj(["a"], a=TEXT), "if": {"properties": {"a": {"const": "x"}}}, "then": {"properties": {"b": TEXT}}},
    {"oneOf": [obj(["k"], k={"const": 1}, a=TEXT), obj(["k"], k={"const": 2}, b=TEXT)]},
    {**obj(phone=TEXT, mail=TEXT), "anyOf": [{"required": ["phone"]}, {"required": ["mail"]}]},
    obj(a={"type": "string", "format": "date", "pattern": "^2031-02-03$"}, b={**TEXT, "not": {"type": "integer"}}),
    obj(a={**TEXT, "label": "A", "order": 1, "x-typ": 2}, maxLenght=TEXT),
    obj(child={"$ref": "#"}),
    obj(["children"], children={"type": "array", "items": {"$ref": "#"}}),
    obj(a={"enum": ["x", "y"]}, b={"const": 1}),
    {**obj(["a"]), "additionalProperties": TEXT},
    obj(id={"type": "string", "readOnly": True}),
    obj(a={**TEXT, "pattern": "^[0-9]{5}$", "minLength": 5, "maxLength": 5, "examples": ["01067"], "default": "01067"}),
    obj(a={**TEXT, "pattern": "^(?=.{8})x", "maxLength": 8}, b={**TEXT, "format": "iban", "minLength": 20}),
    obj(
        a={"type": "number", "default": 1, "maximum": 2},
        b={**TEXT, "format": "uuid"},
        c={"type": "integer", "format": "cents"},
    ),
    {**obj(a={"anyOf": [{"enum": ["y"]}, TEXT]}, c=TEXT), **WHEN_A, "then": {"required": ["c"]}},
    {**obj(c=TEXT), **WHEN_A, "then": {"required": ["c"]}, "additionalProperties": TEXT},
    obj(["id"], id={"const": "x", "readOnly": True}),
]


@pytest.mark.parametrize(("schema", "says"), ERRORS)
def test_what_can_never_work_is_an_error_with_its_place(schema, says):
    found = findings(schema, "error")
    assert [says in error.message for error in found] == [True], [str(error) for error in found]
    assert found[0].line > 0


@pytest.mark.parametrize(("schema", "says", "cure"), WARNINGS)
def test_what_rarely_means_what_it_says_is_a_warning(schema, says, cure):
    assert not findings(schema, "error")
    found = findings(schema, "warning")
    assert [says in error.message for error in found] == [True], [str(error) for error in found]
    assert cure in found[0].remedy


@pytest.mark.parametrize("schema", FINE)
def test_what_is_in_order_is_not_mentioned(schema):
    assert [str(error) for error in findings(schema, "error") + findings(schema, "warning")] == []


def test_the_place_of_a_finding_is_where_the_designer_mends_it():
    schema = json.dumps(
        {"type": "object", "properties": {"a": {"type": "string", "minLength": 5, "maxLength": 4}}}, indent=1
    )
    (error,) = check_form("f", None, {"f.schema.json": read("f.schema.json", schema)})
    assert schema.split("\n")[error.line - 1].strip() == '"minLength": 5,'


def test_limits_of_another_type_exclude_nothing_and_are_warned_of():
    schema = obj(a={"type": "array", "items": TEXT, "minLength": 2, "maxLength": 1, "required": ["x"]})
    assert findings(schema, "error") == []
    assert [one.message.split()[0] for one in findings(schema, "warning")] == ["minLength", "maxLength", "required"]
