"""Save and come back: a code opens the draft from anywhere, and nothing else does.

Any code that opens nothing is refused in the same words and at the same cost (RES-05); tries are limited by client
and in sum, in the database (RES-06). A limit never locks a draft: the right code from elsewhere still opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from formengine.core.lifecycle import Draft, DraftStatus, Reference
from formengine.errors import NotFound, ResumeRefused
from formengine.services import codes
from formengine.services.codes import ResumeCode
from formengine.services.limiting import limit
from formengine.services.ports import Session, Stores, Work
from formengine.services.values import CODE, SESSION

TRIES_OF_CLIENT: Final = (10, timedelta(minutes=10))
TRIES_IN_SUM: Final = (300, timedelta(minutes=1))
_LOOKALIKES: Final = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a *code* opened: the draft, and the reference where it was sent already."""

    draft: Draft
    code: ResumeCode
    reference: Reference | None = None


def save(stores: Stores, draft: Draft) -> ResumeCode:
    """A new code for the draft; an earlier one is dead from now on (RES-08).

    A session whose *stores* these are keeps it, sealed to itself, to show it again on request (RES-07).
    """
    session = stores.reader
    code = codes.new_resume_code()
    with stores.opened_by(code.reader(stores.pepper)).write() as work:
        _bind(work, draft, code, stores.pepper)
        work.sessions.forget_codes(draft.id)
        if session is not None and session.kind == SESSION:
            work.sessions.keep_code(session, draft.form, str(code))
    return code


def _bind(work: Work, draft: Draft, code: ResumeCode, pepper: bytes) -> None:
    """Let the draft be found by *code* under *pepper* and opened by it, and by no other."""
    work.drafts.keep_lookup(draft.id, code.lookup(pepper))
    work.keys.drop(draft.id, CODE)
    work.keys.share(draft.id, draft.key)


def kept(stores: Stores, session: Session, draft: Draft) -> ResumeCode | None:
    """The code that the session, whose *stores* these are, kept of the draft; None if another made or changed it."""
    with stores.read() as work:
        return codes.read_resume_code(work.sessions.code(session.id, draft.form))


def keep(stores: Stores, resumed: Resumed) -> None:
    """Let the session whose *stores* these are keep the code with which it was opened."""
    if stores.reader is not None:
        with stores.write() as work:
            work.sessions.keep_code(stores.reader, resumed.draft.form, str(resumed.code))


def is_last_group(code: ResumeCode, typed: str) -> bool:
    """Whether *typed* is the end of the code as it is copied: the last group, with or without the check symbol."""
    said = "".join(typed.split()).upper().replace("-", "").translate(_LOOKALIKES)
    return said in {code.symbols[-5:], code.symbols[-5:-1]}


def openings(stores: Stores, draft: Draft) -> tuple[int, datetime | None]:
    """How often the draft was opened with its code, and when that was before the last time (RES-12)."""
    with stores.read() as work:
        return work.drafts.openings(draft.id)


def has_code(stores: Stores, draft: Draft) -> bool:
    """Whether a code was made for the draft."""
    with stores.read() as work:
        return work.drafts.has_lookup(draft.id)


def resume(stores: Stores, text: str, *, client: str, now: datetime) -> Resumed:
    """What the code *text* opens, typed in any case and spacing. *client* is an address, "" if not known.

    Errors: ResumeRefused, the same for every code that opens nothing; TooMany.
    """
    limit(stores, "resume", client, TRIES_OF_CLIENT, now=now)
    limit(stores, "resume-sum", "", TRIES_IN_SUM, now=now)
    code = codes.read_resume_code(text)
    if code is None:
        raise ResumeRefused("the code opens nothing")
    for pepper in (stores.pepper, *stores.former_peppers):
        try:
            found = _open(stores, code, pepper, now=now)
            if pepper != stores.pepper:
                _bind_anew(stores, found.draft, code, pepper, now=now)
        except NotFound:
            continue
        if found.reference is None:
            with stores.write() as work:
                work.drafts.opened(found.draft.id, now)
        return found
    raise ResumeRefused("the code opens nothing")


def _open(stores: Stores, code: ResumeCode, pepper: bytes, *, now: datetime) -> Resumed:
    """What the code opens under *pepper*. Errors: NotFound."""
    with stores.opened_by(code.reader(pepper)).read() as work:
        draft = work.drafts.by_lookup(code.lookup(pepper), now=now)
        sent = draft.status is DraftStatus.SUBMITTED
        if not (sent or draft.key):
            raise NotFound("its keys are gone: it was deleted before this copy was put back (GDP-04)")
        return Resumed(draft, code, work.submissions.of_draft(draft.id) if sent else None)


def _bind_anew(stores: Stores, draft: Draft, code: ResumeCode, former: bytes, *, now: datetime) -> None:
    """Find the draft by the present pepper from now on (ENC-09). Errors: NotFound if its code was changed meanwhile."""
    with stores.opened_by(code.reader(stores.pepper)).write() as work:
        work.drafts.by_lookup(code.lookup(former), now=now)
        _bind(work, draft, code, stores.pepper)
