"""Drafts in the database: one row each, what the applicant wrote in one column of bytes.

The body is two lines of JSON, sealed with the key of the draft: what stands beside the answers, then the answers as
`core.answers` writes them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, update

from formengine.core import numbers
from formengine.core.answers import Answers
from formengine.core.lifecycle import (
    Attachment,
    Draft,
    DraftId,
    DraftStatus,
    Earlier,
    FileId,
    ProofAnswer,
    ProofStatus,
    Reference,
    Removed,
)
from formengine.errors import AlreadySubmitted, NotFound, Stale
from formengine.storage import encryption, tables
from formengine.storage.encryption import Binding
from formengine.storage.engines import Rows, instant, micros
from formengine.storage.key_wraps import SqlKeyWraps, key_of

_T = tables.draft
_DELETED = tables.tombstone
_PURPOSE = "draft"
_STATUS = {status.value: status for status in DraftStatus}
COLUMNS = (
    _T.c.id,
    _T.c.tenant,
    _T.c.form,
    _T.c.form_hash,
    _T.c.language,
    _T.c.status,
    _T.c.revision,
    _T.c.created_at,
    _T.c.saved_at,
    _T.c.expires_at,
    _T.c.body,
)


def from_row(row: Sequence[Any], key: bytes) -> Draft:
    """The draft of a row that holds `COLUMNS` in their order, opened with its *key* if that is known.

    Errors: SealBroken.
    """
    body = bytes(row[10])
    opened = encryption.unseal(key, Binding(row[1], row[0], row[6], _PURPOSE), body) if key and body else b""
    head, _, answers = opened.partition(b"\n")
    beside = json.loads(head) if len(head) > 2 else {}
    return Draft(
        id=DraftId(row[0]),
        tenant=row[1],
        form=row[2],
        form_hash=row[3],
        language=row[4],
        status=_STATUS[row[5]],
        revision=row[6],
        created_at=instant(row[7]),
        saved_at=instant(row[8]),
        expires_at=instant(row[9]),
        answers=Answers.from_json(answers) if answers else Answers(),
        proofs=tuple(_proof(proof) for proof in beside.get("proofs", ())),
        accepted={key: instant(at) for key, at in beside["accepted"].items()} if "accepted" in beside else None,
        last_step=beside.get("lastStep", ""),
        removed=_removed(beside["removed"]) if "removed" in beside else None,
        uploads=tuple(_file(file) for file in beside.get("uploads", ())),
        saved_by=beside.get("by", ""),
        earlier=_earlier(beside["from"]) if "from" in beside else None,
        key=key,
    )


def _body(draft: Draft) -> bytes:
    if draft.status is not DraftStatus.OPEN:
        return b""
    beside: dict[str, Any] = {}
    if draft.proofs:
        beside["proofs"] = [_proof_json(proof) for proof in draft.proofs]
    if draft.accepted:
        beside["accepted"] = {key: micros(at) for key, at in draft.accepted.items()}
    if draft.last_step:
        beside["lastStep"] = draft.last_step
    if draft.removed:
        beside["removed"] = _removed_json(draft.removed)
    if draft.uploads:
        beside["uploads"] = [_file_json(file) for file in draft.uploads]
    if draft.saved_by:
        beside["by"] = draft.saved_by
    if draft.earlier is not None:
        beside["from"] = _earlier_json(draft.earlier)
    head = json.dumps(beside, ensure_ascii=False, separators=(",", ":")).encode()
    binding = Binding(draft.tenant, draft.id, draft.revision, _PURPOSE)
    return encryption.seal(draft.key, binding, head + b"\n" + draft.answers.to_json())


def _file(data: Mapping[str, Any]) -> Attachment:
    return Attachment(
        id=FileId(data["id"]),
        name=data["name"],
        media_type=data["type"],
        size_bytes=data["size"],
        sha512=data["sha512"],
        clean=data["clean"],
    )


def _file_json(file: Attachment) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.name,
        "type": file.media_type,
        "size": file.size_bytes,
        "sha512": file.sha512,
        "clean": file.clean,
    }


def _earlier(data: Mapping[str, Any]) -> Earlier:
    return Earlier(Reference(data["reference"]), instant(data["at"]), numbers.loads(data["filled"]))


def _earlier_json(earlier: Earlier) -> dict[str, Any]:
    filled = numbers.dumps(dict(earlier.filled))  # a text of its own: its numbers stay as they were written
    return {"reference": earlier.reference, "at": micros(earlier.received_at), "filled": filled}


def _proof(data: Mapping[str, Any]) -> ProofAnswer:
    files = tuple(_file(file) for file in data["files"])
    return ProofAnswer(data["proof"], data["item"], ProofStatus(data["status"]), data["reason"], files)


def _proof_json(proof: ProofAnswer) -> dict[str, Any]:
    return {
        "proof": proof.proof,
        "item": proof.item,
        "status": proof.status.value,
        "reason": proof.reason,
        "files": [_file_json(file) for file in proof.files],
    }


def _removed(data: Mapping[str, Any]) -> Removed:
    answers = Answers.from_json(data["answers"].encode())
    return Removed(data["list"], data["index"], data["key"], answers, instant(data["at"]))


def _removed_json(removed: Removed) -> dict[str, Any]:
    return {
        "list": removed.list,
        "index": removed.index,
        "key": removed.key,
        "answers": removed.answers.to_json().decode(),
        "at": micros(removed.at),
    }


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "form_hash": draft.form_hash,
        "language": draft.language,
        "status": draft.status.value,
        "revision": draft.revision,
        "saved_at": micros(draft.saved_at),
        "expires_at": micros(draft.expires_at),
        "body": _body(draft),
    }


class SqlDrafts:
    """`services.ports.Drafts` in SQL."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, draft: Draft) -> None:
        """Keep a new draft; whose work this is may read it."""
        row = _columns(draft) | {
            "id": draft.id,
            "tenant": draft.tenant,
            "form": draft.form,
            "created_at": micros(draft.created_at),
        }
        self._rows.connection.execute(insert(_T), row)
        SqlKeyWraps(self._rows).share(draft.id, draft.key)

    def load(self, draft_id: DraftId, *, lock: bool = False) -> Draft:
        """The draft; with *lock* nobody else changes it in this transaction. Errors: NotFound."""
        statement = self._rows.only(select(*COLUMNS).where(_T.c.id == draft_id), _T)
        return self._one(statement.with_for_update() if lock else statement)

    def save(self, draft: Draft, *, revision: int) -> None:
        """Write *draft* over the one at *revision*. Errors: Stale, AlreadySubmitted, NotFound."""
        values = [*_columns(draft).values(), draft.id, revision, DraftStatus.OPEN.value]
        if self._rows.tenant:
            values.append(self._rows.tenant)
        sql = _saving(self._rows.dialect.name, bool(self._rows.tenant))
        if self._rows.run(sql, values) != 1:
            self._refuse(draft.id)

    def close(self, draft: Draft) -> None:
        """Write the state of a draft that is no longer open and forget its answers."""
        statement = self._rows.only(update(_T).where(_T.c.id == draft.id), _T)
        self._rows.connection.execute(statement.values(status=draft.status.value, body=_body(draft)))

    def keep_lookup(self, draft_id: DraftId, lookup: bytes) -> None:
        """Let the draft be found by *lookup*, and by no earlier one."""
        self._rows.connection.execute(self._rows.only(update(_T).where(_T.c.id == draft_id), _T).values(lookup=lookup))

    def has_lookup(self, draft_id: DraftId) -> bool:
        """Whether there is a resume code for the draft."""
        statement = self._rows.only(select(_T.c.id).where(_T.c.id == draft_id, _T.c.lookup.is_not(None)), _T)
        return self._rows.connection.execute(statement).first() is not None

    def by_lookup(self, lookup: bytes, *, now: datetime) -> Draft:
        """The draft that a resume code opens, one sent too. Errors: NotFound, also for one whose time is over.

        What is over is not read at all: it costs what an unknown code costs (RES-05).
        """
        is_open = and_(_T.c.status == DraftStatus.OPEN.value, _T.c.expires_at > micros(now))
        opens = (_T.c.lookup == lookup, or_(_T.c.status == DraftStatus.SUBMITTED.value, is_open))
        return self._one(self._rows.only(select(*COLUMNS).where(*opens), _T))

    def opened(self, draft_id: DraftId, now: datetime) -> None:
        """Count that the draft was opened with its code (RES-12)."""
        mine = self._rows.only(update(_T).where(_T.c.id == draft_id), _T)
        values = {"openings": _T.c.openings + 1, "opened_before": _T.c.opened_at, "opened_at": micros(now)}
        self._rows.connection.execute(mine.values(**values))

    def openings(self, draft_id: DraftId) -> tuple[int, datetime | None]:
        """How often the draft was opened with its code, and when that was before the last time."""
        mine = self._rows.only(select(_T.c.openings, _T.c.opened_before).where(_T.c.id == draft_id), _T)
        row = self._rows.connection.execute(mine).one()
        return row.openings, instant(row.opened_before) if row.opened_before is not None else None

    def past(self, now: datetime, *, limit: int) -> Sequence[DraftId]:
        """Drafts not sent whose time is over."""
        over = (_T.c.status != DraftStatus.SUBMITTED.value, _T.c.expires_at <= micros(now))
        statement = self._rows.only(select(_T.c.id).where(*over).order_by(_T.c.expires_at).limit(limit), _T)
        return [DraftId(row.id) for row in self._rows.connection.execute(statement)]

    def delete(self, draft_id: DraftId, *, now: datetime) -> None:
        """Delete the draft with its keys and the rows of its files; sessions forget it, and a tombstone remains."""
        held, files, wraps = tables.session_form, tables.file, tables.key_wrap
        connection = self._rows.connection
        connection.execute(delete(held).where(held.c.draft_id == draft_id))
        connection.execute(delete(files).where(files.c.draft_id == draft_id))
        connection.execute(delete(wraps).where(wraps.c.draft_id == draft_id))
        connection.execute(self._rows.only(delete(_T).where(_T.c.id == draft_id), _T))
        self.bury(draft_id, now)

    def tombstones(self) -> Sequence[tuple[DraftId, datetime]]:
        """Which drafts were deleted, and when."""
        found = self._rows.connection.execute(select(_DELETED).order_by(_DELETED.c.draft_id))
        return [(DraftId(row.draft_id), instant(row.deleted_at)) for row in found]

    def bury(self, draft_id: DraftId, at: datetime) -> None:
        """Remember that the draft was deleted."""
        connection = self._rows.connection
        connection.execute(delete(_DELETED).where(_DELETED.c.draft_id == draft_id))
        connection.execute(insert(_DELETED), {"draft_id": draft_id, "deleted_at": micros(at)})

    def forget_tombstones(self, before: datetime) -> int:
        """Forget those that are older; how many."""
        return self._rows.connection.execute(delete(_DELETED).where(_DELETED.c.deleted_at < micros(before))).rowcount

    def _one(self, statement: Any) -> Draft:
        row = self._rows.connection.execute(statement).first()
        if row is None:
            raise NotFound("no such draft")
        return from_row(row, key_of(self._rows, row[0]))

    def _refuse(self, draft_id: DraftId) -> None:
        sent = tables.submission
        statement = (
            select(_T.c.status, sent.c.reference)
            .select_from(_T.outerjoin(sent, sent.c.draft_id == _T.c.id))
            .where(_T.c.id == draft_id)
        )
        row = self._rows.connection.execute(self._rows.only(statement, _T)).first()
        if row is None or row.status == DraftStatus.EXPIRED.value:
            raise NotFound("no such draft")
        if row.reference is not None:
            raise AlreadySubmitted(Reference(row.reference))
        raise Stale("the draft was saved elsewhere meanwhile")


@functools.cache
def _saving(dialect: str, of_tenant: bool) -> str:  # noqa: FBT001  a key of the cache
    """The statement that saves a draft, written once for each driver: it runs at every post."""
    mark = "?" if dialect == "sqlite" else "%s"
    names = ("form_hash", "language", "status", "revision", "saved_at", "expires_at", "body")
    settings = ", ".join(f"{name} = {mark}" for name in names)
    tenant = f" AND tenant = {mark}" if of_tenant else ""
    return f"UPDATE draft SET {settings} WHERE id = {mark} AND revision = {mark} AND status = {mark}{tenant}"  # noqa: S608  names of ours
