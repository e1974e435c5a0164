"""The channel `efile`: hands applications over to an electronic file by XDOMEA 3.0.0, message Abgabe.Abgabe.0401.

A folder of its own for each application, whole or not at all: the package `<process>_Abgabe.Abgabe.0401.zip` as the
standard names it (the message and the primary files), and `manifest.json` beside it with the package's SHA-512.
Ids are derived from the parcel, so a second attempt hands over the same case.

Source: XDOMEA 3.0.0, xdomea-Nachrichten-AbgabeDurchfuehren.xsd and xdomea-Baukasten.xsd.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import shutil
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from lxml import etree

from formengine.core import numbers
from formengine.delivery import channels
from formengine.errors import DeliveryDeferred, DeliveryRefused
from formengine.services.ports import Parcel, ParcelFile

NAMESPACE: Final = "urn:xoev-de:xdomea:schema:3.0.0"
MESSAGE: Final = "Abgabe.Abgabe.0401"
PRODUCT: Final = "Formengine"
PDF_A: Final = "044"
"""The code of an archival PDF in the code list of file formats, which is what our document is."""
_IDS: Final = uuid.UUID("9b0ef6c3-6a53-5c6e-9d0b-6f2f6a1f8a11")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9.-]+")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_FORMATS: Final = {"application/pdf": "018"}


@dataclass(frozen=True, slots=True)
class Settings:
    """*root* is the folder that the electronic file reads; *recipient* and *sender* are names of authorities.

    *subject* is the title of the case; *file_plan* the mark of its unit in the file plan, if one is given. *formats*
    gives the code of the list of file formats, version *formats_version*, by media type; *other_format* is that
    list's code for "Sonstiges", which the operator has to look up (it is no part of the XSD). So are the codes of
    *medium* and *confidentiality*, which are said of everything where they are given. *xsd_file* is the
    operator's copy of `xdomea-Nachrichten-AbgabeDurchfuehren.xsd`: with it no message leaves that it does not allow.
    """

    root: Path
    recipient: str
    other_format: str
    sender: str = "Formengine"
    unit: str = ""
    subject: str = "Antrag"
    file_plan: str = ""
    formats: Mapping[str, str] = field(default_factory=dict)
    formats_version: str = "1.0"
    medium: str = ""
    confidentiality: str = ""
    xsd_file: Path | None = None


@channels.register("efile")
class EFile:
    """Delivers packages to a folder. Errors: ValueError if the XSD is none."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._schema = _schema(settings.xsd_file) if settings.xsd_file else None

    def deliver(self, parcel: Parcel) -> str:
        """The reference and the process id of the message.

        Errors: DeliveryDeferred if the disk does not take it, DeliveryRefused if the XSD does not allow the message.
        """
        process = _id(parcel, "process")
        root, target = self.settings.root, self.settings.root / parcel.reference
        draft = root / f".{parcel.reference}.{secrets.token_hex(4)}"
        try:
            root.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                self._write(parcel, process, draft, target)
        except OSError as error:
            raise DeliveryDeferred(f"the folder does not take it: {type(error).__name__}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return f"{parcel.reference} {process}"

    def _write(self, parcel: Parcel, process: str, draft: Path, target: Path) -> None:
        xml = message(parcel, self.settings)
        if self._schema is not None and not self._schema.validate(etree.fromstring(xml, _parser())):
            places = ", ".join(sorted({str(entry.line) for entry in self._schema.error_log}))
            raise DeliveryRefused(f"the XSD does not allow the message, lines {places}")
        package = f"{process}_{MESSAGE}.zip"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as out:
            out.writestr(zipfile.ZipInfo(f"{process}_{MESSAGE}.xml"), xml)
            for file in parcel.files:
                out.writestr(zipfile.ZipInfo(_file_name(parcel, file)), file.read())
        data = packed.getvalue()
        files = [{"path": package, "mediaType": "application/zip", "size": len(data), "sha512": _sha512(data)}]
        manifest = {**_manifest(parcel), "files": files}
        draft.mkdir()
        for name, content in ((package, data), ("manifest.json", numbers.dumps(manifest).encode())):
            with (draft / name).open("xb") as out_file:
                out_file.write(content)
                out_file.flush()
                os.fsync(out_file.fileno())
        _flush(draft)
        try:
            draft.rename(target)
        except OSError:
            if not target.exists():
                raise
        _flush(target.parent)


@dataclass(frozen=True, slots=True)
class _Enclosure:
    """A file beside the document. *name* is what the applicant called it, "" where they gave none."""

    file: ParcelFile
    title: str
    kind: str
    name: str


def message(parcel: Parcel, settings: Settings) -> bytes:
    """The message Abgabe.Abgabe.0401: one case with the application as its document and the proofs as enclosures."""
    manifest = _manifest(parcel)
    root = etree.Element(_tag(MESSAGE), nsmap={"xdomea": NAMESPACE})
    head = _add(root, "Kopf")
    _add(head, "ProzessID", _id(parcel, "process"))
    _code(_add(head, "Nachrichtentyp"), "0401")
    _add(head, "Erstellungszeitpunkt", manifest["receivedAt"])
    _contact(_add(head, "Absender"), settings.sender, "")
    _contact(_add(head, "Empfaenger"), settings.recipient, settings.unit)
    system = _add(head, "SendendesSystem")
    _add(system, "Produktname", PRODUCT)
    _add(system, "Version", version(PRODUCT.lower()))
    _add(head, "Importbestaetigung", "1")
    _add(head, "Empfangsbestaetigung", "0")
    case = _add(_add(root, "Schriftgutobjekt"), "Vorgang")
    _add(_add(case, "Identifikation"), "ID", _id(parcel, "case"))
    _metadata(case, settings, f"{settings.subject} {parcel.reference}", parcel.reference)
    document = _add(case, "Dokument")
    _document(document, parcel, settings, _file(parcel, "application.pdf"), manifest)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _document(
    document: etree._Element, parcel: Parcel, settings: Settings, file: ParcelFile, manifest: dict[str, Any]
) -> None:
    """The application: its data are in the package and named with their digests in an extension of ours."""
    _add(_add(document, "Identifikation"), "ID", _id(parcel, file.path))
    _metadata(document, settings, settings.subject, "")
    _add(document, "FremdesGeschaeftszeichen", parcel.reference)
    _add(document, "Posteingangsdatum", manifest["receivedOn"])
    _add(document, "DatumDesSchreibens", manifest["receivedOn"])
    _add(document, "Typ", "Antrag")
    made = _add(document, "Version")
    _add(made, "Nummer", "1")
    _sealed(made, parcel, settings, file, manifest)
    _format(made, parcel, settings, _file(parcel, "application.json"))
    for number, enclosure in enumerate(_enclosures(parcel, manifest), start=1):
        element = _add(document, "Anlage")
        _add(_add(element, "Identifikation"), "ID", _id(parcel, enclosure.file.path))
        _metadata(element, settings, enclosure.title, "")
        _add(element, "Posteingangsdatum", manifest["receivedOn"])
        _add(element, "Typ", enclosure.kind)
        made = _add(element, "Version")
        _add(made, "Nummer", "1")
        _format(made, parcel, settings, enclosure.file, enclosure.name)
        _add(element, "Nummer", str(number))
    extension = _add(document, "AnwendungsspezifischeErweiterung")
    _add(extension, "Kennung", "formengine")
    _add(extension, "Name", "Antragsdaten")
    _add(extension, "Versionsnummer", "1")
    fields = {
        "formular": manifest["form"]["id"],
        "formularversion": manifest["form"]["version"],
        "formularhash": manifest["form"]["hash"],
    }
    for path in ("application.json", "manifest.json"):
        data = _file(parcel, path)
        fields |= {path: _file_name(parcel, data), f"{path}#sha512": data.sha512}
    for name, text in fields.items():
        entry = _add(extension, "Feld")
        _add(entry, "Name", name)
        _add(entry, "Wert", text)


def _enclosures(parcel: Parcel, manifest: dict[str, Any]) -> Iterator[_Enclosure]:
    """What belongs to the application beside its document: the proofs, then the record of its receipt."""
    names = {one["path"]: one["name"] for proof in manifest["proofs"] for one in proof["files"]}
    names |= {one["path"]: one["name"] for one in manifest.get("uploads", ())}
    titles = {one["path"]: proof["title"] for proof in manifest["proofs"] for one in proof["files"]}
    for file in parcel.files:
        if file.path.startswith("proofs/"):
            yield _Enclosure(file, titles.get(file.path, "Anlage"), "Nachweis", str(names.get(file.path, "")))
    yield _Enclosure(_file(parcel, "manifest.json"), "Protokoll des Eingangs", "Protokoll", "")


def _sealed(
    parent: etree._Element, parcel: Parcel, settings: Settings, file: ParcelFile, manifest: dict[str, Any]
) -> None:
    """The document, which we made and sealed."""
    form = _add(parent, "Format")
    _code(_add(form, "Name", listVersionID=settings.formats_version), PDF_A)
    _add(form, "Version", "PDF/A-3a")
    primary = _primary(form, parcel, file, "Antrag.pdf")
    _add(primary, "Ersteller", settings.sender)
    _add(primary, "DatumUhrzeit", manifest["receivedAt"])
    _add(_add(primary, "SignaturSiegel"), "SignaturSiegelEingebettet", "1")


def _format(parent: etree._Element, parcel: Parcel, settings: Settings, file: ParcelFile, original: str = "") -> None:
    """Any other file; where the list has no code for its kind, the media type is its name."""
    form = _add(parent, "Format")
    code = {**_FORMATS, **settings.formats}.get(file.media_type, settings.other_format)
    _code(_add(form, "Name", listVersionID=settings.formats_version), code)
    if code == settings.other_format:
        _add(form, "SonstigerName", file.media_type)
    _add(form, "Version", "unbekannt")
    _primary(form, parcel, file, original)


def _primary(form: etree._Element, parcel: Parcel, file: ParcelFile, original: str) -> etree._Element:
    primary = _add(form, "Primaerdokument")
    _add(primary, "Dateiname", _file_name(parcel, file))
    if original:
        _add(primary, "DateinameOriginal", original)
    return primary


def _metadata(parent: etree._Element, settings: Settings, subject: str, mark: str) -> None:
    metadata = _add(parent, "AllgemeineMetadaten")
    _add(metadata, "Betreff", subject)
    if mark:
        _add(metadata, "Kennzeichen", mark)
    if settings.confidentiality:
        _code(_add(metadata, "Vertraulichkeitsstufe"), settings.confidentiality)
    if settings.medium:
        _code(_add(metadata, "Medium"), settings.medium)
    if mark and settings.file_plan:
        _add(_add(metadata, "Aktenplaneinheit"), "Kennzeichen", settings.file_plan)


def _contact(parent: etree._Element, name: str, unit: str) -> None:
    _add(_add(parent, "Institution"), "Name", name)
    if unit:
        _add(_add(parent, "Organisationseinheit"), "Name", unit)


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _tag(name), attributes)
    if text:
        element.text = _CONTROL.sub(" ", text)
    return element


