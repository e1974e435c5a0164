"""The two forms that are measured: ten questions on one page, and ten pages with one of them each."""

from __future__ import annotations

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Schema = {"type": "string", "maxLength": 100}
QUESTIONS: dict[str, Schema] = {
    "givenName": {**_TEXT, "title": "Vorname", "description": "Wie im Ausweis"},
    "familyName": {**_TEXT, "title": "Nachname", "description": "Wie im Ausweis"},
    "birthDate": {"type": "string", "format": "date", "title": "Geburtsdatum"},
    "street": {**_TEXT, "title": "Straße"},
    "houseNumber": {**_TEXT, "title": "Hausnummer"},
    "postcode": {"type": "string", "format": "plz", "title": "Postleitzahl"},
    "town": {**_TEXT, "title": "Ort"},
    "phone": {"type": "string", "format": "tel", "title": "Telefon"},
    "status": {"enum": ["ledig", "verheiratet", "geschieden"], "title": "Familienstand"},
    "call": {"type": "boolean", "title": "Dürfen wir Sie anrufen?"},
}
TYPED: dict[str, str] = {
    "givenName": "Amira",
    "familyName": "Haddad",
    "birthDate:day": "31",
    "birthDate:month": "3",
    "birthDate:year": "1990",
    "street": "Beispielweg",
    "houseNumber": "1",
    "postcode": "36037",
    "town": "Musterstadt",
    "phone": "030 23125 000",
    "status": "ledig",
    "call": "true",
}


def one_step() -> Schema:
    """A form of one step with ten questions."""
    return _form({"s0": QUESTIONS})


def ten_steps() -> Schema:
    """A form of ten steps with one question each."""
    return _form({f"s{number}": {name: question} for number, (name, question) in enumerate(QUESTIONS.items())})


LARGE_STEPS, LARGE_LOAD_S = 200, 2.0


def large() -> Schema:
    """A form of 2,000 questions, ten on a page."""
    return _form({f"s{number}": QUESTIONS for number in range(LARGE_STEPS)})


def typed(step: int, name: str = "") -> dict[str, str]:
    """What a person types on the page of a step: everything, or the answer to the question *name*."""
    return {f"/s{step}/{part}": text for part, text in TYPED.items() if not name or part.partition(":")[0] == name}


def _form(groups: dict[str, dict[str, Schema]]) -> Schema:
    return {
        "$schema": DRAFT,
        "type": "object",
        "title": "Zehn Fragen",
        "properties": {
            name: {"type": "object", "title": f"Teil {name[1:]}", "properties": questions}
            for name, questions in groups.items()
        },
    }
