import json
from datetime import date

from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.loading import load_form
from formengine.core.proofs import proofs
from formengine.core.source import read

SCHEMA = {
    "type": "object",
    "properties": {
        "rents": {"type": "boolean"},
        "children": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "born": {"type": "string"},
                    "schools": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"city": {"type": "string"}}},
                    },
                },
            },
        },
    },
}
PROOFS = [
    {"id": "lease", "title": "Lease", "when": "answers.rents"},
    {
        "id": "school",
        "title": "For {item.name}",
        "each": "/children",
        "when": "age(item.born, today) >= 15",
        "required": True,
    },
    {"id": "place", "title": "In {item.city} for {parent.name}", "each": "/children/*/schools"},
]
FORM = load_form(
    "f",
    read("f.json", json.dumps({"id": "f", "version": "1", "schema": "f.schema.json", "title": "F", "proofs": PROOFS})),
    {"f.schema.json": read("s", json.dumps(SCHEMA))},
)[0]


def asked(answers):
    e = evaluate(FORM, answers, date(2026, 11, 22))
    return [(one.proof.id, one.item_key, one.item_pointer) for one in proofs(e)]


def test_a_proof_is_asked_while_its_condition_is_true():
    assert asked(Answers()) == []
    assert asked(Answers().with_values({"/rents": True})) == [("lease", "", "")]
    assert asked(Answers().with_values({"/rents": False})) == []


def test_a_proof_is_asked_for_each_item_for_which_it_is_true():
    answers = Answers()
    for key, born in (("aaaaa", "2011-01-01"), ("bbbbb", "2020-01-01"), ("ccccc", None)):
        answers = answers.add_item("/children", key, {"born": born} if born else {})
    assert asked(answers) == [("school", "aaaaa", "/children/0")]


def test_a_proof_may_be_for_items_of_a_list_in_a_list():
    answers = Answers().add_item("/children", "aaaaa", {}).add_item("/children", "bbbbb", {"name": "B"})
    answers = answers.add_item("/children/1/schools", "ccccc", {"city": "X"})
    assert asked(answers) == [("place", "ccccc", "/children/1/schools/0")]
    (one,) = proofs(evaluate(FORM, answers, date(2026, 11, 22)))
    assert FORM.expressions[one.names.scope, "parent.name"].evaluate(one.names) == "B"
