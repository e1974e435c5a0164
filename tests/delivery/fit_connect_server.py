"""A FIT-Connect service for the tests: it takes what the standard allows and says no to all else.

Written from the description of the standard alone; it shares no code with the client. Every rule that a request breaks
is kept in `broken`, so that a test can show that none was.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jwcrypto import jwe, jwk, jws

from tests.delivery.servers import Asked

EVENTS = "https://schema.fitko.de/fit-connect/events/"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
URN = re.compile(r"urn:de:fim:leika:leistung:\d{14}")
SCHEMA_URI = "https://schema.example/lunch.schema.json"
SERVICE = "urn:de:fim:leika:leistung:99999999999999"
STRUCTURE = {"data", "attachments"}
FIRST = {
    "$schema", "contentStructure", "publicServiceType", "authenticationInformation", "replyChannel",
    "paymentInformation", "additionalReferenceInfo",
}  # fmt: skip
SECOND = {"$schema", "contentStructure", "dataSets", "author", "replyChannel", "paymentInformation"}
LEVELS = {f"http://uri.etsi.org/ades/191x2/level/baseline/{level}#" for level in ("B-B", "B-T", "B-LT", "B-LTA")}


@dataclass
class Keys:
    """The key pairs of the service and of the destination, of 4096 bits as they have to be."""

    encryption: jwk.JWK
    destination: jwk.JWK
    service: jwk.JWK


def new_keys() -> Keys:
    """Two pairs for the three, for each takes seconds: the destination signs with none of the others'."""
    one, two = (jwk.JWK.generate(kty="RSA", size=4096) for _ in range(2))
    return Keys(encryption=one, destination=two, service=one)


def public(key: jwk.JWK, kid: str, alg: str, operation: str) -> dict[str, Any]:
    return {**json.loads(key.export_public()), "kid": kid, "alg": alg, "key_ops": [operation]}


@dataclass
class Held:
    """A submission as the service holds it."""

    case: str
    announced: list[str]
    attachments: dict[str, str] = field(default_factory=dict)
    metadata: str = ""
    data: str = ""
    log: list[str] = field(default_factory=list)
    opened: dict[str, Any] = field(default_factory=dict)


@dataclass
class Broken(Exception):
    status: int
    rule: str


