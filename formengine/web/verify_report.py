"""The report on a PDF that was checked: what holds, in words, of which file, and when. Nothing of it is kept here.

Between the page and the download the browser carries it, with a code that we alone can make: the report that we hand
out says what we found, and nothing that somebody put in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from formengine.documents.verdict import Verdict
from formengine.errors import NotFound
from formengine.services.ports import Stores

_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Report:
    """What was found at *checked_at* of a file that somebody handed in as *name*.

    *asked* is the reference on their paper, or empty.
    """

    name: str
    size_bytes: int
    sha256: str
    sha512: str
    checked_at: datetime
    asked: str
    verdict: Verdict


def report(pdf: bytes, name: str, verdict: Verdict, *, asked: str, now: datetime) -> Report:
    """The report on *pdf*."""
    shown = "".join(c for c in name if c.isprintable())[:_LONGEST_NAME]
    digests = hashlib.sha256(pdf).hexdigest(), hashlib.sha512(pdf).hexdigest()
    return Report(shown, len(pdf), *digests, now.replace(microsecond=0), asked, verdict)


def carried(stores: Stores, found: Report) -> str:
    """*found* as the browser carries it."""
    facts = {**asdict(found), "checked_at": found.checked_at.isoformat(), "verdict": found.verdict.as_json()}
    body = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
    return f"{body}.{_code(stores.pepper, body)}"


def brought(stores: Stores, text: str) -> Report:
    """The report that a browser brought back. Errors: NotFound if it is none of ours."""
    body, _, code = text.partition(".")
    peppers = (stores.pepper, *stores.former_peppers)
    if not any(hmac.compare_digest(code.encode(), _code(pepper, body).encode()) for pepper in peppers):
        raise NotFound("no such report")
    facts: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body))
    checked_at = datetime.fromisoformat(facts["checked_at"])
    return Report(**{**facts, "checked_at": checked_at, "verdict": Verdict.from_json(facts["verdict"])})


def _code(pepper: bytes, body: str) -> str:
    return hmac.digest(pepper, b"verify-report|" + body.encode(), hashlib.sha256).hex()
