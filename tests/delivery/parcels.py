"""A parcel as `services.delivering` makes it, for the tests of channels."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from formengine.core.lifecycle import Reference
from formengine.services.ports import Parcel, ParcelFile

REFERENCE = Reference("ABCD-EFGH-JKM")
ANSWERS = '{"family":"Müller","amount":19.90}'.encode()
DOCUMENT = b"%PDF-1.7 the document"
PROOF = b"%PDF-1.7 the proof"


def file(path: str, data: bytes, media_type: str) -> ParcelFile:
    return ParcelFile(path, media_type, len(data), hashlib.sha512(data).hexdigest(), lambda: data)


def parcel(reference: Reference = REFERENCE, *, answers: bytes = ANSWERS, proofs: int = 1) -> Parcel:
    files = [
        file("application.json", answers, "application/json"),
        file("application.pdf", DOCUMENT, "application/pdf"),
        *(file(f"proofs/school-{n:08x}.pdf", PROOF, "application/pdf") for n in range(proofs)),
    ]
    manifest: dict[str, Any] = {
        "reference": reference,
        "receivedAt": "2026-11-21T23:30:00Z",
        "receivedOn": "2026-11-22",
        "form": {"id": "lunch", "version": "3", "hash": "0" * 64, "schema": "lunch.schema.json"},
        "language": "de",
        "declarations": [],
        "proofs": [
            {
                "id": "school",
                "title": "Bescheinigung der Schule",
                "status": "uploaded",
                "files": [
                    {"path": f"proofs/school-{n:08x}.pdf", "name": "Scan & mehr.pdf", "mediaType": "application/pdf"}
                    for n in range(proofs)
                ],
            }
        ],
        "payload": hashlib.sha512(answers).hexdigest(),
        "files": [
            {"path": one.path, "mediaType": one.media_type, "size": one.size_bytes, "sha512": one.sha512}
            for one in files
        ],
    }
    files.append(file("manifest.json", json.dumps(manifest).encode(), "application/json"))
    key = f"{reference}:{hashlib.sha512(answers).hexdigest()[:32]}"
    return Parcel(reference, "musterstadt", "lunch", key, tuple(files))
