from __future__ import annotations

from dataclasses import dataclass

import pytest

from formengine.errors import FileRefused
from formengine.intake.examining import FileIntake
from formengine.intake.kinds import KINDS
from formengine.intake.scanning import Off, Verdict
from formengine.services.ports import Intake
from tests.intake.conftest import pdf, picture

EVERY = tuple(KINDS)
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png", "heic": "image/heic"}


@dataclass(frozen=True)
class Says:
    verdict: Verdict

    def scan(self, data: bytes) -> Verdict:
        return self.verdict


def refused(name: str, claimed: str, data: bytes, **more) -> str:
    with pytest.raises(FileRefused) as error:
        FileIntake(Off(), most_bytes=1_000_000).examine(name, claimed, data, accept=more.get("accept", EVERY))
    return error.value.code


@pytest.mark.parametrize("extension", TYPES)
def test_a_file_of_each_kind_is_taken_and_told_by_its_content(extension: str, files: dict[str, bytes]) -> None:
    intake: Intake = FileIntake(Off())
    data = files[extension]
    taken = intake.examine(f"Mein Nachweis.{extension}", TYPES[extension], data, accept=EVERY)
    assert (taken.name, taken.media_type, taken.clean, taken.data) == (
        f"Mein Nachweis.{extension}",
        TYPES[extension],
        True,
        data,
    )


@pytest.mark.parametrize(
    ("name", "claimed", "data"),
    [
        ("seite.pdf", "application/pdf", b"<!doctype html><html><script>alert(1)</script></html>"),
        ("bild.png", "image/png", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>'),
        ("bild.gif", "image/gif", picture("GIF")),
        ("bild.jpg", "image/jpeg", picture("GIF")),
        ("archiv.pdf", "application/pdf", b"PK\x03\x04" + bytes(40)),
        ("notiz.pdf", "application/pdf", b"nur ein Text"),
        ("bild.pdf", "application/pdf", picture("PNG")),
        ("bescheid.png", "image/png", pdf()),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name: str, claimed: str, data: bytes) -> None:
    assert refused(name, claimed, data) == "type"


def test_a_kind_that_the_proof_does_not_take_is_refused() -> None:
    assert refused("b.png", "image/png", picture("PNG"), accept=("application/pdf",)) == "type"


def test_an_empty_file_is_refused() -> None:
    assert refused("b.pdf", "application/pdf", b"") == "empty"


def test_a_file_beyond_the_limit_is_refused_unseen() -> None:
    assert refused("b.pdf", "application/pdf", bytes(1_000_001)) == "size"


@pytest.mark.parametrize("password", ["geheim", ""])
def test_an_encrypted_pdf_is_refused_even_if_it_opens_without_a_password(password: str) -> None:
    assert refused("b.pdf", "application/pdf", pdf(password=password)) == "encrypted"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n" + b"x" * 400, b"%PDF-1.7\n%%EOF"])
def test_a_pdf_that_cannot_be_opened_is_refused(data: bytes) -> None:
    assert refused("b.pdf", "application/pdf", data) == "broken"


def test_an_infected_file_is_refused_and_an_unscanned_one_is_not_clean(files: dict[str, bytes]) -> None:
    with pytest.raises(FileRefused) as error:
        FileIntake(Says(Verdict.INFECTED)).examine("a.png", "image/png", files["png"], accept=EVERY)
    assert error.value.code == "infected"
    waiting = FileIntake(Says(Verdict.WAITING)).examine("a.png", "image/png", files["png"], accept=EVERY)
    assert waiting.clean is False
