"""Sign-in of staff: one module a provider, and what all of them keep to.

A provider says who somebody is and which roles they have; what a role may see is decided by the decorators of
`web.access`. The session is made by the web after `finish`, always a new one (SES-04).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from formengine.registry import Registry


class Role(StrEnum):
    """What somebody of the staff is (ACC-05). Nobody has one by default."""

    CASEWORKER = "caseworker"
    CASE_LEAD = "case-lead"
    DESIGNER = "designer"
    PUBLISHER = "publisher"
    TENANT_ADMIN = "tenant-admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff. *id* is unique over all providers and never an e-mail address (ACC-02)."""

    id: str
    name: str
    tenant: str
    roles: frozenset[Role]

    def as_session(self) -> dict[str, str | list[str]]:
        """The person as a session keeps it."""
        return {"id": self.id, "name": self.name, "roles": sorted(self.roles)}


@dataclass(frozen=True, slots=True)
class Begun:
    """How a sign-in goes on: at *url* elsewhere, or on our page by picking one of *choices*.

    *kept* is what `finish` needs back; it is kept in the session on the server, never in a cookie.
    """

    url: str = ""
    choices: tuple[Person, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """A way to sign in."""

    def begin(self, *, callback: str) -> Begun:
        """Begin a sign-in that comes back to the URL *callback*."""

    def finish(self, answer: Mapping[str, str], kept: Mapping[str, str]) -> Person:
        """Who signed in, from what came back and what was kept. Errors: NotAllowed."""


Make: TypeAlias = Callable[[Sequence[str], Mapping[str, str]], Provider]
"""Makes a provider for the ids of the tenants, with the operator's options for it."""

providers: Registry[Make] = Registry("formengine.auth")
"""The providers by name; a module of this package or an entry point of the same name."""
