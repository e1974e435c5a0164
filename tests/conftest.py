"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import opened


@pytest.fixture(scope="session")
def cluster() -> Iterator[opened.Cluster]:
    with opened.cluster() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL server to start")
        yield server
