"""The checks of JSON Schema's `format`, one module each: `check(value: str) -> bool`, total and pure."""

from collections.abc import Callable

from formengine.registry import Registry

formats: Registry[Callable[[str], bool]] = Registry("formengine.core.formats")
"""By the name that a schema gives as `format`. The formats of the standard itself are the validator's own."""
