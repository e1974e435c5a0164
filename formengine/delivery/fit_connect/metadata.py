"""What the destination reads of a submission: metadata 1.x and 2.x, behind one function.

Which version it is, is a property of the destination. Hashes are of the bytes that are encrypted.

Source: FIT-Connect metadata schemas, https://schema.fitko.de/fit-connect/metadata/{version}/metadata.schema.json
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from formengine.errors import DeliveryRefused

_SCHEMA: Final = "https://schema.fitko.de/fit-connect/metadata/{version}/metadata.schema.json"
_PROFILE: Final = "http://uri.etsi.org/ades/191x2/level/baseline/{level}#"
_VERSION: Final = re.compile(r"([12])\.(\d+)\.(\d+)")
NEWEST: Final = "2.1.0"


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment: its id, what it is for (`form` or `attachment`), and its plaintext's digest."""

    id: str
    purpose: str
    media_type: str
    name: str
    sha512: str


@dataclass(frozen=True, slots=True)
class Content:
    """What the metadata say. *applied_on* is the date of the application; *seal* the level of the PDF's seal or ""."""

    service: str
    service_name: str
    schema: str
    sha512: str
    attached: Sequence[Attached]
    reference: str
    applied_on: str
    seal: str


def build(version: str, content: Content) -> dict[str, Any]:
    """The metadata in *version*. Errors: DeliveryRefused for one that we do not know."""
    known = _VERSION.fullmatch(version)
    if known is None:
        raise DeliveryRefused(f"metadata {version} are not known")
    return _BUILDERS[known[1]](version, content)


def choose(offered: Sequence[str], wanted: str) -> str:
    """The version to use: the one wanted, else the newest that is offered and known. Errors: DeliveryRefused."""
    if wanted:
        if offered and wanted not in offered:
            raise DeliveryRefused(f"the destination does not take metadata {wanted}")
        return wanted
    known = [tuple(int(part) for part in version.split(".")) for version in offered if _VERSION.fullmatch(version)]
    if not known:
        raise DeliveryRefused("the destination takes no version of the metadata that is known")
    return ".".join(str(part) for part in max(known))


def _first(version: str, content: Content) -> dict[str, Any]:
    made = {
        "contentStructure": _structure(content),
        "publicServiceType": {"identifier": content.service, "name": content.service_name},
        "additionalReferenceInfo": {"senderReference": content.reference, "applicationDate": content.applied_on},
    }
    return made if version.startswith("1.0.") else {"$schema": _SCHEMA.format(version=version), **made}


def _second(version: str, content: Content) -> dict[str, Any]:
    return {
        "$schema": _SCHEMA.format(version=version),
        "contentStructure": _structure(content),
        "author": {"name": "Formengine", "product": {"name": "Formengine"}},
    }


_BUILDERS: Final[Mapping[str, Callable[[str, Content], dict[str, Any]]]] = {"1": _first, "2": _second}


def _structure(content: Content) -> dict[str, Any]:
    return {
        "data": {
            "hash": {"type": "sha512", "content": content.sha512},
            "submissionSchema": {"schemaUri": content.schema, "mimeType": "application/json"},
        },
        "attachments": [_attachment(one, content.seal) for one in content.attached],
    }


def _attachment(one: Attached, seal: str) -> dict[str, Any]:
    made = {
        "attachmentId": one.id,
        "purpose": one.purpose,
        "mimeType": one.media_type,
        "filename": one.name,
        "hash": {"type": "sha512", "content": one.sha512},
    }
    if one.purpose == "form" and seal:
        made["signature"] = {
            "signatureFormat": "pdf",
            "detachedSignature": False,
            "eidasAdesProfile": _PROFILE.format(level=seal),
        }
    return made
