"""Published versions of forms in the database: immutable bundles by their hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from formengine.core.lifecycle import DraftStatus
from formengine.errors import NotFound
from formengine.services.values import VersionRow
from formengine.storage import tables
from formengine.storage.engines import Rows, instant, micros

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
        """The hash of the version of each form that was published last, also where it was withdrawn since."""
        newest = select(func.max(_RELEASE.c.number)).group_by(_RELEASE.c.form)
        statement = select(_RELEASE.c.form, _RELEASE.c.hash).where(_RELEASE.c.number.in_(newest))
        return {row.form: row.hash for row in self._rows.connection.execute(statement)}

    def withdrawn(self) -> frozenset[str]:
        """The hashes of the versions that were withdrawn."""
        statement = select(_T.c.hash).where(_T.c.withdrawn_at.is_not(None))
        return frozenset(row.hash for row in self._rows.connection.execute(statement))

    def hash_of(self, form: str, version: str) -> str | None:
        """The hash that this version of the form was published with first, or None."""
        first = (
            select(_T.c.hash)
            .join(_RELEASE, _RELEASE.c.hash == _T.c.hash)
            .where(_T.c.form == form, _T.c.version == version)
            .order_by(_RELEASE.c.number)
        )
        row = self._rows.connection.execute(first).first()
        return str(row.hash) if row else None

    def serve(self, hash: str, *, now: datetime) -> None:  # noqa: A002  the field's word
        """Serve a version that is kept from now on. Errors: NotFound."""
        connection = self._rows.connection
        row = connection.execute(select(_T.c.form).where(_T.c.hash == hash)).first()
        if row is None:
            raise NotFound("no such version of a form")
        connection.execute(insert(_RELEASE), {"form": row.form, "hash": hash, "published_at": micros(now)})

    def withdraw(self, hash: str, *, now: datetime) -> None:  # noqa: A002  the field's word
        """Say that nobody may begin or send this version any more."""
        first = update(_T).where(_T.c.hash == hash, _T.c.withdrawn_at.is_(None))
        self._rows.connection.execute(first.values(withdrawn_at=micros(now)))

    def all(self) -> list[VersionRow]:
        """Every version by form, the one published last first."""
        drafts = tables.draft
        held = (
            select(func.count())
            .where(drafts.c.form_hash == _T.c.hash, drafts.c.status == DraftStatus.OPEN.value)
            .scalar_subquery()
        )
        last = (
            select(
                _RELEASE.c.hash,
                func.max(_RELEASE.c.number).label("number"),
                func.max(_RELEASE.c.published_at).label("at"),
            )
            .group_by(_RELEASE.c.hash)
            .subquery()
        )
        statement = (
            select(_T.c.form, _T.c.version, _T.c.hash, last.c.at, _T.c.withdrawn_at, held.label("drafts"))
            .join(last, last.c.hash == _T.c.hash)
            .order_by(_T.c.form, last.c.number.desc())
        )
        served = set(self.served().values())
        return [
            VersionRow(
                row.form,
                row.version,
                row.hash,
                published_at=instant(row.at),
                withdrawn_at=instant(row.withdrawn_at) if row.withdrawn_at is not None else None,
                is_served=row.hash in served,
                drafts=row.drafts,
            )
            for row in self._rows.connection.execute(statement)
        ]
