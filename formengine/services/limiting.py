"""Limits on what one client, or all together, may do in a time; counted in the database (RES-06, LIM-01)."""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from formengine.errors import TooMany
from formengine.services.ports import Stores


def limit(
    stores: Stores, name: str, client: str, allowed: tuple[int, timedelta], *, now: datetime, amount: int = 1
) -> None:
    """Count *amount* for *client* at *name*. Errors: TooMany when there was more than allowed in the window.

    The client is kept as a keyed hash; an IPv6 address counts by its /64 (LIM-01).
    """
    most, window = allowed
    key = hmac.digest(stores.pepper, b"limit|" + _network(client).encode(), hashlib.sha256).hex() if client else ""
    with stores.write() as work:
        tries, ends_at = work.limits.take(name, key, window=window, now=now, amount=amount)
    if tries > most:
        raise TooMany(max(1, math.ceil((ends_at - now).total_seconds())))


def _network(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address):
        return str(ip_network((address.ipv4_mapped or address, 32 if address.ipv4_mapped else 64), strict=False))
    return str(ip_network((address, 32)))
