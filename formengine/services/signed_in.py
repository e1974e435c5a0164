"""Who of the staff is signed in, and who may not be: they see and end their sessions, an admin anybody's (SES-11).

An access that is blocked ends with its sessions at once, and no sign-in begins another before it is unblocked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from formengine.services import visiting
from formengine.services.ports import Session, SessionId, Stores
from formengine.services.values import BlockedPerson


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


def block(stores: Stores, person: str, name: str, *, by: str, tenant: str, now: datetime) -> None:
    """Block the access of *person*, whose sessions end; *name* is how people know them."""
    with stores.write() as work:
        work.blocked_staff.add(tenant, BlockedPerson(person, name or person, now))
        for one in work.sessions.of_staff(person):
            work.sessions.end(one.id)
        work.audit.add(tenant=tenant, at=now, person=by, action="block", detail=person)


def unblock(stores: Stores, person: str, *, by: str, tenant: str, now: datetime) -> bool:
    """Let *person* sign in again; False if they were not blocked."""
    with stores.write() as work:
        found = work.blocked_staff.remove(tenant, person)
        if found:
            work.audit.add(tenant=tenant, at=now, person=by, action="unblock", detail=person)
    return found


def blocked(stores: Stores) -> Sequence[BlockedPerson]:
    """Whose access is blocked, by name."""
    with stores.read() as work:
        return [person for _, person in work.blocked_staff.all()]


def is_blocked(stores: Stores, person: str, tenant: str) -> bool:
    """Whether the access of *person* is blocked."""
    with stores.read() as work:
        return work.blocked_staff.has(tenant, person)
