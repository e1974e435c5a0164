"""What tests of several folders share. The process that only hands out tests imports this too: nothing big, at the top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.opened import Cluster


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first: one that begins last would keep one core waiting for minutes."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    from tests import opened

    with opened.cluster() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL server to start")
        yield server
