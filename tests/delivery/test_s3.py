"""Against moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.store import S3Store

from formengine.delivery.s3 import S3, Settings
from formengine.errors import DeliveryDeferred
from tests.delivery.parcels import ANSWERS, REFERENCE, parcel
from tests.delivery.servers import free_port, s3_server


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
def settings(endpoint: str, tmp_path: Path) -> Settings:
    bucket = tmp_path.name.replace("_", "-").lower()[-40:].strip("-")
    assert httpx.put(f"{endpoint}/{bucket}").status_code == 200
    (tmp_path / "secret").write_text("not-a-real-secret\n")
    return Settings(
        f"s3://{bucket}/in", "key", tmp_path / "secret", region="us-east-1", endpoint=endpoint, allow_private=True
    )


def contents(settings: Settings) -> dict[str, bytes]:
    store = S3Store(
        settings.url.split("/")[2],
        endpoint=settings.endpoint,
        region=settings.region,
        access_key_id="key",
        secret_access_key="not-a-real-secret",
        client_options={"allow_http": True},
        virtual_hosted_style_request=False,
    )
    found = [entry["path"] for page in obstore.list(store) for entry in page]
    return {path: bytes(obstore.get(store, path).bytes()) for path in found}


def test_an_application_becomes_objects_under_its_reference(settings):
    assert S3(settings).deliver(parcel()) == f"in/{REFERENCE}"
    found = contents(settings)
    assert sorted(found) == [
        f"in/{REFERENCE}/{name}"
        for name in ("application.json", "application.pdf", "manifest.json", "proofs/school-00000000.pdf")
    ]
    assert found[f"in/{REFERENCE}/application.json"] == ANSWERS


def test_an_object_that_is_there_is_left_as_it_is(settings):
    S3(settings).deliver(parcel())
    assert S3(settings).deliver(parcel(answers=b"{}")) == f"in/{REFERENCE}"
    assert contents(settings)[f"in/{REFERENCE}/application.json"] == ANSWERS


def test_an_attempt_that_broke_off_is_finished_by_the_next_one(settings):
    whole = parcel()
    S3(settings).deliver(replace(whole, files=whole.files[:2]))
    assert f"in/{REFERENCE}/manifest.json" not in contents(settings)
    S3(settings).deliver(whole)
    assert f"in/{REFERENCE}/manifest.json" in contents(settings)


def test_a_bucket_that_is_not_there_and_a_server_that_is_not_there_are_deferred(settings):
    for wrong in (
        replace(settings, url="s3://no-such-bucket/in"),
        replace(settings, endpoint=f"http://127.0.0.1:{free_port()}", timeout_s=2),
    ):
        with pytest.raises(DeliveryDeferred) as caught:
            S3(wrong).deliver(parcel())
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "options", [{"url": "https://bucket"}, {"endpoint": "http://s3.example"}, {"endpoint": "https://10.0.0.1"}]
)
def test_a_target_that_cannot_be_is_refused_at_start(tmp_path, options):
    with pytest.raises(ValueError, match=r"url|target"):
        Settings(**{"url": "s3://bucket", "access_key_id": "key", "secret_file": tmp_path, **options})