def _code(parent: etree._Element, code: str) -> None:
    """The code of a code list: its element is in no namespace (xoev-code.xsd)."""
    etree.SubElement(parent, "code").text = code


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _id(parcel: Parcel, what: str) -> str:
    return str(uuid.uuid5(_IDS, f"{parcel.key}/{what}"))


def _file_name(parcel: Parcel, file: ParcelFile) -> str:
    """`<uuid>_<name>`, as the package wants it; no name of the applicant's is in it."""
    return f"{_id(parcel, file.path)}_{_UNSAFE.sub('-', file.path.rpartition('/')[2])}"


def _file(parcel: Parcel, path: str) -> ParcelFile:
    for file in parcel.files:
        if file.path == path:
            return file
    raise DeliveryRefused(f"the parcel has no {path}")


def _manifest(parcel: Parcel) -> dict[str, Any]:
    found: dict[str, Any] = numbers.loads(_file(parcel, "manifest.json").read())
    return found


def _schema(path: Path) -> etree.XMLSchema:
    try:
        parser = _parser()
        parser.resolvers.add(_Beside(path.parent))
        return etree.XMLSchema(etree.parse(path, parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise ValueError(f"{path} is no XSD that can be read: {type(error).__name__}") from error


class _Beside(etree.Resolver):  # type: ignore[misc]  # lxml has no types
    """The schemas of XÖV import one another by address: each is read from *folder*, and nothing is fetched."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def resolve(self, url: str, _public_id: str, context: Any) -> Any:
        """The file of that name beside the schema."""
        name = url.rpartition("/")[2]
        return self.resolve_filename(str(self._folder / name), context) if "://" in url else None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _sha512(data: bytes) -> str:
    return hashlib.sha512(data).hexdigest()


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
