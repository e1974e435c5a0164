"""What the inbox shows: rows in words, the filter as it stands, and what can be taken away from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final

from formengine.core.lifecycle import DeliveryStatus
from formengine.errors import FormClosed, NotFound
from formengine.i18n import formatting
from formengine.i18n.catalogues import N_, Phrase
from formengine.services import delivering
from formengine.services.casework import Inbox
from formengine.services.clock import rfc3339
from formengine.services.ports import EVERYTHING, InboxRow, Sought
from formengine.web.visits import Visit
from formengine.web.words import Words

STATES: Final = {
    "waiting": N_("Übergabe läuft"),
    "delivered": N_("Übergeben"),
    "failed": N_("Übergabe gescheitert"),
}
MISSING: Final = "missing"
_FIRST_YEAR: Final = 1970
_DAYS: Final = {"since": N_("Eingegangen ab"), "until": N_("Eingegangen bis")}
_ACTIONS: Final = {
    "list": N_("Eingang angesehen"),
    "read": N_("Antrag geöffnet"),
    "fetch application.pdf": N_("PDF geladen"),
    "fetch application.json": N_("Daten geladen"),
    "fetch record.json": N_("Protokoll des Antrags geladen"),
    "fetch proof": N_("Nachweis geladen"),
    "take over": N_("Antrag übernommen"),
    "seal": N_("PDF gesiegelt"),
    "seal.unstamped": N_("Ohne Zeitstempel gesiegelt"),
    "seal.stamped": N_("Zeitstempel nachgetragen"),
    "delivery.retry": N_("Übergabe noch einmal angestoßen"),
    "export.ask": N_("Antrag von Hand übergeben: angefragt"),
    "export.approve": N_("Antrag von Hand übergeben: zugestimmt"),
    "export.fetch": N_("Antrag von Hand übergeben: Paket geladen"),
    "key.waiting": N_("Neuer Schlüssel gemacht, er wartet auf eine zweite Person"),
    "key.active": N_("Neuer Schlüssel in Gebrauch genommen"),
    "delivery.resend": N_("Noch einmal übergeben lassen"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose from."""

    value: str
    text: Phrase


@dataclass(frozen=True, slots=True)
class Select:
    """One thing to filter by, with what is chosen."""

    id: str
    label: Phrase
    value: str
    options: tuple[Option, ...]


def sought(form: Mapping[str, str]) -> Sought:
    """What is sought, from a posted filter."""
    state = form.get("_state", "")
    return Sought(
        reference=form.get("_reference", "").strip().upper()[:20],
        form=form.get("_form", "")[:200],
        language=form.get("_language", "")[:20],
        state=state if state in STATES else "",
        proofs=MISSING if form.get("_proofs") == MISSING else "",
        since=_day(form.get("_since", "")),
        until=_day(form.get("_until", "")),
    )


def _day(text: str) -> date | None:
    """The day that a date field posts; None where it is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year >= _FIRST_YEAR else None


def context(v: Visit, found: Inbox, wanted: Sought) -> dict[str, Any]:
    """What the template of the inbox needs."""
    selects = _selects(v, wanted)
    caption = v.text.ngettext("1 Antrag, neueste zuerst", "{n} Anträge, neueste zuerst", found.total)
    nothing = N_("Es ist noch kein Antrag eingegangen.")
    if wanted != EVERYTHING:
        nothing = N_("Kein Antrag passt zu diesen Filtern. Entfernen Sie einen Filter.")
    return {
        "rows": [_row(v, row) for row in found.rows],
        "caption": caption,
        "empty": v.text.say(nothing),
        "older": found.rows[-1].received_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if found.older else "",
        "filter": {
            "reference": wanted.reference,
            "selects": selects,
            "days": [_day_field(v, wanted, name) for name in _DAYS],
            "active": _active(v, wanted, selects),
        },
    }


def state(v: Visit, *, pdf: bool, statuses: set[DeliveryStatus]) -> Phrase:
    """How far the application is, in words."""
    if DeliveryStatus.FAILED in statuses:
        return v.text.say(STATES["failed"])
    if not pdf:
        return v.text.say(N_("PDF wird erstellt"))
    if statuses <= {DeliveryStatus.DELIVERED}:
        return v.text.say(STATES["delivered"])
    return v.text.say(STATES["waiting"])


def title(v: Visit, form_id: str) -> Phrase:
    """What a form is called, in the language of the page; its id where it is served no more."""
    try:
        form = v.site.engine.forms.newest(form_id)
    except (NotFound, FormClosed):
        return Phrase(form_id)
    text = v.site.catalogues.text(v.language, form.id, source=form.languages[0])
    return Words(form, text, v.now.date()).title()


def action(v: Visit, name: str) -> Phrase:
    """What was done, in words."""
    return v.text.say(_ACTIONS[name]) if name in _ACTIONS else Phrase(name)


def _row(v: Visit, row: InboxRow) -> dict[str, object]:
    missing = v.text.ngettext("1 Nachweis fehlt", "{n} Nachweise fehlen", row.missing)
    return {
        "reference": row.reference,
        "name": _name(v, row.card),
        "form": title(v, row.form),
        "received": v.text.moment(row.received_at),
        "received_iso": rfc3339(row.received_at),
        "state": state(v, pdf=row.has_pdf, statuses={one.status for one in delivering.of_application(row.deliveries)}),
        "proofs": missing if row.missing else v.text.say(N_("vollständig")),
        "missing": row.missing,
        "language": Phrase(formatting.name_of(row.language), row.language),
    }


def _name(v: Visit, card: Mapping[str, Any]) -> str:
    """Who applies, family name first, with the date of birth; "–" where the form does not say which answers."""
    names = ", ".join(card[part] for part in ("family", "given") if card.get(part)) or card.get("name", "")
    try:
        born = v.text.day(card["born"]) if "born" in card else ""
    except ValueError:
        born = card["born"]
    return " · ".join(part for part in (names, born) if part) or "–"


def _selects(v: Visit, wanted: Sought) -> tuple[Select, ...]:
    forms = tuple(Option(form_id, title(v, form_id)) for form_id in sorted(v.site.engine.forms.ids()))
    languages = tuple(Option(tag, Phrase(formatting.name_of(tag))) for tag in v.site.catalogues.languages)
    states = tuple(Option(value, v.text.say(words)) for value, words in STATES.items())
    return (
        Select("form", v.text.say(N_("Antrag")), wanted.form, forms),
        Select("state", v.text.say(N_("Stand")), wanted.state, states),
        Select("proofs", v.text.say(N_("Nachweise")), wanted.proofs, (Option(MISSING, v.text.say(N_("fehlen noch"))),)),
        Select("language", v.text.say(N_("Sprache")), wanted.language, languages),
    )


def _day_field(v: Visit, wanted: Sought, name: str) -> dict[str, Any]:
    day: date | None = getattr(wanted, name)
    return {"id": name, "label": v.text.say(_DAYS[name]), "value": day.isoformat() if day else ""}


def _active(v: Visit, wanted: Sought, selects: tuple[Select, ...]) -> list[dict[str, str]]:
    active = []
    if wanted.reference:
        active.append({"id": "reference", "text": f"{v.text.gettext(N_('Nummer'))} {wanted.reference}"})
    for name, label in _DAYS.items():
        if day := getattr(wanted, name):
            active.append({"id": name, "text": f"{v.text.gettext(label)} {v.text.day(day.isoformat())}"})
    for select in selects:
        active += [
            {"id": select.id, "text": f"{select.label.plain} {option.text.plain}"}
            for option in select.options
            if select.value and option.value == select.value
        ]
    return active
