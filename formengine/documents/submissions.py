"""From a submission to its unsigned PDF: the port `Renderer` of the services.

Decides what happens when a document cannot be made: it is tried once more, then laid out plainly (PDF-03). The
first try is short, and those after it have a child process of their own: one document that cannot be made does not
hold up the others (REL-07).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

from formengine.core import numbers
from formengine.core.answers import Answers
from formengine.core.applying import evaluate
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import Submission
from formengine.core.payload import payload
from formengine.documents import layout, qr
from formengine.documents.gathering import gather
from formengine.documents.layout import FULL, PLAIN, Layout
from formengine.documents.paper import Office, Paper
from formengine.documents.phrases import Languages
from formengine.documents.rendering import Enclosure, Limits, Renderer, Sheet
from formengine.errors import RenderingError
from formengine.i18n.catalogues import SOURCE, Catalogues

_log = logging.getLogger(__name__)
_CERTAIN = frozenset({"pages"})  # would only happen again
_FIRST = Limits(wall_s=20)  # a hundred times what a document takes


class Authority(Protocol):
    """Who receives the application, as the operator's file names it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def street(self) -> str:
        """Street and number."""

    @property
    def place(self) -> str:
        """Postcode and town."""


class Tenant(Protocol):
    """One authority of this installation."""

    @property
    def id(self) -> str:
        """What submissions call it."""

    @property
    def origin(self) -> str:
        """Its site as browsers see it; "" where the installation's is."""

    @property
    def authority(self) -> Authority:
        """Its name and address."""


class DocumentRenderer:
    """Makes the documents of submissions, in child processes of its own that `close` ends.

    *seal* is what the signer says of itself: the document must not claim another one. *origin* is where tenants that
    name none are reached: the QR code of each page leads there.
    """

    def __init__(
        self,
        tenants: Sequence[Tenant],
        catalogues: Catalogues,
        *,
        seal: str,
        origin: str = "",
        renderer: Renderer | None = None,
        again: Renderer | None = None,
    ) -> None:
        self._origins = {tenant.id: (tenant.origin or origin).rstrip("/") for tenant in tenants}
        self._offices = {tenant.id: _office(tenant.authority) for tenant in tenants}
        self._catalogues = catalogues
        self._seal = seal
        self._renderer = renderer or Renderer(_FIRST)
        self._again = again or Renderer()

    def render(self, submission: Submission, form: FormDefinition) -> bytes:
        """The unsigned PDF; the same bytes for the same submission. Errors: RenderingError."""
        paper = self.paper(submission, form)
        for renderer in (self._renderer, self._again):
            try:
                return renderer.render(_sheet(submission, paper, FULL))
            except RenderingError as error:
                _log.warning("no document for %s: %s", submission.reference, error.code)
                if error.code in _CERTAIN:
                    break
        return self._again.render(_sheet(submission, paper, PLAIN))

    def paper(self, submission: Submission, form: FormDefinition) -> Paper:
        """What stands in the document."""
        record = numbers.loads(submission.record)
        answers = Answers(document=numbers.loads(submission.payload))
        e = evaluate(form, answers, date.fromisoformat(record["receivedOn"]))
        if payload(e).sha512 != submission.sha512:
            _log.error("the document of %s does not show all that was submitted", submission.reference)
        german = self._catalogues.text(SOURCE, form.id, source=form.languages[0])
        other = None
        if submission.language.split("-")[0] != SOURCE:
            other = self._catalogues.text(submission.language, form.id, source=form.languages[0])
        paper = gather(
            e,
            record,
            Languages(german, other),
            office=self._offices.get(submission.tenant, Office("")),
            seal=self._seal,
        )
        origin = self._origins.get(submission.tenant, "")
        return replace(paper, check=qr.check(origin, submission.reference)) if origin else paper

    def close(self) -> None:
        """End the children."""
        self._renderer.close()
        self._again.close()


def _office(authority: Authority) -> Office:
    return Office(authority.name, tuple(line for line in (authority.street, authority.place) if line))


def _sheet(submission: Submission, paper: Paper, look: Layout) -> Sheet:
    return Sheet(
        html=layout.html(paper, look),
        style=layout.style(),
        identifier=f"{submission.reference} {submission.sha512[:32]}",
        at=submission.received_at,
        enclosures=(
            Enclosure("application.json", "Antragsdaten", submission.payload, "Data"),
            Enclosure("record.json", "Protokoll des Eingangs", submission.record, "Supplement"),
        ),
    )
