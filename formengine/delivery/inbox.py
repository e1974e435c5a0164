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
    """Delivers by doing nothing: the inbox reads the submissions themselves.

    A caseworker confirms, by taking the application over (GDP-03).
    """

    is_confirmed_by_people = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def deliver(self, parcel: Parcel) -> str:
        """The reference, under which the application is found."""
        return str(parcel.reference)
