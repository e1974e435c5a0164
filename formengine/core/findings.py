"""What is wrong with a schema as a form, told when it is loaded (form-language, "Reported at load").

Decides which constructs can never work (errors) and which rarely mean what they say (warnings). Leaves to
`core.schemas` whether the document is a schema at all.
"""

from __future__ import annotations

from formengine.core.definition import FormDefinition
from formengine.core.loading_context import Loading


def unasked(form: FormDefinition, loading: Loading) -> None:
    """Record each required question that no step asks."""


def schema_findings(loading: Loading) -> None:
    """Record what can't work in the schema, and what should be looked at."""
