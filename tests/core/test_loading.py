import json
from pathlib import Path

import pytest

from formengine.core.definition import RESERVED_FORMS, RESERVED_STEPS
from formengine.core.loading import Mistakes, check_form, form_id, load_form
from formengine.core.source import read

ROOT = Path(__file__).parents[2]
SCHEMA = """{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "object",
  "required": ["name", "children"],
  "properties": {
    "name": {"type": "string", "title": "Name"},
    "born": {"type": "string", "format": "date"},
    "kind": {"enum": ["a", "b"]},
    "address": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}, "street": {"type": "string"}}},
    "children": {"type": "array", "maxItems": 3, "items": {"type": "object", "required": ["name"], "properties": {
      "name": {"type": "string"},
      "born": {"type": "string"},
      "schools": {"type": "array", "items": {"type": "object", "properties": {"city": {"type": "string"}}}}
    }}},
    "tags": {"type": "array", "items": {"type": "string"}},
    "total": {"type": "integer", "readOnly": true},
    "double": {"type": "integer", "readOnly": true},
    "ageGroup": {"type": "string", "readOnly": true}
  }
}"""
STEPS = [
    {"id": "you", "title": "You", "fields": ["/name", "/born"]},
    {
        "id": "children",
        "title": "Children",
        "repeat": "/children",
        "steps": [{"id": "child", "title": "Child", "fields": ["/name"]}],
    },
]


def sources(schema=SCHEMA, **others):
    return {
        "f.schema.json": read("schemas/f.schema.json", schema),
        **{n: read(f"schemas/{n}", t) for n, t in others.items()},
    }


def text(**changes):
    value = {"id": "f", "version": "1", "schema": "f.schema.json", "title": "F", "steps": STEPS, **changes}
    return json.dumps({k: v for k, v in value.items() if v is not None}, indent=1)


def load(values=None, schema=SCHEMA, own="f", terms=None, widgets=None, **changes):
    figures = read("forms/values.json", json.dumps(values)) if values is not None else None
    return load_form(
        own, read("forms/f.json", text(**changes)), sources(schema), figures, terms=terms, widgets=widgets
    )[0]


def mistakes(**changes):
    with pytest.raises(Mistakes) as caught:
        load(**changes)
    return [error for error in caught.value.errors if error.level == "error"]


def mistake(**changes):
    found = mistakes(**changes)
    assert len(found) == 1, [str(error) for error in found]
    return found[0]


def steps(*more, you=None):
    return [you or STEPS[0], STEPS[1], *more]


def test_a_definition_becomes_steps_with_absolute_patterns():
    form = load()
    assert [step.id for step in form.steps] == ["you", "children"]
    assert [field.pattern for field in form.steps[0].fields] == ["/name", "/born"]
    (child,) = form.steps[1].steps
    assert (child.scope, child.fields[0].pattern) == ("/children/*", "/children/*/name")
    assert form.steps[1].owns


def test_a_field_says_how_it_is_asked():
    field = {"field": "/kind", "label": "Kind", "hint": "h", "help": "p", "why": "w", "widget": "select", "autocomplete": "off",
             "inputmode": "text", "width": "10", "options": {"a": "Aa"}, "messages": {"required": "Say it"}, "sensitive": True}  # fmt: skip
    form = load(steps=steps({"id": "k", "title": "K", "fields": [field]}), widgets={"select"})
    found = form.field("/kind")
    assert (found.label, found.widget, found.options, found.messages, found.sensitive) == (
        "Kind",
        "select",
        {"a": "Aa"},
        {"required": "Say it"},
        True,
    )
    assert form.field("/name").label == ""
    assert form.field("/nothing") is None


def test_an_object_stands_for_its_leaves_and_a_list_of_objects_in_it_becomes_a_step_behind():
    form = load(steps=[{"id": "all", "title": "All", "fields": [""]}])
    assert [(step.id, step.repeat) for step in form.steps] == [("all", None), ("children", "/children")]
    inner = form.steps[1].steps
    assert [(step.id, step.repeat) for step in inner] == [("item", None), ("schools", "/children/*/schools")]
    assert [step.id for step in form.chain("/address/city")] == ["all"]
    assert [step.id for step in form.chain("/children/*/born")] == ["children", "item"]
    assert [step.id for step in form.chain("/children")] == ["children"]


