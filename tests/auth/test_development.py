from __future__ import annotations

import json

import pytest

from formengine.auth import Provider, Role, providers
from formengine.errors import NotAllowed


@pytest.fixture
def provider() -> Provider:
    return providers.load_one("development")(["musterstadt"], {})


def test_one_picks_one_of_the_fictional_people(provider: Provider) -> None:
    begun = provider.begin(callback="http://127.0.0.1:8001/sign-in")
    assert begun.url == ""
    for person in begun.choices:
        assert provider.finish({"person": person.id}, begun.kept) == person
        assert person.tenant == "musterstadt"


@pytest.mark.parametrize("answer", [{}, {"person": ""}, {"person": "development:admin"}, {"person": "kaya"}])
def test_nobody_else_is_let_in(provider: Provider, answer: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        provider.finish(answer, {})


def test_an_auditor_is_no_caseworker(provider: Provider) -> None:
    roles = [person.roles for person in provider.begin(callback="").choices]
    assert {Role.AUDITOR} in roles
    assert all(not (Role.AUDITOR in one and Role.CASEWORKER in one) for one in roles)


def test_a_session_keeps_the_person_as_plain_json(provider: Provider) -> None:
    kept = provider.begin(callback="").choices[1].as_session()
    assert kept == {"id": "development:probst", "name": "Jens Probst", "roles": ["case-lead", "caseworker"]}
    assert json.loads(json.dumps(kept)) == kept
