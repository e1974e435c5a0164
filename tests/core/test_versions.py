"""Whether a draft may go on in another version (REL-12), decided from values alone."""

from __future__ import annotations

import copy
import json
import random
from dataclasses import replace
from datetime import date

import pytest

from formengine.core import pointer as pointers
from formengine.core.answers import Answers
from formengine.core.applying import Role, evaluate
from formengine.core.lifecycle import Attachment, FileId, ProofAnswer, ProofStatus
from formengine.core.loading import load_form
from formengine.core.pointer import ABSENT
from formengine.core.schemas import SchemaRefused
from formengine.core.source import read
from formengine.core.validation import problems
from formengine.core.versions import change, content_hash, holds
from tests.core import promises, schemes

TODAY = date(2026, 11, 22)
TEXT = {"type": "string"}
OLD = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {**TEXT, "title": "Name"}, "b": {"type": "integer"}, "list": {"type": "array", "items": {}}},
}
OLD["properties"]["list"]["items"] = {"type": "object", "properties": {"x": TEXT}}


def version(schema=None, **definition):
    name = "f.schema.json"
    files = {name: read(name, json.dumps(OLD if schema is None else schema))}
    whole = {"id": "f", "version": "1", "schema": name, "title": "F", "languages": ["de"], **definition}
    whole.setdefault("steps", [{"id": "all", "title": "All", "fields": [""]}])
    return load_form("f", read("f.json", json.dumps(whole)) if definition else None, files)[0]


def changed(said=(), *, values=None, answers=None, to=None, old=None, new=None, **properties):
    """What moving means from the old schema, or *old*, to it with other *properties*, or to *new*."""
    answers = answers or Answers().with_values(values or {})
    old = old or version()
    new = new or version({**OLD, **(to or {}), "properties": {**OLD["properties"], **properties}})
    return change(evaluate(old, answers, TODAY), evaluate(new, answers, TODAY), said)


def names(asked) -> list[str]:
    return [one.control for one in asked]


def test_rel_12_a_list_answered_none_holds_as_long_as_none_may_be_meant():
    rows = {**OLD["properties"]["list"], "minItems": 1}
    assert changed(values={"/list": []}, list=rows) is not None, "an optional one is then absent"
    assert changed(values={"/list": []}, to={"required": ["a", "list"]}, list=rows) is None


WITHOUT_B = {name: one for name, one in OLD["properties"].items() if name != "b"}


@pytest.mark.parametrize(
    ("values", "other", "may"),
    [
        ({"/a": "x"}, {"c": TEXT}, True),
        ({}, {"a": {**TEXT, "maxLength": 1}}, True),
        ({"/a": "x"}, {"a": {**TEXT, "maxLength": 1}}, True),
        ({"/a": "xx"}, {"a": {**TEXT, "maxLength": 1}}, False),
        ({"/a": "x"}, {"a": {"enum": ["x", "y"]}}, True),
        ({"/a": "z"}, {"a": {"enum": ["x", "y"]}}, False),
        ({"/b": 1}, {"b": TEXT}, False),
        ({"/b": 1}, {"b": {"type": "number"}}, True),
        ({"/b": 1}, {"b": {"type": "integer", "readOnly": True}}, False),
        ({"/list": [{"x": "1"}]}, {"list": {**OLD["properties"]["list"], "maxItems": 1}}, True),
        ({"/list": [{"x": "1"}, {"x": "2"}]}, {"list": {**OLD["properties"]["list"], "maxItems": 1}}, False),
        ({"/list": [{"x": "1"}]}, {"list": {**OLD["properties"]["list"], "minItems": 2}}, False),
        ({"/list": []}, {"list": {**OLD["properties"]["list"], "minItems": 1}}, True),
        ({"/list": [{"x": "1"}]}, {"list": {"type": "array", "items": TEXT}}, False),
        ({"/list": [{}]}, {"list": {"type": "array", "items": {"type": "object", "properties": {"y": TEXT}}}}, True),
    ],
)
def test_rel_12_a_draft_moves_if_its_answers_hold_where_they_stand(values, other, may):
    assert (changed(values=values, **other) is not None) is may


def test_rel_12_what_is_removed_or_renamed_holds_only_where_nothing_was_answered():
    removed = version({**OLD, "properties": WITHOUT_B})
    renamed = version({**OLD, "properties": {**WITHOUT_B, "bee": {"type": "integer"}}})
    for new in (removed, renamed):
        assert changed(values={"/b": 1}, new=new) is None
        assert changed(values={"/a": "x"}, new=new) is not None
    assert names(changed(values={"/a": "x"}, new=renamed).new) == ["/bee"]


def test_rel_12_a_new_required_question_is_new_and_keeps_no_draft():
    found = changed(values={"/a": "x"}, to={"required": ["a", "c"]}, c=TEXT)
    assert names(found.new) == ["/c"]
    assert not found.again


