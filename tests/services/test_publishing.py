from __future__ import annotations

from dataclasses import replace

import pytest

from formengine.core import source
from formengine.core.definition import FormDefinition
from formengine.errors import ConfigError
from formengine.services import publishing
from formengine.services.ports import Stores
from formengine.services.publishing import Checked
from tests.fakes import Clock
from tests.services.conftest import DEFINITION

ONE, TWO, THREE = ("1" * 64, "2" * 64, "3" * 64)


def served(stores: Stores) -> dict[str, str]:
    with stores.read() as work:
        return dict(work.versions.served())


def test_the_newest_version_is_served_and_every_one_is_kept(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    first, second = Checked(form, b"one"), Checked(replace(form, hash=ONE, version="2"), b"two")
    assert publishing.publish(stores, [first], now=clock()) == ((form,), ())
    assert publishing.publish(stores, [first], now=clock()) == ((), ()), "nothing is new"
    assert publishing.publish(stores, [second], now=clock()) == ((second.form,), ())
    with stores.read() as work:
        assert work.versions.bundle(form.hash) == b"one"
    assert served(stores) == {"lunch": ONE}
    assert publishing.publish(stores, [first], now=clock()) == ((form,), ()), "back to an earlier one"
    assert served(stores) == {"lunch": form.hash}


def test_sch_13_other_content_under_a_published_number_is_refused_with_what_to_do(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    definition = source.of_value("forms/lunch.json", DEFINITION)
    publishing.publish(stores, [Checked(form, b"one", definition)], now=clock())
    edited = Checked(replace(form, hash=ONE), b"two", definition)
    other = Checked(replace(form, id="other", hash=TWO), b"other")
    published, (mistake,) = publishing.publish(stores, [edited, other], now=clock())
    assert published == (other.form,), "others are published"
    assert str(mistake) == (
        "forms/lunch.json:3:14: error: version 1 of lunch is published already with other content "
        '(give it a new number, as in "version": "2")'
    )
    assert publishing.refusals(stores, [edited]) != ()
    assert served(stores)["lunch"] == form.hash
    publishing.publish(stores, [Checked(form, b"changed")], now=clock())
    with stores.read() as work:
        assert work.versions.bundle(form.hash) == b"one"


def test_a_schema_alone_has_no_number_and_may_change(stores: Stores, form: FormDefinition, clock: Clock) -> None:
    for number in (ONE, TWO):
        alone = Checked(replace(form, version="", hash=number), b"x")
        assert publishing.publish(stores, [alone], now=clock()) == ((alone.form,), ())


def test_f_17_a_version_is_withdrawn_and_an_earlier_one_served_again(
    stores: Stores, form: FormDefinition, clock: Clock
) -> None:
    first, second = Checked(form, b"one"), Checked(replace(form, hash=ONE, version="2"), b"two")
    publishing.publish(stores, [first, second], now=clock())
    publishing.withdraw(stores, "lunch", "2", now=clock())
    with stores.read() as work:
        assert work.versions.withdrawn() == {ONE}
    publishing.serve(stores, "lunch", form.hash[:12], now=clock())
    assert served(stores) == {"lunch": form.hash}
    published, (mistake,) = publishing.publish(stores, [second], now=clock())
    assert (published, "was withdrawn" in str(mistake)) == ((), True), "a restart does not bring it back"
    with pytest.raises(ConfigError, match="was withdrawn"):
        publishing.serve(stores, "lunch", "2", now=clock())
    with pytest.raises(ConfigError, match="there is: 1 "):
        publishing.withdraw(stores, "lunch", "7", now=clock())
    rows = {row.version: row for row in publishing.versions(stores)}
    assert [(row.is_served, bool(row.withdrawn_at)) for row in (rows["1"], rows["2"])] == [(True, False), (False, True)]
