"""Against a service of our own that checks every rule, written apart from the client (fit_connect_server.py)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwcrypto import jwk

from formengine.delivery.fit_connect import FitConnect, Settings
from formengine.errors import DeliveryDeferred, DeliveryRefused
from tests.delivery import fit_connect_server as there
from tests.delivery.parcels import ANSWERS, DOCUMENT, PROOF, REFERENCE, parcel
from tests.delivery.servers import http_server

Start = Callable[..., tuple[there.Service, FitConnect]]


@pytest.fixture(scope="module")
def keys() -> there.Keys:
    return there.new_keys()


@pytest.fixture
def start(keys: there.Keys, tmp_path: Path) -> Iterator[Start]:
    """Starts a service; the channel to it."""
    with ExitStack() as stack:

        def begin(
            *, version: int = 1, metadata: tuple[str, ...] = ("1.0.0", "1.3.0"), **options: Any
        ) -> tuple[there.Service, FitConnect]:
            service = there.Service(keys, version=version, metadata=metadata)
            service.address = stack.enter_context(http_server(service))
            (tmp_path / "secret").write_text(service.secret)
            settings = Settings(
                service.address,
                f"{service.address}/token",
                service.destination,
                "sender",
                tmp_path / "secret",
                {"*": there.SERVICE},
                {"lunch": there.SCHEMA_URI},
                api=version,
                allow_private=True,
                timeout_s=20,
                **{"test": True, **options},
            )
            return service, FitConnect(settings)

        yield begin


@pytest.mark.parametrize(
    ("version", "metadata", "chosen"),
    [(1, ("1.0.0",), ""), (1, ("1.0.0", "1.3.0"), "1.3.0"), (1, ("1.9.0", "1.10.0"), "1.10.0"),
     (2, ("1.5.0", "2.1.0"), "2.1.0"), (2, ("2.1.0", "9.0.0"), "2.1.0")],
)  # fmt: skip
def test_an_application_arrives_whole_and_breaks_no_rule(start, version, metadata, chosen):
    service, channel = start(version=version, metadata=metadata, accepted=False)
    receipt = channel.deliver(parcel(proofs=2))
    assert service.broken == []
    submission = service.only()
    held = service.held[submission]
    assert receipt == f"{REFERENCE} submission:{submission} case:{held.case}"
    assert held.opened["data"] == ANSWERS
    assert list(held.opened["attachments"].values()) == [DOCUMENT, PROOF, PROOF]
    assert chosen in held.opened["metadata"].get("$schema", "")
    said = held.opened["metadata"]["contentStructure"]["attachments"]
    assert [one["purpose"] for one in said] == ["form", "attachment", "attachment"]
    assert said[0]["signature"]["eidasAdesProfile"].endswith("/B-B#")
    if metadata[0].startswith("1.") and version == 1:
        more = held.opened["metadata"]["additionalReferenceInfo"]
        assert more == {"senderReference": REFERENCE, "applicationDate": "2026-11-22"}


def test_it_is_delivered_when_the_authority_accepts_it_and_not_before(start):
    service, channel = start()
    sent = parcel()
    with pytest.raises(DeliveryDeferred, match="has not accepted it yet"):
        channel.deliver(sent)
    with pytest.raises(DeliveryDeferred, match="has not accepted it yet"):
        channel.deliver(sent)
    service.accept(service.only())
    assert service.only() in channel.deliver(sent)
    assert [asked.path for asked in service.asked if asked.method != "GET"].count("/v1/submissions") == 1


def test_a_rejection_parks_it_with_the_reason(start):
    service, channel = start()
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    service.reject(service.only())
    with pytest.raises(DeliveryRefused, match="problems/schema-violation"):
        channel.deliver(sent)


def test_what_was_rejected_is_sent_anew_when_an_operator_has_it_tried_again(start):
    service, channel = start()
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    first = service.only()
    service.reject(first)
    with pytest.raises(DeliveryRefused):
        channel.deliver(sent)
    with pytest.raises(DeliveryDeferred, match="not accepted it yet"):
        channel.deliver(sent)
    (second,) = set(service.held) - {first}
    service.accept(second)
    assert second in channel.deliver(sent)
    assert len(service.held) == 2


@pytest.mark.parametrize("lost", ["announce", "attach", "submit", "events"])
def test_an_answer_that_is_lost_leads_to_no_second_application(start, lost):
    service, channel = start(accepted=False)
    service.drop.add(lost)
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    channel.deliver(sent)
    assert service.broken == []
    assert sum(bool(held.metadata) for held in service.held.values()) == 1


def test_a_second_attempt_while_the_first_one_still_runs_sends_once(start):
    """The slow one finds the submission sent when it comes to send; both take what is there for theirs."""
    service, channel = start(accepted=False)
    sent = parcel()
    answered = service._submit

    def submit_after_another(asked, submission):
        service._submit = answered
        channel.deliver(sent)
        return answered(asked, submission)

    service._submit = submit_after_another
    channel.deliver(sent)
    assert len(service.held) == 1


def test_what_was_deleted_unfinished_after_a_day_is_announced_anew(start):
    service, channel = start(accepted=False)
    service.drop.add("attach")
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    service.forget(service.only())
    with pytest.raises(DeliveryDeferred, match="404"):
        channel.deliver(sent)
    receipt = channel.deliver(sent)
    assert service.only() in receipt
    assert service.held[service.only()].metadata


def test_attachments_have_the_same_ids_at_every_attempt_and_others_in_another_parcel(start):
    announced = []
    for sent in (parcel(), parcel(), parcel(answers=b"{}")):
        service, channel = start(accepted=False)
        channel.deliver(sent)
        announced.append(service.held[service.only()].announced)
    assert announced[0] == announced[1]
    assert not set(announced[0]) & set(announced[2])


def test_another_content_received_than_sent_is_not_taken_for_a_delivery(start):
    service, channel = start()
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    tags = service.tags(service.only())
    service.accept(service.only(), tags={**tags, "data": tags["metadata"]})
    with pytest.raises(DeliveryRefused, match="not what was sent"):
        channel.deliver(sent)


def test_an_event_by_another_key_is_not_believed(start, keys):
    service, channel = start()
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    service.accept(service.only(), key=keys.service)
    with pytest.raises(DeliveryDeferred, match="signature"):
        channel.deliver(sent)


@pytest.mark.parametrize(
    "more",
    [
        {"sub": "submission:another"},
        {"txn": "case:another"},
        {"events": {}},
        {"events": {f"{there.EVENTS}accept-submission": {}, f"{there.EVENTS}reject-submission": {}}},
        {"iss": "https://elsewhere.example"},
        {"events": {f"{there.EVENTS}accept-submission": {}}},
    ],
)
def test_an_event_about_something_else_or_of_somebody_else_is_not_believed(start, more):
    """The last one: the service itself accepts in the authority's place."""
    service, channel = start()
    sent = parcel()
    with pytest.raises(DeliveryDeferred):
        channel.deliver(sent)
    service.log(service.only(), "notify-submission", **more)
    with pytest.raises(DeliveryDeferred, match="an event"):
        channel.deliver(sent)


