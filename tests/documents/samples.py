"""A small document for the tests, and its data."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from formengine.documents.rendering import Enclosure, Sheet

AT = datetime(2026, 11, 22, 13, 35, tzinfo=UTC)
STYLE = """
@font-face { font-family: Fira; src: url(formengine-font:FiraSans-Regular.ttf) }
@font-face { font-family: Fira; font-weight: bold; src: url(formengine-font:FiraSans-SemiBold.ttf) }
@font-face { font-family: Arabic; src: url(formengine-font:PlexSansArabic-Regular.ttf) }
html { font-family: Fira, Arabic }
"""
PAYLOAD = b'{"applicant":{"givenName":"Olena"}}'
RECORD = json.dumps(
    {"reference": "7K3M-9QXA-2PD", "payload": hashlib.sha512(PAYLOAD).hexdigest()}, separators=(",", ":")
).encode()


def page(body: str) -> str:
    """A page that conforms, around *body*."""
    return (
        '<html lang="de"><head><title>Antrag</title><meta name="dcterms.created" content="2026-11-22T13:35:00Z">'
        f'<meta name="dcterms.modified" content="2026-11-22T13:35:00Z"></head><body>{body}</body></html>'
    )


def sheet(body: str, *, enclosures: tuple[Enclosure, ...] | None = None, style: str = STYLE) -> Sheet:
    """A document with *body*, the example's data attached."""
    if enclosures is None:
        enclosures = (
            Enclosure("application.json", "Antragsdaten", PAYLOAD, "Data"),
            Enclosure("record.json", "Protokoll", RECORD, "Supplement"),
        )
    return Sheet(page(body), style, "7K3M-9QXA-2PD", AT, enclosures)


def other_bytes(pdf: bytes, places: int) -> list[int]:
    """Where to change a byte: spread over the file, and thicker within the signatures, which do not cover themselves."""
    step = max(1, len(pdf) // places)
    found = list(range(0, len(pdf), step))
    at = pdf.find(b"/Contents <")
    while at >= 0:
        end = pdf.index(b">", at) + 2
        found += range(at, end, max(1, (end - at) // places))
        at = pdf.find(b"/Contents <", end)
    return found
