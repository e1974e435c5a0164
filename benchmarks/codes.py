"""RES-05: what a wrong resume code costs, whatever is wrong with it, against one that never was.

The whole answer of the site is timed, over a real database, in turns; the limits of tries are lifted for it.
"""

from __future__ import annotations

import itertools
import re
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from flask.testing import FlaskClient
from sqlalchemy import update

from formengine import bootstrap, config
from formengine.core.lifecycle import Draft
from formengine.services import codes, drafting, resuming, retention
from formengine.services.ports import Reader, Stores
from formengine.services.values import SESSION
from formengine.storage import tables
from formengine.storage.database import SqlDatabase
from formengine.web.app import create_app

TRIES = 500
KEPT = 20
"""So many codes of each kind are tried by turns."""
GOAL_MS = 5.0
_clients = itertools.count(int(IPv4Address("10.0.0.1")))


def main(environment: Mapping[str, str]) -> None:
    """Print each kind beside an unknown code."""
    resuming.TRIES_IN_SUM = (10**9, timedelta(minutes=1))  # for this process alone
    with bootstrap.opened(config.load(environment)) as engine:
        client = create_app(engine).test_client()
        page = client.get("/resume").get_data(as_text=True)
        found = re.search(r'name="_token" value="([^"]+)"', page)
        if found is None:
            raise SystemExit("the page has no token")
        made = {kind: [make(engine) for _ in range(KEPT)] for kind, make in KINDS.items()}
        times: dict[str, list[float]] = {kind: [] for kind in made}
        for number in range(TRIES + KEPT):  # the first ones warm up
            for kind, tried in made.items():
                took = _try(client, found[1], tried[number % KEPT])
                if number >= KEPT:
                    times[kind].append(took)
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    unit = medians["unknown"]
    print(f"Codes that open nothing, the whole answer, medians of {TRIES} in turns (RES-05)")
    for kind, median in medians.items():
        apart = "" if kind == MISTYPED else f"; {abs(median - unit):.2f} ms apart (goal {GOAL_MS})"
        print(f"  {kind:48} {median:7.3f} ms  {median / unit:6.2f} times unknown{apart}")


def _try(client: FlaskClient, token: str, code: str) -> float:
    """The milliseconds until the code is refused, for somebody who tries for the first time."""
    sent = {"_token": token, "_code": code, "_end": "1"}
    began = time.perf_counter()
    answer = client.post("/resume", data=sent, environ_base={"REMOTE_ADDR": str(IPv4Address(next(_clients)))})
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 422:
        raise SystemExit(f"a wrong code was answered by {answer.status_code}")
    return took


def _draft(engine: bootstrap.Engine, tenant: str = "") -> tuple[Stores, Draft]:
    tenant = tenant or engine.settings.tenants[0].id
    stores = engine.stores.of(tenant).opened_by(Reader(SESSION, {"benchmark": b"whoever measures"}))
    form, now = engine.forms.newest("one"), datetime.now(UTC)
    return stores, drafting.start(stores, form, tenant=tenant, language="de", session=None, now=now)


def _expired(engine: bootstrap.Engine) -> str:
    stores, draft = _draft(engine)
    code = resuming.save(stores, draft)
    if not isinstance(stores.database, SqlDatabase):
        raise SystemExit("another database")
    with stores.database.engines.write() as rows:
        rows.connection.execute(update(tables.draft).where(tables.draft.c.id == draft.id).values(expires_at=1))
    return str(code)


def _deleted(engine: bootstrap.Engine) -> str:
    stores, draft = _draft(engine)
    code = resuming.save(stores, draft)
    retention.delete_draft(stores, draft.id, now=datetime.now(UTC))
    return str(code)


def _replaced(engine: bootstrap.Engine) -> str:
    stores, draft = _draft(engine)
    code = resuming.save(stores, draft)
    resuming.save(stores, draft)
    return str(code)


MISTYPED = "its check symbol is wrong (said before any lookup)"
KINDS: dict[str, Callable[[bootstrap.Engine], str]] = {
    "unknown": lambda _: str(codes.new_resume_code()),
    "expired": _expired,
    "deleted": _deleted,
    "replaced by another": _replaced,
    "another authority's": lambda engine: str(resuming.save(*_draft(engine, "elsewhere"))),
    MISTYPED: lambda _: "0000-0000-0000-0000-0000-0000-1",
}
