"""Files that are answers: a question of the schema that a file fills (`contentMediaType`, or the widget `upload`).

The answer names the file by its path in the delivery, or holds what the definition's `fills` asks of it, or its bytes
(`contentEncoding: base64`). A file that no answer names any more is deleted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from formengine.core import pointer as pointers
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.asking import Asked, Role
from formengine.core.definition import FormDefinition, Proof
from formengine.core.lifecycle import Attachment, Draft
from formengine.core.pointer import ABSENT, JsonValue
from formengine.errors import FileRefused, NotFound
from formengine.services import drafting, filing, items
from formengine.services.clock import today
from formengine.services.ports import Intake, Stores
from formengine.services.taking import store, take

UPLOAD: Final = "upload"
MAX_INLINE_BYTES: Final = 2_000_000
"""A file whose bytes stand in the document itself may not be larger."""


def upload(
    stores: Stores,
    form: FormDefinition,
    draft: Draft,
    at: str,
    *,
    name: str,
    claimed: str,
    data: bytes,
    intake: Intake,
    revision: int,
    now: datetime,
    client: str = "",
) -> Draft:
    """The draft with a file as the answer at pointer *at*; in a list, as a row more.

    Errors: FileRefused, TooMany, NotFound if no file is asked there; Stale, AlreadySubmitted.
    """
    drafting.check_revision(stores, draft, revision)
    asked = _asked(form, draft, at, now)
    file, kept = take(
        stores, draft, name=name, claimed=claimed, data=data, accept=_accepted(asked), intake=intake, client=client,
        now=now,
    )  # fmt: skip
    path = filing.delivered_path(UPLOAD, file)
    answers = filled(form, draft.answers, asked, path=path, file=file, data=kept)
    if path not in _texts(answers.get(at)):
        return drafting.save(stores, form, draft, replace(draft, answers=answers), now=now)
    new, unnamed = _cleared(replace(draft, answers=answers, uploads=(*draft.uploads, file)))
    saved = store(stores, draft, new.saved(now=now, days=form.draft_days), file, kept)
    _discard(stores, unnamed)
    return saved


def remove(stores: Stores, form: FormDefinition, draft: Draft, at: str, *, revision: int, now: datetime) -> Draft:
    """The draft without the file that is the answer at pointer *at*, or a row of the list there.

    Errors: NotFound if no file is asked there; Stale, AlreadySubmitted.
    """
    drafting.check_revision(stores, draft, revision)
    above, _, token = at.rpartition("/")
    in_list = evaluate(form, draft.answers, today(now)).asked_at(above)
    if in_list is not None and in_list.role is Role.LIST and token.isdigit() and _takes_files(form, in_list):
        if draft.answers.get(at) is ABSENT:
            raise NotFound("no such file")
        answers = draft.answers.remove_item(above, int(token))
    else:
        _asked(form, draft, at, now)
        answers = draft.answers.with_values({at: ABSENT})
    new, unnamed = _cleared(replace(draft, answers=answers))
    saved = drafting.save(stores, form, draft, new, now=now)
    _discard(stores, unnamed)
    return saved


def filled(
    form: FormDefinition, answers: Answers, asked: Asked, *, path: str, file: Attachment, data: bytes
) -> Answers:
    """*answers* with what the file that is delivered as *path* becomes at *asked*; in a list, as a row more."""
    value = _value(form, asked, path, file, data)
    if asked.role is Role.LIST:
        return answers.add_item(asked.pointer, items.new_key(answers), value)
    return answers.with_values({asked.pointer: value})


def emptied(answers: Answers, asked: Asked, path: str, *, last: bool) -> Answers:
    """*answers* without what the file of *path* became at *asked*; if it was the *last*, without any value there."""
    value = answers.get(asked.pointer)
    if asked.role is not Role.LIST:
        return answers.with_values({asked.pointer: ABSENT}) if last or path in _texts(value) else answers
    rows = value if isinstance(value, list) else []
    for index in reversed(range(len(rows))):
        if path in _texts(rows[index]):
            answers = answers.remove_item(asked.pointer, index)
    return answers


def named(document: JsonValue, uploads: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Those of *uploads* that *document* names by their path, in their order."""
    texts = set(_texts(document))
    return tuple(file for file in uploads if filing.delivered_path(UPLOAD, file) in texts)


def _cleared(draft: Draft) -> tuple[Draft, tuple[Attachment, ...]]:
    """The draft with the files that an answer names, or one that can be put back; and the others."""
    kept: list[Answers] = [draft.answers] + ([draft.removed.answers] if draft.removed else [])
    left = named([answers.document for answers in kept], draft.uploads)
    return replace(draft, uploads=left), tuple(file for file in draft.uploads if file not in left)


def _discard(stores: Stores, files: Sequence[Attachment]) -> None:
    for file in files:
        filing.discard(stores, file.id)


def _asked(form: FormDefinition, draft: Draft, at: str, now: datetime) -> Asked:
    asked = evaluate(form, draft.answers, today(now)).asked_at(at)
    if asked is None or not _takes_files(form, asked):
        raise NotFound("no file is asked there")
    return asked


def _takes_files(form: FormDefinition, asked: Asked) -> bool:
    field = form.field(asked.pattern)
    rows = asked.question.items
    return bool(
        asked.question.keywords.get("contentMediaType")
        or (field is not None and field.widget == UPLOAD)
        or (asked.role is Role.LIST and rows is not None and rows.keywords.get("contentMediaType"))
    )


def _accepted(asked: Asked) -> tuple[str, ...]:
    """The kinds that may come: what the schema names, if we take that at all, else all that a proof takes."""
    kinds = Proof("", "").accept
    question = asked.question.items if asked.role is Role.LIST and asked.question.items else asked.question
    wanted = question.keywords.get("contentMediaType")
    return (wanted,) if wanted in kinds else kinds


def _value(form: FormDefinition, asked: Asked, path: str, file: Attachment, data: bytes) -> JsonValue:
    """The answer, or the row, that the file becomes."""
    field = form.field(asked.pattern)
    facts: dict[str, Callable[[], JsonValue]] = {
        "path": lambda: path,
        "name": lambda: file.name,
        "type": lambda: file.media_type,
        "size": lambda: file.size_bytes,
        "sha256": lambda: hashlib.sha256(data).hexdigest(),
        "sha512": lambda: file.sha512,
        "base64": lambda: _inline(data),
    }
    if field is not None and field.fills:
        value: JsonValue = {}
        for fact, at in field.fills.items():
            value = pointers.put(value, at, facts[fact]())
        return value
    question = asked.question.items if asked.role is Role.LIST and asked.question.items else asked.question
    if question.keywords.get("contentEncoding") == "base64":
        return _inline(data)
    return path


def _inline(data: bytes) -> str:
    if len(data) > MAX_INLINE_BYTES:
        raise FileRefused("size")
    return base64.b64encode(data).decode()


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for row in value:
            yield from _texts(row)
