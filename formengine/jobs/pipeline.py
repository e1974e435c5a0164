"""What follows a submit: a job that makes the document and seals it, then a job for each channel. DBOS drives them.

Only references pass through the job engine, which stores what steps take and give; an error is handed to it by its
kind alone. Every step may run again at any time, also while an earlier run still hangs on another machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, ParamSpec, TypeVar

from dbos import DBOS

from formengine import metrics
from formengine.core.lifecycle import Reference
from formengine.errors import DeliveryDeferred, FormEngineError, NoTimeStamp
from formengine.services import delivering
from formengine.services.packing import STAMP_LATER
from formengine.services.ports import Channel, Forms, Parcel, Renderer, Signer, Stores
from formengine.storage.outbox import DELIVER, PROCESS

_log = logging.getLogger(__name__)
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
STEP_PAUSE_S: Final = 1.0
NOT_MADE: Final = "the document could not be made"
NOT_SEALED: Final = "the document could not be sealed"
NOT_STAMPED: Final = "the document could not be sealed: no time stamp"


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps work with. *channels* are those of each tenant by name; *clock* gives the time in UTC.

    By tenant: *patience* is how long after its receipt an application waits for a time stamp, for ever where there is
    none; *stamp_to* are the channels that are sent a stamp that came later; *kept_days* is how long what was delivered
    is kept, for ever where it is not said.
    """

    stores: Stores
    forms: Forms
    renderer: Renderer
    signer: Signer
    channels: Mapping[str, Mapping[str, Channel]]
    clock: Callable[[], datetime]
    kept_days: Mapping[str, int] = field(default_factory=dict)
    patience: Mapping[str, timedelta] = field(default_factory=dict)
    stamp_to: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class StepFailed(FormEngineError):
    """A step failed; the message is the kind of the error alone, for the job engine stores it (LOG-02)."""


class _Unconfigured:
    """Stands for a channel that a submission was to go through and that is configured no longer."""

    def deliver(self, parcel: Parcel) -> str:
        raise DeliveryDeferred(f"no such channel is configured for {parcel.form}")


def register(tools: Tools) -> None:
    """Enter the workflows and their steps with DBOS; to be called once, before it is launched."""
    _register_process(tools)
    _register_deliver(tools)


def _register_process(tools: Tools) -> None:
    # What makes documents tries again by itself: more of it here would only hold up others.
    render = _step("render", attempts=2)(_guarded("render", lambda r: _render(tools, r)))
    sign = _step("sign")(_guarded("sign", lambda r: _sign(tools, r)))

    @_step("hand on")
    def hand_on(reference: str, run: int, channels: list[str]) -> None:
        _guarded("hand on", lambda r: delivering.hand_on(tools.stores, r, run=run, channels=channels))(reference)

    @_step("without document")
    def without_document(reference: str, reason: str) -> None:
        now = tools.clock()
        _guarded(reason, lambda r: delivering.without_document(tools.stores, r, reason, now=now))(reference)

    @DBOS.workflow(name=PROCESS, max_recovery_attempts=1000)
    def process(reference: str, run: int, channels: list[str]) -> None:
        for stage, reason in ((render, NOT_MADE), (sign, NOT_SEALED)):
            try:
                stage(reference)
            except Exception as error:  # noqa: BLE001  of what kind depends on whether it failed now or before a crash
                said = NOT_STAMPED if _lacks_stamp_alone(error) else reason
                _log.error("%s: %s", said, reference)  # the alarm of F-06, F-07 and F-08
                without_document(reference, said)
                return
        hand_on(reference, run, channels)


def _lacks_stamp_alone(error: Exception) -> bool:
    """Whether the last attempt of a step failed for want of a time stamp."""
    tried = getattr(error, "errors", None) or [error]
    return str(tried[-1]) == NoTimeStamp.__name__


def _render(tools: Tools, reference: Reference) -> None:
    with metrics.rendering():
        delivering.render(tools.stores, reference, forms=tools.forms, renderer=tools.renderer)


def _sign(tools: Tools, reference: Reference) -> None:
    patience = tools.patience.get(delivering.load(tools.stores, reference).tenant)
    delivering.sign(tools.stores, reference, signer=tools.signer, now=tools.clock(), patience=patience)


def _register_deliver(tools: Tools) -> None:
    @_step("deliver", attempts=3)
    def deliver(reference: str, name: str) -> str:
        def attempt(r: Reference) -> str:
            tenant = delivering.load(tools.stores, r).tenant
            channel = tools.channels.get(tenant, {}).get(name.removesuffix(STAMP_LATER)) or _Unconfigured()
            status = delivering.deliver(tools.stores, r, name, channel, now=tools.clock()).status.value
            metrics.count("deliveries", name, status)
            return status

        return _guarded(f"deliver to {name}", attempt)(reference)

    @DBOS.workflow(name=DELIVER, max_recovery_attempts=1000)
    def _deliver(reference: str, channel: str) -> None:
        deliver(reference, channel)


def _step(name: str, *, attempts: int = 4) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A step that is tried so many times, 1, 4 and 16 seconds apart."""
    return DBOS.step(
        name=name, retries_allowed=True, max_attempts=attempts, interval_seconds=STEP_PAUSE_S, backoff_rate=4
    )


def _guarded(what: str, act: Callable[[Reference], T]) -> Callable[[str], T]:
    """*act*, with any error replaced by its kind: messages of other libraries may quote what they were given."""

    def guarded(reference: str) -> T:
        try:
            return act(Reference(reference))
        except FormEngineError as error:
            metrics.count("failures", what)
            _log.warning("%s failed: %s, %s: %s", what, reference, type(error).__name__, error)
            raise StepFailed(type(error).__name__) from None
        except Exception as error:  # noqa: BLE001  whatever a step fails with, only its kind may be kept
            metrics.count("failures", what)
            _log.error("%s failed: %s, %s", what, reference, type(error).__name__)
            raise StepFailed(type(error).__name__) from None

    return guarded
