"""What a version of a form is: its content hash, and whether a draft may go on in another version.

Decides both from values alone; when a draft is asked to move is for the services to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from formengine.core import numbers, pointer
from formengine.core.applying import PICKS, Evaluation
from formengine.core.asking import Asked, Question, Role
from formengine.core.definition import Declaration, Field, FormDefinition
from formengine.core.lifecycle import ProofAnswer
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.proofs import ProofAsked, proofs
from formengine.core.validation import problems

_TOO_MUCH: Final = frozenset({"maxProperties", "additionalProperties", "unevaluatedProperties", "propertyNames", "not"})
"""Keywords that say of an object that it holds too much: no further answer mends that."""


def content_hash(definition: JsonValue, schemas: Mapping[str, JsonValue], figures: JsonValue) -> str:
    """The hash of a version: SHA-256 in lower-case hex over definition, schemas that it reaches, and figures.

    Shape: canonical JSON, keys as they stand (their order is the order of the questions), schemas sorted by name.
    """
    whole = {"definition": definition, "schemas": {name: schemas[name] for name in sorted(schemas)}, "figures": figures}
    return hashlib.sha256(numbers.dumps(whole).encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """What another version means for a draft that may move to it.

    *new* is asked there and was not here, rows of a list but once; *again* are the answers to questions that are worded
    or read otherwise there, or that count there and did not here; *proofs* those that are new or otherwise worded;
    *declarations* those that are new or otherwise worded: a tick under other words is none.
    """

    new: tuple[Asked, ...] = ()
    again: tuple[Asked, ...] = ()
    proofs: tuple[ProofAsked, ...] = ()
    declarations: tuple[Declaration, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether nothing is different for this draft."""
        return not (self.new or self.again or self.proofs or self.declarations)


def change(old: Evaluation, new: Evaluation, said: Sequence[ProofAnswer] = ()) -> Change | None:
    """What the version of *new* means for a draft that its own version reads as *old*; None if it has to stay there.

    Both are readings of the same answers; *said* is what was said of proofs. A draft may move if all that counts of it
    holds where it stands (`holds`), and every proof with files or a reason is asked for there and takes the files.
    """
    if not holds(old, new) or not _proofs_hold(old, new, said):
        return None
    before, asked = {one.control: one for one in old.asked}, {one.pattern for one in old.asked}
    answered = [one for one in new.asked if one.value is not ABSENT and one.role is not Role.COMPUTED]
    return Change(
        new=tuple(
            _first_of_each(one for one in new.asked if one.pattern not in asked and one.role is not Role.COMPUTED)
        ),
        again=tuple(one for one in answered if _is_other(old.form, before.get(one.control), new.form, one)),
        proofs=_other_proofs(old, new),
        declarations=tuple(one for one in new.form.declarations if _worded(old.form, one.id) != one.text),
    )


def holds(old: Evaluation, new: Evaluation) -> bool:
    """Whether all that was answered holds where it stands.

    Each answer that counts is asked for there by the same name and read as the same value; a list has the same rows,
    and as many of them fixed; a picked branch is called the same; text kept as typed has its question; and nothing is
    wrong there that was not wrong here, but that something is missing.
    """
    there = {one.control: one for one in new.asked if one.role is not Role.COMPUTED}
    given = [one for one in old.asked if one.value is not ABSENT and one.role is not Role.COMPUTED]
    if not all(_stands(one, there.get(one.control), old, new) for one in given):
        return False
    typed = {name for name, texts in old.answers.typed.items() if any(texts)}
    typed |= {name.rpartition(":")[0] for name in typed}
    if any(one.control in typed and one.control not in there for one in old.asked):
        return False
    known = {(problem.pointer, problem.code, problem.message) for problem in problems(old)}
    answered = {one.control for one in new.asked if one.value is not ABSENT}
    return not any(
        problem.control in answered or problem.code in _TOO_MUCH
        for problem in problems(new)
        if problem.level == "error"
        and problem.code not in {"typed", "changed"}
        and (problem.pointer, problem.code, problem.message) not in known
    )


def _stands(here: Asked, there: Asked | None, old: Evaluation, new: Evaluation) -> bool:
    """Whether what was answered *here* is asked *there* and read as the same; a pick only steers what is asked."""
    before, after = (pointer.get(e.document, here.pointer) for e in (old, new))
    if here.role in PICKS:
        is_kept = after is None if before is None else before is ABSENT or after is not ABSENT
        return is_kept and (here.role is not Role.BRANCH or there is None or _same_branch(here, there))
    if there is None or there.role is not here.role:
        return False
    if here.role is Role.LIST:
        return old.items(here.pointer) == new.items(here.pointer) and (
            not old.items(here.pointer) or _fixed(old.form, here) == _fixed(new.form, here)
        )
    if here.role is Role.MAP:
        return list(before or ()) == list(after or ())
    return there.value is not ABSENT and numbers.exact(there.value) == numbers.exact(here.value)


def _same_branch(here: Asked, there: Asked) -> bool:
    """Whether the numbers that were picked mean branches of the same names."""
    return here.value == there.value and _called(here) == _called(there)


def _called(pick: Asked) -> list[str]:
    picked = pick.value if isinstance(pick.value, list) else [pick.value]
    question = pick.question.items or pick.question
    return [option.label for option in question.options or () if option.value in picked]


def _fixed(form: FormDefinition, rows: Asked) -> int:
    owner = form.owner(rows.pattern)
    return owner[-1].fixed if owner else 0


def _proofs_hold(old: Evaluation, new: Evaluation, said: Sequence[ProofAnswer]) -> bool:
    here = {(one.proof.id, one.item_key) for one in proofs(old)}
    there = {(one.proof.id, one.item_key): one.proof for one in proofs(new)}
    for answer in said:
        if (answer.proof, answer.item) not in here or not (answer.files or answer.reason):
            continue
        proof = there.get((answer.proof, answer.item))
        if proof is None or len(answer.files) > proof.max_files:
            return False
    return True


def _other_proofs(old: Evaluation, new: Evaluation) -> tuple[ProofAsked, ...]:
    known = {(one.proof.id, one.item_key): (one.proof.title, one.proof.hint) for one in proofs(old)}
    return tuple(
        one for one in proofs(new) if known.get((one.proof.id, one.item_key)) != (one.proof.title, one.proof.hint)
    )


def _worded(form: FormDefinition, declaration: str) -> str:
    return next((one.text for one in form.declarations if one.id == declaration), "")


def _is_other(old: FormDefinition, before: Asked | None, new: FormDefinition, after: Asked) -> bool:
    """Whether the answer to *after* was given to another question, or did not count *before*."""
    return before is None or before.value is ABSENT or _said(old, before) != _said(new, after)


def _said(form: FormDefinition, asked: Asked) -> object:
    """All that an applicant reads of a question, and how the answer is read."""
    field = form.field(asked.pattern) or Field(asked.pattern)
    question = asked.question
    about = (field.label or question.title, field.hint or question.description, field.help)
    return (*about, tuple(field.options.items()), _read_as(question))


def _read_as(question: Question) -> object:
    options = tuple((option.text, option.label) for option in question.options) if question.options else None
    units = tuple(str(question.keywords.get(word, "")) for word in ("format", "multipleOf", "contentMediaType"))
    items = _read_as(question.items) if question.items else None
    return question.types, question.nullable, question.tick, options, units, items


def _first_of_each(asked: Iterator[Asked]) -> Iterator[Asked]:
    seen = set()
    for one in asked:
        if one.pattern not in seen:
            seen.add(one.pattern)
            yield one
