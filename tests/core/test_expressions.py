from datetime import date
from decimal import Decimal

import pytest

from formengine.core.expressions import UNDECIDED, Mismatch, Names, Piece, Scope, compile_expression, fill, split
from formengine.core.figures import Figures
from formengine.core.outline import Outline

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "born": {"type": "string", "format": "date"},
        "date-of-birth": {"type": "string"},
        "count": {"type": "integer"},
        "share": {"type": "number"},
        "agreed": {"type": "boolean"},
        "note": {"type": ["string", "null"]},
        "address": {"$ref": "#/$defs/address"},
        "income": {"type": "array", "items": {"type": "object", "properties": {"cents": {"type": "integer"}}}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "children": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "schools": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"city": {"type": "string"}}},
                    },
                },
            },
        },
        "extra": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "if": {"properties": {"agreed": {"const": True}}, "required": ["agreed"]},
    "then": {"properties": {"later": {"type": "integer"}}},
    "$defs": {"address": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
FIGURES = Figures(
    values={"limit": [{"from": "2026-01-01", "value": 100}, {"from": "2026-12-01", "value": 200}]},
    terms={"benefit": [{"from": "2026-01-01", "value": "Geld"}]},
)
TODAY = date(2026, 11, 22)


def scope(item=""):
    return Scope(Outline(SCHEMA), item, FIGURES)


def value(source, document=None, *, item="", at=""):
    return compile_expression(source, scope(item)).evaluate(
        Names({} if document is None else document, TODAY, FIGURES, item=at, scope=item)
    )


@pytest.mark.parametrize(
    ("source", "document", "comes_to"),
    [
        ("answers.count + 1", {"count": 1}, 2),
        ("answers.share * 2.0", {"share": Decimal("1.5")}, Decimal("3.0")),
        ("answers.share * 2.0", {"share": 2}, Decimal("4.0")),
        ('answers["date-of-birth"] == "x"', {"date-of-birth": "x"}, True),
        ("sum(answers.income.map(i, i.cents))", {"income": [{"cents": 5}, {"cents": 7}]}, 12),
        ("sum(answers.income.map(i, i.cents))", {}, 0),
        ("size(answers.income)", {"income": [{}, {}]}, 2),
        ("age(answers.born, today) >= 15", {"born": "2011-11-22"}, True),
        ("age(answers.born, today)", {"born": "2011-11-23"}, 14),
        ("days(answers.born, today)", {"born": "2026-11-01"}, 21),
        ("months(answers.born, today)", {"born": "2026-09-23"}, 1),
        ('addMonths("2024-01-31", 1)', {}, "2024-02-29"),
        ("answers.extra.anything + 1", {"extra": {"anything": 3}}, 4),
        ("answers.note == null", {"note": None}, True),
        ("values.limit", {}, 100),
        ("terms.benefit", {}, "Geld"),
        ("answers.children.exists(c, c.name == 'B')", {"children": [{"name": "A"}, {"name": "B"}]}, True),
        ("answers.count in [1, 2]", {"count": 2}, True),
        ("answers.tags.filter(t, t != 'x')", {"tags": ["x", "y"]}, ["y"]),
        ("answers.agreed ? 1 : answers.count", {"agreed": True}, 1),
    ],
)
def test_expressions_come_to_their_values(source, document, comes_to):
    assert value(source, document) == comes_to
    assert not isinstance(value(source, document), float)


@pytest.mark.parametrize(
    "source",
    [
        "answers.count > 1",
        "answers.address.city == 'x'",
        "sum(answers.income.map(i, i.cents)) > answers.count",
        "age(answers.born, today)",
        "answers.children[3].name",
        "1 / size(answers.tags)",
        "answers.later",
    ],
)
def test_what_reads_an_answer_that_is_not_there_is_undecided(source):
    assert value(source) is UNDECIDED


def test_one_item_without_the_answer_leaves_the_sum_undecided():
    assert value("sum(answers.income.map(i, i.cents))", {"income": [{"cents": 5}, {}]}) is UNDECIDED


@pytest.mark.parametrize(
    ("source", "comes_to"),
    [
        ("answers.count > 1 || true", True),
        ("answers.count > 1 && false", False),
        ("has(answers.count)", False),
        ("has(answers.address.city)", False),
        ("has(answers.count) && answers.count > 1", False),
    ],
)
def test_or_and_and_has_decide_without_it(source, comes_to):
    assert value(source) is comes_to


def test_a_failure_is_logged_without_the_answer(caplog):
    assert value("age(answers.born, today)", {"born": "SECRET"}) is UNDECIDED
    assert "age(answers.born, today)" in caplog.text
    assert "SECRET" not in caplog.text


def test_item_index_and_parent_name_what_stands_around():
    document = {"children": [{"name": "A"}, {"name": "B", "schools": [{"city": "X"}, {"city": "Y"}]}]}
    inner = {"item": "/children/*/schools/*", "at": "/children/1/schools/1"}
    assert value("item.city", document, **inner) == "Y"
    assert value("index", document, **inner) == 1
    assert value("parent.name", document, **inner) == "B"


@pytest.mark.parametrize(
    ("source", "item", "says", "cure"),
    [
        ("answers.nme == 'x'", "", "no answer nme", '"name"'),
        ("answers.address.town", "", "no answer town", ""),
        ("answer.name", "", "no name answer", '"answers"'),
        ("name == 'x'", "", "no name name", "answers.name"),
        ("item.name", "", "no item here", "each"),
        ("parent.name", "/children/*", "no other item", ""),
        ("answers.count == 'x'", "", "can't be compared", ""),
        ("answers.count + 'x'", "", "does not mix", "string"),
        ("answers.share * 2", "", "does not mix", "double"),
        ("answers.name && true", "", "true or false", ""),
        ("!answers.name", "", "true or false", ""),
        ("answers.count ? 1 : 2", "", "true or false", ""),
        ("age(answers.count, today)", "", "value 1 of age()", ""),
        ("age(answers.born)", "", "takes 2 values, not 1", ""),
        ("agee(answers.born, today)", "", "no function agee()", '"age"'),
        ("sum(answers.tags)", "", "list of numbers", ""),
        ("answers.count >", "", "no CEL expression", ""),
        ("answers.count = 1", "", "no CEL expression", ""),
        ("answers.name.map(x, x)", "", "goes through a list", ""),
        ("answers.income.exists(i, i.cent > 0)", "", "no answer cent", '"cents"'),
        ("values.limits", "", "no values.limits", '"limit"'),
        ("terms.x", "", "no terms.x", ""),
        ("answers.name.length", "", "length is asked of a text", ""),
        ("answers.count < true", "", "can't be compared", ""),
        ("answers.income == 1", "", "can't be compared", ""),
        ("answers.count in answers.name", "", "behind in stands a list", ""),
        ("!" * 1500 + "true", "", "nested too deeply", "divide"),
        ("true || " * 300 + "true", "", "longer than", "divide"),
        ("b'x' == b'x'", "", "not used in forms", ""),
    ],
)
def test_what_cannot_work_is_refused_when_it_is_loaded(source, item, says, cure):
    with pytest.raises(Mismatch) as caught:
        compile_expression(source, scope(item))
    assert says in caught.value.message
    assert cure in caught.value.remedy


def test_a_mismatch_knows_its_place():
    with pytest.raises(Mismatch) as caught:
        compile_expression("answers.count > 1 && answers.nme == 'x'", scope())
    assert caught.value.offset == 29


def test_an_expression_names_the_answers_that_it_reads():
    expression = compile_expression(
        "item.name != '' && answers.children.exists(c, has(c.name)) && answers.address.city == 'x'",
        scope("/children/*"),
    )
    assert expression.reads == {"/children/*/name", "/children", "/address/city"}
    assert expression.kind == "bool"


def test_reckoning_with_fractions_is_warned_of():
    assert "/share" in compile_expression("answers.share * 2.0", scope()).typed.warnings[0][0]
    assert not compile_expression("answers.count * 2", scope()).typed.warnings


def test_a_text_is_split_into_its_pieces():
    assert split("a {item.name}{{b}} {x}") == ("a ", Piece("item.name"), "{b} ", Piece("x"))
    assert split("") == ()


@pytest.mark.parametrize("text", ["{", "}", "{a{b}}", "{}", "x { y"])
def test_a_brace_alone_is_refused(text):
    with pytest.raises(Mismatch):
        split(text)


def test_a_text_is_filled_and_an_undecided_piece_is_empty():
    item = "/children/*"
    expressions = {(item, source): compile_expression(source, scope(item)) for source in ("item.name", "answers.name")}
    names = Names({"children": [{"name": "Ada {x}"}]}, TODAY, FIGURES, item="/children/0", scope=item)
    assert fill(expressions, "Für {item.name}{answers.name}{{!}}", names, str) == "Für Ada {x}{!}"


def test_terms_are_translated():
    expression = compile_expression("terms.benefit", scope())
    assert expression.evaluate(Names({}, TODAY, FIGURES, translate=str.upper)) == "GELD"
