"""The workflow that follows a submit: make the document, seal it, one step a channel. DBOS drives it.

Only references pass through the job engine, which stores what steps take and give; an error is handed to it by its
kind alone. Every step may run again at any time, also while an earlier run still hangs on another machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from dbos import DBOS

from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.errors import DeliveryDeferred, FormEngineError
from formengine.services import delivering
from formengine.services.ports import Channel, Forms, Parcel, Renderer, Signer, Stores
from formengine.storage.outbox import WORKFLOW

_log = logging.getLogger(__name__)
T = TypeVar("T")
_OPEN: Final = frozenset({DeliveryStatus.WAITING, DeliveryStatus.SENDING})


@dataclass(frozen=True, slots=True)
class Tools:
    """What the steps work with. *channels* are those of each tenant by name; *clock* gives the time in UTC."""

    stores: Stores
    forms: Forms
    renderer: Renderer
    signer: Signer
    channels: Mapping[str, Mapping[str, Channel]]
    clock: Callable[[], datetime]


class StepFailed(FormEngineError):
    """A step failed; the message is the kind of the error alone, for the job engine stores it (LOG-02)."""


class _Unconfigured:
    """Stands for a channel that a submission was to go through and that is configured no longer."""

    def deliver(self, parcel: Parcel) -> str:
        raise DeliveryDeferred(f"no such channel is configured for {parcel.form}")


def register(tools: Tools) -> Callable[[str], None]:
    """Enter the workflow and its steps with DBOS; to be called once, before it is launched. Returns the workflow."""
    render = DBOS.step(name="render", retries_allowed=True, max_attempts=4, interval_seconds=1, backoff_rate=4)(
        _guarded("render", lambda r: delivering.render(tools.stores, r, forms=tools.forms, renderer=tools.renderer))
    )
    sign = DBOS.step(name="sign", retries_allowed=True, max_attempts=4, interval_seconds=1, backoff_rate=4)(
        _guarded("sign", lambda r: delivering.sign(tools.stores, r, signer=tools.signer))
    )

    @DBOS.step(name="channels")
    def channels(reference: str) -> list[str]:
        with tools.stores.read() as work:
            return [one.channel for one in work.deliveries.of(Reference(reference)) if one.status in _OPEN]

    @DBOS.step(name="deliver", retries_allowed=True, max_attempts=3, interval_seconds=1, backoff_rate=4)
    def deliver(reference: str, name: str) -> str:
        def attempt(r: Reference) -> str:
            tenant = delivering.load(tools.stores, r).tenant
            channel = tools.channels.get(tenant, {}).get(name) or _Unconfigured()
            return delivering.deliver(tools.stores, r, name, channel, now=tools.clock()).status.value

        return _guarded(f"deliver to {name}", attempt)(reference)

    @DBOS.workflow(name=WORKFLOW, max_recovery_attempts=1000)
    def process(reference: str) -> None:
        render(reference)
        sign(reference)
        for name in channels(reference):
            deliver(reference, name)

    return process


def _guarded(what: str, act: Callable[[Reference], T]) -> Callable[[str], T]:
    """*act*, with any error replaced by its kind: messages of other libraries may quote what they were given."""

    def guarded(reference: str) -> T:
        try:
            return act(Reference(reference))
        except FormEngineError as error:
            _log.warning("%s failed: %s, %s: %s", what, reference, type(error).__name__, error)
            raise StepFailed(type(error).__name__) from None
        except Exception as error:  # noqa: BLE001  whatever a step fails with, only its kind may be kept
            _log.error("%s failed: %s, %s", what, reference, type(error).__name__)
            raise StepFailed(type(error).__name__) from None

    return guarded
