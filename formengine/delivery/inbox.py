"""The channel `inbox`: the application is there for the caseworkers of our own staff site."""

from __future__ import annotations

from dataclasses import dataclass

from formengine.delivery import channels
from formengine.services.ports import Parcel


@dataclass(frozen=True, slots=True)
class Settings:
    """The inbox has none."""


@channels.register("inbox")
class Inbox:
    """Delivers by doing nothing: the inbox reads the submissions themselves."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def deliver(self, parcel: Parcel) -> str:
        """The reference, under which the application is found."""
        return str(parcel.reference)
