"""Each rule of the local FIT-Connect service is one that it says no by: the client's request, changed in one place."""

from __future__ import annotations

import ast
import base64
import inspect
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from jwcrypto import jwe

from formengine.errors import DeliveryDeferred, DeliveryRefused
from tests.delivery import fit_connect_server, test_fit_connect
from tests.delivery.fit_connect_server import Service
from tests.delivery.parcels import parcel
from tests.delivery.servers import Asked

keys = test_fit_connect.keys
start = test_fit_connect.start
Change = Callable[[Service, Asked], Asked]


def headed(kind: str) -> Change:
    return lambda service, asked: replace(asked, headers={**asked.headers, "content-type": kind})


def said(**members: object) -> Change:
    return lambda service, asked: replace(asked, body=json.dumps({**json.loads(asked.body), **members}).encode())


def text(old: bytes, new: bytes) -> Change:
    return lambda service, asked: replace(asked, body=asked.body.replace(old, new))


def sealed(**headers: object) -> Change:
    """An attachment under a protected header with these members; None takes one away."""

    def change(service: Service, asked: Asked) -> Asked:
        first, rest = asked.body.decode().split(".", 1)
        header = {**json.loads(base64.urlsafe_b64decode(first + "==")), **headers}
        plain = json.dumps({name: value for name, value in header.items() if value is not None}).encode()
        return replace(asked, body=f"{base64.urlsafe_b64encode(plain).decode().rstrip('=')}.{rest}".encode())

    return change


def metadata(change: Callable[[dict[str, Any]], object], *, cty: str = "") -> Change:
    """Metadata changed and sealed anew, as what *cty* says."""

    def anew(service: Service, asked: Asked) -> Asked:
        body = json.loads(asked.body)
        plain, kind = service._open(body["encryptedMetadata"])
        content = json.loads(plain)
        change(content)
        header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "enc-1", "cty": cty or kind}
        token = jwe.JWE(json.dumps(content).encode(), protected=json.dumps(header))
        token.add_recipient(service.keys.encryption)
        return replace(asked, body=json.dumps({**body, "encryptedMetadata": token.serialize(compact=True)}).encode())

    return anew


def attached(**members: object) -> Change:
    return metadata(lambda content: content["contentStructure"]["attachments"][0].update(members))


def hashed(**members: object) -> Change:
    return metadata(lambda content: content["contentStructure"]["data"]["hash"].update(members))


def at(old: str, new: str) -> Change:
    """Another address."""
    return lambda service, asked: replace(asked, path=asked.path.replace(old, new))


def without_an_attachment(service: Service, asked: Asked) -> Asked:
    """What was announced and taken is lost before the submission is sent."""
    service.held[service.only()].attachments.popitem()
    return asked


def sent_before(service: Service, asked: Asked) -> Asked:
    """The same request was made already."""
    Service._answer(service, asked)
    return asked


