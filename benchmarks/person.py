"""A person who fills in a form by HTTP, as a browser without JavaScript would."""

from __future__ import annotations

import re

import httpx


class Person:
    """One browser at the site *url*."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url)

    def get(self, address: str) -> str:
        """The page at *address*."""
        reply = self.client.get(address)
        if reply.status_code != 200:
            raise SystemExit(f"{address} answered {reply.status_code}")
        return reply.text

    def begin(self, form: str) -> str:
        """Begin the form; the address of its first step."""
        device = self._post(f"/{form}/", {"_token": _hidden(self.get(f"/{form}/"), "_token"), "_action": "start"})
        return self._post(device, {"_token": _hidden(self.get(device), "_token"), "_device": "own"})

    def answer(self, address: str, answers: dict[str, str]) -> str:
        """Open the page at *address* and send *answers*; the address that follows."""
        return self._post(address, {**self.hidden(address), **answers, "_action": "next"})

    def hidden(self, address: str) -> dict[str, str]:
        """What the page at *address* adds to what one types."""
        page = self.get(address)
        return {name: _hidden(page, name) for name in ("_token", "_revision")}

    def _post(self, address: str, fields: dict[str, str]) -> str:
        reply = self.client.post(address, data={**fields, "_end": "1"})
        if reply.status_code != 303:
            raise SystemExit(f"{address} answered {reply.status_code}\n{reply.text[:2000]}")
        return reply.headers["Location"]


def _hidden(page: str, name: str) -> str:
    for tag in re.findall(r"<input[^>]*>", page):
        if f'name="{name}"' in tag:
            found = re.search(r'value="([^"]*)"', tag)
            return found[1] if found else ""
    raise SystemExit(f"the page has no {name}")
