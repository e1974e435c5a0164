"""Who can read what, and when: ENC-01, ENC-07, ENC-08, ENC-10, RES-03, and the life of keys (security.md 4)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft, Reference
from formengine.errors import ConfigError, FormEngineError, KeysMissing, NotFound, SealBroken, StorageError
from formengine.services import delivering, drafting, rekeying, resuming, retention, visiting
from formengine.services.drafting import Reading
from formengine.services.opening import Opening
from formengine.services.ports import Stores
from formengine.services.values import AUTHORITY, CODE, JOB, SESSION, Reader
from formengine.storage import keys
from formengine.storage.keys import KeyRing
from tests import opened
from tests.fakes import NOW, Clock, KeepingChannel, OneForm, PlainRenderer, PlainSigner
from tests.services import filled

CANARY = "Kanarienvogel-Zwölf"


def forms_of(canary: str) -> Iterator[bytes]:
    """The canary as it might be written."""
    raw = canary.encode()
    yield from (raw, raw.hex().encode(), canary.lower().encode(), canary.encode("utf-16-le"))
    for cut in range(3):
        yield base64.b64encode(raw[cut : len(raw) - (len(raw) - cut) % 3])


def everything(folder: Path) -> bytes:
    """Every byte that the server stored, its database with its log and its files."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def readers(kind: str, secret: str) -> Reader:
    return Reader(kind, {secret: secret.encode()})


@pytest.fixture
def mine(stores: Stores, clock: Clock) -> Stores:
    """The stores as an applicant's session has them, and nobody else."""
    secret, _ = visiting.begin(stores, tenant="t", language="de", now=clock())
    return stores.opened_by(visiting.reader_of(secret))


def a_draft(mine: Stores, form: FormDefinition, clock: Clock) -> Draft:
    draft = filled.answered(mine, form, clock, pupil=True, name=CANARY)
    return filled.with_certificate(mine, form, clock, draft, data=CANARY.encode() * 3)


def test_enc_01_with_all_but_the_authoritys_key_a_draft_stays_shut(
    stores: Stores, mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path
) -> None:
    draft = a_draft(mine, form, clock)
    code = resuming.save(mine, draft)
    # every secret of the server: the pepper, the worker's keys, what the session and draft tables hold
    held = [opened.private(JOB)]
    with stores.database.engines.read() as rows:
        names = [row[0] for row in rows.connection.execute(text("SELECT name FROM sqlite_master WHERE type='table'"))]
        values = {
            value if isinstance(value, str) else bytes(value).hex()
            for name in names
            for row in rows.connection.execute(text(f'SELECT * FROM "{name}"'))
            for value in row
            if isinstance(value, str | bytes)
        }
    for value in values | {stores.pepper.hex(), stores.pepper.decode()}:
        held += [readers(kind, value) for kind in (CODE, SESSION)]
    with stores.read() as work:
        wraps = work.keys.of(draft.id)
    assert {one.kind for one in wraps} == {CODE, SESSION}
    for reader in held:
        for wrapped in wraps:
            guess = Reader(reader.kind, {wrapped.key_id: next(iter(reader.secrets.values()))})
            with stores.opened_by(guess).read() as work:
                try:
                    assert not work.drafts.load(draft.id).key
                except SealBroken:
                    continue
    for written in forms_of(CANARY):
        assert written not in everything(tmp_path)
    assert resuming.resume(stores, str(code), client="", now=clock()).draft.answers.document["name"] == CANARY


def test_enc_01_nothing_of_a_submission_stands_in_the_clear_either(
    mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path
) -> None:
    reference = filled.submit(mine, form, clock, a_draft(mine, form, clock))
    worker = mine.opened_by(opened.private(JOB))
    delivering.render(worker, reference, forms=OneForm((form,)), renderer=PlainRenderer())
    for written in forms_of(CANARY):
        assert written not in everything(tmp_path)
    delivering.sign(worker, reference, signer=PlainSigner(), now=NOW)
    for written in forms_of(CANARY):
        assert written not in everything(tmp_path)


