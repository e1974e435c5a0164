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
from formengine.services.ports import Stores
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
        work.drafts.keep_lookup(draft.id, code.lookup(stores.pepper))
        work.keys.drop(draft.id, CODE)
        work.keys.share(draft.id, draft.key)
    return code


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
    with stores.opened_by(code.reader(stores.pepper)).read() as work:
        try:
            draft = work.drafts.by_lookup(code.lookup(stores.pepper))
            if draft.status is DraftStatus.SUBMITTED:
                return Resumed(draft, work.submissions.of_draft(draft.id))
        except NotFound:
            raise ResumeRefused("the code opens nothing") from None
    if draft.status is not DraftStatus.OPEN or draft.expires_at <= now:
        raise ResumeRefused("the code opens nothing")
    return Resumed(draft)
