"""Who may use a route: each carries exactly one of these marks, and a test walks them all (ACC-01)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from flask import current_app, redirect, request
from werkzeug.wrappers import Response

from formengine.core.lifecycle import DraftStatus
from formengine.errors import FormEngineError, NotAllowed, NotFound
from formengine.services import signed_in
from formengine.web import outdated
from formengine.web.visits import Visit, visit

P = ParamSpec("P")
R = TypeVar("R")


class SessionEnded(FormEngineError):
    """Raised where an applicant's session is over; becomes the page that says so and keeps what was typed."""


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anybody may use *view*."""
    view.access = "public"  # type: ignore[attr-defined]  # read by the test that walks the routes
    return view


def applicant(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Only a session that holds an open draft of the form may use *view*; others are led to where they can go on.

    Whose form has another version hears of that first, but for views marked `in_any_version`.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        v = visit()
        is_apart = getattr(view, "in_any_version", False)
        form = (request.view_args or {})["form"] if is_apart else v.the_form().id
        draft = v.draft
        if v.reference is not None and (draft is None or draft.status is DraftStatus.SUBMITTED):
            return redirect(f"/{form}/confirmation", 303)
        if draft is None or draft.status is not DraftStatus.OPEN or draft.expires_at <= v.now:
            if request.method == "POST" or (v.had_cookie and v.session is None):
                raise SessionEnded
            return redirect(f"/{form}/{v.query}", 303)
        before = None if is_apart else outdated.first(v)
        return before if before is not None else view(*args, **kwargs)

    guarded.access = "applicant"  # type: ignore[attr-defined]  # read by the test that walks the routes
    return guarded


def in_any_version(view: Callable[P, R]) -> Callable[P, R]:
    """*view* is no part of the form itself: it is the same in every version, also in one that was withdrawn."""
    view.in_any_version = True  # type: ignore[attr-defined]  # read by `applicant`
    return view


def is_for_applicants(endpoint: str) -> bool:
    """Whether the route *endpoint* is only for a session that holds a draft."""
    return getattr(current_app.view_functions.get(endpoint), "access", "") == "applicant"


def staff(*roles: str) -> Callable[[Callable[P, R]], Callable[P, R | Response]]:
    """Only a person who signed in and has one of *roles* may use the view; without roles, anyone who signed in."""

    def mark(view: Callable[P, R]) -> Callable[P, R | Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
            v = visit()
            if v.session is not None and _is_blocked(v):
                v.end()
            session = v.session
            if session is None or not session.person:
                if request.method != "GET":
                    raise NotFound("nobody has signed in")
                return redirect(f"/sign-in?next={quote(request.path, safe='/')}", 303)
            if roles and not set(roles) & set(session.person.get("roles", ())):
                raise NotAllowed("another role")
            return view(*args, **kwargs)

        guarded.access = "staff"  # type: ignore[attr-defined]  # read by the test that walks the routes
        guarded.roles = roles  # type: ignore[attr-defined]  # read by the test that walks the routes
        return guarded

    return mark


def _is_blocked(v: Visit) -> bool:
    """Whether somebody blocked the access of who signed in (SES-11): asked at each request."""
    person = v.session.person if v.session is not None else {}
    return bool(person) and signed_in.is_blocked(v.stores, str(person["id"]), v.tenant.id)
