"""SES-07, SES-10: what our own page did not send is refused at every route of both sites, and changes nothing."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from formengine import bootstrap
from formengine.services.opening import Opening
from formengine.web.app import create_app
from tests.journeys.reading import Page
from tests.web.applicant import Applicant

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
PARTS = {
    "form": "small", "other": "small", "segments": "you", "key": "aaaaa", "item": "aaaaa", "proof": "lease",
    "reference": "0000-0000-000", "channel": "folder", "name": "application.pdf",
}  # fmt: skip


@pytest.fixture(scope="module")
def staff_site(site: Flask) -> Flask:
    return staff_beside(site)


def staff_beside(site: Flask) -> Flask:
    """The staff site over the data of the applicants' *site*, with an opener in this process."""
    engine = bootstrap.build(replace(site.extensions["formengine"].engine.settings, development_sign_in=True))
    engine.opener = Opening(engine.stores.opened_by(engine.authority), lambda: datetime.now(UTC))
    return create_app(engine, "staff")


@pytest.fixture(params=["applicants", "staff"])
def visitor(request: pytest.FixtureRequest, site: Flask, staff_site: Flask) -> tuple[FlaskClient, str, str]:
    """Somebody with a live session at one of the sites; their token, and that of somebody else there."""
    if request.param == "staff":
        (client, token), (_, others) = signed_in(staff_site), signed_in(staff_site)
        return client, token, others
    ada, bo = Applicant(site), Applicant(site)
    token, others = (dict(who.start().hidden())["_token"] for who in (ada, bo))
    return ada.client, token, others


def signed_in(site: Flask) -> tuple[FlaskClient, str]:
    client = site.test_client()

    def token(path: str) -> str:
        return dict(Page("http://localhost:8001/", client.get(path).text, 200).hidden())["_token"]

    client.post("/sign-in", data={"_token": token("/sign-in"), "_person": "development:kaya", "_end": "1"})
    return client, token("/sessions")


def forged(token: str, others: str) -> dict[str, dict[str, Any]]:
    """Each way in which a post is not ours, but for that whole."""
    good = {"_token": token, "_end": "1", "_action": "next", "_revision": "0"}
    return {
        "no token": {"data": {"_end": "1"}},
        "empty token": {"data": good | {"_token": ""}},
        "wrong token": {"data": good | {"_token": "0" * 64}},
        "token that is no ASCII": {"data": good | {"_token": "ä"}},
        "other session's token": {"data": good | {"_token": others}},
        "token twice": {"data": good | {"_token": [token, token]}},
        "two tokens": {"data": good | {"_token": [token, others]}},
        "token in the address": {"data": {"_end": "1"}, "query_string": good},
        "token in a header": {"data": {"_end": "1"}, "headers": {"X-CSRFToken": token, "X-CSRF-Token": token}},
        "another origin": {"data": good, "headers": {"Origin": "https://evil.example"}},
        "an origin that hides": {"data": good, "headers": {"Origin": "null"}},
        "our name, other port": {"data": good, "headers": {"Origin": "http://localhost:9"}},
        "our name at its end": {"data": good, "headers": {"Origin": "http://localhost.evil.example"}},
        "from another site": {"data": good, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "from a sister site": {"data": good, "headers": {"Sec-Fetch-Site": "same-site"}},
        "from nowhere": {"data": good, "headers": {"Sec-Fetch-Site": "none"}},
        "as plain text": {"data": f"_token={token}&_end=1", "content_type": "text/plain"},
        "as JSON": {"json": good},
        "cut off": {"data": {key: value for key, value in good.items() if key != "_end"}},
    }


def rules(site: Flask) -> list[tuple[Rule, str, str]]:
    """Each unsafe route with a path and a method."""
    paths = site.url_map.bind("localhost")
    return [
        (rule, paths.build(rule.endpoint, {name: PARTS[name] for name in rule.arguments}, method=method), method)
        for rule in site.url_map.iter_rules()
        for method in sorted(UNSAFE & (rule.methods or set()))
    ]


def rows(site: Flask) -> list[str]:
    """The whole database, but for when a session was seen last."""
    data: Path = site.extensions["formengine"].engine.settings.data
    with closing(sqlite3.connect(data / "formengine.db")) as connection:
        connection.execute("CREATE TEMP TABLE s AS SELECT * FROM session")
        names = [name for (_, name, *_) in connection.execute("PRAGMA table_info(session)") if name != "seen_at"]
        kept = [repr(row) for row in connection.execute(f"SELECT {', '.join(names)} FROM session")]
        return kept + [line for line in connection.iterdump() if not line.startswith('INSERT INTO "session"')]


def test_ses_07_every_unsafe_route_refuses_every_forged_post_and_nothing_changes(
    visitor: tuple[FlaskClient, str, str],
) -> None:
    client, token, others = visitor
    site = client.application
    before, refused = rows(site), 0
    for rule, path, method in rules(site):
        for way, post in forged(token, others).items():
            answer = client.open(path, method=method, **post)
            assert answer.status_code == 400, (rule.rule, way)
            refused += 1
        assert rows(site) == before, rule.rule
    assert refused >= 5 * len(forged("", ""))
    assert rows(site) == before


def test_ses_07_the_same_post_with_the_right_token_is_taken(visitor: tuple[FlaskClient, str, str]) -> None:
    client, token, _ = visitor
    site = client.application
    path, data = ("/sign-out", {}) if "casework" in site.blueprints else ("/small/device", {"_device": "own"})
    origin = "http://localhost:8001" if "casework" in site.blueprints else "http://localhost"
    whole = {"_token": token, "_end": "1", **data}
    answer = client.post(path, data=whole, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303, answer.text


def test_ses_10_no_page_tells_another_origin_that_it_may_read_or_send(visitor: tuple[FlaskClient, str, str]) -> None:
    client, _, _ = visitor
    asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for rule in client.application.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = client.application.url_map.bind("localhost").build(
            rule.endpoint, {name: PARTS.get(name, "x") for name in rule.arguments}
        )
        for method, headers in (("OPTIONS", asks | {"Access-Control-Request-Headers": "x"}), ("GET", asks)):
            answer = client.open(path, method=method, headers=headers)
            told = [name for name, _ in answer.headers if name.lower().startswith("access-control")]
            assert told == [], (rule.rule, method)


def test_ses_10_no_route_reads_json() -> None:
    """There is none that would need its type and its token checked: all posts are forms."""
    source = "".join(path.read_text() for path in Path(bootstrap.__file__).with_name("web").rglob("*.py"))
    assert re.findall(r"request\.(get_json|json|data|get_data)\b", source) == []
