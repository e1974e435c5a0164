"""Submissions of the shipped form, as submit would freeze them, for the tests of their documents."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polib

from formengine.core import loading, numbers, source
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.definition import FormDefinition
from formengine.core.formats import formats
from formengine.core.lifecycle import DraftId, Reference, Submission
from formengine.core.payload import payload
from formengine.core.pointer import JsonValue
from formengine.documents.phrases import PHRASES
from formengine.fields import field_types
from formengine.i18n.catalogues import Catalogues

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
REFERENCE = Reference("7K3M-9QXA-2PD")


@functools.cache
def education() -> FormDefinition:
    """The form that ships with the engine."""
    formats.load()
    field_types.load()
    schemas = {
        str(path.relative_to(ROOT / "schemas")): source.read(path.name, path.read_bytes())
        for path in (ROOT / "schemas").rglob("*.schema.json")
    }
    definition = source.read("form", (ROOT / "forms" / "bildung-und-teilhabe.json").read_bytes())
    values = source.read("values", (ROOT / "forms" / "values.json").read_bytes())
    return loading.load_form("bildung-und-teilhabe", definition, schemas, values)[0]


def implied(schema: str) -> FormDefinition:
    """A form that has no definition."""
    formats.load()
    field_types.load()
    return loading.load_form("plain", None, {"plain.schema.json": source.read("plain", schema)})[0]


def persona() -> JsonValue:
    """What persona P3 submits."""
    return numbers.loads((ROOT / "tests/journeys/bildung-und-teilhabe/p3.application.json").read_bytes())


def submission(
    form: FormDefinition,
    document: JsonValue,
    *,
    language: str = "de",
    proofs: Sequence[Mapping[str, JsonValue]] = (),
    warnings: Sequence[Mapping[str, JsonValue]] = (),
    at: datetime = AT,
    earlier: Mapping[str, JsonValue] | None = None,
) -> Submission:
    """The frozen submission of *document*, with the required declarations made."""
    frozen = payload(evaluate(form, Answers(document=document), date(2026, 11, 22)))
    record = {
        "reference": REFERENCE,
        "receivedAt": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "receivedOn": "2026-11-22",
        "form": {"id": form.id, "version": form.version, "hash": form.hash, "schema": form.schema_name},
        "language": language,
        "declarations": [
            {"id": one.id, "text": one.text, "acceptedAt": "2026-11-22T13:34:12Z"}
            for one in form.declarations
            if one.required
        ],
        "proofs": list(proofs),
        "warnings": list(warnings),
        "payload": frozen.sha512,
        **({"from": earlier} if earlier else {}),
    }
    return Submission(
        reference=REFERENCE,
        tenant="musterstadt",
        draft_id=DraftId("d"),
        form=form.id,
        form_version=form.version,
        form_hash=form.hash,
        language=language,
        received_at=at,
        payload=frozen.bytes,
        record=numbers.dumps(record).encode(),
        sha512=frozen.sha512,
    )


def catalogues(language: str, engine: Mapping[str, str], form: Mapping[str, str]) -> Catalogues:
    """Catalogues with a few texts in *language*."""
    found = Catalogues()
    for domain, texts in (("formengine", engine), ("bildung-und-teilhabe", form)):
        file = polib.POFile()
        file.metadata = {"Content-Type": "text/plain; charset=utf-8"}
        for message, translation in texts.items():
            file.append(polib.POEntry(msgid=message, msgstr=translation))
        found = found.with_form(domain, {language: str(file).encode()})
    return found


ARABIC = {PHRASES["unanswered"]: "لم تتم الإجابة", PHRASES["proofs"]: "الإثباتات", "Ja": "نعم"}
ARABIC_FORM = {"Vorname": "الاسم الأول", "Wie heißen Sie?": "ما اسمك؟", "Kinder und Jugendliche": "الأطفال والشباب"}
PROOFS = (
    {
        "id": "class-trip-confirmation",
        "item": "/children/0",
        "title": "Bestätigung für die Fahrt von Elif Çelik",
        "status": "uploaded",
        "files": [
            {
                "path": "proofs/a.jpg",
                "name": "elternbrief 1.jpg",
                "mediaType": "image/jpeg",
                "size": 340000,
                "sha512": "a",
            }
        ],
    },
    {"id": "lunch-confirmation", "item": "/children/0", "title": "x", "status": "later", "files": []},
    {
        "id": "lunch-confirmation",
        "item": "/children/1",
        "title": "x",
        "status": "notAvailable",
        "reason": "Die Kita ist bis Januar zu.",
        "files": [],
    },
)
