"""A registry of plug-ins of one kind: one module each, found at start, asked for by name.

Inside the tree a module in the registry's package is a plug-in; outside it, an installed distribution
names an entry point in the group of the same name. Importing the engine loads nothing: `load` is one
explicit call in `bootstrap`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from formengine.errors import ConfigError

T = TypeVar("T")


class Registry(Generic[T]):
    """Plug-ins by name. *group* is the package that holds them and the entry-point group of others."""

    def __init__(self, group: str) -> None:
        self.group = group
        self._items: dict[str, T] = {}
        self._loaded = False

    def register(self, name: str) -> Callable[[T], T]:
        """A decorator that enters what it decorates under *name*. Errors: ConfigError if the name is taken."""

        def enter(item: T) -> T:
            if name in self._items:
                raise ConfigError(f"{self.group}: {name!r} is registered twice; rename one of them")
            self._items[name] = item
            return item

        return enter

    def load(self) -> None:
        """Import every module of the package and every entry point of the group, once."""
        if self._loaded:
            return
        self._loaded = True
        package = importlib.import_module(self.group)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.group}.{module.name}")
        for point in entry_points(group=self.group):
            point.load()

    def load_one(self, name: str) -> T:
        """The plug-in *name*, importing its module alone. Errors: ConfigError if there is none."""
        if name not in self._items and name.isidentifier():
            try:
                importlib.import_module(f"{self.group}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{self.group}.{name}":
                    raise
                for point in entry_points(group=self.group, name=name):
                    point.load()
                if name not in self._items:
                    self.load()  # so that the error can name them all
        return self[name]

    def __getitem__(self, name: str) -> T:
        try:
            return self._items[name]
        except KeyError:
            known = ", ".join(sorted(self._items)) or "none"
            raise ConfigError(f"{self.group}: there is no {name!r}; there is: {known}") from None

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._items))

    def items(self) -> list[tuple[str, T]]:
        """All plug-ins with their names, sorted by name."""
        return sorted(self._items.items())
