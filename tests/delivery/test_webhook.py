from __future__ import annotations

import hashlib
import hmac
import io
import time
import zipfile
from pathlib import Path

import pytest

from formengine.delivery.webhook import Settings, Webhook
from formengine.errors import DeliveryDeferred, DeliveryRefused
from tests.delivery.parcels import ANSWERS, DOCUMENT, PROOF, REFERENCE, parcel
from tests.delivery.servers import Asked, free_port, http_server

SECRET = b"0123456789abcdef0123456789abcdef"


def webhook(tmp_path: Path, url: str, **options: object) -> Webhook:
    (tmp_path / "secret").write_bytes(SECRET + b"\n")
    return Webhook(Settings(url, tmp_path / "secret", **{"allow_private": True, **options}))


class Receiver:
    """Takes each idempotency key once, as docs/channels.md asks of a receiver."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.taken: dict[str, bytes] = {}
        self.status = 200

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(asked)
        parts = dict(part.split("=") for part in asked.headers["formengine-signature"].split(","))
        key = asked.headers["idempotency-key"]
        wanted = hmac.new(SECRET, parts["t"].encode() + b"." + key.encode() + b"." + asked.body, hashlib.sha256)
        assert hmac.compare_digest(wanted.hexdigest(), parts["v1"])
        assert abs(time.time() - int(parts["t"])) < 60
        assert self.taken.setdefault(key, asked.body) == asked.body
        return self.status, {"Formengine-Receipt": "case-7"}, b"thanks"


def test_an_application_is_posted_as_a_signed_archive(tmp_path):
    receiver = Receiver()
    with http_server(receiver) as address:
        receipt = webhook(tmp_path, f"{address}/in").deliver(parcel())
    assert receipt == f"{REFERENCE} case-7"
    (asked,) = receiver.asked
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/in", "application/zip")
    assert asked.headers["formengine-reference"] == REFERENCE
    with zipfile.ZipFile(io.BytesIO(asked.body)) as packed:
        assert packed.read("application.json") == ANSWERS
        assert packed.read("application.pdf") == DOCUMENT
        assert packed.read("proofs/school-00000000.pdf") == PROOF
        assert packed.namelist()[-1] == "manifest.json"


def test_a_second_attempt_sends_the_same_bytes_under_the_same_key(tmp_path):
    receiver = Receiver()
    with http_server(receiver) as address:
        channel = webhook(tmp_path, address)
        receiver.status = 503
        with pytest.raises(DeliveryDeferred):
            channel.deliver(parcel())
        receiver.status = 200
        channel.deliver(parcel())
    assert len(receiver.asked) == 2
    assert len(receiver.taken) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(500, DeliveryDeferred), (429, DeliveryDeferred), (401, DeliveryDeferred), (409, DeliveryDeferred),
     (400, DeliveryRefused), (413, DeliveryRefused), (422, DeliveryRefused), (302, DeliveryRefused)],
)  # fmt: skip
def test_what_may_heal_is_tried_again_and_what_cannot_is_parked(tmp_path, status, error):
    answer = (status, {"Location": "https://elsewhere.example/"}, b"Anna Muster")
    with http_server(lambda _: answer) as address, pytest.raises(error) as caught:
        webhook(tmp_path, address).deliver(parcel())
    assert str(status) in str(caught.value)
    assert "Anna" not in str(caught.value)


def test_nobody_there_and_an_answer_that_never_ends_are_deferred(tmp_path):
    with pytest.raises(DeliveryDeferred, match="no connection"):
        webhook(tmp_path, f"http://127.0.0.1:{free_port()}").deliver(parcel())

    def hang(_: Asked) -> tuple[int, dict[str, str], bytes]:
        time.sleep(1.5)
        return 200, {}, b""

    with http_server(hang) as address, pytest.raises(DeliveryDeferred, match="in time"):
        webhook(tmp_path, address, timeout_s=1).deliver(parcel())


@pytest.mark.parametrize(
    "url",
    ["http://amt.example/in", "https://10.0.0.1/in", "https://[::1]/", "https://169.254.169.254/", "ftp://amt.example/",
     "https://user:word@amt.example/", "https:///in"],
)  # fmt: skip
def test_a_target_that_is_not_https_or_lies_in_a_private_network_is_refused_at_start(tmp_path, url):
    with pytest.raises(ValueError, match="target"):
        Settings(url, tmp_path / "secret")


def test_plain_http_is_taken_for_this_machine_alone(tmp_path):
    with pytest.raises(ValueError, match="https"):
        Settings("http://amt.example/in", tmp_path / "secret", allow_private=True)


def test_a_short_secret_is_refused_at_start(tmp_path):
    (tmp_path / "short").write_bytes(b"changeme")
    with pytest.raises(ValueError, match="32 bytes"):
        Webhook(Settings("https://amt.example/in", tmp_path / "short"))
