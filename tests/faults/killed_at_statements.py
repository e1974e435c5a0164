"""Errands of an applicant, each killed before its first, second, … last touch of database and files.

Run as a program: `killed_at_statements.py URL FOLDER` prints a line of JSON with the number of kills for each errand and
what was found wrong. It forks, so it is a process of its own that has opened nothing yet.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from formengine.core.lifecycle import Draft, DraftId, DraftStatus
from formengine.errors import AlreadySubmitted, FileRefused, NotFound
from formengine.services import attaching, drafting, filing, resuming, retention, visiting
from formengine.services.drafting import Reading
from formengine.services.ports import Stores
from formengine.storage.database import open_stores
from tests import opened
from tests.fakes import Clock
from tests.faults.half_done import half_done
from tests.services import filled
from tests.services.conftest import lunch

CLOCK = Clock()


class Killer:
    """Counts the touches of this process, and kills it before the touch *at* (0: never)."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0

    def touch(self, *_: object, **__: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, stores: Stores) -> Stores:
        """*stores*, each of whose statements, commits and files is a touch."""
        engines = stores.database.engines
        touch = self.touch

        class Cursor(psycopg.Cursor[Any]):
            def execute(self, *arguments: Any, **more: Any) -> Any:
                touch()
                return super().execute(*arguments, **more)

            def executemany(self, *arguments: Any, **more: Any) -> Any:
                touch()
                return super().executemany(*arguments, **more)

        def commits(connection: Any) -> Callable[[], None]:
            commit = connection.commit
            return lambda: (touch(), commit())[1]

        for engine in (engines.reading, engines.writing):
            if engines.is_sqlite:
                event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(touch))
            else:
                event.listen(engine, "connect", lambda connection, _: setattr(connection, "cursor_factory", Cursor))
                event.listen(
                    engine, "connect", lambda connection, _: setattr(connection, "commit", commits(connection))
                )
        return replace(stores, files=Touched(stores.files, touch))


class Touched:
    """A file store each of whose calls is a touch."""

    def __init__(self, files: Any, touch: Callable[[], None]) -> None:
        self._files = files
        self._touch = touch

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any) -> Any:
            self._touch()
            return getattr(self._files, name)(*arguments)

        return call


def load(stores: Stores, draft_id: str) -> Draft:
    with stores.read() as work:
        return work.drafts.load(DraftId(draft_id))


# --- what may be interrupted: make a draft; the errand; whether it holds after a kill, and again after once more -----


def answer(stores: Stores, draft: Draft) -> None:
    reading = Reading({"/name": "Neu", "/hasPet": True, "/petName": "Rex"})
    drafting.answer_step(stores, lunch(), draft, filled.YOU, reading, revision=draft.revision, now=CLOCK())


def answered(stores: Stores, before: Draft) -> list[str]:
    now = load(stores, before.id)
    got = (now.revision - before.revision, now.answers.get("/name"), now.answers.get("/hasPet"))
    return [] if got in {(0, "Änne", False), (1, "Neu", True)} else [f"neither old nor new: revision {got[0]}"]


def give_code(stores: Stores, draft: Draft) -> None:
    resuming.save(stores, draft)


def has_code(stores: Stores, before: Draft) -> list[str]:
    return [] if load(stores, before.id).answers == before.answers else ["the answers changed"]


def come_back(stores: Stores, draft: Draft) -> None:
    """By a code of its own into a session of its own, as `POST /resume` does."""
    code = resuming.save(stores, draft)
    secret, session = visiting.begin(stores, tenant="t", language="de", now=CLOCK())
    resumed = resuming.resume(stores, str(code), client=draft.id, now=CLOCK())
    mine = stores.opened_by(visiting.reader_of(secret))
    visiting.hold(mine, session, "lunch", draft=resumed.draft)
    visiting.renew(mine, session, now=CLOCK())


def submit(stores: Stores, draft: Draft) -> None:
    filled.submit(stores, lunch(), CLOCK, draft, idempotency_key=f"page of {draft.id}")


def submitted(stores: Stores, before: Draft) -> list[str]:
    now = load(stores, before.id)
    try:
        with stores.read() as work:
            reference = work.submissions.of_draft(before.id)
            intact = work.submissions.load(reference).is_intact()
    except NotFound:
        return [] if now.status is DraftStatus.OPEN and now.answers == before.answers else ["closed, but not sent"]
    return [] if now.status is DraftStatus.SUBMITTED and intact else ["sent, but not whole"]


def delete(stores: Stores, draft: Draft) -> None:
    retention.delete_draft(stores, draft.id, now=CLOCK())


