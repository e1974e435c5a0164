"""Whether each question that must be answered has a step that asks it.

Decides it from the definition and the outline of the schema; nothing that the applicant could need may be left out.
"""

from __future__ import annotations

from formengine.core.definition import FormDefinition
from formengine.core.findings import is_filled_in
from formengine.core.implied import is_repeated
from formengine.core.loading_context import Loading
from formengine.core.outline import Part, Place

MAX_DEPTH = 32


def unasked(form: FormDefinition, loading: Loading) -> None:
    """Record each required question that no step asks."""
    _Coverage(form, loading).look(loading.outline.root, 0)


class _Coverage:
    def __init__(self, form: FormDefinition, loading: Loading) -> None:
        self.form, self.loading = form, loading
        self.asked = [field.pattern for step in form.walk() for field in step.fields]
        self.asked += [step.repeat for step in form.walk() if step.repeat is not None]
        self.computed = {one.at for one in form.computed}

    def look(self, place: Place, depth: int) -> None:
        """Look at the members of an object that is there when the form is sent."""
        if depth > MAX_DEPTH or self._is_whole(place):
            return
        required = place.required()
        for name in place.names:
            member = place.member(name)
            if member is None:
                continue
            if name in required and _is_due(required[name], name):
                self._due(member, depth)
            elif self._is_touched(member):
                self._inner(member, depth)

    def _due(self, place: Place, depth: int) -> None:
        if place.is_a("object") and place.names:
            self._inner(place, depth)
        elif is_repeated(place):
            if not self.form.owner(place.pattern) and not self._is_whole(place):
                self._miss(place, f'add a step with "repeat": "{place.pattern}"')
            else:
                self._inner(place, depth)
        elif not self._is_whole(place) and not self._is_filled(place):
            self._miss(place, "add it to the fields of a step")

    def _inner(self, place: Place, depth: int) -> None:
        if is_repeated(place) and place.rows is not None:
            self.look(place.rows, depth + 1)
        elif place.is_a("object"):
            self.look(place, depth + 1)

    def _miss(self, place: Place, cure: str) -> None:
        self.loading.mistake(f"{place.pattern} is required, but no step asks it", "/steps", key=True, cure=cure)

    def _is_filled(self, place: Place) -> bool:
        return is_filled_in(place) or place.pattern in self.computed

    def _is_whole(self, place: Place) -> bool:
        """Whether a field stands for the place and all within."""
        here = place.pattern
        while True:
            if self.form.field(here) is not None:
                return True
            if not here:
                return False
            here = here.rpartition("/")[0]
            if self.form.owner(here):
                return False

    def _is_touched(self, place: Place) -> bool:
        below = place.pattern + "/"
        return any(pattern == place.pattern or pattern.startswith(below) for pattern in self.asked)


def _is_due(part: Part, name: str) -> bool:
    """Whether *part* really asks for the property: a branch that only requires offers a choice of properties."""
    in_branch = "/oneOf/" in part.at or "/anyOf/" in part.at
    members = part.schema.get("properties")
    return not in_branch or (isinstance(members, dict) and name in members)
