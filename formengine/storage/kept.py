"""What each table and each kind of object is for, until when it is kept, and which function deletes it (GDP-01).

A test fails for a table that is not named here, for one named that is none, and for a function that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kept:
    """*by* names the function that deletes, below `formengine`; "" where nothing about a person is in it."""

    purpose: str
    until: str
    by: str = ""


_CLEAN_UP: Final = "services.retention.clean_up"

TABLES: Final[Mapping[str, Kept]] = {
    "form_version": Kept(
        "published versions of forms, immutable but for `withdrawn_at`; no personal data",
        "for ever: submissions name them",
    ),
    "form_release": Kept(
        "which version of a form was published when; the newest is served; no personal data",
        "for ever",
    ),
    "draft": Kept(
        "an application being filled in, how often and when its code opened it; one that was sent holds its code alone",
        "`expires_at`, one that was sent as long as its submission",
        _CLEAN_UP,
    ),
    "key_wrap": Kept(
        "who may read a draft, and the submission that it becomes: its key, wrapped for a resume "
        "code, a live session, the worker or an authority",
        "as long as that reader may read; all go with the draft",
        _CLEAN_UP,
    ),
    "session": Kept(
        "a session in a browser, by the hash of its cookie",
        "its end or limit",
        _CLEAN_UP,
    ),
    "session_form": Kept(
        "the open draft and the last receipt of a session, one row a form, and the code that it may show again, sealed",
        "as long as the session",
        _CLEAN_UP,
    ),
    "blocked_staff": Kept(
        "whose access to the staff site is blocked (SES-11)",
        "an admin lets them in again",
        "services.signed_in.unblock",
    ),
    "late_post": Kept(
        "a page that was posted after its session ended, sealed to a fresh session of that browser",
        "half an hour",
        _CLEAN_UP,
    ),
    "tombstone": Kept(
        "which drafts were deleted, so that a restored backup forgets them again (GDP-05); an id says "
        "nothing about anybody",
        "100 days, when no backup is that old",
        _CLEAN_UP,
    ),
    "file": Kept(
        "a file of a draft or submission in the file store; its name stands in the body or record alone (UPL-10)",
        "as long as what holds it, a day where it never arrived",
        _CLEAN_UP,
    ),
    "submission": Kept(
        "what was frozen and sent; written once but for `pdf_sha512` and `run`",
        "the tenant's days after the last channel confirmed (GDP-03)",
        _CLEAN_UP,
    ),
    "delivery": Kept(
        "one submission to one channel; holds no answers",
        "as long as its submission",
        _CLEAN_UP,
    ),
    "late_stamp": Kept(
        "that a document was sealed without a time stamp, and the digest of the one that got it; holds no answers",
        "as long as its submission",
        _CLEAN_UP,
    ),
    "export": Kept(
        "who of the staff wants to take a parked application out by hand, why, and who agreed; holds no answers",
        "as long as its submission",
        _CLEAN_UP,
    ),
    "stub": Kept(
        "that a submission was received, delivered and removed: proof for both sides without an answer",
        "for ever",
    ),
    "audit": Kept(
        "who of the staff did what, in a chain of hashes; append only (ACC-08)",
        "for ever: it proves itself only whole",
    ),
    "audit_head": Kept(
        "the end of each tenant's chain: what the next line is hashed with, and the row that writers wait for",
        "for ever",
    ),
    "limit_count": Kept(
        "tries counted for rate limits, by a keyed hash of the client",
        "the end of its window",
        _CLEAN_UP,
    ),
    "worker_heartbeat": Kept(
        "when a worker was last alive, by the database's clock; no personal data",
        "a day",
        "storage.workers.SqlWorkers.beat",
    ),
    "lease": Kept(
        "who may do a job that only one worker at a time should do; no personal data",
        "for ever: a row a job",
    ),
}

OBJECTS: Final[Mapping[str, Kept]] = {
    "files/": Kept(
        "a file that was handed in, sealed",
        "as long as its draft or submission; a day where no draft names it",
        _CLEAN_UP,
    ),
    "submissions/": Kept(
        "the document of a submission, and what channels note of its delivery, sealed",
        "as long as its submission",
        _CLEAN_UP,
    ),
}
"""By the first part of their place in the file store (`services.filing`)."""

JOBS: Final = Kept(
    "the job engine's own tables: what runs and ran, by reference", "a week", "jobs.schedule.forget_jobs"
)
"""The tables of DBOS, under whatever names."""