def test_a_list_of_objects_named_as_a_field_becomes_a_repeated_step_alone():
    form = load(
        steps=[
            {"id": "you", "title": "You", "fields": ["/name"]},
            {"id": "kids", "title": "Kids", "fields": ["/children"]},
        ]
    )
    assert [(step.id, step.repeat) for step in form.steps] == [("you", None), ("children", "/children")]


def test_what_no_step_names_is_on_no_page():
    assert load().chain("/children/*/born") == ()


def test_the_first_step_that_repeats_a_list_owns_it():
    walk = {
        "id": "later",
        "title": "L",
        "repeat": "/children",
        "steps": [{"id": "b", "title": "B", "fields": ["/born"]}],
    }
    form = load(steps=steps(walk))
    assert [step.owns for step in form.steps if step.repeat] == [True, False]


def test_texts_expressions_and_rules_are_compiled_in_their_scope():
    form = load(
        title="{terms.benefit} {{x}}",
        values={"terms": {"benefit": [{"from": "2020-01-01", "value": "Geld"}]}},
        proofs=[{"id": "p", "title": "P {item.name}", "each": "/children", "when": "has(item.born)"}],
        checks=[{"rule": "item.name != ''", "at": "/name", "message": "{item.name}", "each": "/children"}],
        declarations=[{"id": "d", "text": "I, {answers.name}", "when": "answers.name != ''", "required": True}],
    )
    assert set(form.expressions) >= {
        ("", "terms.benefit"),
        ("/children/*", "has(item.born)"),
        ("/children/*", "item.name"),
        ("", "answers.name"),
    }
    assert form.proofs[0].each == "/children"
    assert form.checks[0].at == "/children/*/name"
    assert form.declarations[0].required


def test_computed_values_stand_in_the_order_of_their_dependence():
    form = load(computed=[
        {"at": "/double", "value": "answers.total * 2"},
        {"at": "/total", "value": "size(answers.children)"},
    ])  # fmt: skip
    assert [one.at for one in form.computed] == ["/total", "/double"]


ODD = [
    ({"proofs": [{"id": "p", "title": "P", "when": "answers.kind == 'c'"}]}, '/kind is never "c"', "see its options"),
    ({"checks": [{"rule": "'aa' != answers.kind", "at": "/kind", "message": "m"}]}, '/kind is never "aa"', '"a"'),
    ({"checks": [{"rule": "answers.born > '1.2.2020'", "at": "/born", "message": "m"}]}, "/born is a date", '"2026-01-31"'),
    ({"steps": [{"id": "y", "title": "Y", "fields": [{"field": "/name", "autocomplete": "given"}]}, STEPS[1]]}, 'fills in "given"', "given-name"),
    ({"steps": [{"id": "y", "title": "Y", "fields": [{"field": "/name", "messages": {"maxlenght": "x"}}]}, STEPS[1]]}, '"maxlenght" is no keyword', '"maxLength"'),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "says", "cure"), ODD)
def test_what_never_takes_effect_is_warned_of(changes, says, cure):
    _, (warning,) = load_form("f", read("forms/f.json", text(**changes)), sources())
    assert (warning.level, says in warning.message, cure in warning.remedy) == ("warning", True, True), str(warning)


def test_computed_values_that_go_round_in_a_circle_are_refused():
    error = mistake(
        computed=[{"at": "/double", "value": "answers.total * 2"}, {"at": "/total", "value": "answers.double / 2"}]
    )
    assert "/double and /total need each other" in error.message


def test_a_value_may_read_nothing_that_applies_only_because_of_it():
    schema = json.loads(SCHEMA)
    schema["if"] = {"properties": {"ageGroup": {"const": "child"}}, "required": ["ageGroup"]}
    schema["then"] = {"properties": {"guardian": {"type": "string"}}}
    error = mistake(
        schema=json.dumps(schema),
        computed=[{"at": "/ageGroup", "value": "answers.guardian == 'x' ? 'child' : 'adult'"}],
    )
    assert "/ageGroup needs itself" in error.message


def field(pointer):
    return {"id": "x", "title": "X", "fields": [pointer]}


