"""A page posted after its session ended is not lost: kept for half an hour, sealed to a fresh session of that browser.

Nothing of it is an answer before its applicant has come back with the code and sent it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from formengine.services.clock import Steps
from formengine.services.limiting import limit
from formengine.services.ports import Session, Stores

KEPT: Final = timedelta(minutes=30)
MOST_BYTES: Final = 200_000
POSTS_OF_CLIENT: Final = (20, timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class LatePost:
    """What came too late: the form, the segments of its step, and the posted texts by HTML name."""

    form: str
    segments: str
    posted: Mapping[str, tuple[str, ...]] = field(repr=False)


def keep(stores: Stores, session: Session, late: LatePost, *, client: str, now: datetime) -> bool:
    """Keep *late* for the session, whose *stores* these are; False if it is too large. Errors: TooMany."""
    body = json.dumps([late.form, late.segments, late.posted], ensure_ascii=False).encode()
    if len(body) > MOST_BYTES:
        return False
    limit(stores, "late-post", client, POSTS_OF_CLIENT, now=now)
    with stores.write() as work:
        work.late_posts.keep(session.id, body, ends_at=now + KEPT)
    return True


def find(stores: Stores, session: Session, *, now: datetime, steps: Steps) -> LatePost | None:
    """What was kept for the session, if its time is not over; it goes with the session.

    *steps*: what the clock was put forward by since the session began is no time that passed (REL-10).
    """
    with stores.read() as work:
        body = work.late_posts.of(session.id, now - steps.since(session.created_at))
    if body is None:
        return None
    form, segments, posted = json.loads(body)
    return LatePost(form, segments, {name: tuple(texts) for name, texts in posted.items()})
