"""Everything that can stop the engine, as one tree of exceptions.

Wrong *answers* are values (`core.validation.Problem`), never exceptions.

    FormEngineError
    ├── ConfigError                 wrong settings or plug-ins: the process refuses to start
    ├── DefinitionError             wrong form or schema: `check` fails, that form is refused, others run
    ├── NotFound                    no such form, step, draft                          404
    ├── NotAllowed                  not this person's or tenant's                      404, same as missing
    ├── FormClosed                  withdrawn, or does not load any more               503, drafts are safe
    ├── StepNotOpen                 the path does not reach it                         303 to where they should be
    ├── NotComplete                 submit with problems left                          303 to the first of them
    ├── AlreadySubmitted                                                               303 to the receipt
    ├── Stale                       saved elsewhere meanwhile                          409, both values shown
    ├── ResumeRefused               unknown, expired or used code                      one page, one wording
    ├── TooMany                     a rate limit was reached                           429, with Retry-After
    ├── FileRefused                 a file that cannot be taken                        422 at the upload
    ├── StorageError                                                                   503, answers not lost
    │   ├── SealBroken              a blob or key does not open: changed or moved      503, an alarm in the log
    │   └── KeysMissing             nobody to seal a submission to                     503, the draft is safe
    ├── RenderingError              a document could not be made                       retried once, then plain
    ├── Unreachable                 a far side cannot be reached, or may not be        the channel defers
    ├── SigningError                                                                   the job is retried
    │   └── NoTimeStamp         the key sealed, the time-stamp authority did not       the operator's rule decides
    └── DeliveryError
        ├── DeliveryDeferred        may work later                                     retried, growing pauses
        └── DeliveryRefused         never will                                         parked, shown to staff

Messages hold ids, pointers and codes, never an applicant's values (LOG-02).
"""

from __future__ import annotations


class FormEngineError(Exception):
    """The root: whatever the engine raises on purpose."""


class ConfigError(FormEngineError):
    """Raised by config, bootstrap and registries; caught by the command line, which prints one line and exits 2."""


class DefinitionError(FormEngineError):
    """One mistake in a form or schema. Collected by `core.loading`; printed by `formengine check`.

    *line* and *column* count from 1; *remedy* says in plain words what to do.
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        pointer: str = "",
        line: int = 0,
        column: int = 0,
        remedy: str = "",
        level: str = "error",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.pointer = pointer
        self.line = line
        self.column = column
        self.remedy = remedy
        self.level = level

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file else ""
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{place}{self.level}: {self.message}{remedy}"


class NotFound(FormEngineError):
    """Raised by services and stores; becomes 404."""


class NotAllowed(FormEngineError):
    """Raised where a person or tenant may not; answered like `NotFound`."""


class FormClosed(FormEngineError):
    """Raised where a version of a form was withdrawn or does not load any more; becomes 503. Other forms run (F-17)."""


class StepNotOpen(FormEngineError):
    """Raised by drafting when the path does not reach the step; becomes 303 to where they should be."""


class NotComplete(FormEngineError):
    """Raised by submitting while problems are left; becomes 303 to the first of them.

    *what* is missing first: "answers", "proofs" or "declarations".
    """

    def __init__(self, what: str = "answers") -> None:
        super().__init__(f"{what} are missing")
        self.what = what


class AlreadySubmitted(FormEngineError):
    """Raised when a closed draft is touched; becomes 303 to the receipt. *reference* names the submission."""

    def __init__(self, reference: str) -> None:
        super().__init__("already submitted")
        self.reference = reference


class Stale(FormEngineError):
    """Raised by the draft store when the revision is not the one that was read; becomes 409."""


class ResumeRefused(FormEngineError):
    """Raised by resuming for any code that opens nothing, without saying why (RES-05)."""


class TooMany(FormEngineError):
    """Raised when a limit is reached; becomes 429. *retry_after_s* is in seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("too many tries")
        self.retry_after_s = retry_after_s


class FileRefused(FormEngineError):
    """Raised by intake; *code*: empty, type, size, encrypted, broken, infected, count or room; 422 at the upload."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StorageError(FormEngineError):
    """Raised by storage when the database or the file store fails; becomes 503."""


class SealBroken(StorageError):
    """Raised by storage when something sealed does not open: it was changed, moved, or its key is not here."""


class KeysMissing(StorageError):
    """Raised at submit when the authority has no valid keys to seal to (ENC-07); the draft is safe."""


class RenderingError(FormEngineError):
    """Raised by documents when a PDF cannot be made; *code* says why: time, pages, died, or the kind of mistake."""

    def __init__(self, code: str) -> None:
        super().__init__(f"rendering failed: {code}")
        self.code = code


class SigningError(FormEngineError):
    """Raised by signers; the job is retried."""


class NoTimeStamp(SigningError):
    """Raised by signers when there is no good time stamp, or nobody says whether the certificate is revoked."""


class Unreachable(FormEngineError):
    """Raised by outbound when a target cannot be reached in time, or may not be; caught by whoever asked."""


class DeliveryError(FormEngineError):
    """Raised by channels; see its two kinds."""


class DeliveryDeferred(DeliveryError):
    """The far side may work later: retried with growing pauses."""


class DeliveryRefused(DeliveryError):
    """The far side never will: parked and shown to staff."""
