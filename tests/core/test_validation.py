"""Checks, computed values, kept text, and where problems land that the tables of cases do not show."""

from __future__ import annotations

from datetime import date

from promises import TODAY, evaluated, form_of

from formengine.core.answers import Answers
from formengine.core.applying import Role, evaluate
from formengine.core.definition import Check, Computed
from formengine.core.expressions import Scope, compile_expression
from formengine.core.outline import Outline
from formengine.core.payload import payload
from formengine.core.pointer import ABSENT
from formengine.core.validation import problems, submit_problems

PERSONS = {
    "type": "object",
    "properties": {
        "from": {"type": "string"},
        "to": {"type": "string"},
        "persons": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "born": {"type": "string", "format": "date"},
                    "age": {"type": "integer", "readOnly": True},
                    "total": {"type": "integer", "readOnly": True},
                },
                "if": {"required": ["age"], "properties": {"age": {"minimum": 15}}},
                "then": {"properties": {"school": {"type": "string"}}, "required": ["school"]},
            },
        },
    },
}


def compiled(*sources):
    outline = Outline(PERSONS, "t.schema.json")
    return {(scope, source): compile_expression(source, Scope(outline, scope)) for scope, source in sources}


def persons_form(checks=()):
    age = "age(item.born, today)"
    rules = [(f"{check.each}/*" if check.each else "", check.rule) for check in checks]
    return form_of(
        PERSONS,
        computed=(
            Computed("/persons/*/age", age, "/persons"),
            Computed("/persons/*/total", "item.age * 2", "/persons"),
        ),
        checks=tuple(checks),
        expressions=compiled(("/persons/*", age), ("/persons/*", "item.age * 2"), *rules),
    )


def test_computed_values_are_submitted_and_steer_like_answers():
    e = evaluated(persons_form(), {"persons": [{"born": "2000-01-01"}, {"born": "2020-01-01"}, {}]})
    assert e.document == {
        "persons": [{"born": "2000-01-01", "age": 26, "total": 52}, {"born": "2020-01-01", "age": 6, "total": 12}, {}]
    }
    assert e.computed == {"/persons/0/age": 26, "/persons/0/total": 52, "/persons/1/age": 6, "/persons/1/total": 12}
    assert [asked.pointer for asked in e.asked if asked.role is Role.COMPUTED] == [
        f"/persons/{n}/{name}" for n in range(3) for name in ("age", "total")
    ]
    assert [problem.control for problem in problems(e)] == ["/persons/0/school"]


def test_computed_values_that_steer_nothing_stand_in_the_schemas_order():
    schema = {
        "type": "object",
        "properties": {
            "sum": {"type": "integer", "readOnly": True},
            "a": {"type": "integer"},
            "twice": {"type": "integer", "readOnly": True},
            "never": {"type": "integer", "readOnly": True},
            "b": {"type": "integer"},
        },
        "if": {"required": ["a"]},
        "then": {"properties": {"c": {"type": "string"}}},
    }
    outline = Outline(schema, "t.schema.json")
    sources = {"/sum": "answers.a + answers.b", "/twice": "answers.sum * 2", "/never": "answers.c == '' ? 1 : 2"}
    form = form_of(
        schema,
        computed=tuple(Computed(at, source) for at, source in sources.items()),
        expressions={("", source): compile_expression(source, Scope(outline)) for source in sources.values()},
    )
    e = evaluated(form, {"a": 1, "b": 2, "sum": 99})
    assert payload(e).bytes == b'{"sum":3,"a":1,"twice":6,"b":2}'
    assert {asked.pointer: asked.value for asked in e.asked if asked.role is Role.COMPUTED} == {
        "/sum": 3, "/twice": 6, "/never": ABSENT,
    }  # fmt: skip
    assert payload(evaluated(form, {"a": 1})).bytes == b'{"a":1}'


