from __future__ import annotations

from dataclasses import replace

from formengine.core.definition import FormDefinition
from formengine.services import publishing
from formengine.services.ports import Stores
from formengine.services.publishing import Checked
from tests.fakes import Clock


def test_the_newest_version_is_served_and_every_one_is_kept(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    first, second = Checked(form, b"one"), Checked(replace(form, hash="1" * 64, version="2"), b"two")
    assert publishing.publish(stores, [first], now=clock()) == (form,)
    assert publishing.publish(stores, [first], now=clock()) == (), "nothing is new"
    assert publishing.publish(stores, [second], now=clock()) == (second.form,)
    with stores.read() as work:
        assert work.versions.served() == {"lunch": "1" * 64}
        assert work.versions.bundle(form.hash) == b"one"
    assert publishing.publish(stores, [first], now=clock()) == (form,), "back to an earlier one"
    with stores.read() as work:
        assert work.versions.served() == {"lunch": form.hash}


def test_a_published_version_never_changes(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    publishing.publish(stores, [Checked(form, b"one")], now=clock())
    publishing.publish(stores, [Checked(replace(form, hash="1" * 64), b"two")], now=clock())
    publishing.publish(stores, [Checked(form, b"changed")], now=clock())
    with stores.read() as work:
        assert work.versions.bundle(form.hash) == b"one"
