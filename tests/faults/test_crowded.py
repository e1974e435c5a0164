"""REL-15 with a real server: far more come than it can work for; who applies gets through, the others are told."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.serving import serve

SCHEMA = {
    "type": "object",
    "title": "Antrag",
    "properties": {"name": {"type": "string", "title": "Wie heißen Sie?"}},
    "required": ["name"],
}
ONLOOKERS = 300


def test_rel_15_who_applies_gets_through_while_most_others_are_told_that_it_is_full(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "antrag.schema.json").write_text(json.dumps(SCHEMA))
    environment = {
        "FORMENGINE_FORMS": str(tmp_path / "forms"),
        "FORMENGINE_SCHEMA_FILES": str(tmp_path / "antrag.schema.json"),
        "FORMENGINE_WEB_THREADS": "1",
    }
    met: Counter[int] = Counter()
    over = threading.Event()

    async def look(client: httpx.AsyncClient) -> None:
        while not over.is_set():
            answer = await client.get("/antrag/")
            met[answer.status_code] += 1
            if answer.status_code == 503:
                assert answer.headers["Retry-After"] == "60"
                assert "sehr viele Menschen" in answer.text
                await asyncio.sleep(0.5)

    async def crowd(url: str) -> None:
        limits = httpx.Limits(max_connections=ONLOOKERS, max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
            await asyncio.gather(*(look(client) for _ in range(ONLOOKERS)))

    with serve(tmp_path / "data", environment=environment) as running:
        onlookers = threading.Thread(target=lambda: asyncio.run(crowd(running.url)))
        onlookers.start()
        try:
            end = time.monotonic() + 60
            while not met[503] and time.monotonic() < end:
                time.sleep(0.05)
            sent = [applied(running.url) for _ in range(2)]
        finally:
            over.set()
            onlookers.join()
        assert httpx.get(f"{running.url}/readyz").status_code == 200
    assert len(set(sent)) == 2
    assert set(met) == {200, 503}, met


def applied(url: str) -> str:
    """The reference of a new application. Its pages may have to be asked for again; what is posted gets through."""
    with Journey(url, Persona({"/name": "Änne Beispiel"})) as journey:
        plain = journey.client.send

        def patient(request: httpx.Request, **options: object) -> httpx.Response:
            while True:
                answer = plain(request, **options)
                if answer.status_code != 503 or request.method != "GET":
                    assert answer.status_code < 500, f"{request.method} {request.url} {answer.status_code}"
                    return answer

        journey.client.send = patient
        return journey.run("/antrag/").reference
