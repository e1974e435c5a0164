"""The table of constructs, row by row through the pages: what an applicant sees of each.

What is stored is the other half: `test_corpus` enters every document of the corpus and reads what was frozen.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from tests.promises import cases
from tests.promises.entering import Person

TABLE = Path(__file__).parents[2] / "docs" / "constructs.md"
CASES = {case.name: case for case in cases.corpus()}
ELSEWHERE = {
    "`contentMediaType`": (
        "services/test_uploading.py::test_a_file_becomes_the_answer_by_its_path",
        "services/test_uploading.py::test_a_file_within_the_document_is_not_kept_apart",
        "web/test_security.py::test_upl_01_a_photo_that_is_an_answer_may_be_as_large_as_a_proof",
    ),
    "`required`": ("web/test_compiled.py::test_what_may_be_left_out_says_so",),
    "a property without a schema (`additionalProperties: true`)": (
        "core/test_applying.py::test_a_property_without_a_schema_is_no_question",
    ),
    "list of more than fifty rows or items": (
        "promises/test_long_lists.py::test_sch_11_rows_of_a_long_list_stand_on_pages_of_their_own",
        "promises/test_long_lists.py::test_sch_11_items_of_a_long_list_are_shown_fifty_at_once",
    ),
}
"""Rows that name no schema of the corpus, and the tests that prove them."""

SEEN = {
    "`type: string`": "long-texts: /name=text /essay=textarea",
    "`minLength`, `maxLength`, `pattern`": "long-texts: /code=text | look-around: /letters=text",
    "`pattern` with look-around or back-references": "look-around: /password=text /twice=text",
    "`pattern` that takes dates": "date-patterns: /iso:day=text/day /unknown:year=text/year /month:month=text/month",
    "`format` of date, time, email, uri, tel, iban, plz …": "formats: /date:day=text/day /iban=text /plz=text /own=text",
    'text that looks like a number (`"01067"`)': "numbers-as-text: /zip=text /amount=text",
    "`type: integer`, `number`": "bounds: /age=text /weight=text",
    "`exclusiveMinimum: true` (draft 04), bounds as numbers (06 on)": "bounds-draft-04: /share=text | bounds: /age=text | draft-06: /d=text",
    "`multipleOf`; `0.01` and `format: cents`": "multiple-of: /money=text /cents=text",
    "`type: boolean`": "if-then-else: /works=radio",
    "boolean that must be `true` (`const`, `enum: [true]`)": "consent: /consent=checkbox /truth=checkbox",
    "`enum`, `enumNames`, `oneOf` of `const` with `title`": "enum-names: /status=radio | one-of-titled-values: /lang=radio",
    "more than 100 options": "long-choice: /country=select /job=select",
    "`not` of values": "not-values: /word=text /choice=radio",
    "`const`, required": "const-and-default: !/fixed /optional=checkbox",
    "`const`, optional": "const-and-default: /optional=checkbox",
    "`default`": "const-and-default: /country=text /colour=radio",
    "`readOnly`": "read-only: /must=text",
    'nullable (`["string", "null"]`, `oneOf` with `null`)': "nullable: /text=text /text:none=checkbox/none /list:type=radio/type",
    "several types": "several-types: /a:type=radio/type /a=text",
    "no type": "without-types: /a=text /e/0=text /d/x=text",
    "object": "optional-objects: /bank/iban=text",
    "optional object": "optional-objects: /bank/owner/given=text | optional-object-with-lists: /trip/stops=list",
    "optional object that fills itself in": "optional-objects: /fills:given=radio/given",
    "keys with `:` `/` `~` `[` blanks, digits, or named `name`, `errors`, `_token` …": (
        "odd-keys: /a:b=text /f~1g=text /h~0i=text /c[0]=text | keys-with-meanings: /name=text /_token=text /__proto__=text"
    ),
    "`allOf`, `$ref`": "all-of-and-ref: /applicant/givenName=text | ref-with-siblings: /small=text | closed-members: /a=text",
    "`$ref` to anchors, ids, bundled files": "draft-2019-09: /p/n=text /q/n=text",
    "recursive `$ref`": "recursive: /person/mother:given=radio/given /person/children=list",
    "`additionalProperties` as a schema, `unevaluatedProperties` as a schema": (
        "free-keys: /income:key=text/key /income/work=text/map-value | free-keys-of-objects: /persons/Ann/age=text/map-value"
        " | lists-within-free-keys: /houses/A=list | unevaluated-values: :key=text/key"
    ),
    "`patternProperties`": "pattern-properties: :key=text/key /m_1=text/map-value",
    "`propertyNames`": "free-keys: /notes:key=text/key | draft-06: /a=checkbox",
    "free keys and rows with one value alone (`const`)": "entries-that-fill-in: /consents:key=text/key /marks=list !/marks/0",
    "`minProperties`, `maxProperties`": "min-properties: /contact/phone=text /contact/mail=text /contact/fax=text",
    "`unevaluatedProperties: false`, `additionalProperties: false`": "unevaluated: /x=text !:key | closed-members: /c=text !:key",
    "list of objects": "list-of-objects: /children:more=radio/more /children=list /children/0/givenName=text",
    "lists in lists": "lists-in-lists: /households/0/persons=list | three-hundred: /part0/q0=text",
    "list of texts, numbers, dates": "list-bounds: /two/0=text /two=list add:/two remove:/two/0",
    "list of lists": "lists-of-lists-of-texts: /table:more=radio/more /table/0=list /table/0/0=text",
    "list of choices with `uniqueItems`": "list-bounds: /ticks=checkbox",
    "tuple (`items` as a list, `prefixItems`)": (
        "tuples-draft-07: /pair/0=text /pair/1=text !add:/pair | tuples: /point/0=text /line/1=radio add:/line"
        " | tuple-of-objects: /pair/0/name=text add:/pair"
    ),
    "`minItems`, `maxItems`, `uniqueItems`, `contains` with `minContains`": "list-bounds: /unique=list | contains: /words=list",
    "list that may also be `null`, or of which a branch is picked": (
        "nullable-list-of-objects: /rooms:type=radio/type /rooms=list /more:branch=radio/branch"
    ),
    "list under one condition, text under another": "list-or-choice: /what=text /what=list",
    "the root is a list, a text, a choice": (
        "root-is-a-list: ::more=radio/more =list | root-is-a-list-of-texts: /0=text add: | root-is-a-text: :=text"
        " | root-is-a-choice: :=radio"
    ),
    "`if`, `then`, `else`": "if-then-else: /employer=text /looking=radio | mixed-2020: /period/from:day=text/day",
    "`if` over `contains`, `not` of `required`": "if-contains-and-not-required: /landlord=text /school=text /alone=radio",
    "`if` on something not asked yet": "not-asked-yet: /why=text /extra=text",
    "`dependencies` (both forms), `dependentRequired`, `dependentSchemas`": (
        "dependencies: /address=text | dependent-schemas: /plate=text /bill=text"
    ),
    '`"x": false`': "forbidden: /single=radio /partner=text",
    "`oneOf`/`anyOf` told apart by a property": (
        "discriminated-nested: /income/0/kind=radio /income/0/employer=text !/income/0:branch | unevaluated: /kind=radio"
    ),
    "address whose country decides about the state, by `enum` or by text, the rest by `not`": (
        "address-by-country: /address/country=radio /address/state=radio | address-by-text: /address/country=text"
        " /address/state=text /address/state=radio | benefit: /address/state=radio"
    ),
    "`oneOf`, nothing tells apart": "one-of-picked: /home:branch=radio/branch | one-of-at-the-root: :branch=radio/branch",
    "`anyOf`, nothing tells apart": "any-of-picked: /needs:branch=checkbox/branch | any-of-at-the-root: :branch=checkbox/branch",
    "`anyOf`/`oneOf` of `required`": "telephone-or-mail: /phone=text /email=text | exactly-one-of-two: /iban=text /cash=checkbox",
    "`not` of `required`": "not-values: /size=text",
    "markup, template syntax, quotation marks in any text": "hostile-texts: /a=radio /<img>=text /javascript:alert(1)=text",
}
"""By construct: schema of the corpus, and what stands on its pages for one who fills in its valid documents.