@pytest.mark.parametrize(
    ("changes", "says", "cure"),
    [
        ({"steps": steps(field("/nmae"))}, "no /nmae", '"/name"'),
        ({"steps": steps(field("/address/citty"))}, "no /address/citty", '"/address/city"'),
        ({"steps": steps(field("tags"))}, "no pointer", '"/tags"'),
        ({"steps": steps(field("/children/0/born"))}, "is a list", "repeat"),
        ({"steps": steps(field("/name"))}, "asked twice", "line"),
        ({"steps": steps(field({"field": "/kind", "options": {"c": "C"}}))}, 'no option "c"', "a, b"),
        ({"steps": steps(field({"field": "/kind", "widget": "slidr"})), "widgets": {"slider"}}, 'no control "slidr"', "slider"),
        ({"steps": steps(field({"field": "/kind", "hint": "{answers.nme}"}))}, "no answer nme", '"name"'),
        ({"steps": steps(field({"field": "/kind", "hint": "{answers.children}"}))}, "is a list", ""),
        ({"steps": steps(field({"field": "/kind", "hint": "{"}))}, "not closed", "{{"),
        ({"steps": steps(field({"field": "/address", "widget": "upload", "fills": {"nam": "/city"}}))}, 'no "nam"', '"name"'),
        ({"steps": steps(field({"field": "/address", "widget": "upload", "fills": {"name": "/cty"}}))}, "no /address/cty", '"/city"'),
        ({"steps": steps(field({"field": "/address", "fills": {"name": "/city"}}))}, "uploads", "widget"),
        ({"steps": steps({**field("/tags"), "id": "review"})}, "address of the engine", "another id"),
        ({"steps": steps({**field("/tags"), "id": "you"})}, "two steps", ""),
        ({"steps": steps({"id": "x", "title": "X"})}, "asks nothing", "fields"),
        ({"steps": steps({**field("/tags"), "body": "b"})}, "one of", "two steps"),
        ({"steps": steps({**field("/tags"), "when": "true"})}, "information pages", "if in the schema"),
        ({"steps": steps({**field("/tags"), "fixed": 1})}, "repeated steps", ""),
        ({"steps": steps({"id": "x", "title": "X", "body": "b", "when": "answers.name"})}, "true or false", ""),
        ({"steps": steps({"id": "x", "title": "X", "repeat": "/kind", "steps": [field("/street")]})}, "no list", ""),
        ({"steps": steps({"id": "x", "title": "X", "repeat": "/children", "fixed": 1, "steps": [field("/born")]})}, "first step that repeats", "line"),
        ({"steps": [STEPS[0], {**STEPS[1], "fixed": 4}]}, "3 items at most", ""),
        ({"steps": [STEPS[0], {**STEPS[1], "steps": [{**STEPS[1]["steps"][0], "id": "remove"}]}]}, "address of the engine", ""),
        ({"steps": steps(you=field("/born"))}, "/name is required, but no step", "fields"),
        ({"steps": [STEPS[0]]}, "/children is required, but no step", "repeat"),
        ({"steps": [STEPS[0], {**STEPS[1], "steps": [field("/born")]}]}, "/children/*/name is required", ""),
        ({"steps": steps(field("/address/street"))}, "/address/city is required", ""),
        ({"checks": [{"rule": "answers.name", "at": "/name", "message": "m"}]}, "true or false", ""),
        ({"checks": [{"rule": "true", "at": "/nam", "message": "m"}]}, "no /nam", '"/name"'),
        ({"checks": [{"rule": "item.name == ''", "at": "/name", "message": "m"}]}, "no item here", "each"),
        ({"proofs": [{"id": "p", "title": "P", "each": "/address"}]}, "no list", ""),
        ({"proofs": [{"id": "p", "title": "P"}, {"id": "p", "title": "P"}]}, 'the id "p"', ""),
        ({"computed": [{"at": "/name", "value": "'x'"}]}, "asked, not computed", "readOnly"),
        ({"computed": [{"at": "/total", "value": "'x'"}]}, "/total is a whole number; this value is a text", "type in the schema"),
        ({"computed": [{"field": "/total", "value": "1"}]}, 'no key "field"', '"at"'),
        ({"computed": [{"at": "/total", "expression": "1"}]}, 'no key "expression"', '"value"'),
        ({"computed": [{"at": "/children/total", "value": "1"}]}, "is a list", '"each": "/children"'),
        ({"computed": [{"each": "/childs", "at": "/total", "value": "item.born"}]}, "no /childs", "/children"),
        ({"proofs": [{"id": "p", "title": "{item.name}", "each": "/name"}]}, "/name is no list", '"each"'),
        ({"proofs": [{"id": "p", "title": "P", "at": "/name"}]}, "/name is asked, and no file", "contentMediaType"),
        ({"proofs": [{"id": "p", "title": "P", "accept": ["pdf"]}]}, "a kind of file", ""),
        ({"steps": [{"id": "you", "titel": "You", "fields": ["/name"]}, STEPS[1]]}, 'no key "titel"', '"title"'),
        ({"steps": [{"id": "you", "title": "You", "feilds": ["/name"]}, STEPS[1]]}, 'no key "feilds"', '"fields"'),
        ({"steps": [{"id": "you", "title": "You", "fields": "/name"}, STEPS[1]]}, '"fields" is a list', "[ ]"),
        ({"steps": [{"id": "you", "title": "You", "fields": ["/nmae"]}, STEPS[1]]}, "no /nmae", '"/name"'),
        ({"computed": [{"at": "/total", "value": "1"}, {"at": "/total", "value": "2"}]}, "computed twice", ""),
        ({"schema": "g.schema.json"}, 'no schema "g.schema.json"', '"f.schema.json"'),
        ({"languages": ["de", "de"]}, "twice", ""),
        ({"id": "g"}, 'the id is "g"', '"f"'),
        ({"values": {"vals": {}}}, '"vals" is not expected', ""),
        ({"values": {"values": {"x": 5}}}, "list of dated entries", ""),
        ({"values": {"values": {"x": []}}}, "list of dated entries", ""),
        ({"values": {"values": {"x": [{"from": "2026", "value": 1}]}}}, "is a day", ""),
        ({"values": {"values": {"x": [{"from": "2026-02-01", "value": 1}, {"from": "2026-01-01", "value": 1}]}}}, "in order", ""),
        ({"values": {"values": {"x": [{"from": "2026-02-01", "value": 1}, {"from": "2026-03-01", "value": "1"}]}}}, "all entries", ""),
        ({"values": {"terms": {"x": [{"from": "2026-02-01", "value": 1}]}}}, "texts", ""),
        ({"title": "{terms.x}"}, "no terms.x", ""),
    ],
)  # fmt: skip
def test_each_mistake_says_what_and_what_to_do(changes, says, cure):
    schema_of_file = changes.get("schema")
    if schema_of_file:
        with pytest.raises(Mistakes) as caught:
            load_form("f", read("forms/f.json", text(**changes)), sources())
        (error,) = caught.value.errors
    else:
        error = mistake(**changes)
    assert says in error.message
    assert cure in error.remedy
    assert error.line > 0
    assert error.column > 0
    assert error.file in {"forms/f.json", "forms/values.json"}


