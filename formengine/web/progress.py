"""How far an application is: the way on, the task list, the proofs that are left."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from formengine.core import routing
from formengine.core.addresses import StepAddress
from formengine.core.applying import Evaluation
from formengine.core.proofs import ProofAsked, proofs
from formengine.core.routing import SectionState, Status
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import attaching
from formengine.web.visits import Visit
from formengine.web.words import Words

_OF_ITEM = re.compile(r"(?:\{\s*(?:item|index|parent)\b[^{}]*\}\s*)+")
_FOR_WHOM = re.compile(r"(?:\s+\S{1,3})?\s*…$")
"""The item at the end of a title with the short word before it, as in "Fahrkarte von …", in any language."""


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the task list; without *href* it cannot be done yet, and *reason* says why."""

    title: Phrase
    status: Phrase
    kind: str
    href: str = ""
    reason: Phrase | str = ""


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Lines that belong together."""

    id: str
    title: Phrase
    tasks: tuple[Task, ...]


def href_of(e: Evaluation, at: StepAddress | None, *, review: bool = False) -> str:
    """The address of the page *at*; of the review where there is none. *review*: one comes back to the review."""
    if at is None:
        return f"/{e.form.id}/review"
    return f"/{e.form.id}/{at}/{'?return=review' if review else ''}"


def proof_href(e: Evaluation, asked: ProofAsked) -> str:
    """The address of a proof's page."""
    item = f"{asked.item_key}/" if asked.item_key else ""
    return f"/{e.form.id}/proofs/{asked.proof.id}/{item}"


def on(v: Visit, e: Evaluation) -> str:
    """Where to go on: the first page with something left, else the first proof, else the review."""
    at = routing.resume_at(e)
    if at is not None:
        return href_of(e, at)
    left = attaching.unspoken(e, v.the_draft().proofs)
    return proof_href(e, left[0]) if left else href_of(e, None)


def behind_steps(v: Visit, e: Evaluation) -> str:
    """What follows the last step: the first proof of which nothing was said, else the review."""
    left = _unsaid(v, proofs(e))
    return proof_href(e, left[0]) if left else href_of(e, None)


def behind_proof(v: Visit, e: Evaluation, asked: ProofAsked) -> str:
    """What follows a proof: the next one of which nothing was said, else the review."""
    all_of_them = proofs(e)
    places = [(one.proof.id, one.item_key) for one in all_of_them]
    here = places.index((asked.proof.id, asked.item_key))
    left = _unsaid(v, all_of_them[here + 1 :])
    return proof_href(e, left[0]) if left else href_of(e, None)


def before_proof(e: Evaluation, asked: ProofAsked) -> str:
    """What comes before a proof: the one before, else the last step."""
    all_of_them = proofs(e)
    here = [(one.proof.id, one.item_key) for one in all_of_them].index((asked.proof.id, asked.item_key))
    if here:
        return proof_href(e, all_of_them[here - 1])
    steps = routing.path(e)
    return href_of(e, steps[-1] if steps else None)


def _unsaid(v: Visit, among: Sequence[ProofAsked]) -> list[ProofAsked]:
    said = v.the_draft().proofs
    return [one for one in among if not attaching.is_spoken_for(attaching.answer_of(said, one.proof.id, one.item_key))]


def needed(words: Words) -> list[Phrase]:
    """What one should have at hand: the titles of all proofs, without those whom they are for."""
    titles = []
    for proof in words.form.proofs:
        phrase = words.text.of_form(proof.title)
        titles.append(words.fill_phrase(phrase.with_text(_FOR_WHOM.sub("", _OF_ITEM.sub("…", phrase.plain)))))
    return titles


def tasks(v: Visit, e: Evaluation, words: Words) -> tuple[int, int, tuple[TaskGroup, ...]]:
    """How many sections are done, of how many, and the task list."""
    say = v.text.say
    states = routing.sections(e)
    answers = tuple(_section(v, e, words, state) for state in states)
    groups = [TaskGroup("angaben", say(N_("Ihre Angaben")), answers)]
    asked = proofs(e)
    spoken = 0
    if asked:
        left = _unsaid(v, asked)
        spoken = len(asked) - len(left)
        groups.append(
            TaskGroup("nachweise", say(N_("Nachweise")), tuple(_proof(v, e, words, one, one in left) for one in asked))
        )
    done = sum(state.status is Status.DONE for state in states)
    ready = done == len(states) and not attaching.unspoken(e, v.the_draft().proofs)
    sending = Task(
        say(N_("Prüfen und absenden")),
        say(N_("Noch nicht angefangen")) if ready else say(N_("Noch nicht möglich")),
        "info" if ready else "warning",
        href_of(e, None) if ready else "",
        "" if ready else say(N_("Erst alle Angaben machen")),
    )
    groups.append(TaskGroup("absenden", say(N_("Absenden")), (sending,)))
    return done + spoken, len(states) + len(asked), tuple(groups)


def _section(v: Visit, e: Evaluation, words: Words, state: SectionState) -> Task:
    title = words.step(state.step)
    say = v.text.say
    if state.status is Status.LOCKED:
        waits = words.step(state.waits_for).plain if state.waits_for is not None else ""
        reason = say(N_("Erst „{abschnitt}“ ausfüllen"), abschnitt=waits)
        return Task(title, say(N_("Noch nicht möglich")), "warning", "", reason)
    href = href_of(e, state.address)
    if state.status is Status.DONE:
        return Task(title, say(N_("Fertig")), "success", href)
    if state.status is Status.NOT_STARTED:
        return Task(title, say(N_("Noch nicht angefangen")), "info", href)
    if state.status is Status.CHECK:
        return Task(title, say(N_("Bitte prüfen")), "warning", href)
    left = v.text.ngettext("Noch 1 Angabe", "Noch {n} Angaben", state.left)
    return Task(title, left, "info", href)


def _proof(v: Visit, e: Evaluation, words: Words, asked: ProofAsked, is_left: bool) -> Task:  # noqa: FBT001  used here alone
    title = words.fill(asked.proof.title, item=asked.item_pointer, scope=asked.names.scope)
    status = v.text.say(N_("Noch nicht angefangen") if is_left else N_("Fertig"))
    return Task(title, status, "info" if is_left else "success", proof_href(e, asked))
