"""RES-05: whatever kind of code opens nothing, the answer is the same, and so is the work that leads to it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from types import FrameType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from formengine.errors import ResumeRefused
from formengine.services import codes, resuming, retention
from formengine.services.ports import Stores
from formengine.services.values import CODE
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch
from tests.web.applicant import Applicant

WORK = {"derive", "digest", "execute", "decrypt", "aes_key_unwrap", "urandom"}
_clients = count(1)


def a_code(stores: Stores, clock: Clock, **changes: str) -> tuple[str, str]:
    """A code, and the id of the draft that it opens; the columns *changes* of that are set anew."""
    draft = filled.answered(stores, lunch(), clock)
    code = resuming.save(stores, draft)
    for column, value in changes.items():
        with stores.database.engines.write() as rows:
            rows.connection.execute(text(f"UPDATE draft SET {column} = {value} WHERE id = :id"), {"id": draft.id})
    return str(code), draft.id


def deleted(stores: Stores, clock: Clock) -> str:
    code, draft_id = a_code(stores, clock)
    retention.delete_draft(stores, draft_id, now=clock())
    return code


def half_deleted(stores: Stores, clock: Clock) -> str:
    """One whose deletion was broken off before its files."""
    code, draft_id = a_code(stores, clock, status="'expired'")
    with stores.write() as work:
        work.keys.drop(draft_id)
    return code


def changed(stores: Stores, clock: Clock) -> str:
    """One that was replaced by another (RES-08)."""
    draft = filled.answered(stores, lunch(), clock)
    old = resuming.save(stores, draft)
    resuming.save(stores, draft)
    return str(old)


WELL_FORMED: dict[str, Callable[[Stores, Clock], str]] = {
    "unknown": lambda *_: str(codes.new_resume_code()),
    "expired": lambda stores, clock: a_code(stores, clock, expires_at="1")[0],
    "deleted": deleted,
    "half deleted": half_deleted,
    "another tenant's": lambda stores, clock: a_code(stores, clock, tenant="'elsewhere'")[0],
    "changed": changed,
}
MISTYPED = {
    "wrong check symbol": "0000-0000-0000-0000-0000-0000-1",
    "too short": "7K3Q",
    "too long": "0" * 30,
    "far too long": "0" * 5000,
    "another alphabet": "ÄÖÜ!-????-0000-0000-0000-0000-0",
    "dashes": "---",
}


def work_of(stores: Stores, code: str, clock: Clock) -> Counter[str]:
    """How often each costly thing is called until the code is refused: statements, derivations, keys unwrapped."""
    called: Counter[str] = Counter()

    def see(frame: FrameType, what: str, about: Any) -> None:
        name = about.__name__ if what == "c_call" else frame.f_code.co_name if what == "call" else ""
        if name in WORK:
            called[name] += 1

    sys.setprofile(see)
    try:
        resuming.resume(stores, code, client=f"2001:db8:0:{next(_clients):x}::1", now=clock())
    except ResumeRefused:
        return called
    finally:
        sys.setprofile(None)
    raise AssertionError("the code opened something")


def test_res_05_every_code_without_a_typing_mistake_costs_the_same_work(stores: Stores) -> None:
    clock = Clock()
    ours = stores.of("t")
    made = {kind: make(ours, clock) for kind, make in WELL_FORMED.items()}
    work_of(ours, made["unknown"], clock)  # what is compiled and connected once
    works = {kind: work_of(ours, code, clock) for kind, code in made.items()}
    assert works["unknown"]["derive"] >= 1
    assert works["unknown"]["execute"] >= 2
    assert works["unknown"]["aes_key_unwrap"] == 0
    for kind, work in works.items():
        assert work == works["unknown"], kind


def test_res_05_a_code_that_opens_is_the_one_that_unwraps(stores: Stores) -> None:
    clock = Clock()
    code, draft_id = a_code(stores, clock)
    assert resuming.resume(stores, code, client="", now=clock()).draft.id == draft_id
    clock.on(days=9)
    assert resuming.resume(stores, code, client="", now=clock()).draft.id == draft_id
    with pytest.raises(ResumeRefused):
        resuming.resume(stores, code, client="", now=clock() + timedelta(days=1))
    with stores.read() as work:
        assert CODE in {wrap.kind for wrap in work.keys.of(draft_id)}


def test_res_05_every_kind_gets_the_same_status_headers_and_bytes(site: Flask) -> None:
    stores = site.extensions["formengine"].engine.stores.opened_by(opened.READER)
    clock = Clock()
    ada = Applicant(site)
    page = ada.get("/resume")
    answers = {}
    made = {kind: make(stores, clock) for kind, make in WELL_FORMED.items()} | MISTYPED
    for kind, code in made.items():
        data = {**dict(page.hidden()), "_code": code, "_end": "1"}
        answer = ada.client.post("/resume", data=data, environ_base={"REMOTE_ADDR": f"192.0.2.{next(_clients)}"})
        headers = {name: value for name, value in answer.headers if name not in {"Date", "Content-Length"}}
        answers[kind] = (answer.status_code, headers, answer.text.replace(code, "…"))
    assert answers["unknown"][0] == 422
    for kind, answer in answers.items():
        assert answer == answers["unknown"], kind
