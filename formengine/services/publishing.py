"""Publish a version of a form: kept for ever by its hash, and served from now on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from formengine.core.definition import FormDefinition
from formengine.services.ports import Stores


@dataclass(frozen=True, slots=True)
class Checked:
    """A form that loads without an error, and the bytes that it was loaded from."""

    form: FormDefinition
    bundle: bytes


def publish(stores: Stores, checked: Iterable[Checked], *, now: datetime) -> tuple[FormDefinition, ...]:
    """The forms that are new and served from now on; those that are served already change nothing.

    Drafts keep the version that they began with.
    """
    with stores.write() as work:
        return tuple(
            one.form
            for one in checked
            if work.versions.add(
                form=one.form.id, version=one.form.version, hash=one.form.hash, bundle=one.bundle, now=now
            )
        )
