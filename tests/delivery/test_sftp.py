"""Against OpenSSH's own server, started for the tests on a free port."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from formengine.delivery.sftp import Settings, Sftp
from formengine.errors import DeliveryDeferred
from tests.delivery.parcels import ANSWERS, REFERENCE, parcel
from tests.delivery.servers import free_port, keygen, ssh_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Settings]]:
    """The folder there, and the settings of a channel to it."""
    with ssh_server(tmp_path_factory.mktemp("sshd")) as own:
        yield own.folder, Settings("127.0.0.1", own.user, own.key, own.host_key, own.port, str(own.folder), 20)


@pytest.fixture
def there(server: tuple[Path, Settings], tmp_path: Path) -> tuple[Path, Settings]:
    folder = server[0] / tmp_path.name
    folder.mkdir()
    return folder, replace(server[1], root=str(folder))


def test_an_application_becomes_a_folder_named_by_its_reference(there):
    folder, settings = there
    assert Sftp(settings).deliver(parcel(proofs=2)) == REFERENCE
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [
        f"{REFERENCE}/application.json", f"{REFERENCE}/application.pdf", f"{REFERENCE}/manifest.json",
        f"{REFERENCE}/proofs/school-00000000.pdf", f"{REFERENCE}/proofs/school-00000001.pdf",
    ]  # fmt: skip
    assert (folder / REFERENCE / "application.json").read_bytes() == ANSWERS


def test_delivering_again_changes_nothing(there):
    folder, settings = there
    Sftp(settings).deliver(parcel())
    before = (folder / REFERENCE).stat().st_mtime_ns
    assert Sftp(settings).deliver(parcel(answers=b"{}")) == REFERENCE
    assert (folder / REFERENCE).stat().st_mtime_ns == before
    assert [path.name for path in folder.iterdir()] == [REFERENCE]


def test_what_a_killed_attempt_left_is_removed_once_the_application_is_there(there):
    folder, settings = there
    left = folder / f".{REFERENCE}.0011aabb"
    (left / "proofs").mkdir(parents=True)
    (left / "application.json").write_bytes(b"{")
    (folder / ".OTHR-OTHR-OTH.0011aabb").mkdir()
    Sftp(settings).deliver(parcel())
    assert sorted(path.name for path in folder.iterdir()) == [".OTHR-OTHR-OTH.0011aabb", REFERENCE]


def test_whoever_watches_never_sees_half_an_application(there):
    folder, settings = there
    seen = []

    def look(data):
        def read():
            seen.append([path.name for path in folder.iterdir() if not path.name.startswith(".")])
            return data

        return read

    whole = parcel()
    watched = tuple(replace(file, read=look(file.read())) for file in whole.files)
    Sftp(settings).deliver(replace(whole, files=watched))
    assert seen == [[]] * len(watched)


def test_a_server_with_another_host_key_gets_nothing(there, tmp_path):
    folder, settings = there
    other = keygen(tmp_path / "other")
    with pytest.raises(DeliveryDeferred, match="host key"):
        Sftp(replace(settings, host_key_file=Path(f"{other}.pub"))).deliver(parcel())
    assert list(folder.iterdir()) == []


def test_a_key_that_the_server_does_not_know_is_told(there, tmp_path):
    settings = replace(there[1], key_file=keygen(tmp_path / "unknown"))
    with pytest.raises(DeliveryDeferred, match="does not take our key"):
        Sftp(settings).deliver(parcel())


def test_a_folder_that_is_not_there_and_a_server_that_is_not_there_are_deferred(there):
    with pytest.raises(DeliveryDeferred, match="SFTPNoSuchFile"):
        Sftp(replace(there[1], root="/no/such/folder")).deliver(parcel())
    with pytest.raises(DeliveryDeferred):
        Sftp(replace(there[1], port=free_port())).deliver(parcel())


def test_a_server_that_never_answers_is_deferred_in_time(there):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = replace(there[1], port=silent.getsockname()[1], timeout_s=1)
        began = time.monotonic()
        with pytest.raises(DeliveryDeferred, match=r"time|Lost|Timeout"):
            Sftp(settings).deliver(parcel())
        assert time.monotonic() - began < 30, "it never answers"


def test_the_host_key_is_taken_as_ssh_keyscan_prints_it(there, tmp_path):
    folder, settings = there
    scanned = tmp_path / "known"
    scanned.write_text("# 127.0.0.1 SSH-2.0\n127.0.0.1 " + settings.host_key_file.read_text())
    Sftp(replace(settings, host_key_file=scanned)).deliver(parcel())
    assert (folder / REFERENCE).is_dir()


def test_a_key_that_is_none_is_refused_at_start(there, tmp_path):
    (tmp_path / "none").write_text("not a key")
    with pytest.raises(ValueError, match="cannot be read"):
        Sftp(replace(there[1], key_file=tmp_path / "none"))
