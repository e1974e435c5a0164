"""The corpus once more, over a socket: `formengine run` as an operator starts it, and a client that knows HTTP alone.

    python -m tests.promises.test_over_http        the whole corpus, some minutes; the tests take a handful of it

The other tests of the promises call the same site within their process, which is faster by far.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from werkzeug.datastructures import MultiDict

from formengine import bootstrap, config
from formengine.core import numbers
from tests.promises import cases
from tests.promises.entering import Person, same
from tests.serving import serve

SOME = ("mixed-2020", "one-of-picked", "free-keys-of-objects")


@dataclass
class Answer:
    """What the driver reads of an answer."""

    status_code: int
    headers: Mapping[str, str]
    text: str

    def get_data(self, *, as_text: bool) -> str:
        assert as_text
        return self.text


class Browser:
    """One client of the site at *url*, with cookies of its own, that follows nothing by itself."""

    def __init__(self, url: str) -> None:
        kept = httpx.Limits(max_keepalive_connections=0)  # nobody closes this client
        self._client = httpx.Client(base_url=url, timeout=60, limits=kept)

    def get(self, path: str) -> Answer:
        return self._said(self._client.get(self._own(path)))

    def post(self, path: str, *, data: MultiDict[str, str]) -> Answer:
        return self._said(self._client.post(self._own(path), data=dict(data.lists())))

    def _own(self, path: str) -> str:
        return path.removeprefix(str(self._client.base_url).rstrip("/"))

    @staticmethod
    def _said(response: httpx.Response) -> Answer:
        return Answer(response.status_code, response.headers, response.text)


@dataclass
class Site:
    """A running site in the place of the application that the driver knows; *engine* reads what was frozen."""

    url: str
    engine: bootstrap.Engine

    @property
    def extensions(self) -> dict[str, object]:
        return {"formengine": SimpleNamespace(engine=self.engine)}

    def test_client(self) -> Browser:
        return Browser(self.url)


@contextmanager
def running(folder: Path) -> Iterator[Site]:
    """`formengine run` with every schema of the corpus. Errors: AssertionError if something broke in it."""
    named = []
    for case in cases.corpus():
        path = folder / f"{case.name}.schema.json"
        path.write_text(json.dumps(case.schema), encoding="utf-8")
        named += ["--schema", str(path)]
    with serve(folder / "data", *named) as served:
        settings = config.load({"FORMENGINE_DATA": str(served.data), "FORMENGINE_SCANNER": "off"})
        with bootstrap.opened(settings) as engine:
            yield Site(served.url, engine)
        assert "Traceback" not in served.log.read_text()


def enter(site: Site, name: str) -> int:
    """Enter all documents of one schema: what comes out, or where it is refused; how many they were."""
    case = next(one for one in cases.corpus() if one.name == name)
    form = site.engine.forms.newest(name)
    for document in case.valid:
        outcome = Person(site, name).enter(cases.meant(form, document))  # type: ignore[arg-type]
        assert outcome.page is None, str(outcome)
        assert same(outcome.document, document, unordered=cases.ticks(form, document)), str(outcome)
        assert numbers.dumps(outcome.document)
    for wrong in case.invalid:
        outcome = Person(site, name).enter(cases.meant(form, wrong.document))  # type: ignore[arg-type]
        assert outcome.page is not None
        assert outcome.page.status == 422
        assert (wrong.at, wrong.keyword) in {(one.pointer, one.keyword) for one in outcome.page.problems}, str(outcome)
    return len(case.valid) + len(case.invalid)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("http")) as found:
        yield found


@pytest.mark.slow
@pytest.mark.xdist_group("promises")
@pytest.mark.parametrize("name", SOME)
def test_documents_come_out_and_wrong_ones_are_refused_over_a_socket(site: Site, name: str):
    assert enter(site, name)


def main() -> None:
    """The whole corpus."""
    with tempfile.TemporaryDirectory() as name, running(Path(name)) as found:
        count = sum(enter(found, case.name) for case in cases.corpus())
        print(f"{len(cases.corpus())} schemas, {count} documents over {found.url}: all as they were meant")


if __name__ == "__main__":
    main()
