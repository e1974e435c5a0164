"""Delivery channels: the registry. Each sibling is one way to the authority and satisfies `services.ports.Channel`.

A channel is a class whose one argument are its settings, a frozen dataclass called `Settings` in its own file.
"""

from __future__ import annotations

from typing import Any, Final

from formengine.registry import Registry

channels: Final[Registry[Any]] = Registry("formengine.delivery")
