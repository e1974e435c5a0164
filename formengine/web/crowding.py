"""How many requests are worked on at once, how many wait, and who goes first when it is crowded (REL-15).

What is posted (saving, sending, coming back) goes before pages, and pages go before what takes long: files that are
handed in or out. Whoever finds no room, or waits too long, is told so at once, and loses nothing that was typed.
"""

from __future__ import annotations

import threading
from collections import deque
from enum import IntEnum
from typing import Final

from flask import Flask, Response, g, request

from formengine.errors import FormEngineError

ROOM: Final = 256
"""So many wait at once in a process; half of it is kept for what is posted."""
DOORMEN: Final = 32
"""Threads that tell others that there is no room."""
_LONG: Final = frozenset(
    {
        "proofs.post_proof",
        "proofs.post_item_proof",
        "verify.answer",
        "own_data.download",
        "casework.seal",
        "casework.document",
        "casework.proof",
        "by_hand.bundle",
    }
)
_APART: Final = frozenset({"static", "public.live", "public.ready", "health.live", "health.ready"})


class Crowded(FormEngineError):
    """Raised where there is no room for a request; becomes 503, with Retry-After."""


class Rank(IntEnum):
    """Who goes before whom."""

    POSTED = 0
    PAGE = 1
    LONG = 2


PATIENCE_S: Final = {Rank.POSTED: 30.0, Rank.PAGE: 8.0, Rank.LONG: 8.0}


class Door:
    """Lets *at_once* in; of what takes long half of that, so that it never fills the house."""

    def __init__(self, at_once: int, room: int = ROOM) -> None:
        self._free = at_once
        self._long = max(1, at_once // 2)
        self._room = room
        self._lock = threading.Lock()
        self._lines: dict[Rank, deque[threading.Event]] = {rank: deque() for rank in Rank}

    def enter(self, rank: Rank, patience_s: float) -> None:
        """Wait for one's turn. Errors: Crowded."""
        turn = threading.Event()
        with self._lock:
            waiting = sum(len(line) for line in self._lines.values())
            if waiting >= (self._room if rank is Rank.POSTED else self._room // 2):
                raise Crowded("no room")
            self._lines[rank].append(turn)
            self._let_in()
        if turn.wait(patience_s):
            return
        with self._lock:
            if turn.is_set():
                return
            self._lines[rank].remove(turn)
        raise Crowded("waited too long")

    def leave(self, rank: Rank) -> None:
        """Make room for the next."""
        with self._lock:
            self._free += 1
            self._long += rank is Rank.LONG
            self._let_in()

    def _let_in(self) -> None:
        for rank, line in self._lines.items():
            while line and self._free and (rank is not Rank.LONG or self._long):
                line.popleft().set()
                self._free -= 1
                self._long -= rank is Rank.LONG


def install(app: Flask, at_once: int) -> None:
    """Let every request of *app* wait for its turn, before anything is done for it."""
    door = Door(at_once)

    def enter() -> None:
        if request.endpoint in _APART:
            return
        mine = rank()
        door.enter(mine, PATIENCE_S[mine])
        g.came_in_as = mine

    def leave(_error: BaseException | None = None) -> None:
        mine: Rank | None = g.pop("came_in_as", None)
        if mine is not None:
            door.leave(mine)

    def answered(response: Response) -> Response:
        leave()
        return response

    app.before_request(enter)
    app.after_request(answered)
    app.teardown_request(leave)  # also where no answer could be made


def rank() -> Rank:
    """Whom the request in hand goes before."""
    if request.endpoint in _LONG:
        return Rank.LONG
    return Rank.PAGE if request.method in {"GET", "HEAD", "OPTIONS"} else Rank.POSTED