def test_rel_12_a_question_in_rows_is_new_once():
    rows = {"type": "array", "items": {"type": "object", "properties": {"x": TEXT, "y": TEXT}}}
    found = changed(values={"/list": [{"x": "1"}, {"x": "2"}]}, list=rows)
    assert names(found.new) == ["/list/0/y"]


@pytest.mark.parametrize(
    "other",
    [
        {**TEXT, "title": "Anderer Name"},
        {**TEXT, "title": "Name", "description": "Wie im Ausweis"},
        {"title": "Name", "enum": ["x", "y"]},
        {"title": "Name", "oneOf": [{"const": "x", "title": "ein Kreuz"}, {"const": "y"}]},
    ],
)
def test_rel_12_an_answer_to_other_words_or_choices_is_looked_at_again(other):
    assert names(changed(values={"/a": "x", "/b": 1}, a=other).again) == ["/a"]
    assert not changed(values={"/b": 1}, a=other).again, "nobody answered it"


def test_rel_12_a_number_that_is_now_an_amount_in_cents_is_looked_at_again():
    assert names(changed(values={"/b": 480}, b={"type": "integer", "format": "cents"}).again) == ["/b"]


def test_rel_12_what_the_definition_calls_a_question_counts_too():
    steps = [{"id": "all", "title": "All", "fields": [{"field": "/a", "label": "{0}"}, "/b", "/list"]}]

    def called(label):
        text = json.dumps(steps).replace("{0}", label)
        return version(OLD, steps=json.loads(text))

    assert names(changed(values={"/a": "x"}, old=called("Ihr Name"), new=called("Ihr früherer Name")).again) == ["/a"]
    assert changed(values={"/a": "x"}, old=called("Ihr Name"), new=called("Ihr Name")).is_none


def test_rel_12_an_answer_left_behind_that_counts_again_is_looked_at_again():
    condition = {"if": {"properties": {"a": {"const": "x"}}, "required": ["a"]}, "then": {"properties": {"c": TEXT}}}
    old = version({**OLD, **condition})
    found = changed(values={"/a": "y", "/c": "once"}, old=old, c=TEXT)
    assert names(found.again) == ["/c"]
    assert names(found.new) == ["/c"]


def test_rel_12_branches_that_changed_their_places_keep_the_draft():
    branches = [
        {"title": title, "type": "object", "properties": {"size": {"type": "integer"}}} for title in ("Haus", "Wohnung")
    ]
    old, new = (version({**OLD, "oneOf": order}) for order in (branches, branches[::-1]))
    answers = Answers({"size": 3}, {":branch": 0})
    assert "/size" in names(evaluate(old, answers, TODAY).asked)
    assert changed(answers=answers, old=old, new=new) is None
    assert changed(answers=answers, old=old, new=version({**OLD, "oneOf": branches, "description": "x"})) is not None


def test_rel_12_null_given_on_purpose_stays_null():
    nullable = version({**OLD, "properties": {"b": {"type": ["integer", "null"]}}, "required": []})
    plain = version({**OLD, "properties": {"b": {"type": "integer"}}, "required": []})
    assert changed(values={"/b": None}, old=nullable, new=plain) is None
    assert changed(values={"/b": None}, old=nullable, new=nullable).is_none


def test_rel_12_text_kept_as_typed_is_not_dropped():
    answers = Answers({}, typed={"/b": ("viel",)})
    assert changed(answers=answers, new=version({**OLD, "properties": WITHOUT_B})) is None
    assert changed(answers=answers, c=TEXT) is not None


def test_rel_12_a_row_that_becomes_the_applicants_own_keeps_the_draft():
    def with_fixed(fixed):
        inner = {"id": "row", "title": "Row", "fields": ["/x"]}
        rows = {"id": "rows", "title": "Rows", "repeat": "/list", **fixed, "steps": [inner]}
        return version(OLD, steps=[{"id": "you", "title": "You", "fields": ["/a", "/b"]}, rows])

    assert changed(values={"/list": [{"x": "Kind"}]}, old=with_fixed({}), new=with_fixed({"fixed": 1})) is None
    assert changed(values={"/a": "x"}, old=with_fixed({}), new=with_fixed({"fixed": 1})) is not None


def test_rel_12_a_new_check_that_the_answers_break_keeps_the_draft():
    def ruled(*checks):
        return version(OLD, checks=list(checks), minutes=3)

    rule = {"rule": "answers.b < 10", "at": "/b", "message": "Zu viel."}
    assert changed(values={"/b": 11}, old=ruled(), new=ruled(rule)) is None
    assert changed(values={"/b": 9}, old=ruled(), new=ruled(rule)) is not None
    assert changed(values={"/b": 11}, old=ruled(rule), new=ruled(rule)).is_none, "it was wrong before"


