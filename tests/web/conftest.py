from __future__ import annotations

import pytest
from flask import Flask

from tests.web.applicant import Applicant, serve


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return serve(tmp_path_factory.mktemp("site"))


@pytest.fixture
def ada(site: Flask) -> Applicant:
    return Applicant(site)


@pytest.fixture
def bo(site: Flask) -> Applicant:
    return Applicant(site)
