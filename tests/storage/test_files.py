from __future__ import annotations

import os
from pathlib import Path

import pytest

from formengine.errors import NotFound, StorageError
from formengine.storage.files import ObjectFiles


@pytest.fixture(params=["file", "memory"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectFiles:
    return ObjectFiles(f"file://{tmp_path}/files" if request.param == "file" else "memory:///")


def test_what_is_put_once_is_not_overwritten(files: ObjectFiles) -> None:
    assert files.put("files/a", b"one")
    assert not files.put("files/a", b"two")
    assert files.get("files/a") == b"one"


def test_what_is_deleted_is_gone_and_deleting_again_is_nothing(files: ObjectFiles) -> None:
    files.put("files/a", b"one")
    files.delete("files/a")
    files.delete("files/a")
    assert not files.has("files/a")
    with pytest.raises(NotFound):
        files.get("files/a")


def test_nothing_and_much_can_be_stored(files: ObjectFiles) -> None:
    much = bytes(range(256)) * 40_000
    files.put("files/empty", b"")
    files.put("files/much", much)
    assert files.get("files/empty") == b""
    assert files.get("files/much") == much


def test_f_04_a_store_that_does_not_work_is_a_storage_error(tmp_path: Path) -> None:
    files = ObjectFiles(f"file://{tmp_path}/files")
    (tmp_path / "files" / "files").write_text("in the way")
    with pytest.raises(StorageError):
        files.put("files/a", b"one")


def test_no_key_leads_out_of_the_store(tmp_path: Path) -> None:
    files = ObjectFiles(f"file://{tmp_path}/files")
    (tmp_path / "secret").write_text("secret")
    with pytest.raises((NotFound, StorageError, ValueError)):
        files.get("../secret")
    with pytest.raises((StorageError, ValueError)):
        files.put("../new", b"x")
    assert [path.name for path in tmp_path.iterdir() if path.name != "files"] == ["secret"]


def test_rel_02_a_file_is_on_the_disk_before_it_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    real = os.fsync

    def note(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(os, "fsync", note)
    ObjectFiles(f"file://{tmp_path}/files").put("files/a", b"one")
    assert flushed == [tmp_path / "files/files/a", tmp_path / "files/files", tmp_path / "files"]