PROFILE = {"signatureFormat": "pdf", "detachedSignature": False, "eidasAdesProfile": "B-B"}
SUBMIT, ATTACH, ANNOUNCE, EVENTS = ("PUT", 4), ("PUT", 6), ("POST", 3), ("GET", 5)
RULES: list[tuple[tuple[str, int], Change, str]] = [
    (("POST", 2), headed("application/json"), "a token is asked for by a form"),
    (("POST", 2), text(b"client_credentials", b"password"), "wrong client"),
    (
        ANNOUNCE,
        lambda service, asked: replace(asked, headers={**asked.headers, "authorization": "Bearer x"}),
        "a bearer token is needed",
    ),
    (ANNOUNCE, headed("text/plain"), "this is sent as application/json"),
    (ANNOUNCE, said(more=1), "an announcement has other fields"),
    (ANNOUNCE, said(destinationId="another"), "there is no such destination"),
    (ANNOUNCE, said(announcedAttachments=["1"]), "attachments are announced by random UUIDs"),
    (ANNOUNCE, said(serviceType={"name": "x", "identifier": "urn:x"}), "the service is none of the destination's"),
    (ANNOUNCE, said(announcedAttachments=["5b7c1d1e-94a1-4d0c-8d0e-0f4b1f1a2c3d"] * 2), "attachments are announced by"),
    (ANNOUNCE, at("/v1/", "/v9/"), "there is no v9"),
    (ANNOUNCE, at("/submissions", "/messages"), "there is no POST"),
    (ATTACH, at("/submissions/", "/submissions/0"), "there is no such submission"),
    (ATTACH, headed("application/octet-stream"), "an attachment is application/jose"),
    (ATTACH, lambda service, asked: replace(asked, path=asked.path[:-1] + "!"), "the attachment was not announced"),
    (ATTACH, text(b".", b""), "this is no compact JWE"),
    (ATTACH, sealed(alg="RSA-OAEP"), "another algorithm"),
    (ATTACH, sealed(enc="A128GCM"), "another algorithm"),
    (ATTACH, sealed(zip="GZ"), "another algorithm"),
    (ATTACH, sealed(kid="enc-0"), "another key"),
    (ATTACH, sealed(cty=None), "a JWE has other headers"),
    (ATTACH, sealed(jku="https://keys.example"), "a JWE has other headers"),
    (SUBMIT, said(more=1), "a submission has other fields"),
    (SUBMIT, at("/submissions/", "/submissions/0"), "there is no such submission"),
    (SUBMIT, without_an_attachment, "an announced attachment is missing"),
    (SUBMIT, metadata(lambda content: None, cty="text/plain"), "metadata are application/json"),
    (SUBMIT, metadata(lambda content: content.update(more=1)), "metadata have other fields"),
    (SUBMIT, metadata(lambda content: content.update({"$schema": "x"})), "metadata x are not taken"),
    (SUBMIT, metadata(lambda content: content["publicServiceType"].update(identifier="1")), "the service has no URN"),
    (SUBMIT, metadata(lambda content: content["contentStructure"].update(more=1)), "the structure has other fields"),
    (SUBMIT, metadata(lambda content: content["contentStructure"]["attachments"].pop()), "other attachments than"),
    (
        SUBMIT,
        metadata(lambda content: content["contentStructure"]["data"]["submissionSchema"].update(schemaUri="x")),
        "the schema is none of the destination's",
    ),
    (SUBMIT, hashed(type="sha256"), "another kind of hash"),
    (SUBMIT, hashed(content="A" * 128), "a hash is lower-case hex"),
    (SUBMIT, hashed(content="a" * 128), "the hash is not of the plaintext"),
    (SUBMIT, attached(purpose="letter"), "another purpose"),
    (SUBMIT, attached(more=1), "an attachment has other fields"),
    (SUBMIT, attached(mimeType="text/plain"), "cty is not the media type of the attachment"),
    (SUBMIT, attached(signature={**PROFILE, "signatureFormat": "gpg"}), "another format of signature"),
    (SUBMIT, attached(signature=PROFILE), "the signature is not described"),
]  # fmt: skip
AFTER: list[tuple[tuple[str, int], Change, str]] = [
    (SUBMIT, sent_before, "the submission was sent already"),
    (EVENTS, at("/cases/", "/cases/0"), "there is no such case"),
    (EVENTS, at("limit=500", "limit=501"), "a page has 500 events at most"),
]
"""Rules of what is asked when a submission was taken."""


def ids(rules: list[tuple[tuple[str, int], Change, str]]) -> list[str]:
    return [f"{number}-{rule[2]}" for number, rule in enumerate(rules)]


def breaking(service: Service, which: tuple[str, int], change: Change) -> None:
    """Let each request of the kind *which* reach the service changed."""
    answer = service._answer

    def changed(asked: Asked):
        is_it = (asked.method, len(asked.path.split("/"))) == which
        return answer(change(service, asked) if is_it else asked)

    service._answer = changed


@pytest.mark.parametrize(("which", "change", "rule"), RULES, ids=ids(RULES))
def test_a_request_that_breaks_the_rule_is_refused_by_it(start, which, change, rule):
    service, channel = start(accepted=False)
    breaking(service, which, change)
    with pytest.raises((DeliveryDeferred, DeliveryRefused)):
        channel.deliver(parcel(proofs=1))
    assert any(broken.startswith(rule) for broken in service.broken), service.broken
    assert all(not held.metadata for held in service.held.values()), "nothing was taken"


@pytest.mark.parametrize(("which", "change", "rule"), AFTER, ids=ids(AFTER))
def test_what_was_taken_is_taken_once_and_its_events_are_asked_for_as_the_rule_says(start, which, change, rule):
    service, channel = start(accepted=False)
    breaking(service, which, change)
    with suppress(DeliveryDeferred, DeliveryRefused):  # "sent already" is as good as an answer that got lost
        channel.deliver(parcel(proofs=1))
    assert any(broken.startswith(rule) for broken in service.broken), service.broken
    told = [json.loads(base64.urlsafe_b64decode(one.split(".")[1] + "==")) for one in service.held[service.only()].log]
    assert [str(next(iter(one["events"]))).rpartition("/")[2] for one in told] == [
        "create-submission",
        "submit-submission",
    ]


def test_every_rule_of_the_service_has_its_refusal_here():
    source = ast.parse(inspect.getsource(fit_connect_server))
    calls = [node for node in ast.walk(source) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Broken"]
    refusals = [rule for _, _, rule in [*RULES, *AFTER]]
    lacking = []
    for call in calls:
        said_there = call.args[1]
        if isinstance(said_there, ast.JoinedStr):  # what is told apart there is told by how it begins
            begins = str(said_there.values[0].value)
            has_one = any(rule.startswith(begins.rstrip(": ")) for rule in refusals)
        else:
            has_one = any(str(said_there.value).startswith(rule) for rule in refusals)
        if not has_one:
            lacking.append(ast.unparse(said_there))
    assert len(calls) > 30
    assert lacking == []
