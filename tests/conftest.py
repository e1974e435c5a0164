"""What tests of several folders share. The process that only hands out tests imports this too: nothing big, at the top."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.opened import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    from tests import opened

    with opened.cluster() as server:
        if server is None:
            pytest.skip("there is no PostgreSQL server to start")
        yield server
