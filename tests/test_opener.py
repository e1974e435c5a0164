"""The opener over its socket: what the staff site gets, and what the log says first (B4, ACC-07)."""

from __future__ import annotations

import io
import json
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formengine import opener
from formengine.config import Settings
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.errors import ConfigError, NotFound, StorageError
from formengine.running import serve
from formengine.services import exporting
from formengine.services.opening import Opening
from formengine.services.ports import Stores
from formengine.services.values import AUTHORITY
from formengine.storage.audit import SqlAudit
from formengine.storage.opener_socket import UNREADABLE, OpenerClient, address
from tests import opened
from tests.fakes import Clock
from tests.services import filled
from tests.services.conftest import lunch


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    stores = opened.at_once(tmp_path)
    yield stores
    opened.close(stores)


@pytest.fixture
def form() -> FormDefinition:
    return lunch()


@pytest.fixture
def client(stores: Stores, tmp_path: Path) -> Iterator[OpenerClient]:
    folder = tmp_path / ("a-long-name-" * 10)
    folder.mkdir()
    path = folder / "opener.sock"
    with opener.listening(Opening(stores.opened_by(opened.private(AUTHORITY)), Clock()), path):
        assert path.stat().st_mode & 0o777 == 0o600
        yield OpenerClient(path)
    assert not path.exists()


@pytest.fixture
def sent(stores: Stores, form: FormDefinition) -> Reference:
    clock = Clock()
    draft = filled.with_certificate(stores, form, clock, filled.answered(stores, form, clock, pupil=True))
    return filled.submit(stores, form, clock, draft)


def test_a_case_comes_whole_and_without_its_key(client: OpenerClient, stores: Stores, sent: Reference) -> None:
    with stores.read() as work:
        frozen = work.submissions.load(sent)
    case = client.case("t", "kim", sent)
    assert (case.payload, case.record, case.key) == (frozen.payload, frozen.record, b"")
    assert (case.reference, case.received_at, case.draft_id) == (sent, frozen.received_at, frozen.draft_id)
    (file,) = json.loads(case.record)["proofs"][0]["files"]
    assert client.file("t", "kim", sent, file["path"]).data == filled.PDF
    assert client.cards("t", "kim", [sent]) == {sent: {}}
    with stores.read() as work:
        assert [line.action for line in work.audit.lines("t")] == ["read", "fetch proof", "list"]


def test_what_is_not_there_or_anothers_is_not_found(client: OpenerClient, sent: Reference) -> None:
    for tenant, reference in (("elsewhere", sent), ("t", Reference("0000-0000-000"))):
        with pytest.raises(NotFound):
            client.case(tenant, "kim", reference)
    assert client.cards("elsewhere", "kim", [sent]) == {}
    with pytest.raises(NotFound):
        client.case("t", "", sent)


def test_acc_07_what_cannot_be_logged_stays_shut(
    client: OpenerClient, sent: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, **line: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(SqlAudit, "add", fail)
    for ask in (
        lambda: client.cards("t", "kim", [sent]),
        lambda: client.case("t", "kim", sent),
        lambda: client.file("t", "kim", sent, "application.json"),
    ):
        with pytest.raises(StorageError):
            ask()


def test_rel_08_a_bundle_comes_once_and_only_to_who_was_let(
    client: OpenerClient, stores: Stores, sent: Reference
) -> None:
    with stores.write() as work:
        work.deliveries.save(replace(work.deliveries.load(sent, "inbox"), status=DeliveryStatus.FAILED))
    now = Clock()()
    exporting.ask(stores, "t", sent, staff="kim", name="Kim", reason="why", now=now)
    with pytest.raises(NotFound):
        client.bundle("t", "kim", sent)
    exporting.approve(stores, "t", sent, staff="lee", name="Lee", now=now)
    for who in ("lee", "max"):
        with pytest.raises(NotFound):
            client.bundle("t", who, sent)
    with zipfile.ZipFile(io.BytesIO(client.bundle("t", "kim", sent).data)) as packed:
        assert filled.PDF in [packed.read(name) for name in packed.namelist()]
    with pytest.raises(NotFound):
        client.bundle("t", "kim", sent)


def test_without_the_opener_nothing_opens(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        OpenerClient(tmp_path / "opener.sock").cards("t", "kim", [])


def test_processes_that_run_starts_share_an_account_so_no_other_can_be_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="`run` starts all under one"):
        serve(Settings(data=tmp_path / "data", opener_peer="www-data"))
    assert not (tmp_path / "data").exists()


def test_nonsense_is_answered_in_words_and_opens_nothing(client: OpenerClient, sent: Reference) -> None:
    lacking = (b'{"errand": "case", "tenant": "t", "staff": "k"}', b'{"errand": "case", "tenant": 1, "staff": "k"}')
    for nonsense in (b"", b"{}", b"[1]", b"null", b"\xff", b"{errand: case}", b"[" * 100_000, *lacking):
        assert asked(client, nonsense) == {"error": UNREADABLE, "sizes": []}, nonsense
    assert "error" in asked(client, b'{"errand": "none", "tenant": "t", "staff": "k"}')
    assert client.case("t", "kim", sent)


def asked(client: OpenerClient, line: bytes) -> dict[str, object]:
    with socket.socket(socket.AF_UNIX) as way, address(client._path) as where:
        way.connect(where)
        way.sendall(line + b"\n")
        with way.makefile("rb") as answer:
            return json.loads(answer.readline())
