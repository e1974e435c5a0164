"""Open what was sealed to the authority: the cards of a list, one case, one file; the audit line comes first (ACC-07).

This runs in the opener, a process of its own that alone holds the authority's key (security.md 1.3, B4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from formengine.core import numbers
from formengine.core.lifecycle import IllegalChange, Reference, Submission
from formengine.errors import NotFound, StorageError
from formengine.services import delivering, exporting, filing, packing
from formengine.services.ports import Fetched, Stores

_NAMES: Final = frozenset({"application.json", "application.pdf", "record.json"})


@dataclass(frozen=True, slots=True)
class Opening:
    """`services.ports.Opener` with the key itself: *stores* are opened by the authority. *clock* gives UTC."""

    stores: Stores
    clock: Callable[[], datetime]

    def cards(self, tenant: str, staff: str, references: Sequence[Reference]) -> Mapping[Reference, Mapping[str, Any]]:
        """Who applies, by reference, of those of the tenant: one line in the log for the list."""
        self._audit(tenant, staff, "list", "")
        with self.stores.of(tenant).read() as work:
            found = work.submissions.cards(references)
        return {one.reference: numbers.loads(one.card) for one in found if one.key}

    def case(self, tenant: str, staff: str, reference: Reference) -> Submission:
        """One application. Errors: NotFound; StorageError if the log cannot be written or it does not open."""
        with self.stores.of(tenant).read() as work:
            work.submissions.load(reference)
        self._audit(tenant, staff, "read", reference)
        return self._open(tenant, reference)

    def file(self, tenant: str, staff: str, reference: Reference, path: str) -> Fetched:
        """One file: `application.json`, `application.pdf`, `record.json` or a proof by its path.

        Errors: NotFound, also for the document that is not made yet and a file that is not clean; StorageError.
        """
        submission = self._open(tenant, reference)
        self._audit(tenant, staff, f"fetch {path}" if path in _NAMES else "fetch proof", reference)
        if path == "application.json":
            return Fetched(f"{reference}.json", packing.JSON, submission.payload)
        if path == "record.json":
            return Fetched(f"{reference}-record.json", packing.JSON, submission.record)
        if path == "application.pdf":
            if not submission.pdf_sha512:
                raise NotFound("the document is not made yet")
            return Fetched(f"{reference}.pdf", packing.PDF, filing.document(self.stores, submission))
        with self.stores.of(tenant).read() as work:
            rows = work.files.of(submission.draft_id)
        for entry in filing.files_of(numbers.loads(submission.record)):
            if entry["path"] == path:
                if not filing.file_at(rows, path).clean:
                    raise NotFound("the file is not examined yet")
                proof = packing.proof_file(self.stores, submission, rows, entry)
                return Fetched(entry["name"], entry["mediaType"], proof.read())
        raise NotFound("no such file")

    def bundle(self, tenant: str, staff: str, reference: Reference) -> Fetched:
        """All of it as a ZIP archive, once, for who asked and was let (REL-08).

        Errors: NotFound, also for whom nobody let; StorageError.
        """
        packed = packing.by_hand(self.stores.of(tenant), self._open(tenant, reference))
        try:
            exporting.fetch(self.stores, tenant, reference, staff=staff, now=self.clock())
        except IllegalChange as error:
            raise NotFound("not to be taken out") from error
        return Fetched(f"{reference}.zip", "application/zip", packed)

    def _open(self, tenant: str, reference: Reference) -> Submission:
        submission = delivering.load(self.stores.of(tenant), reference)
        if not submission.key:
            raise StorageError("there is no key to the submission here")
        if not submission.is_intact():
            raise StorageError("the payload is not what was frozen")
        return submission

    def _audit(self, tenant: str, staff: str, action: str, reference: str) -> None:
        with self.stores.write() as work:
            work.audit.add(tenant=tenant, at=self.clock(), person=staff, action=action, reference=reference)
