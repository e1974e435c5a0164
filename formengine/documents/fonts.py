"""The fonts that documents are set in, and which characters they can show.

The files are built at set-up from packages (deploy/assets). Nothing else is ever used: a character that no
font here has would either pull in whatever the machine happens to have, or break PDF/A.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from unicodedata import category, normalize

from formengine.errors import ConfigError

FOLDER = Path(__file__).parent / "fonts"
_REGULAR = (
    "FiraSans-Regular.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansGeorgian-Regular.ttf",
    "PlexSansArabic-Regular.ttf",
)
FILES = (
    *_REGULAR,
    "FiraSans-SemiBold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansGeorgian-Bold.ttf",
    "PlexSansArabic-Bold.ttf",
)
_ALIKE = {"\r": "\n"}
# Joiners and isolating marks of right-to-left text; no override, which would let an answer reorder what stands there.
_LAYOUT_ONLY = frozenset("\n\t\u200c\u200d\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u00ad\u200b")


def read(name: str) -> bytes:
    """The bytes of the font file *name*. Errors: ConfigError if the set-up did not make it."""
    if name not in FILES:
        raise KeyError(name)
    try:
        return (FOLDER / name).read_bytes()
    except OSError as error:
        raise ConfigError(f"the font {name} is missing in {FOLDER}; run `deploy/setup/setup.sh run`") from error


@cache
def coverage() -> frozenset[str]:
    """Every character that the fonts can show, and those that only steer the layout."""
    from fontTools.ttLib import TTFont  # here, for web processes import this module and show no document

    found: set[str] = set(_LAYOUT_ONLY)
    for name in _REGULAR:
        read(name)
        with TTFont(FOLDER / name, lazy=True) as font:
            found.update(chr(code) for code in font.getBestCmap() or ())
    return frozenset(c for c in found if c in _LAYOUT_ONLY or category(c) not in {"Cc", "Cf", "Co"})


def showable(text: str) -> str:
    """*text* with each character that no font has written otherwise: as one that means the same, else as its code
    point, like `[U+1F600]`.

    What was submitted stays whole in the attached `application.json`.
    """
    known = coverage()
    if known.issuperset(text):
        return text
    return "".join(c if c in known else _instead(c, known) for c in text)


def _instead(char: str, known: frozenset[str]) -> str:
    alike = _ALIKE.get(char) or normalize("NFKC", char)
    return alike if known.issuperset(alike) else f"[U+{ord(char):04X}]"