def deleted(stores: Stores, before: Draft) -> list[str]:
    file = before.proofs[0].files[0]
    try:
        with stores.read() as work:
            now = work.drafts.load(before.id)
    except NotFound:
        return ["a file of a deleted draft is left"] if stores.files.has(filing.object_key(file.id)) else []
    if now.status is DraftStatus.EXPIRED:
        with stores.read() as work:
            left = [row.id for row in work.files.of(before.id)]
        return [] if left == [file.id] else ["what is left to delete is not known any more"]
    return [] if now.proofs == before.proofs and stores.files.has(filing.object_key(file.id)) else ["half deleted"]


def attach(stores: Stores, draft: Draft) -> None:
    filled.with_certificate(stores, lunch(), CLOCK, draft, data=b"%PDF-1.7 another")


def attached(stores: Stores, before: Draft) -> list[str]:
    now = load(stores, before.id)
    files = [file for one in now.proofs for file in one.files]
    with stores.read() as work:
        arrived = {row.id for row in work.files.of(before.id) if row.arrived}
    if {file.id for file in files} != arrived:
        return ["the draft and the table name other files"]
    return (
        ["a named file is not there"] if not all(stores.files.has(filing.object_key(one.id)) for one in files) else []
    )


def detach(stores: Stores, draft: Draft) -> None:
    attaching.remove(stores, lunch(), draft, draft.proofs[0].files[0].id, revision=draft.revision, now=CLOCK())


Errand = Callable[[Stores, Draft], None]
Check = Callable[[Stores, Draft], list[str]]
ERRANDS: dict[str, tuple[Errand, Check]] = {
    "save": (answer, answered),
    "code": (give_code, has_code),
    "resume": (come_back, has_code),
    "submit": (submit, submitted),
    "delete": (delete, deleted),
    "attach": (attach, attached),
    "detach": (detach, attached),
}


def prepare(stores: Stores, count: int) -> list[Draft]:
    answered = [filled.answered(stores, lunch(), CLOCK, pupil=True) for _ in range(count)]
    return [filled.with_certificate(stores, lunch(), CLOCK, draft) for draft in answered]


def settle(stores: Stores, check: Check, errand: Errand, killed: list[Draft]) -> list[str]:
    """What is wrong after the kills, and after each person pressed once more."""
    wrong = half_done(stores)
    for touch, before in enumerate(killed, 1):
        found = check(stores, before)
        with contextlib.suppress(NotFound, AlreadySubmitted, FileRefused, IndexError):  # it was done before
            errand(stores, load(stores, before.id))
        found += [f"once more: {one}" for one in check(stores, before)]
        wrong += [f"killed before touch {touch}: {one}" for one in found]
    return wrong + [f"once more: {one}" for one in half_done(stores)]


# --- the trial ---------------------------------------------------------------------------------------------------


def trial(url: str, folder: Path) -> dict[str, Any]:
    """Every errand, killed before each of its touches. Nothing of it runs in this process, which only forks."""

    def in_child(deed: Callable[[Stores], Any], killer: Killer | None = None) -> Any:
        return forked(lambda: with_stores(url, folder, deed, killer))

    found: list[str] = []
    kills: dict[str, int] = {}
    for name, (errand, check) in ERRANDS.items():
        (first,) = in_child(lambda stores: prepare(stores, 1))
        counting = Killer(0)
        touches = in_child(lambda stores, e=errand, d=first, c=counting: (e(stores, d), c.seen)[1], counting)
        killed = in_child(lambda stores, n=touches: prepare(stores, n))
        for at, draft in enumerate(killed, 1):
            if in_child(lambda stores, e=errand, d=draft: (e(stores, d), "done")[1], Killer(at)):
                found.append(f"{name}: was not killed before touch {at}")
        kills[name] = len(killed)
        wrong = in_child(lambda stores, c=check, e=errand, k=killed: settle(stores, c, e, k))
        found += [f"{name}: {one}" for one in wrong]
    return {"kills": kills, "found": found}


def with_stores(url: str, folder: Path, deed: Callable[[Stores], Any], killer: Killer | None) -> Any:
    stores = open_stores(url, f"file://{folder}/files", pepper=opened.PEPPER, ring=opened.ring(), reader=opened.READER)
    try:
        return deed(killer.watch(stores) if killer else stores)
    finally:
        opened.close(stores)


def forked(deed: Callable[[], Any]) -> Any:
    """What *deed* returns in a child of its own; None if that was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, pickle.dumps(deed()))
            status = 0
        except BaseException:  # noqa: BLE001  a child tells and ends
            traceback.print_exc()
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("a child failed")
    return pickle.loads(said) if said else None


if __name__ == "__main__":
    opened.ring()
    print(json.dumps(trial(sys.argv[1], Path(sys.argv[2]))))
