"""Versions of forms: published and kept for ever by their hash, served, withdrawn.

A published version never changes (SCH-13): other content needs another version number. What is wrong with one is
withdrawn, and an earlier one served again, without touching a file (F-17).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from formengine.core.definition import FormDefinition
from formengine.core.source import Source
from formengine.errors import ConfigError, DefinitionError
from formengine.services.ports import Stores, VersionRow, Work


@dataclass(frozen=True, slots=True)
class Checked:
    """A form that loads without an error, the bytes that it was loaded from, and its definition if it has one."""

    form: FormDefinition
    bundle: bytes
    definition: Source | None = None


def publish(
    stores: Stores, checked: Iterable[Checked], *, now: datetime
) -> tuple[tuple[FormDefinition, ...], tuple[DefinitionError, ...]]:
    """The forms that are new and served from now on, and why others cannot be; those served already change nothing."""
    published, refused = [], []
    with stores.write() as work:
        for one in checked:
            mistake = _refusal(work, one)
            if mistake is not None:
                refused.append(mistake)
            elif work.versions.add(
                form=one.form.id, version=one.form.version, hash=one.form.hash, bundle=one.bundle, now=now
            ):
                published.append(one.form)
    return tuple(published), tuple(refused)


def refusals(stores: Stores, checked: Iterable[Checked]) -> tuple[DefinitionError, ...]:
    """Why these could not be published."""
    with stores.read() as work:
        found = [_refusal(work, one) for one in checked]
    return tuple(mistake for mistake in found if mistake is not None)


def _refusal(work: Work, one: Checked) -> DefinitionError | None:
    form = one.form
    known = work.versions.hash_of(form.id, form.version) if form.version else None
    if form.hash in work.versions.withdrawn():
        return _mistake(one, f"version {form.version} of {form.id} was withdrawn")
    if known not in {None, form.hash}:
        return _mistake(one, f"version {form.version} of {form.id} is published already with other content")
    return None


def _mistake(one: Checked, message: str) -> DefinitionError:
    cure = f'give it a new number, as in "version": "{_following(one.form.version)}"'
    if one.definition is None:
        return DefinitionError(message, file=one.form.schema_name, line=1, column=1, remedy="change the schema")
    return one.definition.error(message, "/version", remedy=cure)


def _following(version: str) -> str:
    """A number that comes behind *version*.

    >>> _following("2026.1.9"), _following("2026a")
    ('2026.1.10', '2026a.1')
    """
    start, dot, last = version.rpartition(".")
    return f"{start}{dot}{int(last) + 1}" if last.isascii() and last.isdigit() else f"{version}.1"


def versions(stores: Stores) -> Sequence[VersionRow]:
    """Every version by form, the one published last first."""
    with stores.read() as work:
        return work.versions.all()


def withdraw(stores: Stores, form: str, named: str, *, now: datetime) -> VersionRow:
    """Let nobody begin or send this version any more; its drafts stay readable. Errors: ConfigError."""
    row = _named(stores, form, named)
    with stores.write() as work:
        work.versions.withdraw(row.hash, now=now)
    return row


def serve(stores: Stores, form: str, named: str, *, now: datetime) -> VersionRow:
    """Serve this version from now on, without publishing anything. Errors: ConfigError."""
    row = _named(stores, form, named)
    if row.withdrawn_at is not None:
        raise ConfigError(f"version {named} of {form} was withdrawn; publish it under a new number")
    with stores.write() as work:
        work.versions.serve(row.hash, now=now)
    return row


def _named(stores: Stores, form: str, named: str) -> VersionRow:
    """The version with this number, or with a hash that begins so."""
    of_form = [row for row in versions(stores) if row.form == form]
    found = [row for row in of_form if row.version == named or (len(named) > 7 and row.hash.startswith(named))]
    if len(found) != 1:
        known = ", ".join(f"{row.version} ({row.hash[:12]})" for row in of_form) or "none"
        raise ConfigError(f"there is no one version {named!r} of {form}; there is: {known}")
    return found[0]
