"""The renderer's program: HTML comes in on standard input, a PDF/A-3a that is also PDF/UA-1 goes out.

Run as a process of its own by `rendering`; the only module that imports WeasyPrint, and imported by no
other. It is warm (everything imported, fonts and styles read) and takes one job after another. It has no
network, opens no file that an answer could name, and logs nothing, for its texts are answers.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import resource
import select
import shutil
import sys
import threading
import warnings
from datetime import datetime
from typing import Any, BinaryIO

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_S = 50
PAGES = 300
_NEWUSER, _NEWNET = 0x10000000, 0x40000000
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.system", "os.fork", "os.posix_spawn", "urllib.", "ftplib.")


def _confine() -> None:
    """Take network and memory away before anything else is loaded."""
    os.environ.pop("http_proxy", None)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEWNET) != 0:
        libc.unshare(_NEWUSER | _NEWNET)  # where the kernel refuses, the audit hook below still stands
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)


if __name__ == "__main__":
    _confine()

warnings.simplefilter("ignore")  # "no fonts configured": on purpose, ours come from memory
logging.disable(logging.CRITICAL)

import pydyf  # noqa: E402
import weasyprint  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: E402

from formengine.documents import fonts, framing  # noqa: E402

UA_XMP = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="">
<pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"
 rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates, which part of ISO 14289 standard is followed</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


class BundledOnly(URLFetcher):
    """A fetcher that knows the bundled fonts and nothing else (PDF-01)."""

    SCHEME = "formengine-font:"

    def __init__(self) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)  # type: ignore[no-untyped-call]
        self._files = {self.SCHEME + name: fonts.read(name) for name in fonts.FILES}

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002
        """The font at *url*. Errors: PermissionError for any other address."""
        if url not in self._files:
            raise PermissionError("only bundled fonts are loaded")
        return URLFetcherResponse(url, self._files[url], {"Content-Type": "font/ttf"})


class Renderer:
    """Everything that is kept between jobs: the fetcher, and each style sheet, parsed, with its own fonts."""

    def __init__(self) -> None:
        self.fetcher = BundledOnly()
        self._styles: dict[str, tuple[weasyprint.CSS, FontConfiguration]] = {}

    def style(self, text: str) -> tuple[weasyprint.CSS, FontConfiguration]:
        """The parsed style sheet with its fonts; it is one of the engine's own, so there are few.

        Fonts are not shared: what another style sheet loaded must not change the bytes.
        """
        if text not in self._styles:
            fonts_of_style = FontConfiguration()
            css = weasyprint.CSS(string=text, url_fetcher=self.fetcher, font_config=fonts_of_style)
            self._styles[text] = css, fonts_of_style
        return self._styles[text]

    def render(self, header: dict[str, Any], parts: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        """The answer to one job: the PDF, or the code of what went wrong."""
        page, style, *files = parts
        at = datetime.fromisoformat(header["at"])
        css, fonts_of_style = self.style(style.decode())
        document = weasyprint.HTML(string=page.decode(), url_fetcher=self.fetcher).render(
            font_config=fonts_of_style,
            stylesheets=[css],
            pdf_variant="pdf/a-3a",
        )
        if len(document.pages) > header["pages"]:
            return {"error": "pages"}, []
        attachments = [
            weasyprint.Attachment(
                string=data,
                url_fetcher=self.fetcher,
                name=about["name"],
                description=about["description"],
                created=at,
                modified=at,
                relationship=about["relationship"],
            )
            for about, data in zip(header["files"], files, strict=True)
        ]
        pdf = document.write_pdf(
            finisher=finish,
            pdf_variant="pdf/a-3a",
            pdf_tags=True,
            pdf_identifier=header["identifier"].encode(),
            output_intent="srgb",
            attachments=attachments,
        )
        return {"pages": len(document.pages)}, [pdf]


def finish(_document: Any, pdf: Any) -> None:
    """Make the PDF/A that WeasyPrint wrote a PDF/UA as well."""
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    metadata.stream = [metadata.stream[0].replace(b"</rdf:RDF>", UA_XMP + b"</rdf:RDF>", 1)]
    if "AF" in pdf.catalog:  # WeasyPrint lists attachments twice
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
    elements: dict[Any, Any] = {item.reference: item for item in pdf.objects if hasattr(item, "keys") and "S" in item}
    for row in elements.values():
        if row["S"] != "/TR":
            continue
        cells = [elements[kid] for kid in row["K"] if kid in elements]
        scope = "/Column" if all(cell["S"] == "/TH" for cell in cells) and len(cells) > 1 else "/Row"
        for cell in cells:
            if cell["S"] == "/TH":
                cell.setdefault("A", pydyf.Dictionary({"O": "/Table"}))["Scope"] = scope


def _allow_cpu() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_S, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer jobs until the input ends."""
    renderer = Renderer()
    gc.collect()
    gc.freeze()
    while True:
        try:
            header, parts = framing.unpack(source)
        except EOFError:
            return
        _allow_cpu()
        gc.disable()
        try:
            answer, made = renderer.render(header, parts)
        except MemoryError:
            return  # nothing that is left can be relied on: the parent starts another
        except Exception as error:  # noqa: BLE001 the type alone goes back: a message may hold answers
            answer, made = {"error": type(error).__name__}, []
        del parts
        sink.write(framing.pack(answer, made))
        sink.flush()
        gc.enable()
        gc.collect()


def _end_with_parent() -> None:
    """End, also in the middle of a document, as soon as nobody holds the other end of the input (ENC-13)."""
    waiting = select.poll()
    waiting.register(0, 0)
    waiting.poll()
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)  # the parent may be gone and cannot
    os._exit(0)


if __name__ == "__main__":
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the frames
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
            serve(sys.stdin.buffer, output)
    finally:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
