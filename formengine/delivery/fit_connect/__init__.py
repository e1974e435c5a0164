"""The channel `fit_connect`: a submission to a destination of FIT-Connect, encrypted to the authority's own key.

An attempt goes on where an earlier one stopped: what the service named and what we sent is noted before it counts, so
an answer that was lost leads to no second submission. The delivery is done when the authority accepted it, and only if
what it names as received is what we sent (authentication tags); until then each attempt asks for its events.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from formengine import outbound
from formengine.core import numbers
from formengine.delivery import channels
from formengine.delivery.fit_connect import metadata, sealing
from formengine.delivery.fit_connect.api import Api, Done, Gone
from formengine.errors import DeliveryDeferred, DeliveryRefused
from formengine.services.ports import Parcel, ParcelFile

_SERVICE: Final = "urn:de:fim:leika:leistung:"


@dataclass(frozen=True, slots=True)
class Settings:
    """*api_url* and *token_url* are of the environment; *destination* is the authority's id there.

    *services* and *schemas* give, by form or `*`, the service's URN and the URI of the data's schema. *key_roots_file*
    holds the roots that the certificate of the destination's key must lead to; in the test environment, *test*, keys
    need none. *api* is 1 or 2; *metadata* a version, or "" for the newest that the destination takes. *seal* is the
    level of the PDF's seal, or "". *accepted* says whether to wait until the authority accepts.
    """

    api_url: str
    token_url: str
    destination: str
    client_id: str
    client_secret_file: Path
    services: Mapping[str, str]
    schemas: Mapping[str, str]
    service_name: str = "Antrag"
    issuer: str = ""
    api: int = 1
    metadata: str = ""
    scope: str = ""
    seal: str = "B-B"
    key_roots_file: Path | None = None
    ca_file: Path | None = None
    test: bool = False
    accepted: bool = True
    allow_private: bool = False
    timeout_s: int = 300
    service_names: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for url in (self.api_url, self.token_url):
            outbound.check(url, allow_private=self.allow_private)
        if self.api not in {1, 2}:
            raise ValueError("api is 1 or 2")
        if self.test == bool(self.key_roots_file):
            raise ValueError("give key_roots_file, or test = true for an environment without certificates")
        for urn in self.services.values():
            number = urn.removeprefix(_SERVICE)
            if number == urn or len(number) != 14 or not number.isdigit():
                raise ValueError(f"a service is {_SERVICE} and 14 digits, not {urn}")


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A submission as it is sent: compact JWEs."""

    data: str
    metadata: str
    attachments: Mapping[str, str]

    def tags(self) -> dict[str, Any]:
        return {
            "data": sealing.tag(self.data),
            "metadata": sealing.tag(self.metadata),
            "attachments": {key: sealing.tag(one) for key, one in self.attachments.items()},
        }


