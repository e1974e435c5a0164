from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from formengine.core.definition import FormDefinition
from formengine.errors import ResumeRefused, TooMany
from formengine.services import codes, drafting, resuming, retention, visiting
from formengine.services.ports import Stores
from formengine.storage.drafts import SqlDrafts
from tests.fakes import Clock
from tests.services import filled


def test_a_code_typed_in_any_way_opens_the_draft(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    assert not resuming.has_code(stores, draft)
    code = resuming.save(stores, draft)
    assert resuming.has_code(stores, draft)
    for typed in (str(code), code.symbols.lower(), " ".join(code.symbols)):
        assert resuming.resume(stores, typed, client="192.0.2.1", now=clock()).draft == draft


def test_res_02_a_mistyped_code_is_refused_before_any_lookup(
    stores: Stores, form: FormDefinition, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = resuming.save(stores, filled.answered(stores, form, clock)).symbols
    wrong = code[:-1] + ("1" if code[-1] == "0" else "0")
    sought: list[object] = []
    monkeypatch.setattr(SqlDrafts, "by_lookup", lambda self, lookup, *, now: sought.append(lookup))
    with pytest.raises(ResumeRefused):
        resuming.resume(stores, wrong, client="", now=clock())
    assert sought == []


def test_a_new_code_makes_the_old_one_dead(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    old, new = resuming.save(stores, draft), resuming.save(stores, draft)
    with pytest.raises(ResumeRefused):
        resuming.resume(stores, str(old), client="", now=clock())
    assert resuming.resume(stores, str(new), client="", now=clock()).draft == draft


def test_enc_09_a_new_pepper_finds_old_codes_and_keys_them_anew_when_they_are_used(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft, sent = filled.answered(stores, form, clock), filled.answered(stores, form, clock)
    codes_ = [resuming.save(stores, draft), resuming.save(stores, sent)]
    filled.submit(stores, form, clock, sent)
    secret, session = visiting.begin(stores, tenant="t", language="de", now=clock())
    visiting.hold(stores.opened_by(visiting.reader_of(secret)), session, "lunch", draft=draft)
    overlap = replace(stores, pepper=b"n" * 32, former_peppers=(stores.pepper,))
    after = replace(overlap, former_peppers=())
    for code in codes_:
        with pytest.raises(ResumeRefused):
            resuming.resume(after, str(code), client="", now=clock())
        found = resuming.resume(overlap, str(code), client="", now=clock())
        assert found.draft.key
        assert resuming.resume(after, str(code), client="", now=clock()) == found, "keyed anew by its use"
    assert visiting.find(after, secret, now=clock(), form="lunch").draft == draft, "nobody is logged out"
    with pytest.raises(ResumeRefused):
        resuming.resume(overlap, str(codes.new_resume_code()), client="", now=clock())


def test_enc_09_an_old_code_under_a_former_pepper_stays_dead(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(stores, form, clock)
    old = resuming.save(stores, draft)
    overlap = replace(stores, pepper=b"n" * 32, former_peppers=(stores.pepper,))
    new = resuming.save(overlap, draft)
    with pytest.raises(ResumeRefused):
        resuming.resume(overlap, str(old), client="", now=clock())
    assert resuming.resume(overlap, str(new), client="", now=clock()).draft == draft


def test_res_05_codes_that_open_nothing_are_all_refused_alike(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    draft = filled.answered(stores, form, clock)
    expired = resuming.save(stores, draft)
    other = filled.answered(stores, form, clock)
    deleted = resuming.save(stores, other)
    retention.delete_draft(stores, other.id, now=clock())
    foreign = resuming.save(stores, filled.answered(stores, form, clock))
    clock.on(days=10)
    refusals = []
    for where, code in [
        (stores, expired),
        (stores, deleted),
        (stores.of("elsewhere"), foreign),
        (stores, codes.new_resume_code()),
        (stores, "nonsense"),
    ]:
        with pytest.raises(ResumeRefused) as refused:
            resuming.resume(where, str(code), client="", now=clock())
        refusals.append(str(refused.value))
    assert len(set(refusals)) == 1


def test_a_code_of_a_sent_application_leads_to_its_receipt(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    code = resuming.save(stores, draft)
    reference = filled.submit(stores, form, clock, draft)
    clock.on(days=60)
    assert resuming.resume(stores, str(code), client="", now=clock()).reference == reference


def test_res_06_tries_are_limited_by_client_and_no_draft_is_locked(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    code = str(resuming.save(stores, filled.answered(stores, form, clock)))
    for _ in range(10):
        with pytest.raises(ResumeRefused):
            resuming.resume(stores, "wrong", client="2001:db8:1:2::1", now=clock())
    with pytest.raises(TooMany) as limited:
        resuming.resume(stores, code, client="2001:db8:1:2:ffff::9", now=clock())
    assert 590 <= limited.value.retry_after_s <= 600
    assert resuming.resume(stores, code, client="2001:db8:1:3::1", now=clock())
    clock.on(minutes=10)
    assert resuming.resume(stores, code, client="2001:db8:1:2::1", now=clock())


def test_res_06_tries_are_limited_in_sum(
    stores: Stores, form: FormDefinition, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "TRIES_IN_SUM", (5, resuming.TRIES_IN_SUM[1]))
    for number in range(5):
        with pytest.raises(ResumeRefused):
            resuming.resume(stores, "wrong", client=f"192.0.2.{number}", now=clock())
    with pytest.raises(TooMany):
        resuming.resume(stores, "wrong", client="192.0.2.99", now=clock())


def test_res_03_neither_the_code_nor_the_client_is_in_the_database(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    code = resuming.save(stores, filled.answered(stores, form, clock))
    resuming.resume(stores, str(code), client="192.0.2.77", now=clock())
    with stores.database.engines.read() as rows:
        tables = [row[0] for row in rows.connection.execute(text("SELECT name FROM sqlite_master WHERE type='table'"))]
        everything = "".join(
            repr(rows.connection.execute(text(f'SELECT * FROM "{table}"')).all()) for table in tables
        ).lower()
    assert code.symbols[:24].lower() not in everything
    assert str(code)[:29].lower() not in everything
    assert code.symbols.encode().hex() not in everything
    assert "192.0.2.77" not in everything


def test_saving_and_answering_do_not_disturb_each_other(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    draft = filled.answered(stores, form, clock)
    code = resuming.save(stores, draft)
    draft = drafting.keep_typed(stores, form, draft, {"/name": ("x",)}, revision=draft.revision, now=clock())
    assert resuming.resume(stores, str(code), client="", now=clock()).draft == draft
