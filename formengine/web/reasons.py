"""Why a delivery was not made, in words for staff: what a channel noted is short, English and for operators."""

from __future__ import annotations

import re
from typing import Final

from formengine.i18n.catalogues import N_

_WORDS: Final = (
    (r"document (could not be|is not) made", N_("Das PDF konnte noch nicht erstellt werden.")),
    (
        r"no time stamp|time-stamp authority|cannot be stamped",
        N_("Die Stelle für Zeitstempel ist nicht erreichbar oder gestört."),
    ),
    (r"sealing failed: \w*(Revoked|Expired|NotYet)", N_("Das Zertifikat des Siegels gilt nicht.")),
    (r"document could not be sealed", N_("Das PDF konnte noch nicht gesiegelt werden.")),
    (r"application itself is not delivered", N_("Erst muss der Antrag selbst übergeben sein.")),
    (r"a file is not examined", N_("Eine Datei wird noch auf Viren geprüft.")),
    (
        r"not what was|there is no key|parcel has no",
        N_("Die gespeicherten Daten sind nicht so, wie sie abgesendet wurden. Das muss die Technik ansehen."),
    ),
    (r"host key|certificate|signature|private network|somebody else", N_("Die Gegenstelle ist nicht die erwartete.")),
    (r"configured", N_("Dieser Weg ist nicht oder nicht vollständig eingerichtet.")),
    (r"not accepted it yet|does not confirm", N_("Gesendet. Die Gegenstelle hat die Annahme noch nicht bestätigt.")),
    (
        r"rejects|refuses|answered 4\d\d|XSD|does not take (this|metadata)|takes no version|metadata \S+ are",
        N_("Die Gegenstelle nimmt den Antrag nicht an."),
    ),
    (r"password|our key|gives no", N_("Die Gegenstelle lässt uns nicht hinein.")),
    (r"folder does not take", N_("Der Ordner für die Übergabe kann nicht beschrieben werden.")),
)
_OTHERWISE: Final = N_("Die Gegenstelle ist nicht erreichbar oder gestört.")


def in_words(error: str) -> str:
    """The sentence for what a channel noted, to be translated; "" where nothing went wrong."""
    if not error:
        return ""
    return next((words for pattern, words in _WORDS if re.search(pattern, error)), _OTHERWISE)