@channels.register("fit_connect")
class FitConnect:
    """Delivers by FIT-Connect. Errors: OSError, ValueError if a file cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._secret = settings.client_secret_file.read_text(encoding="utf-8").strip()
        file = settings.key_roots_file
        self._roots = x509.load_pem_x509_certificates(file.read_bytes()) if file else None

    def deliver(self, parcel: Parcel) -> str:
        """The reference with the ids of submission and case. Errors: DeliveryDeferred, DeliveryRefused."""
        own = self.settings
        with outbound.Client(allow_private=own.allow_private, ca_file=own.ca_file, total_s=own.timeout_s) as client:
            api = Api(client, own.api_url, own.api)
            api.sign_in(own.token_url, own.client_id, self._secret, own.scope)
            notes = [json.loads(note) for note in parcel.notes.read()]
            last = notes[-1] if notes and self._was_sent(api, notes) else self._send(api, parcel, notes)
            return self._confirmed(api, parcel, last["submission"], last["case"])

    def _send(self, api: Api, parcel: Parcel, notes: list[dict[str, Any]]) -> dict[str, Any]:
        """Announce, unless an earlier attempt did; note what will be sent; upload; submit. The note of it."""
        sealed = self._sealed(api, parcel)
        if not notes or notes[-1].get("gone"):
            submission, case = api.announce(
                self.settings.destination, list(sealed.attachments), self._of(self.settings.services, parcel),
                self.settings.service_names.get(parcel.form, self.settings.service_name),
            )  # fmt: skip
            notes = _noted(parcel, notes, {"submission": submission, "case": case})
        last = notes[-1]
        mine = {"submission": last["submission"], "case": last["case"], "tags": sealed.tags()}
        while notes[-1] != mine:
            notes = _noted(parcel, notes, mine)
        try:
            for key, one in sealed.attachments.items():
                api.attach(last["submission"], key, one)
            api.submit(last["submission"], sealed.metadata, sealed.data)
        except Gone:
            _noted(parcel, notes, {"gone": True})
            raise
        except Done:
            pass  # an attempt whose answer was lost; its events tell what was received
        return mine

    def _was_sent(self, api: Api, notes: list[dict[str, Any]]) -> bool:
        last = notes[-1]
        if "tags" not in last:
            return False
        try:
            told = self._events(api, last["submission"], last["case"])
        except Gone:
            return False
        return any(one.name == "submit-submission" for one in told)

    def _confirmed(self, api: Api, parcel: Parcel, submission: str, case: str) -> str:
        told = self._events(api, submission, case)
        names = {one.name for one in told}
        if "submit-submission" not in names:
            raise DeliveryDeferred("the service does not confirm that it was sent")
        notes = [json.loads(note) for note in parcel.notes.read()]
        sent = [note["tags"] for note in notes if note.get("submission") == submission and "tags" in note]
        for one in told:
            if one.name in {"submit-submission", "accept-submission"} and one.tags and not _all_ours(one.tags, sent):
                raise DeliveryRefused("what was received is not what was sent")
        for one in told:
            if one.name == "reject-submission":
                _noted(parcel, notes, {"gone": True})  # whoever has it tried again sends it anew
                raise DeliveryRefused(f"the authority rejects it: {', '.join(one.problems) or 'no reason given'}")
        if self.settings.accepted and "accept-submission" not in names:
            raise DeliveryDeferred("handed over; the authority has not accepted it yet")
        return f"{parcel.reference} submission:{submission} case:{case}"

    def _events(self, api: Api, submission: str, case: str) -> list[sealing.Event]:
        """The events, each by a key of whoever may say such a thing. Errors: DeliveryDeferred."""
        service: dict[str, Mapping[str, Any]] | None = None
        found = []
        for compact in api.events(submission, case):
            who, kid = sealing.issuer(compact)
            if who == self.settings.destination:
                key: Mapping[str, Any] = api.key(who, kid)
            else:
                if who != (self.settings.issuer or self.settings.api_url):
                    raise DeliveryDeferred("an event is of somebody else")
                service = service or {str(one.get("kid")): one for one in api.service_keys()}
                key = service.get(kid, {})
            event = sealing.event(compact, key, submission=submission, case=case)
            if event.name == "accept-submission" and who != self.settings.destination:
                raise DeliveryDeferred("an event is of somebody else")
            found.append(event)
        return found

    def _sealed(self, api: Api, parcel: Parcel) -> _Sealed:
        own = self.settings
        destination = api.destination(own.destination)
        service, schema = self._of(own.services, parcel), self._of(own.schemas, parcel)
        if not _takes(destination, service, schema):
            raise DeliveryRefused("the destination does not take this service with this schema")
        version = metadata.choose(destination.get("metadataVersions") or (), own.metadata)
        kid = str(destination.get("encryptionKid", ""))
        key = sealing.encryption_key(api.key(own.destination, kid), kid, self._roots)
        data = _file(parcel, "application.json").read()
        attached, sealed = [], {}
        names = _names(parcel)
        for file in parcel.files:
            if file.path == "application.pdf" or file.path.startswith("proofs/"):
                plain, one = file.read(), _attachment_id(parcel, file.path)
                sealed[one] = sealing.encrypt(plain, key, kid, file.media_type)
                attached.append(
                    metadata.Attached(
                        one,
                        "form" if file.path == "application.pdf" else "attachment",
                        file.media_type,
                        names.get(file.path) or file.path.rpartition("/")[2],
                        hashlib.sha512(plain).hexdigest(),
                    )
                )
        manifest = numbers.loads(_file(parcel, "manifest.json").read())
        said = metadata.build(
            version,
            metadata.Content(
                service=service,
                service_name=own.service_names.get(parcel.form, own.service_name),
                schema=schema,
                sha512=hashlib.sha512(data).hexdigest(),
                attached=attached,
                reference=parcel.reference,
                applied_on=manifest["receivedOn"],
                seal=own.seal,
            ),
        )
        return _Sealed(
            sealing.encrypt(data, key, kid, "application/json"),
            sealing.encrypt(json.dumps(said, ensure_ascii=False).encode(), key, kid, "application/json"),
            sealed,
        )

    @staticmethod
    def _of(by_form: Mapping[str, str], parcel: Parcel) -> str:
        found = by_form.get(parcel.form, by_form.get("*", ""))
        if not found:
            raise DeliveryRefused(f"nothing is configured for the form {parcel.form}")
        return found


def _noted(parcel: Parcel, notes: list[dict[str, Any]], note: dict[str, Any]) -> list[dict[str, Any]]:
    """The notes with this one, or with the one that a faster attempt wrote in its place."""
    return [*notes, json.loads(parcel.notes.add(json.dumps(note), after=len(notes)))]


def _all_ours(tags: Mapping[str, Any], sent: Sequence[Mapping[str, Any]]) -> bool:
    """Whether each part received is one that we sent: attempts that ran at once may each have brought some."""
    attachments = tags.get("attachments") or {}
    return (
        all(tags.get(part) in [one[part] for one in sent] for part in ("metadata", "data"))
        and bool(sent)
        and set(attachments) == set(sent[0]["attachments"])
        and all(tag in [one["attachments"].get(key) for one in sent] for key, tag in attachments.items())
    )


def _attachment_id(parcel: Parcel, path: str) -> str:
    """An id of the form of a random one, the same at every attempt."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"{parcel.key}/{path}".encode()).digest()[:16], version=4))


def _takes(destination: Mapping[str, Any], service: str, schema: str) -> bool:
    for one in destination.get("services") or ():
        if one.get("identifier") == service:
            return any(taken.get("schemaUri") == schema for taken in one.get("submissionSchemas") or ())
    return False


def _names(parcel: Parcel) -> dict[str, str]:
    manifest = numbers.loads(_file(parcel, "manifest.json").read())
    files = [one for proof in manifest["proofs"] for one in proof["files"]] + list(manifest.get("uploads", ()))
    return {"application.pdf": "Antrag.pdf", **{one["path"]: one["name"] for one in files}}


def _file(parcel: Parcel, path: str) -> ParcelFile:
    for file in parcel.files:
        if file.path == path:
            return file
    raise DeliveryRefused(f"the parcel has no {path}")