def test_a_mistake_stands_at_its_line_and_column():
    definition = text(steps=steps(field("/nmae")))
    line = next(number for number, one in enumerate(definition.split("\n"), start=1) if "/nmae" in one)
    error = mistake(steps=steps(field("/nmae")))
    assert (error.line, error.column) == (line, definition.split("\n")[line - 1].index('"/nmae"') + 1)
    assert str(error).startswith(f"forms/f.json:{line}:{error.column}: error: the schema has no /nmae (did you mean")


def test_a_mistake_in_an_expression_stands_within_it():
    definition = text(checks=[{"rule": "has(answers.name) && answers.nme == ''", "at": "/name", "message": "m"}])
    error = mistake(checks=[{"rule": "has(answers.name) && answers.nme == ''", "at": "/name", "message": "m"}])
    assert definition.split("\n")[error.line - 1][error.column - 1 :].startswith("nme ==")


def test_all_mistakes_are_reported_in_the_order_of_the_file():
    found = mistakes(
        title="{x}",
        minutes=0,
        steps=steps(field("/a"), field("/b")),
        checks=[{"rule": "1", "at": "/q", "message": "m"}],
    )
    assert len(found) == 7
    assert [error.line for error in found] == sorted(error.line for error in found)


def test_a_mistake_in_a_schema_names_its_file_and_line():
    wrong = SCHEMA.replace('"enum": ["a", "b"]', '"enum": []')
    error = mistakes(schema=wrong)[0]
    assert (error.file, error.line) == ("schemas/f.schema.json", 8)
    broken = SCHEMA.replace('"type": "string", "title"', '"type": "strng", "title"')
    error = mistakes(schema=broken)[0]
    assert (error.file, error.line) == ("schemas/f.schema.json", 6)


