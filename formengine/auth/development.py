"""Development sign-in: one picks one of a few fictional people, without a password.

For trying things out on one's own machine. It exists only where the setting says so
(`FORMENGINE_DEVELOPMENT_SIGN_IN`), and every page of the staff site says that it is on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from formengine.auth import Begun, Person, Role, providers
from formengine.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Development:
    """The provider. *people* are all whom one can be."""

    people: tuple[Person, ...]

    def begin(self, *, callback: str) -> Begun:
        """All people, to pick from."""
        del callback
        return Begun(choices=self.people)

    def finish(self, answer: Mapping[str, str], kept: Mapping[str, str]) -> Person:
        """The person whose id was picked. Errors: NotAllowed for any other."""
        del kept
        for person in self.people:
            if person.id == answer.get("person"):
                return person
        raise NotAllowed("no such person")


@providers.register("development")
def development(tenants: Sequence[str], options: Mapping[str, str]) -> Development:
    """The fictional people of the first tenant: two caseworkers, an auditor and an admin."""
    del options
    tenant = tenants[0]
    return Development(
        (
            Person("development:kaya", "Mira Kaya", tenant, frozenset({Role.CASEWORKER})),
            Person("development:probst", "Jens Probst", tenant, frozenset({Role.CASEWORKER, Role.CASE_LEAD})),
            Person("development:reiter", "Alma Reiter", tenant, frozenset({Role.AUDITOR})),
            Person("development:okafor", "Nneka Okafor", tenant, frozenset({Role.TENANT_ADMIN})),
        )
    )
