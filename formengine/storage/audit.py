"""The audit log: one chain of hashes a tenant, appended to and never changed (ACC-08)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from formengine.services.ports import AuditLine
from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

_T = tables.audit
_HEAD = tables.audit_head
FIRST = "0" * 64
"""What the first line of a chain is hashed with."""


def chained(previous: str, line: AuditLine) -> str:
    """The hash of *line* behind a line with the hash *previous*: SHA-256 in lower-case hex."""
    parts = [
        previous,
        line.tenant,
        line.number,
        micros(line.at),
        line.person,
        line.action,
        line.reference,
        line.detail,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


class SqlAudit:
    """`services.ports.Audit` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(
        self, *, tenant: str, at: datetime, person: str, action: str, reference: str = "", detail: str = ""
    ) -> None:
        """Append a line to the tenant's chain."""
        connection = self._rows.connection
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        begin = dialect.insert(_HEAD).values(tenant=tenant, number=0, hash=FIRST)
        connection.execute(begin.on_conflict_do_nothing(index_elements=["tenant"]))
        head = connection.execute(select(_HEAD).where(_HEAD.c.tenant == tenant).with_for_update()).one()
        line = AuditLine(tenant, head.number + 1, at, person, action, reference, detail, "")
        new = chained(head.hash, line)
        connection.execute(
            insert(_T),
            {
                "tenant": tenant,
                "number": line.number,
                "at": micros(at),
                "person": person,
                "action": action,
                "reference": reference,
                "detail": detail,
                "hash": new,
            },
        )
        connection.execute(update(_HEAD).where(_HEAD.c.tenant == tenant).values(number=line.number, hash=new))

    def lines(self, tenant: str, *, limit: int = 1000) -> Sequence[AuditLine]:
        """The newest lines, oldest of them first."""
        statement = select(_T).where(_T.c.tenant == tenant).order_by(_T.c.number.desc()).limit(limit)
        found = [
            AuditLine(
                row.tenant, row.number, instant(row.at), row.person, row.action, row.reference, row.detail, row.hash
            )
            for row in self._rows.connection.execute(statement)
        ]
        return found[::-1]
