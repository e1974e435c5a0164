"""Who of the staff is signed in: they see and end their sessions, an admin those of everybody (SES-11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from formengine.services import visiting
from formengine.services.ports import Session, SessionId, Stores


def sessions(stores: Stores, person: str = "", *, now: datetime) -> Sequence[Session]:
    """The live sessions of *person*, or of everybody of the tenant, the newest first."""
    with stores.read() as work:
        return [one for one in work.sessions.of_staff(person) if now < visiting.ends_at(one)]


def end_own(stores: Stores, person: str, session_id: str) -> None:
    """End a session of *person*; nothing if it is another's or over."""
    with stores.write() as work:
        if any(one.id == session_id for one in work.sessions.of_staff(person)):
            work.sessions.end(SessionId(session_id))


def end_all(stores: Stores, person: str, *, by: str, tenant: str, now: datetime) -> None:
    """End all sessions of *person*, which the audit log says of *by*."""
    with stores.write() as work:
        for one in work.sessions.of_staff(person):
            work.sessions.end(one.id)
        work.audit.add(tenant=tenant, at=now, person=by, action="end sessions", detail=person)
