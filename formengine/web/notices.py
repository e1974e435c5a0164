"""The notices of an authority: its own words where the operator gave some, else the engine's.

They are Markdown in German; where a notice is translated it is in the catalogues like any other text.
"""

from __future__ import annotations

from formengine.config import Tenant
from formengine.i18n.catalogues import N_, Phrase, Text, put_in

PRIVACY = N_("""\
## Wer bekommt meine Daten?

Ihre Angaben bekommt {name}, {street}, {place}. Niemand sonst liest sie, solange Sie den Antrag nicht absenden.

## Warum brauchen Sie meine Daten?

Die Behörde prüft damit, ob Sie die Leistung bekommen. Die Grundlage dafür sind das Sozialgesetzbuch und die \
Datenschutz-Grundverordnung (Artikel 6 Absatz 1 Buchstabe e).

## Wie lange speichern Sie meine Daten?

Einen angefangenen Antrag löschen wir 30 Tage nach dem letzten Speichern. Einen abgesendeten Antrag bewahrt die \
Behörde so lange auf, wie das Gesetz es verlangt.

## Was passiert, wenn ich nicht antworte?

Sie müssen nicht antworten. Ohne die nötigen Angaben kann die Behörde aber vielleicht nicht entscheiden.

## Welche Rechte habe ich?

Sie können Ihre Daten sehen, berichtigen und löschen lassen. Sie können sich bei der Aufsicht für den Datenschutz \
beschweren. Schreiben Sie an {email} oder rufen Sie an: {phone}.

## Welche Cookies benutzen Sie?

Nur eines, das nötig ist: Es hält Ihre Angaben zusammen, solange Sie die Seite benutzen. Wir zählen und \
beobachten Sie nicht.
""")

IMPRINT = N_("""\
{name}

{street}, {place}

Telefon: {phone}

E-Mail: {email}

Diese Seite ist ein Beispiel. Die Behörde gibt es nicht. Anträge von hier kommen bei keiner echten Behörde an.
""")

ACCESSIBILITY = N_("""\
Diese Seite soll jede Person benutzen können.

## Wie barrierefrei ist diese Seite?

Wir richten uns nach der Barrierefreie-Informationstechnik-Verordnung (BITV 2.0) und nach den Regeln WCAG 2.2, \
Stufe AA. Die Seite geht ohne Maus, ohne Skript, mit Vorlese-Programmen und mit großer Schrift.

## Barriere melden

Haben Sie etwas gefunden, das nicht geht? Schreiben Sie an {email} oder rufen Sie an: {phone}. Wir antworten \
innerhalb von zwei Wochen. Antworten wir nicht, hilft Ihnen die Schlichtungsstelle nach § 16 \
Behindertengleichstellungsgesetz.

## Gebärdensprache

Möchten Sie in Deutscher Gebärdensprache mit uns sprechen? Schreiben Sie uns. Wir bestellen eine dolmetschende \
Person. Das kostet Sie nichts.

## Leichte Sprache

Hier können Sie einen Antrag stellen. Sie beantworten Fragen. Eine Frage nach der anderen. Sie können eine Pause \
machen. Ihre Antworten bleiben da. Brauchen Sie Hilfe? Rufen Sie uns an: {phone}.
""")

ANCHORS = {"accessibility": ("stand", "barriere", "gebaerdensprache", "leichte-sprache")}
"""The ids of a notice's headings, to which the foot of each page leads."""

_OURS = {"privacy": PRIVACY, "imprint": IMPRINT, "accessibility": ACCESSIBILITY}


def text(tenant: Tenant, name: str, words: Text) -> Phrase:
    """The notice *name* of *tenant*, Markdown."""
    own = tenant.notices.get(name)
    if own is not None:
        return Phrase(own, "" if words.language == "de" else "de")
    authority = tenant.authority
    said = words.say(_OURS[name])
    facts = {field: getattr(authority, field) for field in ("name", "street", "place")}
    facts["phone"] = f"[{authority.phone}](tel:{authority.phone.replace(' ', '')})" if authority.phone else ""
    facts["email"] = f"<{authority.email}>" if authority.email else ""
    return said.with_text(put_in(said.plain, facts))
