"""Sessions: begin one, find it again by its cookie, end it at its limits.

The cookie holds a random secret and the server its hash (SES-02); what it may see hangs on its row alone.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from formengine.core.lifecycle import Draft, DraftStatus, Reference
from formengine.errors import NotFound
from formengine.services.clock import Steps
from formengine.services.ports import Opened, Reader, Session, SessionId, Stores
from formengine.services.values import SESSION

APPLICANTS: Final = "applicants"
STAFF: Final = "staff"
SEEN_EVERY: Final = timedelta(minutes=1)
"""A session's last use is written at most this often: a page that is only read writes nothing else."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lives without a request, and at most."""

    idle: timedelta
    absolute: timedelta


LIMITS: Final = {
    (APPLICANTS, False): Limits(timedelta(minutes=60), timedelta(hours=12)),
    (APPLICANTS, True): Limits(timedelta(minutes=20), timedelta(hours=12)),
    (STAFF, False): Limits(timedelta(minutes=30), timedelta(hours=10)),
    (STAFF, True): Limits(timedelta(minutes=30), timedelta(hours=10)),
}
"""By audience, and whether the device is shared (SES-05)."""


def session_id(secret: str) -> SessionId:
    """What the server knows a cookie's secret by."""
    return SessionId(hashlib.sha256(secret.encode()).hexdigest())


def reader_of(secret: str) -> Reader:
    """Who holds the cookie, as a reader of what its session holds."""
    return Reader(SESSION, {session_id(secret): secret.encode()})


def begin(
    stores: Stores,
    *,
    tenant: str,
    language: str,
    now: datetime,
    audience: str = APPLICANTS,
    person: dict[str, str | list[str]] | None = None,
) -> tuple[str, Session]:
    """The secret for the cookie (256 random bits) and the new session."""
    secret = secrets.token_urlsafe(32)
    session = Session(
        id=session_id(secret),
        tenant=tenant,
        audience=audience,
        csrf=secrets.token_urlsafe(24),
        language=language,
        created_at=now,
        seen_at=now,
        person=person or {},
    )
    with stores.write() as work:
        work.sessions.add(session)
    return secret, session


def find(
    stores: Stores,
    secret: str,
    *,
    now: datetime,
    form: str = "",
    audience: str = APPLICANTS,
    steps: Steps | None = None,
) -> Opened:
    """The session of a cookie, with its draft or receipt of *form*. One statement reads it.

    *steps*: what the clock was put forward by meanwhile is no time that passed (REL-10).
    Errors: NotFound if there is none, it is over its limits, or another audience's.
    """
    reader = reader_of(secret)
    with stores.opened_by(reader).read() as work:
        opened = work.sessions.open(SessionId(reader.id), form)
    session = opened.session
    if session.audience != audience or is_over(session, now, steps or Steps()):
        raise NotFound("no such session")
    if abs(now - session.seen_at) < SEEN_EVERY:
        return opened
    return replace(opened, session=seen(stores, session, now=now))


def is_over(session: Session, now: datetime, steps: Steps) -> bool:
    """Whether the session is over its limits, what the clock was put forward by left out."""
    limits = LIMITS[session.audience, session.shared]
    idle = now - session.seen_at - steps.since(session.seen_at)
    return idle >= limits.idle or now - steps.since(session.created_at) >= latest_end(session)


def holds_draft(stores: Stores, session: Session, form: str) -> bool:
    """Whether the session holds an open draft of *form*."""
    with stores.read() as work:
        draft = work.sessions.open(session.id, form).draft
    return draft is not None and draft.status is DraftStatus.OPEN


def ends_at(session: Session) -> datetime:
    """When the session ends unless it is used before."""
    limits = LIMITS[session.audience, session.shared]
    return min(session.seen_at + limits.idle, latest_end(session))


def latest_end(session: Session) -> datetime:
    """When the session ends however much it is used."""
    return session.created_at + LIMITS[session.audience, session.shared].absolute


def seen(stores: Stores, session: Session, *, now: datetime) -> Session:
    """The session, used *now*."""
    return change(stores, replace(session, seen_at=now))


def change(stores: Stores, session: Session) -> Session:
    """The session with its language, theme, kind of device, person and last use as given."""
    with stores.write() as work:
        work.sessions.save(session)
    return session


def renew(stores: Stores, session: Session, *, now: datetime) -> tuple[str, Session]:
    """A new secret and session in the place of *session*, which is dead at once; what it held goes along (SES-04).

    *stores* are opened by the old session.
    """
    secret = secrets.token_urlsafe(32)
    new = replace(session, id=session_id(secret), csrf=secrets.token_urlsafe(24), created_at=now, seen_at=now)
    with stores.write() as work:
        work.sessions.renew(session.id, new, reader_of(secret))
    return secret, new


def hold(
    stores: Stores, session: Session, form: str, *, draft: Draft | None, reference: Reference | None = None
) -> None:
    """Let the session, whose *stores* these are, hold and read this draft and receipt of *form*, or none."""
    with stores.write() as work:
        work.sessions.hold(session.id, form, draft.id if draft else None, reference)
        if draft is not None:
            work.keys.share(draft.id, draft.key)


def end(stores: Stores, session: Session) -> None:
    """End the session at once (SES-06)."""
    with stores.write() as work:
        work.sessions.end(session.id)