`name=kind`, or with its part or role behind a slash; `pointer=list` is a list's own place, `add:` and `remove:` a button of a pointer; `!` never stands there.
"""


def rows() -> dict[str, set[str]]:
    """The rows of the tables of what can be asked: construct, and the schemas that it names."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [line.strip("| ").split(" | ") for line in lines if line.count("|") == 5]
    found = {one[0]: set(re.findall(r"`([a-z0-9-]+)`", one[3])) for one in cells}
    return {construct: names for construct, names in found.items() if construct not in {"construct", "---"}}


@cache
def seen(app: Flask, name: str) -> frozenset[str]:
    """What stands on the pages of those who enter the valid documents of a schema."""
    found: set[str] = set()
    form = app.extensions["formengine"].engine.forms.newest(name)
    for document in CASES[name].valid:
        person = Person(app, name)
        person.fill(cases.meant(form, document), person.begin())
        for url in person.asking:
            page = person.get(url)
            for one in page.controls:
                found |= {one.name, *(f"{one.name}={one.kind}{what}" for what in ("", f"/{one.part}", f"/{one.role}"))}
            found |= {f"{pointer}=list" for pointer in page.counts}
            found |= {f"{one.action.partition(':')[0]}:{one.pointer}" for one in page.buttons}
    return frozenset(found)


def test_every_schema_of_the_corpus_stands_in_the_table_and_no_other():
    assert {name for names in rows().values() for name in names} == set(CASES)


def test_every_row_is_walked_or_says_where_it_is():
    assert set(SEEN) | set(ELSEWHERE) == set(rows())
    assert not set(SEEN) & set(ELSEWHERE)
    for construct, walked in SEEN.items():
        assert {part.partition(": ")[0] for part in walked.split(" | ")} >= rows()[construct], construct


@pytest.mark.parametrize("test", [one for tests in ELSEWHERE.values() for one in tests])
def test_a_row_that_is_proved_elsewhere_names_a_test_that_is_there(test: str):
    path, _, name = test.partition("::")
    tree = ast.parse((Path(__file__).parents[1] / path).read_text(encoding="utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    skipped = {"skip", "skipif", "xfail"}
    assert not [node for one in found.decorator_list for node in ast.walk(one) if getattr(node, "attr", "") in skipped]


@pytest.mark.parametrize("construct", SEEN)
def test_the_applicant_sees_what_the_table_says(corpus_site: Flask, construct: str):
    for part in SEEN[construct].split(" | "):
        name, _, expected = part.partition(": ")
        for one in expected.split():
            shown = one.removeprefix("!") in seen(corpus_site, name)
            assert shown is not one.startswith("!"), f"{name}: {one}"
