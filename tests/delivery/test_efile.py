"""XDOMEA 3.0.0 by rules of ours: which elements there may be, in which order, and what stands in them.

The rules are written from the standard's description of the message 0401, apart from the code that makes it. The XSD
is not ours to keep; that the operator's is asked is shown with a small one.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from formengine.delivery.efile import EFile, Settings
from formengine.errors import DeliveryDeferred, DeliveryRefused
from tests.delivery.parcels import ANSWERS, DOCUMENT, PROOF, REFERENCE, file, parcel

X = "{urn:xoev-de:xdomea:schema:3.0.0}"
OTHER = "999"
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
DOCUMENT_CHILDREN = (
    "Identifikation! AllgemeineMetadaten FremdesGeschaeftszeichen Posteingangsdatum Postausgangsdatum "
    "DatumDesSchreibens Bezug Hier Bearbeiter Typ HistorienProtokollInformation* InternerGeschaeftsgang Version* "
    "Verweis* Anlage* Absender* Empfaenger* WeitererKontakt* AnwendungsspezifischeErweiterung* "
    "AnwendungsspezifischeErweiterungXML"
)
CONTACT = (
    "Behoerdenkennung Institution Organisationseinheit Name Taetigkeit Zustaendigkeit Anschrift* Kommunikation* "
    "Rolle UnstrukturierteAnschrift* Geburt"
)
RULES = {
    "Abgabe.Abgabe.0401": "Kopf! Anschreiben Schriftgutobjekt+ Aktenplan",
    "Kopf": (
        "ProzessID! Nachrichtentyp! Erstellungszeitpunkt! Absender! Empfaenger! SendendesSystem Hinweis "
        "AnwendungsspezifischeErweiterung AnwendungsspezifischeErweiterungXML WeitererEmpfaenger* "
        "Importbestaetigung! Empfangsbestaetigung!"
    ),
    "Absender": CONTACT,
    "Empfaenger": CONTACT,
    "Institution": "Name Kurzbezeichnung",
    "Organisationseinheit": "Name!",
    "SendendesSystem": "InstanzID Produktname Version",
    "Vorgang": (
        "Identifikation! AllgemeineMetadaten ArchivspezifischeMetadaten Aktenbetreff Typ ZdA ZdADatum Laufzeit "
        "HistorienProtokollInformation* InternerGeschaeftsgang Dokument* Verweis* Kontakt* Teilvorgang*"
    ),
    "Identifikation": "ID! NummerImUebergeordnetenContainer",
    "AllgemeineMetadaten": (
        "Betreff Kennzeichen Federfuehrung Aktenfuehrung Vertraulichkeitsstufe Bemerkung Medium Aktenplaneinheit"
    ),
    "Aktenplaneinheit": "Kennzeichen Inhaltsangabe BetreffKurz",
    "Dokument": DOCUMENT_CHILDREN,
    "Anlage": f"{DOCUMENT_CHILDREN} Nummer",
    "Dokument/Version": "Nummer! Format+",
    "Anlage/Version": "Nummer! Format+",
    "Format": "Name! SonstigerName Version! Primaerdokument!",
    "Primaerdokument": "Dateiname! DateinameOriginal Ersteller DatumUhrzeit SignaturSiegel",
    "SignaturSiegel": "SignaturSiegelEingebettet SignaturSiegelDatei*",
    "AnwendungsspezifischeErweiterung": (
        "Kennung! Name! Beschreibung Versionsnummer Versionsdatum Feldgruppe* Feld*"
    ),
    "Feld": "Name! Beschreibung Datentyp Wert",
}  # fmt: skip


CODED = {"Nachrichtentyp", "Name", "Vertraulichkeitsstufe", "Medium"}
DAY, INSTANT = r"\d{4}-\d\d-\d\d", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
VALUES = {
    "ProzessID": UUID.pattern,
    "ID": UUID.pattern,
    "Nachrichtentyp/code": "0401",
    "Erstellungszeitpunkt": INSTANT,
    "DatumUhrzeit": INSTANT,
    "Posteingangsdatum": DAY,
    "DatumDesSchreibens": DAY,
    "Importbestaetigung": "1|true",
    "Empfangsbestaetigung": "0|1|true|false",
    "SignaturSiegelEingebettet": "0|1|true|false",
    "Name/code": r"\d{3}",
    "Nummer": r"\d+",
    "Dateiname": rf"{UUID.pattern}_[A-Za-z0-9.-]+",
}
"""What may stand in an element; by its name, or by that of its parent too."""


def broken_values(message: etree._Element) -> list[str]:
    """Values that are not as the standard wants them, ids that are used twice, and formats without a name."""
    found = []
    for element in message.iter(etree.Element):
        name, parent = (one.tag.removeprefix(X) if one is not None else "" for one in (element, element.getparent()))
        wanted = VALUES.get(f"{parent}/{name}", VALUES.get(name))
        if wanted and not len(element) and not re.fullmatch(wanted, element.text or ""):
            found.append(f"{parent}/{name}: {element.text}")
    ids = [element.text for element in message.iter(f"{X}ID")]
    found += [f"twice: {one}" for one in sorted(set(ids)) if ids.count(one) > 1]
    for form in message.iter(f"{X}Format"):
        if (text(form, "Name/code") == OTHER) is not (form.find(f"{X}SonstigerName") is not None):
            found.append("SonstigerName goes with the code of “Sonstiges”, and with no other")
    return found


def broken_rules(element: etree._Element) -> list[str]:
    """Where the element and what is below it do not keep to the rules."""
    name = element.tag.removeprefix(X)
    parent = element.getparent().tag.removeprefix(X) if element.getparent() is not None else ""
    rule = RULES.get(f"{parent}/{name}", RULES.get(name, ""))
    found = []
    children = [child.tag.removeprefix(X) for child in element]
    if name == "Schriftgutobjekt" and len(children) == 1 and children[0] in {"Akte", "Vorgang", "Dokument"}:
        pass
    elif name in CODED and children == ["code"]:
        if parent == "Format" and "listVersionID" not in element.attrib:
            found.append("Format/Name has no listVersionID")
    elif rule or children:
        pattern = "".join(
            f"(?:{re.escape(part.rstrip('!*+'))} )" + {"!": "", "*": "*", "+": "+"}.get(part[-1], "?")
            for part in rule.split()
        )
        if not re.fullmatch(pattern, "".join(f"{child} " for child in children)):
            found.append(f"{parent}/{name}: {children}")
    if not children and not (element.text or "").strip():
        found.append(f"{parent}/{name} is empty")
    return found + [one for child in element for one in broken_rules(child)]


def settings(root: Path, **options: object) -> Settings:
    return Settings(root, "Jobcenter Musterstadt", OTHER, **options)


def package(root: Path) -> zipfile.ZipFile:
    (path,) = (root / REFERENCE).glob("*.zip")
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def message_in(root: Path) -> etree._Element:
    with package(root) as packed:
        return etree.fromstring(packed.read(packed.namelist()[0]))


def text(element: etree._Element, path: str) -> str:
    return element.findtext("/".join(part if part == "code" or part == "." else X + part for part in path.split("/")))


def test_the_message_keeps_to_the_rules_of_the_standard(tmp_path):
    for name, options in (
        ("bare", {}),
        ("full", {"unit": "5", "file_plan": "50.1", "medium": "001", "confidentiality": "003"}),
    ):
        EFile(settings(tmp_path / name, **options)).deliver(parcel(proofs=2))
        message = message_in(tmp_path / name)
        assert broken_rules(message) + broken_values(message) == []


def test_the_rules_find_what_is_wrong(tmp_path):
    """Rules that pass everything would prove nothing."""
    EFile(settings(tmp_path)).deliver(parcel())
    message = message_in(tmp_path)
    head = message.find(f"{X}Kopf")
    head.append(head[0])
    del message.find(f".//{X}Format/{X}Name").attrib["listVersionID"]
    message.find(f".//{X}Betreff").text = ""
    assert len(broken_rules(message)) == 3
    for name, value in (
        ("ProzessID", "1"),
        ("Posteingangsdatum", "22.11.2026"),
        ("Erstellungszeitpunkt", "2026-11-22"),
        ("Importbestaetigung", "0"),
        ("Dateiname", "Scan & mehr.pdf"),
    ):
        element = message.find(f".//{X}{name}")
        kept, element.text = element.text, value
        assert len(broken_values(message)) == 1, name
        element.text = kept
    one, two = message.findall(f".//{X}ID")[:2]
    two.text = one.text
    del message.find(f".//{X}SonstigerName").getparent()[1]
    assert len(broken_values(message)) == 2


def test_head_and_case_say_whose_application_it_is_and_when_it_came(tmp_path):
    EFile(settings(tmp_path, unit="Team 5", file_plan="50.1")).deliver(parcel())
    message = message_in(tmp_path)
    assert message.tag == f"{X}Abgabe.Abgabe.0401"
    assert message.nsmap == {"xdomea": X[1:-1]}, "the standard wants this prefix"
    assert UUID.fullmatch(text(message, "Kopf/ProzessID"))
    assert text(message, "Kopf/Nachrichtentyp/code") == "0401"
    assert text(message, "Kopf/Erstellungszeitpunkt") == "2026-11-21T23:30:00Z"
    assert text(message, "Kopf/Empfaenger/Institution/Name") == "Jobcenter Musterstadt"
    assert text(message, "Kopf/Empfaenger/Organisationseinheit/Name") == "Team 5"
    assert text(message, "Kopf/Importbestaetigung") == "1", "the standard fixes it"
    assert text(message, "Kopf/SendendesSystem/Produktname") == "Formengine"
    assert text(message, "Kopf/SendendesSystem/Version")
    primary = message.find(f".//{X}Primaerdokument")
    assert (text(primary, "Ersteller"), text(primary, "DatumUhrzeit")) == ("Formengine", "2026-11-21T23:30:00Z")
    case = message.find(f"{X}Schriftgutobjekt/{X}Vorgang")
    assert text(case, "AllgemeineMetadaten/Kennzeichen") == REFERENCE
    assert text(case, "AllgemeineMetadaten/Aktenplaneinheit/Kennzeichen") == "50.1"
    assert text(case, "Dokument/FremdesGeschaeftszeichen") == REFERENCE
    assert text(case, "Dokument/Posteingangsdatum") == "2026-11-22", "the date in Berlin, § 37 SGB II"


def test_every_file_of_the_package_is_named_in_the_message_and_begins_with_a_uuid(tmp_path):
    EFile(settings(tmp_path)).deliver(parcel(proofs=2))
    named = [element.text for element in message_in(tmp_path).iter(f"{X}Dateiname")]
    assert len(named) == len(set(named)) == 5
    with package(tmp_path) as packed:
        process = text(message_in(tmp_path), "Kopf/ProzessID")
        assert packed.filename is None
        assert packed.namelist()[0] == f"{process}_Abgabe.Abgabe.0401.xml"
        assert set(named) == set(packed.namelist()[1:])
        for name in named:
            assert UUID.match(name)
        assert [packed.read(name) for name in named[:4]] == [DOCUMENT, ANSWERS, PROOF, PROOF]
        assert json.loads(packed.read(named[4]))["reference"] == REFERENCE


def test_formats_are_told_by_their_codes_and_what_has_none_by_its_name(tmp_path):
    whole = parcel()
    picture = file("proofs/school-00000009.png", b"png", "image/png")
    scan = file("proofs/school-0000000a.jpg", b"jpg", "image/jpeg")
    options = settings(tmp_path, formats={"image/jpeg": "123"}, formats_version="1.2")
    EFile(options).deliver(replace(whole, files=(*whole.files[:-1], picture, scan, whole.files[-1])))
    message = message_in(tmp_path)
    told = [(text(one, "Name/code"), text(one, "SonstigerName")) for one in message.iter(f"{X}Format")]
    json_too = (OTHER, "application/json")
    assert told == [("044", None), json_too, ("018", None), (OTHER, "image/png"), ("123", None), json_too]
    assert {one.get("listVersionID") for one in message.iterfind(f".//{X}Format/{X}Name")} == {"1.2"}
    assert [one.text for one in message.iter(f"{X}SignaturSiegelEingebettet")] == ["1"], "the document alone is sealed"


def test_names_of_files_given_by_applicants_are_data_and_never_names_in_the_package(tmp_path):
    EFile(settings(tmp_path)).deliver(parcel())
    message = message_in(tmp_path)
    assert [one.text for one in message.iter(f"{X}DateinameOriginal")] == ["Antrag.pdf", "Scan & mehr.pdf"]
    assert [text(one, "AllgemeineMetadaten/Betreff") for one in message.iter(f"{X}Anlage")] == [
        "Bescheinigung der Schule",
        "Protokoll des Eingangs",
    ]
    with package(tmp_path) as packed:
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in packed.namelist())


def test_the_answers_lie_in_the_package_with_their_digest_in_the_message(tmp_path):
    EFile(settings(tmp_path)).deliver(parcel())
    fields = {text(one, "Name"): text(one, "Wert") for one in message_in(tmp_path).iter(f"{X}Feld")}
    with package(tmp_path) as packed:
        assert packed.read(fields["application.json"]) == ANSWERS
        assert fields["application.json#sha512"] == hashlib.sha512(ANSWERS).hexdigest()
        assert hashlib.sha512(packed.read(fields["manifest.json"])).hexdigest() == fields["manifest.json#sha512"]


def test_the_manifest_names_the_package_with_its_digest(tmp_path):
    EFile(settings(tmp_path)).deliver(parcel())
    folder = tmp_path / REFERENCE
    manifest = json.loads((folder / "manifest.json").read_text())
    (listed,) = manifest["files"]
    data = (folder / listed["path"]).read_bytes()
    assert listed == {
        "path": listed["path"], "mediaType": "application/zip", "size": len(data),
        "sha512": hashlib.sha512(data).hexdigest(),
    }  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == sorted([listed["path"], "manifest.json"])


def test_the_same_parcel_makes_the_same_package_and_another_one_other_ids(tmp_path):
    first = EFile(settings(tmp_path / "a")).deliver(parcel())
    assert EFile(settings(tmp_path / "b")).deliver(parcel()) == first
    one, two = (next((tmp_path / name / REFERENCE).glob("*.zip")) for name in "ab")
    assert (one.name, one.read_bytes()) == (two.name, two.read_bytes())
    assert EFile(settings(tmp_path / "c")).deliver(parcel(answers=b"{}")) != first


def test_delivering_again_changes_nothing_and_nothing_is_left_beside(tmp_path):
    channel = EFile(settings(tmp_path))
    channel.deliver(parcel())
    before = (tmp_path / REFERENCE).stat().st_mtime_ns
    channel.deliver(parcel())
    assert (tmp_path / REFERENCE).stat().st_mtime_ns == before
    assert [path.name for path in tmp_path.iterdir()] == [REFERENCE]


def test_a_message_that_the_operators_xsd_does_not_allow_does_not_leave(tmp_path):
    xsd = tmp_path / "own.xsd"
    xsd.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{X[1:-1]}">'
        '<xs:element name="Abgabe.Abgabe.0401"><xs:complexType><xs:sequence/></xs:complexType></xs:element>'
        "</xs:schema>"
    )
    root = tmp_path / "out"
    with pytest.raises(DeliveryRefused, match="XSD does not allow the message, lines 2"):
        EFile(settings(root, xsd_file=xsd)).deliver(parcel())
    assert list(root.iterdir()) == []
    xsd.write_text(
        xsd.read_text().replace(
            "<xs:sequence/>", '<xs:sequence><xs:any maxOccurs="unbounded" processContents="skip"/></xs:sequence>'
        )
    )
    EFile(settings(root, xsd_file=xsd)).deliver(parcel())


def test_schemas_that_the_xsd_imports_by_address_are_read_beside_it_and_never_fetched(tmp_path):
    xsd = tmp_path / "own.xsd"
    xsd.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="http://xoev.de/schemata/code/1_0" targetNamespace="{X[1:-1]}">'
        '<xs:import namespace="http://xoev.de/schemata/code/1_0" schemaLocation="http://xoev.de/schemata/code/1_0/xoev-code.xsd"/>'
        '<xs:element name="Abgabe.Abgabe.0401" type="c:Code"/></xs:schema>'
    )
    with pytest.raises(ValueError, match="no XSD"):
        EFile(settings(tmp_path / "out", xsd_file=xsd))
    (tmp_path / "xoev-code.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://xoev.de/schemata/code/1_0">'
        '<xs:complexType name="Code"><xs:sequence><xs:any maxOccurs="unbounded" processContents="skip"/></xs:sequence>'
        "</xs:complexType></xs:schema>"
    )
    assert EFile(settings(tmp_path / "out", xsd_file=xsd)).deliver(parcel())


def test_a_file_that_is_no_xsd_is_refused_at_start(tmp_path):
    (tmp_path / "none.xsd").write_text("<a>")
    with pytest.raises(ValueError, match="no XSD"):
        EFile(settings(tmp_path, xsd_file=tmp_path / "none.xsd"))


def test_a_disk_that_does_not_take_it_defers_the_delivery(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryDeferred):
        EFile(settings(tmp_path / "file")).deliver(parcel())