def test_rel_12_proofs_and_declarations_that_changed_are_named():
    proof = {"id": "lease", "title": "Mietvertrag"}
    old = version(OLD, proofs=[proof], declarations=[{"id": "truth", "text": "Es stimmt.", "required": True}])
    new = version(
        OLD,
        proofs=[{**proof, "hint": "alle Seiten"}, {"id": "id", "title": "Ausweis"}],
        declarations=[{"id": "truth", "text": "Alles stimmt."}, {"id": "call", "text": "Rufen Sie an."}],
    )
    found = changed(values={"/a": "x"}, old=old, new=new)
    assert [one.proof.id for one in found.proofs] == ["lease", "id"]
    assert [one.id for one in found.declarations] == ["truth", "call"]
    assert changed(values={"/a": "x"}, old=old, new=old).is_none


def test_rel_12_a_file_that_nobody_asks_for_any_more_keeps_the_draft():
    file = Attachment(FileId("f" * 32), "a.pdf", "application/pdf", 3, "0" * 128, clean=True)
    given = ProofAnswer("lease", "", ProofStatus.UPLOADED, files=(file, file))
    old = version(OLD, proofs=[{"id": "lease", "title": "Mietvertrag"}])
    without = version(OLD, proofs=[{"id": "id", "title": "Ausweis"}])
    fewer = version(OLD, proofs=[{"id": "lease", "title": "Mietvertrag", "maxFiles": 1}])
    assert changed([given], old=old, new=without) is None
    assert changed([given], old=old, new=fewer) is None
    assert changed([given], old=old, new=old).is_none
    assert changed([replace(given, status=ProofStatus.LATER, files=())], old=old, new=without) is not None
    assert changed([replace(given, files=(), reason="im Mai")], old=old, new=without) is None


def _mutated(rng, schema):
    """*schema* with one property renamed, removed, added, of another kind, or required, somewhere in it."""
    made = copy.deepcopy(schema)
    objects = []

    def walk(value):
        if isinstance(value, dict):
            if isinstance(value.get("properties"), dict) and value["properties"]:
                objects.append(value)
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(made)
    one = rng.choice(objects)
    name = rng.choice(sorted(one["properties"]))
    how = rng.randrange(6)
    if how == 0:
        one["properties"]["z"] = one["properties"].pop(name)
    elif how == 1:
        del one["properties"][name]
    elif how == 2:
        one["properties"]["z"] = dict(rng.choice(schemes.LEAVES))
    elif how == 3:
        one["properties"][name] = dict(rng.choice(schemes.LEAVES))
    elif how == 4:
        one["required"] = sorted({*one.get("required", ()), name})
    elif isinstance(one["properties"][name], dict):
        one["properties"][name] = {**one["properties"][name], "title": "Other"}
    return made


def _form(schema):
    try:
        return promises.form_of(schema)
    except SchemaRefused:
        return None


@pytest.mark.parametrize("seed", range(30))
def test_rel_12_no_answer_that_counts_is_lost_or_broken_by_a_move(seed):
    """For any schema, any change of it and any answers: whoever moves has all answers, and none of them newly wrong."""
    rng = random.Random(seed)
    schema = schemes.schema(seed)
    old = _form(schema)
    if old is None:
        return
    for _ in range(6):
        new = _form(_mutated(rng, schema))
        if new is None:
            continue
        before = promises.enter(old, schemes.document(rng, schema))
        after = evaluate(new, before.answers, promises.TODAY)
        assert holds(before, before)
        assert change(before, before).is_none
        found = change(before, after)
        if found is None:
            continue
        there = {one.control: one for one in after.asked}
        for one in before.asked:
            if one.role is Role.VALUE and one.value is not ABSENT:
                assert promises.equal(pointers.get(after.document, one.pointer), one.value)
                assert there[one.control].value == one.value
        known = {(problem.control, problem.code) for problem in problems(before)}
        given = {one.control for one in before.asked if one.value is not ABSENT}
        assert not [p for p in problems(after) if p.control in given and (p.control, p.code) not in known]
        unknown = {one.pattern for one in after.asked if one.role is not Role.COMPUTED}
        assert unknown - {one.pattern for one in before.asked} == {one.pattern for one in found.new}


def test_sch_13_the_hash_covers_definition_schemas_and_figures():
    parts = ({"id": "f", "version": "1"}, {"f.schema.json": {"type": "object"}}, {"values": {}})
    whole = content_hash(*parts)
    assert whole == content_hash(*copy.deepcopy(parts))
    others = [
        ({**parts[0], "title": "T"}, parts[1], parts[2]),
        (parts[0], {**parts[1], "common/x.schema.json": {}}, parts[2]),
        (parts[0], {"f.schema.json": {"type": "object", "required": ["a"]}}, parts[2]),
        (parts[0], parts[1], {"values": {"rate": []}}),
    ]
    assert len({whole, *(content_hash(*other) for other in others)}) == 5