def smaller() -> dict[str, Any]:
    return there.public(jwk.JWK.generate(kty="RSA", size=2048), "enc-1", "RSA-OAEP-256", "wrapKey")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"key_ops": ["wrapKey", "unwrapKey"]}, "alone"),
        ({"key_ops": ["encrypt"]}, "alone"),
        ({"alg": "RSA-OAEP"}, "alone"),
        ({"kty": "EC"}, "alone"),
        ({"kid": "enc-2"}, "another id"),
        ({"e": "Aw"}, "exponent"),
        (None, "2048 bits"),
    ],
)
def test_nothing_is_encrypted_to_a_key_that_is_not_allowed(start, change, told):
    service, channel = start()
    service.encryption = smaller() if change is None else {**service.encryption, **change}
    with pytest.raises(DeliveryDeferred, match=told):
        channel.deliver(parcel())
    assert service.held == {}


def certificate(
    subject: str, key: Any, issuer: str, by: Any, *, ca: bool, encipher: bool = True, days: int = 9
) -> x509.Certificate:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    now = dt.datetime.now(dt.UTC)
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=encipher, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=10))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(by, hashes.SHA512())
    )


def test_in_production_the_keys_certificate_must_lead_to_a_trusted_root(start, keys, tmp_path):
    root_key, stranger = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    own = serialization.load_pem_private_key(keys.encryption.export_to_pem(private_key=True, password=None), None)
    root = certificate("root", root_key, "root", root_key, ca=True)
    (tmp_path / "roots.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def chain(*certificates: x509.Certificate) -> list[str]:
        return [there.base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in certificates]

    good = certificate("destination", own, "root", root_key, ca=False)
    cases = [
        (chain(good, root), ""),
        (chain(good), ""),
        ([], "no certificate"),
        (chain(certificate("destination", own, "root", stranger, ca=False)), "no root"),
        (chain(certificate("other", stranger, "root", root_key, ca=False)), "another key"),
        (chain(certificate("destination", own, "root", root_key, ca=False, encipher=False)), "none for encryption"),
        (chain(certificate("destination", own, "root", root_key, ca=False, days=-1)), "not valid now"),
        (["AAAA"], "cannot be read"),
    ]
    for x5c, told in cases:
        service, channel = start(accepted=False, test=False, key_roots_file=tmp_path / "roots.pem")
        service.encryption = {**service.encryption, "x5c": x5c}
        if told:
            with pytest.raises(DeliveryDeferred, match=told):
                channel.deliver(parcel())
        else:
            channel.deliver(parcel())


def test_a_service_or_schema_that_the_destination_does_not_take_is_refused(start):
    service, channel = start(accepted=False)
    other = "urn:de:fim:leika:leistung:00000000000000"
    for wrong in (
        replace(channel.settings, services={"*": other}),
        replace(channel.settings, schemas={"*": "https://schema.example/other"}),
        replace(channel.settings, schemas={"other": there.SCHEMA_URI}),
        replace(channel.settings, metadata="1.2.0"),
    ):
        with pytest.raises(DeliveryRefused):
            FitConnect(wrong).deliver(parcel())
    assert service.held == {}


def test_a_wrong_secret_is_deferred_and_never_told(start, tmp_path):
    _, channel = start()
    (tmp_path / "wrong").write_text("another-secret")
    with pytest.raises(DeliveryDeferred, match="401") as caught:
        FitConnect(replace(channel.settings, client_secret_file=tmp_path / "wrong")).deliver(parcel())
    assert "secret" not in str(caught.value)


def test_notes_hold_ids_and_tags_alone(start):
    _, channel = start(accepted=False)
    sent = parcel(answers=b'{"name":"Anna Canary"}')
    channel.deliver(sent)
    assert "Canary" not in "".join(sent.notes.read())
    assert all(set(json.loads(note)) <= {"submission", "case", "tags", "gone"} for note in sent.notes.read())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"services": {"*": "urn:de:fim:leika:leistung:1"}}, "14 digits"),
        ({"api": 3}, "1 or 2"),
        ({"test": False}, "key_roots_file"),
        ({"api_url": "http://submission.example"}, "https"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_start(tmp_path, options, told):
    given = {
        "api_url": "https://a.example", "token_url": "https://a.example/token", "destination": "d", "client_id": "c",
        "client_secret_file": tmp_path, "services": {}, "schemas": {}, "test": True,
    }  # fmt: skip
    with pytest.raises(ValueError, match=told):
        Settings(**{**given, **options})
