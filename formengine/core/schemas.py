"""A form's schema, loaded: its draft, its references resolved, its validators compiled.

Skeleton for the siblings; see the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from formengine.core.pointer import JsonValue

Formats = Mapping[str, Callable[[str], bool]]


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """A schema ready to be asked and to validate. *name* is its file's, *document* as it was published."""

    name: str
    document: JsonValue
    draft: str

    @classmethod
    def load(
        cls, document: JsonValue, *, name: str, others: Mapping[str, JsonValue], formats: Formats | None = None
    ) -> Schema:
        """The schema *document*; *others* are the documents it may refer to, by path relative to `schemas/`.

        Errors: `Mistakes`-like ExceptionGroup of DefinitionError, each with file and pointer (no line).
        """
        raise NotImplementedError
