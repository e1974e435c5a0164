"""Whose access to the staff site is blocked, by the id that their sign-in gives them (SES-11)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from formengine.services.values import BlockedPerson
from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

_T = tables.blocked_staff


class SqlBlockedStaff:
    """`services.ports.BlockedStaff` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, tenant: str, person: BlockedPerson) -> None:
        """Block a person; one who is blocked stays so, under the name that is given now."""
        self.remove(tenant, person.id)
        row = {"tenant": tenant, "person_id": person.id, "name": person.name, "since": micros(person.since)}
        self._rows.connection.execute(insert(_T), row)

    def remove(self, tenant: str, person_id: str) -> bool:
        """Let the person in again; False if they were not blocked."""
        mine = (_T.c.tenant == tenant, _T.c.person_id == person_id)
        return self._rows.connection.execute(delete(_T).where(*mine)).rowcount > 0

    def has(self, tenant: str, person_id: str) -> bool:
        """Whether the person is blocked."""
        mine = (_T.c.tenant == tenant, _T.c.person_id == person_id)
        return self._rows.connection.execute(select(_T.c.since).where(*mine)).first() is not None

    def all(self) -> Sequence[tuple[str, BlockedPerson]]:
        """Everybody who is blocked, with the tenant's id, by name."""
        statement = self._rows.only(select(_T).order_by(_T.c.name, _T.c.person_id), _T)
        return [
            (row.tenant, BlockedPerson(row.person_id, row.name, instant(row.since)))
            for row in self._rows.connection.execute(statement)
        ]
