from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from formengine.core.lifecycle import Reference
from formengine.delivery.folder import Folder, Settings
from formengine.errors import DeliveryDeferred, DeliveryRefused
from formengine.services.ports import Parcel, ParcelFile


def file(path: str, data: bytes) -> ParcelFile:
    return ParcelFile(path, "application/octet-stream", len(data), hashlib.sha512(data).hexdigest(), lambda: data)


def parcel(*more: ParcelFile) -> Parcel:
    files = (file("application.json", b"{}"), file("application.pdf", b"%PDF"), *more, file("manifest.json", b"{ }"))
    return Parcel(Reference("ABCD-EFGH-JKM"), "t", "lunch", "key", files)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_an_application_becomes_a_folder_named_by_its_reference(tmp_path: Path) -> None:
    root = tmp_path / "delivered"
    receipt = Folder(Settings(root)).deliver(parcel(file("proofs/school-1.pdf", b"%PDF proof")))
    assert receipt == "ABCD-EFGH-JKM"
    assert contents(root) == {
        "ABCD-EFGH-JKM/application.json": b"{}",
        "ABCD-EFGH-JKM/application.pdf": b"%PDF",
        "ABCD-EFGH-JKM/proofs/school-1.pdf": b"%PDF proof",
        "ABCD-EFGH-JKM/manifest.json": b"{ }",
    }


def test_delivering_again_changes_nothing(tmp_path: Path) -> None:
    channel = Folder(Settings(tmp_path))
    channel.deliver(parcel())
    before = (tmp_path / "ABCD-EFGH-JKM").stat()
    channel.deliver(parcel(file("proofs/more.pdf", b"more")))
    assert (tmp_path / "ABCD-EFGH-JKM").stat().st_mtime_ns == before.st_mtime_ns
    assert len(contents(tmp_path)) == 3


def test_many_who_deliver_at_once_make_one_folder(tmp_path: Path) -> None:
    gate = threading.Barrier(8)

    def deliver(_: int) -> str:
        gate.wait()
        return Folder(Settings(tmp_path)).deliver(parcel())

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(deliver, range(8))) == {"ABCD-EFGH-JKM"}
    assert [path.name for path in tmp_path.iterdir()] == ["ABCD-EFGH-JKM"]


def test_whoever_watches_never_sees_half_an_application(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look() -> bytes:
        seen.append([path.name for path in tmp_path.iterdir() if not path.name.startswith(".")])
        return b"%PDF"

    slow = ParcelFile("proofs/a.pdf", "application/pdf", 4, "", look)
    Folder(Settings(tmp_path)).deliver(parcel(slow))
    assert seen == [[]]


def test_a_file_that_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail() -> bytes:
        raise DeliveryRefused("a file is not what was handed in")

    with pytest.raises(DeliveryRefused):
        Folder(Settings(tmp_path)).deliver(parcel(ParcelFile("proofs/a.pdf", "application/pdf", 4, "", fail)))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_does_not_take_it_defers_the_delivery(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryDeferred):
        Folder(Settings(tmp_path / "file")).deliver(parcel())


def test_what_a_killed_process_left_behind_is_removed_after_an_hour(tmp_path: Path) -> None:
    old, young = tmp_path / ".ABCD-EFGH-JKM.0011aabb", tmp_path / ".ABCD-EFGH-JKM.2233ccdd"
    for left in (old, young):
        left.mkdir()
    os.utime(old, (0, 0))
    Folder(Settings(tmp_path)).deliver(parcel())
    assert not old.exists()
    assert young.exists()