@pytest.mark.parametrize("own", [*sorted(RESERVED_FORMS)[:3], "a b", "ä", "", ".x", "x" * 65])
def test_ids_of_the_engine_and_ids_that_are_no_address_are_refused(own):
    found = [e for e in check_form(own, None, {f"{own}.schema.json": read("s", SCHEMA)}) if e.level == "error"]
    assert len(found) == 1


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("a.schema.json", "a"), ("a.json", "a"), ("a.b-c_D1.json", "a.b-c_D1"), ("values.json", None), ("a.tests.json", None),
        ("form-definition.schema.json", None), ("a.txt", None), ("json-forms.core.schema.json", "json-forms.core"),
    ],
)  # fmt: skip
def test_a_form_is_named_after_its_file(name, own):
    assert form_id(name) == own


def test_the_hash_changes_with_what_the_form_is_made_of_and_with_nothing_else():
    figures = {"values": {"x": [{"from": "2026-01-01", "value": 1}], "y": [{"from": "2026-01-01", "value": 1}]}}
    other = {"values": {**figures["values"], "y": [{"from": "2026-01-01", "value": 2}]}}
    used = {"values": {**figures["values"], "x": [{"from": "2026-01-01", "value": 2}]}}
    one = {"title": "{values.x}"}
    assert load(values=figures, **one).hash == load(values=other, **one).hash
    assert load(values=figures, **one).hash != load(values=used, **one).hash
    assert load().hash != load(title="G").hash
    assert load().hash != load(schema=SCHEMA.replace('"Name"', '"Names"')).hash
    assert load().hash == load(terms={"authority": "Amt"}).hash
    extra = load_form("f", read("forms/f.json", text()), sources(unused='{"type": "string"}'))[0]
    assert load().hash == extra.hash


def test_a_schema_is_reached_by_relative_reference():
    schema = SCHEMA.replace('{"type": "string", "title": "Name"}', '{"$ref": "common/name.schema.json#/$defs/name"}')
    given = {
        **sources(schema),
        "common/name.schema.json": read("schemas/common/name.schema.json", '{"$defs": {"name": {"type": "string"}}}'),
    }
    form, _ = load_form("f", read("forms/f.json", text()), given)
    assert form.hash != load().hash


def test_a_definition_without_steps_takes_those_of_the_schema():
    assert [step.id for step in load(steps=None).steps] == ["general", "address", "children", "tags"]


@pytest.mark.parametrize("path", sorted((ROOT / "forms").glob("*.json")), ids=lambda path: path.name)
def test_the_shipped_forms_load_without_errors_or_warnings(path):
    own = form_id(path.name)
    if own is None:
        return
    folder = ROOT / "schemas"
    given = {
        one.relative_to(folder).as_posix(): read(one.as_posix(), one.read_bytes()) for one in folder.rglob("*.json")
    }
    figures = read("forms/values.json", (ROOT / "forms/values.json").read_bytes())
    found = check_form(own, read(path.as_posix(), path.read_bytes()), given, figures)
    assert [str(error) for error in found] == []


def test_reserved_ids_of_steps_are_those_of_the_pages_behind_a_form():
    assert {"tasks", "proofs", "review", "declarations", "confirmation", "status", "save"} <= RESERVED_STEPS


@pytest.mark.parametrize(("levels", "refused"), [(10, False), (11, True)])
def test_sch_11_steps_lie_at_most_ten_deep_in_each_other(levels, refused):
    step = {"id": "s", "title": "S", "fields": ["/name", "/children", "/kind"]}
    for _ in range(levels - 1):
        step = {"id": "s", "title": "S", "steps": [step]}
    if not refused:
        assert load(steps=[step]).steps
        return
    with pytest.raises(Mistakes, match="steps lie more than 10 deep in each other"):
        load(steps=[step])
