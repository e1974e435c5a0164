"""Sessions in the database, by the hash of their cookie, and what each holds of each form."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, or_, select, update
from sqlalchemy.engine import Dialect

from formengine.core.lifecycle import DraftId, Reference
from formengine.errors import NotFound
from formengine.services.ports import Opened, Reader, Session, SessionId, Wrap
from formengine.services.values import SESSION
from formengine.storage import drafts, encryption, tables
from formengine.storage.encryption import Binding, unwrap, wrap
from formengine.storage.engines import Rows, instant, micros
from formengine.storage.key_wraps import SqlKeyWraps, key_of

_T = tables.session
_HELD = tables.session_form
_WRAP = tables.key_wrap
_CODE = "code"
_COLUMNS = (
    _T.c.id,
    _T.c.tenant,
    _T.c.audience,
    _T.c.csrf,
    _T.c.language,
    _T.c.theme,
    _T.c.shared,
    _T.c.person,
    _T.c.created_at,
    _T.c.seen_at,
)


def _from_row(row: Sequence[Any]) -> Session:
    return Session(
        id=SessionId(row[0]),
        tenant=row[1],
        audience=row[2],
        csrf=row[3],
        language=row[4],
        theme=row[5],
        shared=bool(row[6]),
        person=json.loads(bytes(row[7])) if row[7] else {},
        created_at=instant(row[8]),
        seen_at=instant(row[9]),
    )


@functools.cache
def _opening(dialect: Dialect) -> tuple[str, tuple[str, ...] | None]:
    """The statement that opens a session with its draft, and the order of its parameters if they have one.

    Compiled once: it runs at every request, where looking up its compiled form would cost as much as running it.
    """
    draft = tables.draft
    held = _T.outerjoin(_HELD, (_HELD.c.session_id == _T.c.id) & (_HELD.c.form == bindparam("form")))
    mine = (_WRAP.c.draft_id == draft.c.id) & (_WRAP.c.kind == bindparam("kind"))
    mine &= _WRAP.c.key_id == bindparam("key_id")
    holding = held.outerjoin(draft, (draft.c.id == _HELD.c.draft_id) & (draft.c.tenant == _T.c.tenant))
    statement = (
        select(*_COLUMNS, _HELD.c.reference, _WRAP.c.wrapped, *drafts.COLUMNS)
        .select_from(holding.outerjoin(_WRAP, mine))
        .where(_T.c.id == bindparam("id"))
    )
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup) if compiled.positiontup else None


class SqlSessions:
    """`services.ports.Sessions` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, session: Session) -> None:
        """Keep a new session."""
        row = _changing(session) | {
            "id": session.id,
            "tenant": session.tenant,
            "audience": session.audience,
            "csrf": session.csrf,
            "created_at": micros(session.created_at),
        }
        self._rows.connection.execute(insert(_T), row)

    def open(self, session_id: SessionId, form: str) -> Opened:
        """The session with what it holds of *form*, in one statement. Errors: NotFound."""
        reader = self._rows.reader
        given = {
            "id": session_id, "form": form, "kind": reader.kind if reader else "", "key_id": reader.id if reader else ""
        }  # fmt: skip
        sql, order = _opening(self._rows.dialect)
        row = self._rows.first(sql, tuple(given[name] for name in order) if order else given)
        if row is None or (self._rows.tenant and row[1] != self._rows.tenant):
            raise NotFound("no such session")
        key = unwrap(reader, Wrap(reader.kind, reader.id, bytes(row[11]))) if reader and row[11] else b""
        draft = drafts.from_row(row[12:], key) if row[12] is not None else None
        return Opened(_from_row(row), draft, Reference(row[10]) if row[10] else None)

    def save(self, session: Session) -> None:
        """Write language, theme, shared, person and when it was seen."""
        self._rows.connection.execute(
            self._rows.only(update(_T).where(_T.c.id == session.id), _T).values(**_changing(session))
        )

    def hold(self, session_id: SessionId, form: str, draft_id: DraftId | None, reference: Reference | None) -> None:
        """Let the session hold this draft and receipt of *form*; a code that it kept of another is forgotten."""
        here = (_HELD.c.session_id == session_id, _HELD.c.form == form)
        values = {"draft_id": draft_id, "reference": reference, "code": None}
        if self._rows.connection.execute(update(_HELD).where(*here).values(**values)).rowcount == 0:
            self._rows.connection.execute(insert(_HELD), {"session_id": session_id, "form": form, **values})

    def renew(self, old: SessionId, new: Session, reader: Reader) -> None:
        """Put *new* in the place of *old*, with all that it held and could read (SES-04)."""
        connection = self._rows.connection
        keys = {
            row.draft_id: key_of(self._rows, row.draft_id)
            for row in connection.execute(select(_WRAP.c.draft_id).where(*_of_session(old))).all()
        }
        held = connection.execute(
            select(_HELD.c.form, _HELD.c.draft_id, _HELD.c.reference).where(_HELD.c.session_id == old)
        ).all()
        codes = {row.form: self.code(old, row.form) for row in held}
        self.end(old)
        self.add(new)
        for row in held:
            connection.execute(
                insert(_HELD),
                {"session_id": new.id, "form": row.form, "draft_id": row.draft_id, "reference": row.reference},
            )
            if codes[row.form]:
                self.keep_code(reader, row.form, codes[row.form])
        for draft_id, key in keys.items():
            SqlKeyWraps(self._rows).add(draft_id, [wrap(reader, key)] if key else [])

    def keep_code(self, reader: Reader, form: str, code: str) -> None:
        """Keep the resume *code* of what the session, who is *reader*, holds of *form*: sealed to it alone (RES-07)."""
        session_id = SessionId(reader.id)
        sealed = encryption.seal(_code_key(reader), self._binding(session_id), code.encode())
        here = (_HELD.c.session_id == session_id, _HELD.c.form == form)
        self._rows.connection.execute(update(_HELD).where(*here).values(code=sealed))

    def code(self, session_id: SessionId, form: str) -> str:
        """The resume code that the session, the reader of this work, kept of *form*; "" if none. Errors: SealBroken."""
        here = (_HELD.c.session_id == session_id, _HELD.c.form == form)
        sealed = self._rows.connection.execute(select(_HELD.c.code).where(*here)).scalar()
        reader = self._rows.reader
        if not sealed or reader is None or reader.id != session_id:
            return ""
        return encryption.unseal(_code_key(reader), self._binding(session_id), bytes(sealed)).decode()

    def forget_codes(self, draft_id: DraftId) -> None:
        """Forget the draft's code in every session: it opens nothing any more."""
        self._rows.connection.execute(update(_HELD).where(_HELD.c.draft_id == draft_id).values(code=None))

    def _binding(self, session_id: SessionId) -> Binding:
        return Binding(self._rows.tenant, session_id, 0, _CODE)

    def of_staff(self, person_id: str = "") -> Sequence[Session]:
        """The sessions of a person of the staff, or of all of them, the newest first."""
        mine = _T.c.person_id == person_id if person_id else _T.c.person_id.is_not(None)
        statement = self._rows.only(select(*_COLUMNS).where(mine).order_by(_T.c.created_at.desc()), _T)
        return [_from_row(row) for row in self._rows.connection.execute(statement)]

    def submitted(self, draft_id: DraftId, reference: Reference) -> None:
        """Give every session that holds the draft its receipt."""
        statement = update(_HELD).where(_HELD.c.draft_id == draft_id).values(reference=reference)
        self._rows.connection.execute(statement)

    def end(self, session_id: SessionId) -> None:
        """Delete the session."""
        self._rows.connection.execute(delete(_HELD).where(_HELD.c.session_id == session_id))
        self._rows.connection.execute(delete(_WRAP).where(*_of_session(session_id)))
        self._rows.connection.execute(self._rows.only(delete(_T).where(_T.c.id == session_id), _T))

    def delete_unseen(self, *, seen_before: datetime, made_before: datetime) -> int:
        """Delete the sessions past their limits; how many."""
        over = or_(_T.c.seen_at < micros(seen_before), _T.c.created_at < micros(made_before))
        ended = select(_T.c.id).where(over)
        self._rows.connection.execute(delete(_HELD).where(_HELD.c.session_id.in_(ended)))
        wraps = delete(_WRAP).where(_WRAP.c.kind == SESSION, _WRAP.c.key_id.in_(ended))
        self._rows.connection.execute(wraps)
        return self._rows.connection.execute(self._rows.only(delete(_T).where(over), _T)).rowcount


def _of_session(session_id: SessionId) -> tuple[ColumnElement[bool], ...]:
    return (_WRAP.c.kind == SESSION, _WRAP.c.key_id == session_id)


def _code_key(reader: Reader) -> bytes:
    return encryption.derive(reader.secrets[reader.id], _CODE)


def _changing(session: Session) -> dict[str, Any]:
    return {
        "language": session.language,
        "theme": session.theme,
        "shared": session.shared,
        "person": json.dumps(session.person, ensure_ascii=False).encode() if session.person else b"",
        "person_id": session.person.get("id"),
        "seen_at": micros(session.seen_at),
    }
