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
from formengine.services.ports import Stores, Work
from formengine.services.values import CODE

TRIES_OF_CLIENT: Final = (10, timedelta(minutes=10))
TRIES_IN_SUM: Final = (300, timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a code opened: the draft, and the reference where it was sent already."""

    draft: Draft
    reference: Reference | None = None


def save(stores: Stores, draft: Draft) -> ResumeCode:
    """A new code for the draft, to be shown once; an earlier one is dead from now on (RES-08)."""
    code = codes.new_resume_code()
    with stores.opened_by(code.reader(stores.pepper)).write() as work:
        _bind(work, draft, code, stores.pepper)
    return code


def _bind(work: Work, draft: Draft, code: ResumeCode, pepper: bytes) -> None:
    """Let the draft be found by *code* under *pepper* and opened by it, and by no other."""
    work.drafts.keep_lookup(draft.id, code.lookup(pepper))
    work.keys.drop(draft.id, CODE)
    work.keys.share(draft.id, draft.key)


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
            found = _open(stores, code, pepper)
            if pepper != stores.pepper:
                _bind_anew(stores, found.draft, code, pepper)
        except NotFound:
            continue
        if found.reference is None and (found.draft.status is not DraftStatus.OPEN or found.draft.expires_at <= now):
            break
        return found
    raise ResumeRefused("the code opens nothing")


def _open(stores: Stores, code: ResumeCode, pepper: bytes) -> Resumed:
    """What the code opens under *pepper*. Errors: NotFound."""
    with stores.opened_by(code.reader(pepper)).read() as work:
        draft = work.drafts.by_lookup(code.lookup(pepper))
        sent = draft.status is DraftStatus.SUBMITTED
        return Resumed(draft, work.submissions.of_draft(draft.id) if sent else None)


def _bind_anew(stores: Stores, draft: Draft, code: ResumeCode, former: bytes) -> None:
    """Find the draft by the present pepper from now on (ENC-09). Errors: NotFound if its code was changed meanwhile."""
    with stores.opened_by(code.reader(stores.pepper)).write() as work:
        work.drafts.by_lookup(code.lookup(former))
        _bind(work, draft, code, stores.pepper)
