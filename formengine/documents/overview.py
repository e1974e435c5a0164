"""What a caseworker wants to know before reading: who, for whom and what, which proofs are missing, what was declared.

Made for the authority, so its values stand in German alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from formengine.core.applying import Evaluation
from formengine.documents.paper import DeclarationLine, Group, ProofLine, Row, Words
from formengine.documents.phrases import PHRASES, Languages, words
from formengine.i18n.catalogues import Text
from formengine.services.cards import facts

_LISTED: Final = 8
_STATUSES: Final = ("uploaded", "later", "notAvailable", "given")
MISSING: Final = frozenset({"later", "notAvailable"})


def overview(
    e: Evaluation,
    languages: Languages,
    groups: Sequence[Group],
    *,
    proofs: Sequence[ProofLine],
    declarations: Sequence[DeclarationLine],
    warnings: Sequence[Words],
    earlier: tuple[Words, Sequence[Words]] | None = None,
) -> Iterator[Row]:
    """The rows, most wanted first.

    *earlier*: the application that filled this one in, and the questions answered otherwise since.
    """
    de, other = languages.de, languages.other

    def row(name: str, value: str) -> Row:
        return Row(words(PHRASES[name], de, other), Words(value))

    if who := _person(e, de):
        yield row("applicant", who)
    if earlier is not None:
        before, changed = earlier
        yield row("earlier", before.de)
        if changed:
            yield row("otherwise", _listed([one.de for one in changed], de))
    for group in groups:
        if items := [inner for inner in group.groups if inner.kind == "item"]:
            yield Row(group.title, Words(_items(items, de)))
    if proofs:
        count = Counter(proof.status for proof in proofs)
        said = [f"{count[status]} {de.gettext(PHRASES[status])}" for status in _STATUSES if count[status]]
        yield row("proofs", ", ".join(said))
    if missing := [f"{proof.title.de} ({proof.said.de})" for proof in proofs if proof.status in MISSING]:
        yield row("missing", _listed(missing, de))
    if declarations:
        count = Counter("confirmed" if declaration.made else "notMade" for declaration in declarations)
        yield row("declarations", ", ".join(f"{n} {de.gettext(PHRASES[name])}" for name, n in sorted(count.items())))
    if warnings:
        yield row("warnings", str(len(warnings)))
    if other is not None:
        yield row("language", str(de.locale.languages.get(other.locale.language, other.language)))


def _person(e: Evaluation, de: Text) -> str:
    """Who applies, as the definition says which answers these are; "" where it does not."""
    known = facts(e)
    name = " ".join(known[part] for part in ("given", "family") if part in known) or known.get("name", "")
    if name and "born" in known:
        return f"{name}, {de.gettext(PHRASES['born'], day=de.day(known['born']))}"
    return name


def _items(items: Sequence[Group], de: Text) -> str:
    if any(item.wanted for item in items):
        return _listed([f"{item.title.de}: {item.wanted}" if item.wanted else item.title.de for item in items], de)
    return _listed([item.title.de for item in items], de)


def _listed(lines: Sequence[str], de: Text) -> str:
    """Each on a line of its own; of many, the first, and how many more there are."""
    shown = list(lines[:_LISTED])
    if len(lines) > _LISTED:
        shown.append(de.gettext(PHRASES["others"], n=len(lines) - _LISTED))
    return "\n".join(shown)
