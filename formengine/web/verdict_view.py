"""What was found of a seal, as a page shows it: the verdict first, then the details (ux.md 8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from formengine.documents.verdict import Finding, Readable, Trust, Verdict
from formengine.i18n.catalogues import N_, Phrase, Text

_KINDS: Final = {
    Finding.VALID: ("success", N_("Gültig")),
    Finding.TEST: ("warning", N_("Nur zum Testen")),
    Finding.UNKNOWN: ("warning", N_("Nicht prüfbar")),
    Finding.CHANGED: ("danger", N_("Verändert")),
    Finding.OTHER_DATA: ("danger", N_("Nicht gültig")),
    Finding.UNSEALED: ("warning", N_("Kein Siegel")),
    Finding.UNREADABLE: ("warning", N_("Nicht prüfbar")),
}
"""Icon and colour, and the word for it; what is unknown is never green."""

_ADVICE: Final = {
    Finding.CHANGED: N_("Das ist nur dann der Antrag, den Sie abgeschickt haben, wenn Sie das PDF neu bei uns laden."),
    Finding.OTHER_DATA: N_(
        "Ist das ein Antrag, den Sie aus dem Internet oder von jemand anderem haben? Fragen Sie bei uns nach."
    ),
    Finding.UNKNOWN: N_(
        "Vielleicht ist es der Antrag eines anderen Amtes. Fragen Sie dort nach, wie Sie ihn prüfen können."
    ),
    Finding.UNSEALED: N_(
        "Drucken oder Fotografieren entfernt das Siegel. Nehmen Sie die Datei, die Sie bei uns heruntergeladen haben."
    ),
    Finding.UNREADABLE: N_("Nehmen Sie die Datei, die auf „.pdf“ endet, so wie Sie sie bei uns heruntergeladen haben."),
}
_TRUST: Final = {Trust.OURS: N_("bekannt"), Trust.TEST: N_("nur zum Testen"), Trust.UNKNOWN: N_("nicht bekannt")}
_DATA: Final = {
    True: N_("passen zum Protokoll des Eingangs"),
    False: N_("passen nicht zum Protokoll des Eingangs"),
    None: N_("nicht beigefügt"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One detail; *foreign*: the value stands in the file, in whatever language."""

    label: Phrase
    value: str
    foreign: bool = False


def context(text: Text, verdict: Verdict, asked: str = "") -> dict[str, Any]:
    """What `verdict` of the template needs. *asked* is the reference that the paper names, or empty."""
    kind, word = _KINDS[verdict.finding]
    advice = _ADVICE.get(verdict.finding, "")
    if verdict.readable is Readable.ENCRYPTED:
        advice = N_("Nehmen Sie das PDF ohne Passwort, so wie Sie es bei uns heruntergeladen haben.")
    return {
        "kind": kind,
        "word": text.say(word),
        "headline": verdict.headline(text.gettext),
        "advice": text.say(advice) if advice else "",
        "lines": lines(text, verdict, asked) if verdict.readable is Readable.YES else [],
        "files": [
            {"name": file.name, "size": text.size(file.size_bytes), "sha512": file.sha512}
            for file in verdict.attachments
        ],
    }


def word(text: Text, verdict: Verdict) -> Phrase:
    """The whole in a word or two."""
    return text.say(_KINDS[verdict.finding][1])


def lines(text: Text, verdict: Verdict, asked: str = "") -> list[Line]:
    """The details, most asked first."""
    say, gettext = text.say, text.gettext
    found = []
    if verdict.sealed and verdict.signer:
        trust = _TRUST[verdict.trust]
        if verdict.expired and verdict.trust is Trust.OURS:
            trust = N_("bekannt, inzwischen abgelaufen")
        found += [
            Line(say(N_("Gesiegelt von")), verdict.signer, foreign=True),
            Line(say(N_("Zertifikat")), gettext(trust)),
            Line(say(N_("Zertifikat ausgestellt von")), verdict.issuer, foreign=True),
        ]
        if verdict.sealed_at is not None:
            found.append(Line(say(N_("Gesiegelt am")), text.moment(verdict.sealed_at)))
        found += [
            Line(say(N_("Zeitstempel")), _stamp(text, verdict)),
            Line(
                say(N_("Sperrung geprüft")),
                gettext(N_("nicht gesperrt, Nachweis vom Zeitstempel") if verdict.unrevoked else N_("nicht geprüft")),
            ),
            Line(
                say(N_("Unverändert")),
                gettext(N_("ja, die ganze Datei") if verdict.intact and verdict.whole else N_("nein")),
            ),
            Line(say(N_("Verfahren")), verdict.algorithm, foreign=True),
        ]
    found.append(Line(say(N_("Antragsdaten")), gettext(_DATA[verdict.data_matches])))
    if verdict.reference:
        reference = verdict.reference
        if asked and asked != reference:
            reference = say(
                N_("{reference}, anders als die auf Ihrem Papier ({asked})"), reference=reference, asked=asked
            ).plain
        found.append(Line(say(N_("Vorgangsnummer")), reference))
    return found


def _stamp(text: Text, verdict: Verdict) -> str:
    if verdict.stamped_at is None:
        return text.gettext(N_("ohne"))
    said = N_("{moment}, von {by}") if verdict.stamp_known else N_("{moment}, von {by} (unbekannt)")
    return text.say(said, moment=text.moment(verdict.stamped_at), by=verdict.stamp_by).plain
