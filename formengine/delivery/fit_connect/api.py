"""The submission API of FIT-Connect, version 1 and 2: one method a request, every answer checked.

Source: https://docs.fitko.de/fit-connect/ (authentication, start, submit, events).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from formengine.errors import DeliveryDeferred, DeliveryRefused, Unreachable
from formengine.outbound import Answer, Client

_MAY_HEAL: Final = frozenset({401, 403, 408, 409, 425, 429})
_PAGE: Final = 500


class Gone(DeliveryDeferred):
    """What was asked for is not there; a submission that is not complete is deleted after a day."""


class Done(DeliveryDeferred):
    """The submission was sent already and takes nothing any more."""


class Api:
    """One conversation with the service. *version* is 1 or 2; the token is fetched first."""

    def __init__(self, client: Client, url: str, version: int) -> None:
        self._client = client
        self._url = f"{url.rstrip('/')}/v{version}"
        self._root = url.rstrip("/")
        self._version = version
        self._token = ""

    def sign_in(self, token_url: str, client_id: str, secret: str, scope: str) -> None:
        """Fetch the token (RFC 6749, 4.4)."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        content = urlencode(form | ({"scope": scope} if scope else {})).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        token = self._json(self._ask("POST", token_url, headers, content), "the token").get("access_token")
        if not isinstance(token, str) or not token:
            raise DeliveryDeferred("the service gives no token")
        self._token = token

    def destination(self, destination: str) -> dict[str, Any]:
        """What the destination takes."""
        return self._get(f"{self._url}/destinations/{_path(destination)}", "the destination")

    def key(self, destination: str, kid: str) -> dict[str, Any]:
        """A key of the destination."""
        return self._get(f"{self._url}/destinations/{_path(destination)}/keys/{_path(kid)}", "a key")

    def service_keys(self) -> Sequence[Mapping[str, Any]]:
        """The keys by which the service signs events."""
        keys = self._get(f"{self._root}/.well-known/jwks.json", "the keys of the service").get("keys")
        return [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []

    def announce(self, destination: str, attachments: Sequence[str], service: str, name: str) -> tuple[str, str]:
        """The ids of a new submission and its case."""
        kind = "serviceType" if self._version == 1 else "publicService"
        body = {
            "destinationId": destination,
            "announcedAttachments": list(attachments),
            kind: {"name": name, "identifier": service},
        }
        answer = self._send("POST", f"{self._url}/submissions", "application/json", json.dumps(body).encode())
        made = self._json(answer, "the submission")
        submission, case = made.get("submissionId"), made.get("caseId")
        if not isinstance(submission, str) or not isinstance(case, str):
            raise DeliveryDeferred("the service gives no ids")
        return submission, case

    def attach(self, submission: str, attachment: str, sealed: str) -> None:
        """Upload an encrypted attachment. Errors: Gone, Done."""
        url = f"{self._url}/submissions/{_path(submission)}/attachments/{_path(attachment)}"
        self._send("PUT", url, "application/jose", sealed.encode())

    def submit(self, submission: str, metadata: str, data: str) -> None:
        """Send it. Errors: Gone, Done."""
        body = json.dumps({"encryptedMetadata": metadata, "encryptedData": data}).encode()
        self._send("PUT", f"{self._url}/submissions/{_path(submission)}", "application/json", body)

    def events(self, submission: str, case: str) -> list[str]:
        """All events of the submission, as compact JWS."""
        of = f"cases/{_path(case)}" if self._version == 1 else f"submissions/{_path(submission)}"
        found: list[str] = []
        while True:
            url = f"{self._url}/{of}/events?offset={len(found)}&limit={_PAGE}"
            page = self._get(url, "the events").get("eventLog")
            new = [one for one in page if isinstance(one, str)] if isinstance(page, list) else []
            found += new
            if len(new) < _PAGE:
                return found

    def _get(self, url: str, what: str) -> dict[str, Any]:
        return self._json(self._send("GET", url, "", b""), what)

    def _send(self, method: str, url: str, media_type: str, content: bytes) -> Answer:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        if media_type:
            headers["Content-Type"] = media_type
        return self._ask(method, url, headers, content)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        try:
            answer = self._client.request(method, url, headers=headers, content=content)
        except Unreachable as error:
            raise DeliveryDeferred(str(error)) from error
        if 200 <= answer.status < 300:
            return answer
        told = f"the service answered {answer.status}"
        if answer.status in {404, 410}:
            raise Gone(told)
        if method == "PUT" and answer.status == 409:
            raise Done(told)
        raise (DeliveryDeferred if answer.status >= 500 or answer.status in _MAY_HEAL else DeliveryRefused)(told)

    @staticmethod
    def _json(answer: Answer, what: str) -> dict[str, Any]:
        try:
            found = json.loads(answer.body)
        except ValueError as error:
            raise DeliveryDeferred(f"{what} cannot be read") from error
        if not isinstance(found, dict):
            raise DeliveryDeferred(f"{what} cannot be read")
        return found


def _path(text: str) -> str:
    return quote(text, safe="")
