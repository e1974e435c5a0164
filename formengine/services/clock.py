"""The day and the hour where the authority is, and whether the machine's clock was put forward meanwhile.

The day counts for age, terms and the date of receipt. How long something lies back is asked of a clock that people set,
so what ends by it must not end because somebody set it (REL-10).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOTICED: Final = timedelta(seconds=10)
"""A clock that differs by less from what passed is being brought into step, not set."""
REMEMBERED: Final = timedelta(hours=12)
"""As long as the longest session."""
_TICKS: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def ticks() -> timedelta:
    """What passed since the machine started, asleep or awake: nobody can set it."""
    return timedelta(seconds=time.clock_gettime(_TICKS))


@dataclass
class Steps:
    """How often and how far the clock was put forward while this process looked at it."""

    _last: tuple[datetime, timedelta] | None = None
    _forward: list[tuple[datetime, timedelta]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def look(self, now: datetime, passed: timedelta) -> None:
        """See the clock at *now*, when *passed* had passed since the machine started."""
        with self._lock:
            last, self._last = self._last, (now, passed)
            step = (now - last[0]) - (passed - last[1]) if last is not None else timedelta()
            if step > NOTICED:
                self._forward.append((now - step, step))
            elif step < -NOTICED:  # put right again: what was written meanwhile is ahead, and lives that much longer
                self._forward.clear()
            while self._forward and now - self._forward[0][0] > REMEMBERED + self._forward[0][1]:
                del self._forward[0]

    def since(self, instant: datetime) -> timedelta:
        """By how much the clock was put forward after it showed *instant*."""
        return sum((step for at, step in self._forward if instant <= at), timedelta())

    def remembered(self) -> timedelta:
        """By how much the clock was put forward in all that is remembered."""
        return sum((step for _, step in self._forward), timedelta())


def today(now: datetime) -> date:
    """The date in Berlin at the instant *now*."""
    return now.astimezone(BERLIN).date()


def begins(day: date) -> datetime:
    """The instant at which *day* begins in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN)


def rfc3339(instant: datetime) -> str:
    """*instant* in UTC to the second, as in JSON: `2026-11-22T02:37:03Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
