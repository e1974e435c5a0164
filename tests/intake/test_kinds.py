from __future__ import annotations

import unicodedata

import pytest

from formengine.intake.kinds import KINDS, agrees, clean_name, told

PDF = KINDS["application/pdf"]
JPEG = KINDS["image/jpeg"]
HEIC = KINDS["image/heic"]


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "application/zip", "image/gif", "image/tiff", "text/plain", ""]
)
def test_what_is_not_on_the_list_is_not_taken(media_type: str) -> None:
    assert told(media_type) is None


def test_heif_is_the_kind_heic() -> None:
    assert told("image/heif") is HEIC


@pytest.mark.parametrize(
    ("kind", "name", "claimed", "right"),
    [
        (PDF, "bescheid.pdf", "application/pdf", True),
        (PDF, "BESCHEID.PDF", "application/pdf; charset=binary", True),
        (PDF, "bescheid.pdf", "image/png", False),
        (PDF, "bescheid.html", "application/pdf", False),
        (PDF, "bescheid.pdf.html", "application/pdf", False),
        (JPEG, "foto.jpeg", "image/jpeg", True),
        (JPEG, "foto.png", "image/jpeg", True),
        (JPEG, "foto", "", True),
        (HEIC, "IMG_0001.HEIC", "application/octet-stream", True),
        (HEIC, "IMG_0001.HEIC", "image/heif", True),
        (HEIC, "IMG_0001.jpg", "image/jpeg", True),
        (JPEG, "foto.pdf", "image/jpeg", False),
        (JPEG, "foto.jpg", "application/pdf", False),
        (JPEG, "foto.svg", "image/svg+xml", False),
    ],
)
def test_name_and_claim_must_agree_with_the_bytes(kind, name: str, claimed: str, right: bool) -> None:
    assert agrees(kind, name, claimed) is right


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Bescheid 2026.pdf", "Bescheid 2026.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Dokumente\\Miete.PDF", "Miete.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\u202egpj.\u2066fdp.pdf", "gpj.fdp.pdf"),
        ("\x00.pdf", "datei.pdf"),
        ("", "datei.pdf"),
        ("...", "datei.pdf"),
        ("شهادة.pdf", "شهادة.pdf"),
        ("Mu\u0308ller.pdf", "Müller.pdf"),
        ("foto", "foto.pdf"),
        ("\ud800x.pdf", "x.pdf"),
    ],
)
def test_a_hostile_name_is_shown_as_plain_text(given: str, shown: str) -> None:
    assert clean_name(given, PDF) == shown


def test_a_photo_under_another_photos_name_gets_its_own_ending() -> None:
    assert clean_name("IMG_0001.JPG", HEIC) == "IMG_0001.heic"
    assert clean_name("scan.png.exe", JPEG) == "scan.png.exe.jpg"


def test_a_name_never_exceeds_a_hundred_characters_and_keeps_its_ending() -> None:
    name = clean_name("ä" * 400 + ".jpeg", JPEG)
    assert len(name) == 100
    assert name.endswith(".jpeg")
    assert unicodedata.is_normalized("NFC", name)
