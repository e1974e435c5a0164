"""What a version of a form is: its content hash, and whether a draft may move to another version.

Decides both from values alone; when a draft is asked to move is for the services to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from formengine.core import numbers
from formengine.core.applying import Evaluation
from formengine.core.asking import Role
from formengine.core.pointer import ABSENT, JsonValue
from formengine.core.validation import problems


def content_hash(definition: JsonValue, schemas: Mapping[str, JsonValue], figures: JsonValue) -> str:
    """The hash of a version: SHA-256 in lower-case hex over definition, schemas that it reaches, and figures.

    Shape: canonical JSON, keys as they stand (their order is the order of the questions), schemas sorted by name.
    """
    whole = {"definition": definition, "schemas": {name: schemas[name] for name in sorted(schemas)}, "figures": figures}
    return hashlib.sha256(numbers.dumps(whole).encode("utf-8")).hexdigest()


def may_move(old: Evaluation, new: Evaluation) -> bool:
    """Whether the answers of a draft still validate where they stand: *new* is their reading by the other version.

    Each answer that counts is asked there too and has no problem that it had not before.
    """
    answered = {one.pointer for one in old.asked if one.value is not ABSENT and one.role is not Role.COMPUTED}
    asked = {one.pointer for one in new.asked if one.value is not ABSENT}
    before = {problem.pointer for problem in problems(old)}
    broken = {problem.pointer for problem in problems(new) if problem.level == "error"}
    return answered <= asked and not (answered & broken) - before


def new_questions(old: Evaluation, new: Evaluation) -> tuple[str, ...]:
    """Pointers of what *new* asks and *old* did not, in order."""
    known = {one.pattern for one in old.asked}
    return tuple(one.pointer for one in new.asked if one.pattern not in known and one.role is not Role.COMPUTED)
