"""`formengine translations`: bring catalogues up to date, compile them, say what is missing or wrong in them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from formengine.i18n import extraction
from formengine.i18n.catalogues import ENGINE, compiled


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one catalogue; *level* is error, or warning for what is merely not translated."""

    file: Path
    message: str
    level: str = "warning"

    def __str__(self) -> str:
        return f"{self.file}: {self.level}: {self.message}"


def command(action: str, folder: Path, *, forms: Path, schemas: Path) -> int:
    """Do *action* (extract, update, compile, check) in the folder of translations; the exit code."""
    if action == "extract":
        return _say(_extract(folder, forms, schemas))
    if action == "update":
        return _say(_update(folder, forms, schemas))
    if action == "compile":
        return _say(compile_all(folder))
    findings = list(check(folder, forms, schemas))
    _say(str(finding) for finding in findings)
    return 1 if any(finding.level == "error" for finding in findings) else 0


def compile_all(folder: Path) -> Iterator[str]:
    """Write the binary catalogue beside every `.po`; yields what was written."""
    for path in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        binary = path.with_suffix(".mo")
        binary.write_bytes(compiled(path.read_bytes()))
        yield str(binary)


def check(folder: Path, forms: Path, schemas: Path) -> Iterator[Finding]:
    """What is not translated, and translations whose pieces in braces are not those of the source."""
    for domain, template in extraction.templates(forms, schemas):
        for path in _catalogues(folder, domain):
            yield from _check(path, template)


def _check(path: Path, template: Catalog) -> Iterator[Finding]:
    catalogue = Catalog()
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, ignore_obsolete=True)
    missing = 0
    for message in template:
        if not message.id:
            continue
        found = catalogue.get(message.id)
        if found is None or found.fuzzy or not found.string or not all(_forms(found.string)):
            missing += 1
            continue
        wanted = extraction.pieces(message.id)
        for translation in _forms(found.string):
            if extraction.pieces(translation) - wanted or (
                wanted - extraction.pieces(translation) and not message.pluralizable
            ):
                yield Finding(path, f"{_short(message.id)}: the pieces in braces are not those of the source", "error")
    if missing:
        total = sum(1 for message in template if message.id)
        yield Finding(path, f"{missing} of {total} texts are not translated")


def _extract(folder: Path, forms: Path, schemas: Path) -> Iterator[str]:
    for domain, template in extraction.templates(forms, schemas):
        path = folder / f"{domain}.pot"
        path.write_bytes(_written(template))
        yield str(path)


def _update(folder: Path, forms: Path, schemas: Path) -> Iterator[str]:
    for domain, template in extraction.templates(forms, schemas):
        for path in _catalogues(folder, domain):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                with path.open("rb") as old:
                    catalogue = read_po(old)
            else:
                catalogue = Catalog(project="Formengine", charset="utf-8", fuzzy=False)
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            path.write_bytes(_written(catalogue))
            yield str(path)


def _written(catalogue: Catalog) -> bytes:
    """The `.po` file, without headers that nobody fills in or that change by themselves."""
    out = io.BytesIO()
    write_po(out, catalogue, no_location=True, width=0, ignore_obsolete=True)
    lines = out.getvalue().split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(_IDLE))


_IDLE = tuple(
    f'"{name}:'.encode()
    for name in (
        *("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date"),
        *("Last-Translator", "Language-Team", "Generated-By"),
    )
)


def _catalogues(folder: Path, domain: str) -> list[Path]:
    """The catalogue of *domain* in every language; the engine's may be new, a form's is there if it speaks it."""
    languages = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    paths = [language / "LC_MESSAGES" / f"{domain}.po" for language in languages]
    return [path for path in paths if domain == ENGINE or path.exists()]


def _forms(translation: str | Iterable[str]) -> tuple[str, ...]:
    return (translation,) if isinstance(translation, str) else tuple(translation)


def _short(message: str | Iterable[str]) -> str:
    first = _forms(message)[0]
    return f'"{first[:40]}…"' if len(first) > 40 else f'"{first}"'


def _say(lines: Iterator[str]) -> int:
    for line in lines:
        print(line)  # noqa: T201  a command's output
    return 0
