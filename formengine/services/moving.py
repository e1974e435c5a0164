"""Move a draft to the version of its form that is served now (REL-12): in one transaction, or not at all.

What may move is for `core.versions` to decide. It happens when the applicant goes on, by a post of theirs: nobody else
can read the draft, and a page that is only looked at changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from formengine.core import versions
from formengine.core.applying import Evaluation, evaluate
from formengine.core.asking import Role
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Draft
from formengine.core.versions import Change
from formengine.errors import FormClosed, NotFound
from formengine.services import drafting, items
from formengine.services.clock import today
from formengine.services.ports import Forms, Stores

_BY_ROW: Final = frozenset({Role.LIST, Role.MAP})
"""What is asked row by row: its rows are looked at again, each by itself."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The version that a draft may move to: its reading of the draft, and what is different."""

    evaluation: Evaluation
    change: Change


def ahead(forms: Forms, form: FormDefinition, draft: Draft, *, now: datetime) -> Ahead | None:
    """Where *draft*, now in the version *form*, may move to; None if nowhere: it finishes on its own version."""
    try:
        newest = forms.newest(draft.form)
    except (NotFound, FormClosed):
        return None
    if newest.hash == draft.form_hash:
        return None
    old = evaluate(form, draft.answers, today(now))
    new = evaluate(newest, items.with_fixed(newest, draft.answers), today(now))
    change = versions.change(old, new, draft.proofs)
    return Ahead(new, change) if change is not None else None


def move(stores: Stores, to: Ahead, draft: Draft, *, revision: int, now: datetime) -> Draft:
    """The draft in the version *to*, with marks on the answers to be looked at again, and without ticks under other
    words. Errors: Stale, AlreadySubmitted.
    """
    drafting.check_revision(stores, draft, revision)
    form = to.evaluation.form
    again = {asked.control for asked in to.change.again if asked.role not in _BY_ROW}
    answers = replace(to.evaluation.answers, changed=draft.answers.changed | again)
    same = {one.id for one in form.declarations} - {one.id for one in to.change.declarations}
    accepted = {name: at for name, at in (draft.accepted or {}).items() if name in same}
    moved = replace(draft, form_hash=form.hash, answers=answers, accepted=accepted)
    return drafting.save(stores, form, draft, moved, now=now)
