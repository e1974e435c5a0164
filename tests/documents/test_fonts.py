from __future__ import annotations

import pytest

from formengine.documents import fonts


@pytest.mark.parametrize(
    "text",
    [
        "Straße Ärger Œuvre Łódź İstanbul ğüşöç Çelik ẞ „Zitat“ – 12,50 € … §",
        "Привіт, Київ, ґ є ї і Ё ѝ Ђ ћ џ",
        "Ελλάδα, Αθήνα, ώρα, ΐ ΰ",
        "مرحبا بالعالم ٠١٢٣ ۱۲۳ گچپژ یک ،؛؟",
        "zwei\nZeilen\tund\u00a0fest 17\u202fр.",
    ],
)
def test_latin_cyrillic_greek_and_arabic_are_shown_as_they_are(text: str) -> None:
    assert fonts.showable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\rb", "a\nb"),
        ("a\u202eb", "a[U+202E]b"),
        ("ＡＢ", "AB"),
        ("李 😀", "[U+674E] [U+1F600]"),
        ("\x00\x1b", "[U+0000][U+001B]"),
    ],
)
def test_what_no_font_has_is_written_otherwise(text: str, shown: str) -> None:
    assert fonts.showable(text) == shown


def test_only_bundled_files_can_be_read() -> None:
    with pytest.raises(KeyError):
        fonts.read("../fonts.py")
