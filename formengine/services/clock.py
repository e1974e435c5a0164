"""The day and the hour where the authority is: what counts for age, terms and the date of receipt."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

BERLIN: Final = ZoneInfo("Europe/Berlin")


def today(now: datetime) -> date:
    """The date in Berlin at the instant *now*."""
    return now.astimezone(BERLIN).date()


def begins(day: date) -> datetime:
    """The instant at which *day* begins in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN)


def rfc3339(instant: datetime) -> str:
    """*instant* in UTC to the second, as in JSON: `2026-11-22T02:37:03Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
