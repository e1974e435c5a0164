"""Which kinds of files are taken, and how a name must end to agree with what the bytes are (UPL-02, UPL-14).

Decides from a media type that was told by content; reading content is the child's work (`examine_child`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken. *extensions* are in lower case; *claims* are what browsers call it."""

    media_type: str
    extensions: tuple[str, ...]
    claims: frozenset[str]


_UNTOLD: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""What a browser sends when it does not know: no claim at all. HEIC arrives so from most of them."""

KINDS: Final[Mapping[str, Kind]] = {
    kind.media_type: kind
    for kind in (
        Kind("application/pdf", ("pdf",), frozenset({"application/pdf", "application/x-pdf"})),
        Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), frozenset({"image/jpeg", "image/jpg", "image/pjpeg"})),
        Kind("image/png", ("png",), frozenset({"image/png", "image/x-png"})),
        Kind("image/heic", ("heic", "heif"), frozenset({"image/heic", "image/heif"})),
    )
}
"""By media type: all that is ever taken from an applicant."""

_ALIASES: Final = {"image/heif": "image/heic"}
"""libmagic tells HEIF with an unnamed brand so; both are the one kind."""

_LONGEST_NAME: Final = 100


def told(media_type: str) -> Kind | None:
    """The kind for what libmagic said, or None if that is not taken."""
    return KINDS.get(_ALIASES.get(media_type, media_type))


def agrees(kind: Kind, name: str, claimed: str) -> bool:
    """Whether the name's extension and the browser's claim say the same as the bytes (UPL-02).

    A name without extension, as cameras and share sheets give, claims nothing; so does a browser that does
    not know the type. One photo may be called another: telephones send HEIC named `.jpg` (docs/decisions/0006).
    """
    stem, dot, extension = name.rpartition(".")
    claim = claimed.partition(";")[0].strip().lower()
    alike = _alike(kind)
    ends_right = not (stem and dot) or any(extension.lower() in one.extensions for one in alike)
    return ends_right and (claim in _UNTOLD or any(claim in one.claims for one in alike))


def _alike(kind: Kind) -> tuple[Kind, ...]:
    """The kinds that may be taken for *kind*: photos for each other, all else for itself alone."""
    photos = tuple(one for one in KINDS.values() if one.media_type.startswith("image/"))
    return photos if kind in photos else (kind,)


def clean_name(name: str, kind: Kind) -> str:
    r"""*name* as it may be shown: NFC, without path, controls and marks of direction, ending as the kind does.

    Shape: 1 to 100 characters. What would be empty becomes `datei`.
    Source: UPL-10.

    >>> clean_name("C:/Fotos/Bescheid\u202egpj.exe.PDF", KINDS["application/pdf"])
    'Bescheidgpj.exe.pdf'
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if unicodedata.category(c) not in _HIDDEN)
    shown = " ".join(shown.split())
    stem, dot, extension = shown.rpartition(".")
    if not dot or all(extension.lower() not in one.extensions for one in _alike(kind)):
        stem, extension = shown, kind.extensions[0]
    elif extension.lower() not in kind.extensions:
        extension = kind.extensions[0]
    ending = "." + extension.lower()
    stem = stem.strip(". ")[: _LONGEST_NAME - len(ending)].rstrip(". ") or "datei"
    return stem + ending


_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that a name never needs: controls, format (bidi) marks, surrogates, private use, line ends."""
