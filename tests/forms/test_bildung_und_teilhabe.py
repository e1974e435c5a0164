"""The form for education and participation benefits: which documents its schema takes, and how its texts read."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from babel.messages.pofile import read_po
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from formengine.core.formats import formats

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
NAME = "bildung-und-teilhabe"
GOLDEN = ROOT / "tests" / "journeys" / NAME / "p3.application.json"
PARTS = ("common/applicant", "common/person", "common/address", "common/contact", "common/bank-account")
SOURCES = (f"forms/{NAME}.json", *(f"schemas/{name}.schema.json" for name in (NAME, *PARTS)))
WORDING = {"title", "description", "itemTitle", "label", "hint", "help", "why", "body", "start"}
WORDING |= {"message", "reason", "text"}
PIECE = re.compile(r"\{[^}]*\}")


def read(path: str) -> Any:
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator() -> Any:
    """The reference validator over the schemas as they lie on disk."""
    registry: Registry[Any] = Registry()
    for path in SCHEMAS.rglob("*.schema.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        if "$schema" in content:
            registry = registry.with_resource(f"file:///{path.relative_to(SCHEMAS)}", Resource.from_contents(content))
    checker = FormatChecker(["date", "email"])
    for name in ("iban", "plz", "tel"):
        checker.checks(name)(cast("Any", formats.load_one(name)))
    return Draft202012Validator({"$ref": f"file:///{NAME}.schema.json"}, registry=registry, format_checker=checker)


def cases() -> list[Any]:
    return list(read(f"forms/{NAME}.tests.json")["tests"])


def changed(at: str, value: Any, *, remove: bool = False) -> Any:
    """The golden application with another *value* at a pointer, or without what is there."""
    document = copy.deepcopy(json.loads(GOLDEN.read_text(encoding="utf-8")))
    *way, last = at.strip("/").split("/")
    place = document
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if remove:
        del place[int(last) if isinstance(place, list) else last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return document


@pytest.mark.parametrize("path", [path for path in SOURCES if path.startswith("schemas/")])
def test_the_schema_is_a_schema(path: str) -> None:
    Draft202012Validator.check_schema(read(path))


def test_the_golden_application_is_valid_and_canonical(validator: Any) -> None:
    text = GOLDEN.read_text(encoding="utf-8")
    document = json.loads(text)
    assert [error.message for error in validator.iter_errors(document)] == []
    assert text == json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    "case", [case for case in cases() if "application" in case], ids=lambda case: str(case["name"])
)
def test_the_applications_of_the_designers_tests_are_valid(validator: Any, case: Any) -> None:
    assert [error.message for error in validator.iter_errors(case["application"])] == []


GOOD = [
    ("/applicant/address/addition", None, True),
    ("/applicant/phone", None, True),
    ("/entitlement/benefitUnitNumber", None, True),
    ("/entitlement/status", "appliedFor", False),
    ("/children/1", None, True),
    ("/children/0/benefits", ["lunch", "classTrip"], False),
    ("/children/0/classTrip/days", None, True),
    ("/children/0/classTrip/payee", {"accountHolder": "Lindenschule", "iban": "DE02120300000000202051"}, False),
    ("/children/0/classTrip/costCents", 1_000_000, False),
    ("/children/0/lunch/daysPerWeek", 7, False),
    ("/payment/recipient", "provider", False),
    ("/payment", {"recipient": "provider"}, False),
    ("/payment", {"recipient": "applicant", "hasAccount": False}, False),
]

BAD = [
    ("/applicant", None, True),
    ("/applicant/givenName", None, True),
    ("/applicant/givenName", "", False),
    ("/applicant/onlyOneName", True, False),  # a given name beside it
    ("/applicant/onlyOneName", False, False),
    ("/applicant/birthDate", None, True),
    ("/applicant/address", None, True),
    ("/applicant/address/postalCode", "1O115", False),
    ("/applicant/address/postalCode", "123456", False),
    ("/applicant/address/country", "AT", False),
    ("/applicant/noFixedAddress", True, False),  # an address beside it
    ("/applicant/contactPlace", "Wohnheim", False),  # without saying that there is no home
    ("/applicant/nickname", "Mia", False),
    ("/entitlement/kind", "bafoeg", False),
    ("/entitlement/status", None, True),
    ("/entitlement/fileReference", "W-1", False),  # SGB II has the other number
    ("/children", [], False),
    ("/children", None, True),
    ("/children/0/benefits", [], False),
    ("/children/0/benefits", ["lunch", "lunch"], False),
    ("/children/0/benefits", ["classTrip"], False),  # lunch left over
    ("/children/0/benefits", ["classTrip", "lunch", "participation"], False),  # without its answers
    ("/children/0/classTrip", None, True),
    ("/children/0/classTrip/costCents", 0, False),
    ("/children/0/classTrip/costCents", 245.5, False),
    ("/children/0/classTrip/costCents", "24550", False),
    ("/children/0/classTrip/payee", {"accountHolder": "Lindenschule"}, False),
    ("/children/0/lunch/daysPerWeek", 8, False),
    ("/children/0/institution/className", None, True),
    ("/children/0/institution/trainingPay", True, False),  # asked of vocational schools alone
    ("/children/0/institution", {"kind": "none"}, False),  # no school: no class trip, no lunch
    ("/children/1/benefits", ["schoolSupplies"], False),  # not in day care
    ("/children/1/institution/className", "4b", False),
    ("/payment", None, True),
    ("/payment", {}, False),
    ("/payment/hasAccount", None, True),
    ("/payment/hasAccount", False, False),  # an account beside it
    ("/payment/bankAccount", None, True),
    ("/payment/bankAccount/iban", None, True),
    ("/payment/bankAccount/iban", "DE88370400440532013000", False),
    ("/payment/bankAccount/iban", "DE89 3704 0044 0532 0130 00", False),  # blanks are taken out before
    ("/children/0/birthDate", "2023-02-29", False),
    ("/applicant/address/postalCode", "00123", False),
    ("/applicant/phone", "anrufen", False),
    ("/applicant/email", "mariam.celik", False),
]


@pytest.mark.parametrize(("at", "value", "remove"), GOOD)
def test_other_good_applications_are_valid(validator: Any, at: str, value: Any, remove: bool) -> None:
    assert [error.message for error in validator.iter_errors(changed(at, value, remove=remove))] == []


@pytest.mark.parametrize(("at", "value", "remove"), BAD)
def test_bad_applications_are_refused(validator: Any, at: str, value: Any, remove: bool) -> None:
    assert not validator.is_valid(changed(at, value, remove=remove))


def texts(content: Any, key: str = "") -> Iterator[str]:
    """Every text of a form or schema that a person may read."""
    if isinstance(content, dict):
        for name, value in content.items():
            if name in WORDING and isinstance(value, str):
                yield value
            elif name in {"messages", "options"}:
                yield from value.values()
            elif name not in {"examples", "const", "enum", "default"}:
                yield from texts(value, name)
    elif isinstance(content, list):
        for value in content:
            yield from texts(value, key)


@pytest.mark.parametrize("path", SOURCES)
def test_sentences_are_short_and_plain(path: str) -> None:
    for text in texts(read(path)):
        for sentence in re.split(r"(?<=[.?:])\s+|\n", PIECE.sub("X", text)):
            assert len(sentence.split()) <= 15, sentence
        assert "!" not in PIECE.sub("", text), text
        assert not re.search(r"\b(z\. ?B\.|bzw\.|ggf\.|usw\.|Pflichtfeld|ungültig|fehlerhaft)", text), text


def messages() -> Iterator[str]:
    form = read(SOURCES[0])
    for check in form["checks"]:
        yield check["message"]
    yield from _overrides(form)


def _overrides(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        yield from content.get("messages", {}).values()
        for value in content.values():
            yield from _overrides(value)
    elif isinstance(content, list):
        for value in content:
            yield from _overrides(value)


@pytest.mark.parametrize("message", sorted(set(messages())))
def test_messages_have_at_most_twenty_words_and_no_full_stop(message: str) -> None:
    assert len(message.split()) <= 20
    assert not message.endswith((".", "?"))


def test_every_text_has_an_english_one_with_the_same_pieces() -> None:
    path = ROOT / "translations" / "en" / "LC_MESSAGES" / f"{NAME}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale="en")
    terms = {entry["value"] for entries in read("forms/values.json")["terms"].values() for entry in entries}
    wanted = terms.union(*(texts(read(path)) for path in SOURCES))
    assert wanted - {str(m.id) for m in catalogue if m.string} == set()
    assert {str(m.id) for m in catalogue if m.id} - wanted == set()
    for message in catalogue:
        if message.id:
            assert sorted(PIECE.findall(str(message.id))) == sorted(PIECE.findall(str(message.string)))
