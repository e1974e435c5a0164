"""Delivery channels: the registry. Each sibling is one way to the authority and satisfies `services.ports.Channel`.

A channel is a class whose one argument are its settings, a frozen dataclass called `Settings` in its own file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from formengine.errors import ConfigError
from formengine.registry import Registry

channels: Final[Registry[Any]] = Registry("formengine.delivery")


def check_supplements(what: str, names: Iterable[str], made: Mapping[str, object]) -> None:
    """Errors: ConfigError unless each of *names* is one of *made* that knows a supplement from an application."""
    for name in names:
        if not getattr(made.get(name), "takes_supplements", False):
            raise ConfigError(f"{what}: the channel {name!r} of stamp_to takes nothing later, or is none")
