"""The fixed words of an application's document, German first and in the applicant's language where they exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from formengine.documents.paper import Words
from formengine.i18n.catalogues import N_, Text

PHRASES: Mapping[str, str] = {
    "kicker": N_("Online gestellter Antrag"),
    "reference": N_("Vorgangsnummer"),
    "receivedDay": N_("Eingegangen am {day}"),
    "receivedTime": N_("um {time} Uhr ({zone})"),
    "form": N_("Formular"),
    "version": N_("Fassung"),
    "overview": N_("Auf einen Blick"),
    "applicant": N_("Antragstellende Person"),
    "born": N_("geboren am {day}"),
    "earlier": N_("Ergänzt den Antrag"),
    "earlierSaid": N_("{reference}, eingegangen am {day} um {time} Uhr ({zone})"),
    "otherwise": N_("Seitdem geändert"),
    "missing": N_("Fehlende Nachweise"),
    "others": N_("und {n} weitere"),
    "confirmed": N_("bestätigt"),
    "language": N_("Sprache beim Ausfüllen"),
    "unanswered": N_("nicht beantwortet"),
    "unticked": N_("nicht angekreuzt"),
    "none": N_("keine Einträge"),
    "computed": N_("vom Onlinedienst berechnet"),
    "omitted": N_("Nach den Angaben nicht zutreffend und deshalb nicht gefragt:"),
    "more": N_("Weitere Angaben"),
    "entry": N_("Eintrag {n}"),
    "place": N_("{n} von {all}"),
    "proofs": N_("Nachweise"),
    "proof": N_("Nachweis"),
    "status": N_("Stand"),
    "files": N_("Dateien"),
    "reason": N_("Begründung:"),
    "uploaded": N_("beigefügt"),
    "later": N_("wird nachgereicht"),
    "notAvailable": N_("nicht vorhanden"),
    "given": N_("liegt nach Angabe schon vor"),
    "warnings": N_("Hinweise aus der Prüfung"),
    "declarations": N_("Erklärungen"),
    "declaration": N_("Erklärung"),
    "made": N_("Bestätigt"),
    "notMade": N_("nicht erteilt"),
    "about": N_("Über dieses Dokument"),
    "made_by": N_(
        "Der Onlinedienst hat dieses Dokument aus den übermittelten Angaben erzeugt. Es gibt sie in der Reihenfolge "
        "des Formulars wieder. Fragen, die nach den Angaben nicht zutreffen, wurden nicht gestellt."
    ),
    "sealed": N_(
        "Das Dokument trägt das elektronische Siegel des Onlinedienstes. Das Siegel zeigt, dass seit dem Eingang "
        "nichts verändert wurde. Es ist keine Unterschrift der antragstellenden Person."
    ),
    "unsealed": N_("Das Dokument trägt kein elektronisches Siegel."),
    "test": N_("TEST: Das Siegel beruht auf einem selbst erzeugten Testzertifikat. Es beweist nichts."),
    "plain": N_(
        "Vereinfachte Ansicht: Lange Antworten sind hier gekürzt. Vollständig stehen sie in der beigefügten Datei "
        "application.json."
    ),
    "attached": N_(
        "Beigefügt sind application.json (die Angaben als Daten, verbindlich bei Abweichungen) und record.json (das "
        "Protokoll des Eingangs)."
    ),
    "digest": N_("Prüfsumme der Angaben (SHA-512 von application.json):"),
    "fassung": N_("Prüfsumme der Fassung des Formulars (SHA-256):"),
    "check": N_("Ob dieses Dokument echt und unverändert ist, können Sie hier prüfen:"),
    "qr": N_("QR-Code: führt zur Seite, auf der man dieses Dokument prüfen kann"),
    "foot": N_("Elektronisches Siegel des Onlinedienstes"),
    "mark": N_("TEST"),
}


@dataclass(frozen=True, slots=True)
class Languages:
    """The texts in German and, where the applicant read another language, in theirs."""

    de: Text
    other: Text | None = None

    @property
    def all(self) -> tuple[Text, ...]:
        """German first."""
        return (self.de,) if self.other is None else (self.de, self.other)


def words(message: str, de: Text, other: Text | None, **params: object) -> Words:
    """An engine's text as a pair; one that the other language lacks stands in German alone."""
    german = de.gettext(message, **params)
    if other is None:
        return Words(german)
    phrase = other.say(message, **params)
    return Words(german, "" if phrase.lang or phrase.plain == german else phrase.plain)


def all_words(de: Text, other: Text | None) -> dict[str, Words]:
    """Every fixed phrase without parameters, by its name."""
    return {name: words(message, de, other) for name, message in PHRASES.items() if "{" not in message}
