"""Published versions of forms in the database: immutable bundles by their hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from formengine.errors import NotFound
from formengine.storage import tables
from formengine.storage.engines import Rows, micros

_T = tables.form_version
_RELEASE = tables.form_release


class SqlVersions:
    """`services.ports.Versions` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, *, form: str, version: str, hash: str, bundle: bytes, now: datetime) -> bool:  # noqa: A002  the field's word
        """Keep the version and serve it from now on; False if it is already the one served."""
        if self.served().get(form) == hash:
            return False
        connection = self._rows.connection
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        keep = dialect.insert(_T).values(hash=hash, form=form, version=version, bundle=bundle)
        connection.execute(keep.on_conflict_do_nothing(index_elements=["hash"]))
        connection.execute(insert(_RELEASE), {"form": form, "hash": hash, "published_at": micros(now)})
        return True

    def bundle(self, hash: str) -> bytes:  # noqa: A002  the field's word
        """The bytes of a version. Errors: NotFound."""
        row = self._rows.connection.execute(select(_T.c.bundle).where(_T.c.hash == hash)).first()
        if row is None:
            raise NotFound("no such version of a form")
        return bytes(row.bundle)

    def served(self) -> Mapping[str, str]:
        """The hash of the newest version of each form."""
        newest = select(func.max(_RELEASE.c.number)).group_by(_RELEASE.c.form)
        statement = select(_RELEASE.c.form, _RELEASE.c.hash).where(_RELEASE.c.number.in_(newest))
        return {row.form: row.hash for row in self._rows.connection.execute(statement)}