def test_a_computed_value_is_never_taken_from_the_answers():
    e = evaluated(persons_form(), {"persons": [{"born": "2020-01-01", "age": 99}, {"age": 99}]})
    assert e.document == {"persons": [{"born": "2020-01-01", "age": 6, "total": 12}, {}]}


def test_a_computed_value_goes_by_the_day_of_the_evaluation():
    answers = Answers({"persons": [{"born": "2011-11-23"}]})
    assert evaluate(persons_form(), answers, date(2026, 11, 22)).computed["/persons/0/age"] == 14
    assert evaluate(persons_form(), answers, date(2026, 11, 23)).computed["/persons/0/age"] == 15


def test_the_payload_of_a_payload_with_computed_values_is_the_same():
    form = persons_form()
    first = evaluated(form, {"persons": [{"born": "2000-01-01", "school": "x"}]})
    assert payload(evaluated(form, first.document)).bytes == payload(first).bytes


def test_a_check_that_fails_lands_on_its_answer_with_its_wording():
    form = persons_form([Check("answers.to >= answers.from", "/to", "Das Ende liegt vor dem Anfang")])
    assert [(p.control, p.code, p.message) for p in problems(evaluated(form, {"from": "b", "to": "a"}))] == [
        ("/to", "check", "Das Ende liegt vor dem Anfang")
    ]
    assert not problems(evaluated(form, {"from": "b"}))


def test_a_check_of_each_item_is_made_for_each_and_a_warning_does_not_block():
    form = persons_form([Check("item.age < 100", "/persons/*/born", "So alt?", "/persons", "warning")])
    e = evaluated(form, {"persons": [{"born": "2020-01-01"}, {"born": "1900-01-01", "school": "x"}]})
    assert [(p.control, p.level) for p in problems(e)] == [("/persons/1/born", "warning")]
    assert not submit_problems(e)


def test_text_kept_as_typed_is_a_problem_where_its_question_is_asked():
    form = form_of(
        {"type": "object", "properties": {"d": {"type": "string", "format": "date"}, "e": {"type": "string"}}}
    )
    e = evaluate(form, Answers(typed={"/d": ("31", "", ""), "/e": ("",), "/gone": ("x",)}), TODAY)
    assert [(p.control, p.code) for p in problems(e)] == [("/d", "typed")]


def test_limits_are_told_and_answers_are_not():
    form = form_of(
        {
            "type": "object",
            "properties": {"a": {"type": "string", "maxLength": 3}, "b": {"type": "integer", "minimum": 2}},
        }
    )
    found = problems(evaluated(form, {"a": "secret", "b": 1}))
    assert [(p.code, dict(p.params)) for p in found] == [("maxLength", {"limit": 3}), ("minimum", {"limit": 2})]
    assert "secret" not in repr(found)


def test_a_missing_answer_has_one_problem_however_often_it_is_missed():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "allOf": [{"required": ["a"]}, {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}],
    }
    assert [(p.control, p.code) for p in problems(evaluated(form_of(schema)))] == [("/a", "required")]


def test_what_fails_because_a_part_fails_is_no_problem_of_its_own():
    schema = {
        "type": "object", "properties": {"a": {"type": "boolean"}}, "unevaluatedProperties": False,
        "if": {"required": ["a"]}, "then": {"properties": {"o": {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}}, "required": ["o"]},
    }  # fmt: skip
    assert [(p.control, p.code) for p in problems(evaluated(form_of(schema), {"a": True}))] == [("/o/b", "required")]


def test_the_digest_is_of_the_bytes_and_nothing_personal_shows():
    made = payload(
        evaluated(
            form_of({"type": "object", "properties": {"b": {"type": "number"}, "a": {"type": "string"}}}),
            {"a": "ü", "b": 1},
        )
    )
    assert made.bytes == '{"b":1,"a":"ü"}'.encode()
    assert made.sha512 == __import__("hashlib").sha512(made.bytes).hexdigest()
    assert "ü" not in repr(made)
