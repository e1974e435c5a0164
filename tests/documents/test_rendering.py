from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from io import BytesIO
from pathlib import Path

import pypdf
import pytest

from formengine.documents.rendering import Limits, Renderer
from formengine.errors import RenderingError
from tests.documents import verapdf
from tests.documents.samples import PAYLOAD, RECORD, STYLE, sheet
from tests.serving import ROOT


def test_the_sealed_file_is_pdf_a_3a_and_pdf_ua_1(sealed_pdf: bytes, pdf_file: Path) -> None:
    pdf_file.write_bytes(sealed_pdf)
    assert verapdf.failures(pdf_file, "3a") == []
    assert verapdf.failures(pdf_file, "ua1") == []


@pytest.mark.parametrize(
    ("flavour", "good", "bad"),
    [
        ("3a", b"/AFRelationship /Data", b"/AFRelationshiq /Data"),
        ("3a", b'pdfaid:part="3"', b'pdfaid:part="9"'),
        ("ua1", b"<pdfuaid:part>1<", b"<pdfuaid:part>7<"),
        ("ua1", b"/DisplayDocTitle true", b"/DisplayDocTitlf true"),
    ],
)
def test_the_checker_finds_what_is_broken(
    renderer: Renderer, pdf_file: Path, flavour: str, good: bytes, bad: bytes
) -> None:
    import pikepdf

    pdf = renderer.render(sheet("<h1>Antrag</h1><p>Text</p>"))
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(pdf_file, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)
    whole = pdf_file.read_bytes()
    assert good in whole
    pdf_file.write_bytes(whole.replace(good, bad))
    assert verapdf.failures(pdf_file, flavour)


def test_a_picture_without_words_is_found(renderer: Renderer, pdf_file: Path) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    pdf_file.write_bytes(renderer.render(sheet(f"<h1>Antrag</h1><p>{picture}</p>")))
    assert verapdf.failures(pdf_file, "ua1")


def test_rel_09_equal_input_gives_equal_bytes_in_another_process_too(renderer: Renderer, plain_pdf: bytes) -> None:
    document = sheet("<h1>Antrag</h1><p>gleich</p>")
    other = Renderer()
    try:
        assert renderer.render(document) == other.render(document) == renderer.render(document)
    finally:
        other.close()


def test_the_attachments_are_the_bytes_that_were_given(sealed_pdf: bytes) -> None:
    attached = pypdf.PdfReader(BytesIO(sealed_pdf)).attachments
    assert dict(attached) == {"application.json": [PAYLOAD], "record.json": [RECORD]}


def test_every_font_is_ours_and_embedded(sealed_pdf: bytes, pdf_file: Path) -> None:
    pdf_file.write_bytes(sealed_pdf)
    lines = subprocess.run(["pdffonts", str(pdf_file)], capture_output=True, text=True, check=True).stdout.splitlines()[
        2:
    ]
    names = {line.split()[0].partition("+")[2] for line in lines}
    assert names == {"Fira", "Fira-Bold", "Arabic"}
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines)


def test_nothing_is_fetched(renderer: Renderer, tmp_path: Path) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        there = f"127.0.0.1:{listener.getsockname()[1]}"

        def listen() -> None:
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline and not done.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                asked.append(connection.recv(100))

        done = threading.Event()
        thread = threading.Thread(target=listen)
        thread.start()
        secret = tmp_path / "secret.txt"
        secret.write_text("GEHEIMNIS")
        body = "".join(
            (
                f'<link rel="attachment" href="http://{there}/a"><link rel="attachment" href="{secret.as_uri()}">',
                f'<link rel="stylesheet" href="http://{there}/b"><style>@import url(http://{there}/c);</style>',
                f"<style>@font-face {{ font-family: X; src: url(http://{there}/d) }} p {{ font-family: X, Fira }}</style>",
                f'<p style="background: url(http://{there}/e)">x<img src="http://{there}/f" alt="a"></p>',
                f'<p><img src="{secret.as_uri()}" alt="a"><object data="http://{there}/g"></object></p>',
                f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="http://{there}/h"/></svg>',
                f'<a rel="attachment" href="{secret.as_uri()}">y</a>',
            )
        )
        pdf = renderer.render(sheet(body, style=f"{STYLE} @import url(http://{there}/i);", enclosures=()))
        done.set()
        thread.join()
    assert asked == []
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert not dict(reader.attachments)
    assert b"GEHEIMNIS" not in b"".join(o.get_object().get_data() for o in _streams(reader))


def _streams(reader: pypdf.PdfReader) -> list[pypdf.generic.StreamObject]:
    found = (reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1))
    return [item for item in found if isinstance(item, pypdf.generic.StreamObject)]


