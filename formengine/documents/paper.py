"""What stands in an application's document, in order, before anything is laid out.

Every text is a pair: German for the authority and, where the applicant's language is another and the words differ,
the same in theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Words:
    """A text in German, and in the applicant's language or ""."""

    de: str
    other: str = ""


class State(StrEnum):
    """What a row holds: an answer, nothing (asked and left blank, or not ticked), or a value that was reckoned."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    UNTICKED = "unticked"
    COMPUTED = "computed"


@dataclass(frozen=True, slots=True)
class Row:
    """A question and its answer."""

    label: Words
    value: Words
    state: State = State.ANSWERED


@dataclass(frozen=True, slots=True)
class Group:
    """Rows below a heading, then groups within.

    *kind* is section, item or page; a page whose heading its one row says again has none. *omitted*: steps not asked.
    """

    title: Words
    kind: str
    rows: tuple[Row, ...] = ()
    groups: tuple[Group, ...] = ()
    omitted: tuple[Words, ...] = ()
    place: str = ""  # "1 von 2" of an item
    wanted: str = ""  # what was chosen for an item


@dataclass(frozen=True, slots=True)
class Given:
    """A file that was handed in."""

    name: str
    size: str


@dataclass(frozen=True, slots=True)
class ProofLine:
    """A proof and what was said of it. *status* is the record's word for it."""

    title: Words
    status: str
    said: Words
    reason: str = ""
    files: tuple[Given, ...] = ()


@dataclass(frozen=True, slots=True)
class DeclarationLine:
    """A declaration; *made* is empty where a free one was not ticked."""

    text: Words
    made: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """The authority that the application is for, as it stands at the head."""

    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """Where the document can be checked, and its QR code: a path of squares, *size* modules wide."""

    address: str
    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One application's document. *seal* is what the signer says of itself: sealed, test or none.

    *language* is the applicant's and empty where that is German; *direction* is of that language.
    """

    reference: str
    received_at: datetime
    received_day: str
    received_time: str
    office: Office
    title: Words
    form: str
    version: str
    form_hash: str
    payload_sha512: str
    seal: str
    groups: tuple[Group, ...]
    overview: tuple[Row, ...] = ()
    proofs: tuple[ProofLine, ...] = ()
    declarations: tuple[DeclarationLine, ...] = ()
    warnings: tuple[Words, ...] = ()
    language: str = ""
    direction: str = "ltr"
    words: dict[str, Words] = field(default_factory=dict)
    check: Check | None = None