def test_res_03_the_code_is_nowhere(mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path) -> None:
    draft = filled.answered(mine, form, clock)
    code = resuming.save(mine, draft)
    resuming.resume(mine, str(code), client="", now=clock())
    stored = everything(tmp_path)
    for written in (str(code), code.symbols, code.symbols[:24], str(code).lower()):
        for one in forms_of(written):
            assert one not in stored


def test_the_key_goes_from_hand_to_hand_and_the_worker_loses_it_with_the_last_delivery(
    stores: Stores, mine: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = a_draft(mine, form, clock)
    code = resuming.save(mine, draft)
    assert _kinds(stores, draft) == [CODE, SESSION]
    reference = filled.submit(mine, form, clock, draft)
    assert _kinds(stores, draft) == [AUTHORITY, AUTHORITY, CODE, JOB, SESSION]
    worker = stores.opened_by(opened.private(JOB))
    delivering.render(worker, reference, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(worker, reference, signer=PlainSigner(), now=NOW)
    channel = KeepingChannel()
    delivering.deliver(worker, reference, "inbox", channel, now=clock())
    assert JOB in _kinds(stores, draft)
    delivering.deliver(worker, reference, "folder", channel, now=clock())
    assert _kinds(stores, draft) == [AUTHORITY, AUTHORITY, CODE, SESSION]
    files = {file.path: file.read() for file in channel.parcels[1].files}
    assert any(data == CANARY.encode() * 3 for data in files.values())
    # every stage again, as after a crash: nothing is needed of what is gone
    delivering.render(worker, reference, forms=OneForm((form,)), renderer=PlainRenderer())
    delivering.sign(worker, reference, signer=PlainSigner(), now=NOW)
    delivering.deliver(worker, reference, "folder", channel, now=clock())
    assert delivering.load(worker, reference).payload == b""
    with pytest.raises(StorageError):
        Opening(worker, clock).case("t", "kim", reference)
    authority = Opening(stores.opened_by(opened.private(AUTHORITY)), clock)
    assert CANARY in authority.case("t", "kim", reference).payload.decode()
    resumed = resuming.resume(stores, str(code), client="", now=clock())
    assert resumed.reference == reference
    assert delivering.load(stores.opened_by(code.reader(stores.pepper)), reference).payload


def test_a_session_that_ends_takes_its_key_along(
    stores: Stores, form: FormDefinition, clock: Clock, tmp_path: Path
) -> None:
    secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
    mine = stores.opened_by(visiting.reader_of(secret))
    draft = filled.answered(mine, form, clock)
    other = filled.answered(mine, form, clock)
    visiting.end(mine, session)
    assert _kinds(stores, draft) == []
    secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
    mine = stores.opened_by(visiting.reader_of(secret))
    draft = filled.answered(mine, form, clock)
    clock.on(minutes=61, seconds=retention.LEEWAY.total_seconds())
    retention.clean_up(stores, now=clock())
    assert _kinds(stores, draft) == []
    assert _kinds(stores, other) == []


def test_nobody_who_cannot_read_a_draft_writes_over_it(
    stores: Stores, mine: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(mine, form, clock)
    with stores.read() as work:
        shut = work.drafts.load(draft.id)
    assert (shut.key, shut.answers.document) == (b"", {})
    reading = Reading({"/name": "Bo", "/hasPet": False})
    with pytest.raises(StorageError):
        drafting.answer_step(stores, form, shut, filled.YOU, reading, revision=shut.revision, now=clock())
    with pytest.raises(NotFound):
        filled.submit(stores, form, clock, shut)
    with mine.read() as work:
        assert work.drafts.load(draft.id) == draft


def test_enc_02_a_body_moved_to_another_draft_or_rolled_back_does_not_open(
    mine: Stores, form: FormDefinition, clock: Clock
) -> None:
    one, two = (filled.answered(mine, form, clock) for _ in range(2))
    with mine.database.engines.write() as rows:
        old = rows.connection.execute(text("SELECT body FROM draft WHERE id = :id"), {"id": one.id}).scalar_one()
    one = drafting.keep_typed(mine, form, one, {"/name": ("x",)}, revision=one.revision, now=clock())
    for target in (one, two):
        with mine.database.engines.write() as rows:
            rows.connection.execute(text("UPDATE draft SET body = :b WHERE id = :id"), {"b": old, "id": target.id})
        with pytest.raises(SealBroken), mine.read() as work:
            work.drafts.load(target.id)


def test_enc_07_without_valid_keys_submitting_is_refused_and_the_draft_is_safe(
    mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path
) -> None:
    draft = a_draft(mine, form, clock)
    ring = tmp_path / "keys"
    ring.mkdir()
    keys.make(ring, tenant="*", now=clock(), test=True)
    for broken in (
        tmp_path / "none",
        _without(ring / keys.RING, keys.RECOVERY),
        _without(ring / keys.RING, keys.WORKING),
    ):
        with pytest.raises(KeysMissing):
            filled.submit(replace(mine, ring=KeyRing(broken)), form, clock, draft)
    with mine.read() as work:
        assert work.drafts.load(draft.id) == draft
    assert filled.submit(mine, form, clock, draft)


def test_enc_06_whoever_changes_the_ring_alone_gets_no_application_sealed_to_their_key(
    mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path
) -> None:
    folder, foreign = tmp_path / "keys", tmp_path / "foreign"
    for one in (folder, foreign):
        one.mkdir()
        keys.make(one, tenant="*", now=clock(), test=True)
    path = folder / keys.RING
    named = {"t": frozenset(key.fingerprint for key in KeyRing(path).all())}
    ours, theirs = (json.loads((one / keys.RING).read_text())["keys"] for one in (folder, foreign))
    point = {name: theirs[1][name] for name in ("x", "y")}
    swapped = [entry | point if entry["for"] == AUTHORITY else entry for entry in ours]  # under the names of ours
    stores = replace(mine, ring=KeyRing(path, named))
    for added in (theirs[1:], [entry | {"tenant": "t"} for entry in theirs[1:]]):
        path.write_text(json.dumps({"keys": [*ours, *added]}))
        sent = filled.submit(stores, form, clock, a_draft(mine, form, clock))
        _all_open(stores.opened_by(keys.read_private(AUTHORITY, folder / "authority.json")), [sent], clock)
        with pytest.raises(StorageError):
            _all_open(stores.opened_by(keys.read_private(AUTHORITY, foreign / "authority.json")), [sent], clock)
    for instead in (theirs, swapped):
        path.write_text(json.dumps({"keys": instead}))
        with pytest.raises(KeysMissing, match="authority_keys of t"):
            filled.submit(stores, form, clock, a_draft(mine, form, clock))


def test_enc_06_a_rotation_waits_for_the_second_person_and_nothing_stops_meanwhile(
    mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path
) -> None:
    keys.make(tmp_path, tenant="*", now=clock(), test=True)
    path = tmp_path / keys.RING
    before = frozenset(key.fingerprint for key in KeyRing(path).all())
    alone = KeyRing(path, {"t": before})
    stores = replace(mine, ring=alone)
    new = keys.rotate(alone, AUTHORITY, keys.WORKING, tenant="*", now=clock())
    assert new.state == keys.WAITING
    sent = filled.submit(stores, form, clock, a_draft(mine, form, clock))
    with pytest.raises(ConfigError, match=f"{new.fingerprint} waits for a second person"):
        keys.rotate(alone, AUTHORITY, keys.WORKING, tenant="*", now=clock())
    both = KeyRing(path, {"t": before | {new.fingerprint}})
    assert keys.rotate(both, AUTHORITY, keys.WORKING, tenant="*", now=clock()).state == keys.ACTIVE
    holding = replace(stores, ring=both).opened_by(keys.read_private(AUTHORITY, tmp_path / "authority.json"))
    assert rekeying.rewrap(holding, both, AUTHORITY) == 1
    _all_open(holding, [sent, filled.submit(replace(mine, ring=both), form, clock, a_draft(mine, form, clock))], clock)
    assert [key.state for key in both.all() if key.fingerprint == new.fingerprint] == [keys.ACTIVE]


def test_enc_08_keys_rotate_in_batches_and_a_rotation_that_was_broken_off_goes_on(
    mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    keys.make(folder, tenant="*", now=clock(), test=True)
    stores = replace(mine, ring=KeyRing(folder / keys.RING))
    sent = [filled.submit(stores, form, clock, a_draft(stores, form, clock)) for _ in range(5)]
    monkeypatch.setattr(rekeying, "_BATCH", 2)
    for role in (keys.WORKING, keys.RECOVERY):
        keys.rotate(stores.ring, AUTHORITY, role, tenant="*", now=clock())
        authority = keys.read_private(AUTHORITY, folder / "authority.json")
        holding = stores.opened_by(authority)
        former = stores.ring.former(AUTHORITY)
        assert len(former) == 1
        with holding.write() as work:  # a first part, then the crash
            ((draft_id, old),) = work.keys.wrapped_for(AUTHORITY, former, limit=1)
            work.keys.replace(draft_id, old, stores.ring.anew(old, work.keys.key(draft_id)))
        _all_open(holding, sent, clock)
        assert rekeying.rewrap(holding, stores.ring, AUTHORITY) == 4
        with stores.read() as work:
            assert not work.keys.wrapped_for(AUTHORITY, former, limit=9)
        _all_open(holding, sent, clock)
        keys.retire(folder, former)
        assert not stores.ring.former(AUTHORITY)


def test_enc_08_a_rotation_under_load_fails_no_reader_and_misses_no_key(
    mine: Stores, form: FormDefinition, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "keys"
    folder.mkdir()
    keys.make(folder, tenant="*", now=clock(), test=True)
    stores = replace(mine, ring=KeyRing(folder / keys.RING))
    sent = [filled.submit(stores, form, clock, a_draft(stores, form, clock)) for _ in range(6)]
    monkeypatch.setattr(rekeying, "_BATCH", 2)
    begun, stop, failed = threading.Event(), threading.Event(), []
    authority = keys.read_private(AUTHORITY, folder / "authority.json")

    def work() -> None:
        try:
            while not stop.is_set():
                sent.append(filled.submit(stores, form, clock, a_draft(stores, form, clock)))
                _all_open(stores.opened_by(authority), sent[:6], clock)
                begun.set()
        except FormEngineError as error:
            failed.append(error)
            begun.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(60)
    keys.rotate(stores.ring, AUTHORITY, keys.WORKING, tenant="*", now=clock())
    former = stores.ring.former(AUTHORITY)
    assert rekeying.rewrap(stores.opened_by(authority), stores.ring, AUTHORITY) >= 6
    stop.set()
    thread.join()
    assert not failed
    rekeying.rewrap(stores.opened_by(authority), stores.ring, AUTHORITY)  # what was sent between ring and rows
    with stores.read() as work_:
        assert not work_.keys.wrapped_for(AUTHORITY, former, limit=9)
    _all_open(stores.opened_by(authority), sent, clock)


def _all_open(stores: Stores, sent: list[Reference], clock: Clock) -> None:
    for reference in sent:
        assert Opening(stores, clock).case("t", "kim", reference).payload


def _without(ring: Path, role: str) -> Path:
    changed = ring.with_name(f"without-{role}.json")
    changed.write_text(ring.read_text().replace(f'"role": "{role}"', '"role": "other"'))
    return changed


def _kinds(stores: Stores, draft: Draft) -> list[str]:
    with stores.read() as work:
        return [one.kind for one in work.keys.of(draft.id)]


def test_deleting_a_draft_deletes_every_key_to_it(mine: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = a_draft(mine, form, clock)
    resuming.save(mine, draft)
    assert retention.delete_draft(mine, draft.id, now=clock())
    assert _kinds(mine, draft) == []
    with pytest.raises(FormEngineError), mine.read() as work:
        work.drafts.load(draft.id)
