"""The sessions of the staff: one's own, and for the administration those of everybody (SES-11)."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from formengine.auth import Role
from formengine.errors import NotAllowed
from formengine.services import signed_in
from formengine.services.ports import Session
from formengine.web.access import staff
from formengine.web.leaving import cleared
from formengine.web.staff_pages import staff_page
from formengine.web.visits import Visit, visit

staff_sessions = Blueprint("staff_sessions", __name__)


@staff_sessions.get("/sessions")
@staff()
def mine() -> Response:
    """Where one is signed in, each with a button that ends it."""
    v = visit()
    person = _person(v)
    own = signed_in.sessions(v.stores, person, now=v.now)
    everybody = signed_in.sessions(v.stores, now=v.now) if _is_admin(v) else ()
    people = {str(one.person["id"]): str(one.person["name"]) for one in everybody if one.person["id"] != person}
    return staff_page(
        "staff/sessions.html",
        "sessions",
        own=[_row(v, one) for one in own],
        people=[
            {"id": id_, "name": name, "count": sum(one.person["id"] == id_ for one in everybody)}
            for id_, name in sorted(people.items(), key=lambda item: item[1])
        ],
        blocked=[
            {"id": one.id, "name": one.name, "since": v.text.moment(one.since)} for one in signed_in.blocked(v.stores)
        ]
        if _is_admin(v)
        else [],
        is_admin=_is_admin(v),
    )


@staff_sessions.post("/sessions")
@staff()
def end() -> WerkzeugResponse:
    """End one of one's own sessions."""
    v = visit()
    wanted = request.form.get("_session", "")
    signed_in.end_own(v.stores, _person(v), wanted)
    if v.session is not None and v.session.id == wanted:
        v.end()
        return cleared("/sign-in")
    return redirect("/sessions", 303)


@staff_sessions.post("/sessions/of-person")
@staff(Role.TENANT_ADMIN)
def end_all() -> WerkzeugResponse:
    """End all sessions of a person."""
    v = visit()
    person = request.form.get("_person", "")
    signed_in.end_all(v.stores, person, by=_person(v), tenant=v.tenant.id, now=v.now)
    if person == _person(v):
        v.end()
        return cleared("/sign-in")
    return redirect("/sessions", 303)


@staff_sessions.post("/sessions/block")
@staff(Role.TENANT_ADMIN)
def block() -> WerkzeugResponse:
    """Block the access of another person: all their sessions end, and they cannot sign in."""
    v = visit()
    person = request.form.get("_person", "")
    names = {str(one.person["id"]): str(one.person["name"]) for one in signed_in.sessions(v.stores, now=v.now)}
    if person == _person(v) or person not in names:
        raise NotAllowed("nobody who is signed in")
    signed_in.block(v.stores, person, names[person], by=_person(v), tenant=v.tenant.id, now=v.now)
    return redirect("/sessions", 303)


@staff_sessions.post("/sessions/unblock")
@staff(Role.TENANT_ADMIN)
def unblock() -> WerkzeugResponse:
    """Let a person sign in again."""
    v = visit()
    signed_in.unblock(v.stores, request.form.get("_person", ""), by=_person(v), tenant=v.tenant.id, now=v.now)
    return redirect("/sessions", 303)


def _row(v: Visit, one: Session) -> dict[str, object]:
    return {
        "id": one.id,
        "since": v.text.moment(one.created_at),
        "seen": v.text.moment(one.seen_at),
        "is_this": v.session is not None and one.id == v.session.id,
    }


def _person(v: Visit) -> str:
    return str(v.session.person["id"]) if v.session is not None else ""


def _is_admin(v: Visit) -> bool:
    return v.session is not None and Role.TENANT_ADMIN in v.session.person.get("roles", ())