def test_a_document_without_end_is_stopped_and_the_next_one_is_made() -> None:
    renderer = Renderer(Limits(wall_s=3, pages=300))
    try:
        with pytest.raises(RenderingError) as stopped:
            renderer.render(sheet("<h1>A</h1><p>" + "<br>" * 20_000))
        assert stopped.value.code == "time"
        assert renderer.render(sheet("<h1>A</h1>")).startswith(b"%PDF")
    finally:
        renderer.close()


def test_more_pages_than_allowed_are_refused() -> None:
    renderer = Renderer(Limits(pages=3))
    try:
        with pytest.raises(RenderingError) as refused:
            renderer.render(sheet("<h1>A</h1><p>" + "<br>" * 400))
        assert refused.value.code == "pages"
    finally:
        renderer.close()


@pytest.mark.parametrize("body", ["<div>" * 3000 + "tief", "<p>" + "x" * 200_000, "<table>" + "<tr><td>y" * 400])
def test_odd_documents_end_in_a_pdf_or_an_error(renderer: Renderer, body: str) -> None:
    outcome = "pdf"
    try:
        renderer.render(sheet(body))
    except RenderingError as error:
        outcome = error.code
    assert outcome in {"pdf", "time", "pages", "died", "RecursionError"}
    assert renderer.render(sheet("<h1>A</h1>")).startswith(b"%PDF")


def test_a_killed_child_is_replaced_and_leaves_nothing_behind() -> None:
    renderer = Renderer()
    renderer.warm()
    child = renderer._child
    assert child is not None
    folder = child._folder
    assert folder.exists()
    os.kill(child._process.pid, 9)
    child._process.wait()
    assert renderer.render(sheet("<h1>A</h1>")).startswith(b"%PDF")
    assert not folder.exists()
    renderer.close()
    assert renderer._child is None


def test_a_child_that_dies_at_work_is_said_to_have_died() -> None:
    renderer = Renderer()
    renderer.warm()
    child = renderer._child
    assert child is not None
    killer = threading.Timer(0.7, os.kill, (child._process.pid, 9))
    killer.start()
    with pytest.raises(RenderingError) as died:
        renderer.render(sheet("<h1>A</h1><p>" + "<br>" * 20_000))
    assert died.value.code == "died"
    renderer.close()


def test_a_child_is_replaced_after_its_share_of_jobs() -> None:
    renderer = Renderer(Limits(jobs=1))
    renderer.render(sheet("<h1>A</h1>"))
    assert renderer._child is None
    renderer.close()


AT_WORK = """
import sys, threading
from formengine.documents.rendering import Renderer
from tests.documents.samples import sheet
renderer = Renderer()
renderer.warm()
print(renderer._child._process.pid, renderer._child._folder, flush=True)
if sys.argv[1] == "at work":
    threading.Timer(1, print, ["working"], {"flush": True}).start()
    renderer.render(sheet("<h1>A</h1><p>" + "<br>" * 20_000))
sys.stdin.read()
"""


@pytest.mark.parametrize("state", ["idle", "at work"])
@pytest.mark.parametrize("killed", ["the worker", "both"])
def test_enc_13_nothing_of_a_render_is_left_when_the_worker_is_killed_and_started_again(
    state: str, killed: str, tmp_path: Path
) -> None:
    """The child ends and removes its folder; where it is killed as well, the next start does."""
    worker = subprocess.Popen(
        [sys.executable, "-c", AT_WORK, state],
        cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdout is not None
    number, folder = worker.stdout.readline().split()
    assert Path(folder).parent == tmp_path
    if state == "at work":
        worker.stdout.readline()
    if killed == "both":
        os.kill(int(number), signal.SIGSTOP)  # so that it cannot tidy up before it is killed too
    worker.kill()
    worker.communicate()
    if killed == "both":
        assert list(tmp_path.iterdir())
        os.kill(int(number), signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _runs(int(number)):
        time.sleep(0.05)
    assert not _runs(int(number))
    start = "import sys; from formengine.documents.rendering import Renderer; Renderer()"
    subprocess.run([sys.executable, "-c", start], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}, check=True)
    assert list(tmp_path.iterdir()) == []


def test_enc_13_what_another_renderer_works_in_is_not_swept() -> None:
    one = Renderer()
    one.warm()
    try:
        Renderer()
        assert one._child is not None
        assert one._child._folder.exists()
        assert one.render(sheet("<h1>A</h1>")).startswith(b"%PDF")
    finally:
        one.close()


def _runs(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