class Service:
    """Answers requests; *version* of the API and *metadata* are the destination's."""

    def __init__(self, keys: Keys, *, version: int = 1, metadata: tuple[str, ...] = ("1.0.0", "1.3.0")) -> None:
        self.keys = keys
        self.version = version
        self.metadata = metadata
        self.destination = str(uuid.uuid4())
        self.address = ""
        self.secret = "s3cret-of-the-tests"
        self.tokens: set[str] = set()
        self.held: dict[str, Held] = {}
        self.broken: list[str] = []
        self.asked: list[Asked] = []
        self.encryption = public(keys.encryption, "enc-1", "RSA-OAEP-256", "wrapKey")
        self.drop: set[str] = set()  # of the next request named so the answer is lost, after all was done

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(asked)
        try:
            name, status, body = self._answer(asked)
        except Broken as error:
            self.broken.append(error.rule)
            return error.status, {}, json.dumps({"type": "broken", "detail": error.rule}).encode()
        if name in self.drop:
            self.drop.discard(name)
            return 502, {}, b""
        if body is None:
            return 204, {}, b""
        return status, {"Content-Type": "application/json"}, json.dumps(body).encode()

    # --- what the authority does -------------------------------------------------------------------------------------

    def accept(self, submission: str, *, tags: dict[str, Any] | None = None, key: jwk.JWK | None = None) -> None:
        tags = self.tags(submission) if tags is None else tags
        payload = {"authenticationTags": tags}
        self._log(submission, "accept-submission", payload, self.destination, key or self.keys.destination, "sig-1")

    def reject(self, submission: str) -> None:
        said = {"problems": [{"type": "https://schema.fitko.de/fit-connect/events/problems/schema-violation"}]}
        self._log(submission, "reject-submission", said, self.destination, self.keys.destination, "sig-1")

    def only(self) -> str:
        (submission,) = self.held
        return submission

    def tags(self, submission: str) -> dict[str, Any]:
        held = self.held[submission]
        return {
            "metadata": held.metadata.split(".")[4],
            "data": held.data.split(".")[4],
            "attachments": {one: sealed.split(".")[4] for one, sealed in held.attachments.items()},
        }

    def forget(self, submission: str) -> None:
        """What is not complete after a day is deleted."""
        del self.held[submission]

    def _log(
        self, submission: str, name: str, said: dict[str, Any], issuer: str, key: jwk.JWK, kid: str, **more: Any
    ) -> None:
        held = self.held[submission]
        payload = {
            "iss": issuer, "iat": 1763800000, "jti": str(uuid.uuid4()), "sub": f"submission:{submission}",
            "txn": f"case:{held.case}", "events": {EVENTS + name: said}, **more,
        }  # fmt: skip
        token = jws.JWS(json.dumps(payload))
        token.allowed_algs = ["PS512"]
        token.add_signature(key, "PS512", json.dumps({"alg": "PS512", "typ": "secevent+jwt", "kid": kid}))
        held.log.append(token.serialize(compact=True))

    def log(self, submission: str, name: str, **more: Any) -> None:
        self._log(submission, name, {}, self.address, self.keys.service, "svc-1", **more)

    # --- what is asked -----------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> tuple[str, int, Any]:
        parts = urlsplit(asked.path)
        if (asked.method, parts.path) == ("POST", "/token"):
            return "token", 200, self._token(asked)
        if (asked.method, parts.path) == ("GET", "/.well-known/jwks.json"):
            return "jwks", 200, {"keys": [public(self.keys.service, "svc-1", "PS512", "verify")]}
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Broken(401, "a bearer token is needed")
        way = parts.path.strip("/").split("/")
        if way[0] != f"v{self.version}":
            raise Broken(404, f"there is no {way[0]}")
        match [asked.method, *way[1:]]:
            case ["GET", "destinations", self.destination]:
                return "destination", 200, self._destination()
            case ["GET", "destinations", self.destination, "keys", "enc-1"]:
                return "key", 200, self.encryption
            case ["GET", "destinations", self.destination, "keys", "sig-1"]:
                return "key", 200, public(self.keys.destination, "sig-1", "PS512", "verify")
            case ["POST", "submissions"]:
                return "announce", 201, self._announce(asked)
            case ["PUT", "submissions", submission, "attachments", attachment]:
                return "attach", 204, self._attach(asked, submission, attachment)
            case ["PUT", "submissions", submission]:
                return "submit", 202, self._submit(asked, submission)
            case ["GET", "cases", case, "events"] if self.version == 1:
                return "events", 200, self._page(parts.query, [h for h in self.held.values() if h.case == case])
            case ["GET", "submissions", submission, "events"] if self.version == 2:
                return "events", 200, self._page(parts.query, [self.held[s] for s in self.held if s == submission])
        raise Broken(404, f"there is no {asked.method} {parts.path}")

    def _token(self, asked: Asked) -> dict[str, Any]:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if asked.headers.get("content-type") != "application/x-www-form-urlencoded":
            raise Broken(415, "a token is asked for by a form")
        if (form.get("grant_type"), form.get("client_id"), form.get("client_secret")) != (
            "client_credentials", "sender", self.secret,
        ):  # fmt: skip
            raise Broken(401, "wrong client")
        token = uuid.uuid4().hex
        self.tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": 1800}

    def _destination(self) -> dict[str, Any]:
        return {
            "destinationId": self.destination,
            "status": "active",
            "encryptionKid": "enc-1",
            "metadataVersions": list(self.metadata),
            "services": [
                {
                    "identifier": SERVICE,
                    "regions": ["DE09"],
                    "submissionSchemas": [{"schemaUri": SCHEMA_URI, "mimeType": "application/json"}],
                }
            ],
        }

    def _announce(self, asked: Asked) -> dict[str, Any]:
        body = self._json(asked)
        service = "serviceType" if self.version == 1 else "publicService"
        if set(body) != {"destinationId", "announcedAttachments", service}:
            raise Broken(400, f"an announcement has other fields: {sorted(body)}")
        if body["destinationId"] != self.destination:
            raise Broken(404, "there is no such destination")
        if set(body[service]) != {"name", "identifier"} or body[service]["identifier"] != SERVICE:
            raise Broken(400, "the service is none of the destination's")
        announced = body["announcedAttachments"]
        if len(set(announced)) != len(announced) or not all(UUID4.fullmatch(one) for one in announced):
            raise Broken(400, "attachments are announced by random UUIDs")
        submission, case = str(uuid.uuid4()), str(uuid.uuid4())
        self.held[submission] = Held(case, announced)
        self.log(submission, "create-submission")
        return {"submissionId": submission, "caseId": case}

    def _open_submission(self, submission: str) -> Held:
        held = self.held.get(submission)
        if held is None:
            raise Broken(404, "there is no such submission")
        if held.metadata:
            raise Broken(409, "the submission was sent already")
        return held

    def _attach(self, asked: Asked, submission: str, attachment: str) -> None:
        held = self._open_submission(submission)
        if asked.headers.get("content-type") != "application/jose":
            raise Broken(415, "an attachment is application/jose")
        if attachment not in held.announced:
            raise Broken(404, "the attachment was not announced")
        self._check_sealed(asked.body.decode())
        held.attachments[attachment] = asked.body.decode()

    def _submit(self, asked: Asked, submission: str) -> dict[str, Any]:
        held = self._open_submission(submission)
        body = self._json(asked)
        if set(body) != {"encryptedMetadata", "encryptedData"}:
            raise Broken(400, "a submission has other fields")
        if set(held.attachments) != set(held.announced):
            raise Broken(400, "an announced attachment is missing")
        self._check_sealed(body["encryptedMetadata"])
        self._check_sealed(body["encryptedData"])
        self._check_content(held, body["encryptedMetadata"], body["encryptedData"])
        held.metadata, held.data = body["encryptedMetadata"], body["encryptedData"]
        self._log(
            submission, "submit-submission", {"authenticationTags": self.tags(submission)}, self.address,
            self.keys.service, "svc-1",
        )  # fmt: skip
        return {"submissionId": submission, "caseId": held.case, "status": "submitted"}

    def _page(self, query: str, of: list[Held]) -> dict[str, Any]:
        if not of:
            raise Broken(404, "there is no such case")
        asked = {name: int(values[0]) for name, values in parse_qs(query).items()}
        offset, limit = asked.get("offset", 0), asked.get("limit", 500)
        if not 0 < limit <= 500:
            raise Broken(400, "a page has 500 events at most")
        log = of[0].log
        return {"offset": offset, "totalCount": len(log), "eventLog": log[offset : offset + limit]}

    # --- the rules of what is sent -----------------------------------------------------------------------------------

    @staticmethod
    def _json(asked: Asked) -> dict[str, Any]:
        if asked.headers.get("content-type") != "application/json":
            raise Broken(415, "this is sent as application/json")
        return json.loads(asked.body)

    def _check_sealed(self, compact: str) -> None:
        """RFC 7516, 7.1, and the headers that the service allows."""
        parts = compact.split(".")
        if len(parts) != 5 or not all(parts):
            raise Broken(400, "this is no compact JWE")
        header = json.loads(base64.urlsafe_b64decode(parts[0] + "=="))
        if not {"alg", "enc", "kid", "cty"} <= set(header) <= {"alg", "enc", "kid", "cty", "zip"}:
            raise Broken(400, f"a JWE has other headers: {sorted(header)}")
        if (header["alg"], header["enc"]) != ("RSA-OAEP-256", "A256GCM") or header.get("zip", "DEF") != "DEF":
            raise Broken(400, "another algorithm")
        if header["kid"] != "enc-1":
            raise Broken(400, "another key")

    def _open(self, compact: str) -> tuple[bytes, str]:
        token = jwe.JWE()
        token.deserialize(compact, self.keys.encryption)
        return token.payload, token.jose_header["cty"]

    def _check_content(self, held: Held, sealed_metadata: str, sealed_data: str) -> None:
        """What the subscriber checks when it has decrypted everything."""
        plain, kind = self._open(sealed_metadata)
        if kind != "application/json":
            raise Broken(400, "metadata are application/json")
        said = json.loads(plain)
        schema = said.get("$schema", "https://schema.fitko.de/fit-connect/metadata/1.0.0/metadata.schema.json")
        version = schema.removeprefix("https://schema.fitko.de/fit-connect/metadata/").removesuffix(
            "/metadata.schema.json"
        )
        if version not in self.metadata:
            raise Broken(400, f"metadata {version} are not taken")
        first = version.startswith("1.")
        if not set(said) <= (FIRST if first else SECOND):
            raise Broken(400, f"metadata have other fields: {sorted(said)}")
        if first and not URN.fullmatch(said["publicServiceType"]["identifier"]):
            raise Broken(400, "the service has no URN")
        structure = said["contentStructure"]
        if set(structure) != STRUCTURE:
            raise Broken(400, "the structure has other fields")
        data, kind = self._open(sealed_data)
        self._check_hash(structure["data"]["hash"], data)
        if structure["data"]["submissionSchema"] != {"schemaUri": SCHEMA_URI, "mimeType": kind}:
            raise Broken(400, "the schema is none of the destination's")
        if [one["attachmentId"] for one in structure["attachments"]] != held.announced:
            raise Broken(400, "other attachments than announced")
        held.opened = {"metadata": said, "data": data, "attachments": {}}
        for one in structure["attachments"]:
            allowed = {"attachmentId", "hash", "purpose", "mimeType", "filename", "description", "signature"}
            if not {"attachmentId", "hash", "purpose", "mimeType"} <= set(one) <= allowed:
                raise Broken(400, f"an attachment has other fields: {sorted(one)}")
            if one["purpose"] not in {"form", "attachment", "report"}:
                raise Broken(400, "another purpose")
            content, kind = self._open(held.attachments[one["attachmentId"]])
            if kind != one["mimeType"]:
                raise Broken(400, "cty is not the media type of the attachment")
            self._check_hash(one["hash"], content)
            if "signature" in one:
                self._check_signature(one["signature"])
            held.opened["attachments"][one["attachmentId"]] = content

    @staticmethod
    def _check_hash(said: dict[str, str], content: bytes) -> None:
        if set(said) != {"type", "content"} or said["type"] != "sha512":
            raise Broken(400, "another kind of hash")
        if not re.fullmatch(r"[a-f0-9]{128}", said["content"]):
            raise Broken(400, "a hash is lower-case hex")
        if said["content"] != hashlib.sha512(content).hexdigest():
            raise Broken(400, "the hash is not of the plaintext")

    @staticmethod
    def _check_signature(said: dict[str, Any]) -> None:
        if said.get("signatureFormat") not in {"cms", "xml", "pdf", "asic", "json"}:
            raise Broken(400, "another format of signature")
        if not isinstance(said.get("detachedSignature"), bool) or said.get("eidasAdesProfile") not in LEVELS:
            raise Broken(400, "the signature is not described")
