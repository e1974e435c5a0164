"""The public page where anybody checks a PDF (issue 5, ux.md 8.3), without JavaScript and without a session."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.test import TestResponse

from formengine.bootstrap import make_signer
from formengine.documents.rendering import Renderer
from formengine.documents.signers.pades import Pades, Settings
from formengine.web import verify as module
from tests.documents.samples import sheet
from tests.documents.signers.test_pades import _rsa
from tests.web.applicant import Applicant, Page, serve


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return serve(tmp_path_factory.mktemp("verify"))


@pytest.fixture(scope="module")
def plain() -> bytes:
    renderer = Renderer()
    try:
        return renderer.render(sheet("<h1>Antrag</h1>"))
    finally:
        renderer.close()


@pytest.fixture(scope="module")
def sealed(site: Flask, plain: bytes) -> bytes:
    return make_signer(site.extensions["formengine"].engine.settings).sign(plain)


def hand_in(who: Applicant, pdf: bytes, name: str = "antrag.pdf", query: str = "") -> Page:
    return who.press(who.get(f"/verify{query}"), "verify", _pdf=(BytesIO(pdf), name))


def headline(page: Page) -> str:
    return page.soup.select_one(".kern-alert").get_text(" ", strip=True)


def details(page: Page) -> str:
    return page.soup.select_one("main").get_text(" ", strip=True)


def test_a_sealed_application_is_told_by_whom_whether_changed_and_with_what(ada: Applicant, sealed: bytes) -> None:
    page = hand_in(ada, sealed)
    assert page.status == 200
    assert "TEST-Siegel beweist nichts" in headline(page)
    assert page.soup.select_one(".kern-alert--success") is None, "a seal for trying out is never green"
    said = details(page)
    for words in (
        "TEST Siegel des Onlinedienstes",
        "ja, die ganze Datei",
        "application.json",
        "record.json",
        "SHA-512",
    ):
        assert words in said
    assert "passen zum Protokoll" in said
    assert "keine Unterschrift" in said


def report_of(who: Applicant, page: Page) -> TestResponse:
    form = page.soup.select_one("form[action='/verify/report']")
    return who.client.post(form["action"], data={tag["name"]: tag["value"] for tag in form.select("input")})


def test_the_report_says_in_words_what_holds_of_which_file_and_when(ada: Applicant, sealed: bytes) -> None:
    for pdf, words in ((sealed, "TEST-Siegel beweist nichts"), (sealed + b"% more\n", "nach dem Siegeln geändert")):
        page = hand_in(ada, pdf, name="Antrag <b>Mai</b>.pdf", query="?reference=AAAA-BBBB-CCC")
        report = report_of(ada, page)
        assert report.status_code == 200
        digest = hashlib.sha256(pdf).hexdigest()
        assert report.headers["Content-Disposition"] == f'attachment; filename="pruefbericht-{digest[:12]}.html"'
        soup = BeautifulSoup(report.text, "lxml")
        said = soup.get_text(" ", strip=True)
        for found in (words, digest, hashlib.sha512(pdf).hexdigest(), "Antrag <b>Mai</b>.pdf", "AAAA-BBBB-CCC"):
            assert found in said
        assert datetime.fromisoformat(soup.time["datetime"]).tzinfo is not None
        assert soup.select("script, link, img") == [], "it is whole without us"


def test_a_report_that_we_did_not_make_is_not_handed_out(ada: Applicant, sealed: bytes) -> None:
    page = hand_in(ada, sealed)
    field = page.soup.select_one("[name=_report]")
    body, _, code = field["value"].partition(".")
    facts = json.loads(base64.urlsafe_b64decode(body))
    facts["verdict"]["trust"] = "ours"
    forged = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
    for text in ("", "x", f"{forged}.{code}", f"{body}.", f"{body}.ä", f".{code}"):
        field["value"] = text
        assert report_of(ada, page).status_code == 404


def test_a_seal_that_is_known_and_no_trial_is_green(ada: Applicant, site: Flask, plain: bytes, tmp_path: Path) -> None:
    key_file, root = _rsa(tmp_path, passphrase=b"x")
    pdf = Pades(Settings(key_file, b"x")).sign(plain)
    unknown = hand_in(ada, pdf)
    assert "Nicht prüfbar" in headline(unknown)
    assert unknown.soup.select_one(".kern-alert--success") is None
    engine = site.extensions["formengine"].engine
    before = engine.checker
    engine.checker = type(before)(before.run, [root])
    try:
        page = hand_in(ada, pdf)
    finally:
        engine.checker = before
    assert page.soup.select_one(".kern-alert--success")
    assert "Siegel gültig: Siegel von Siegel Musterstadt am " in headline(page)


def test_a_changed_file_is_red_and_says_so(ada: Applicant, sealed: bytes) -> None:
    page = hand_in(ada, sealed.replace(b"/Lang (de)", b"/Lang (en)") + b"% more\n")
    assert page.soup.select_one(".kern-alert--danger")
    assert "Dokument wurde nach dem Siegeln geändert." in headline(page)


def _encrypted(pdf: bytes) -> bytes:
    with pikepdf.open(BytesIO(pdf)) as opened:
        out = BytesIO()
        opened.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def _bomb() -> bytes:
    """A PDF whose cross-reference stream unpacks to far more than the child may hold."""
    packed = zlib.compress(bytes(300 * 1024 * 1024), 9)
    head = b"%PDF-1.7\n"
    body = (
        b"1 0 obj\n<</Type/XRef/Size 100000000/W[1 4 1]/Root 2 0 R/Filter/FlateDecode/Length %d>>\nstream\n"
        % len(packed)
        + packed
        + b"\nendstream\nendobj\n"
    )
    return head + body + b"startxref\n9\n%%EOF\n"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda pdf: b"just a text", "kein lesbares PDF"),
        (lambda pdf: b"%PDF-1.7\n" + b"[" * 500_000, "kein lesbares PDF"),
        (lambda pdf: pdf, "Kein Siegel"),
        (_encrypted, "Passwort"),
        (lambda pdf: _bomb(), "Nicht prüfbar"),
    ],
    ids=["text", "junk", "unsealed", "encrypted", "bomb"],
)
def test_whatever_else_is_handed_in_gets_a_sentence_that_helps(
    ada: Applicant, plain: bytes, make: Callable[[bytes], bytes], words: str
) -> None:
    page = hand_in(ada, make(plain))
    assert page.status == 200
    assert words in headline(page)
    assert page.soup.select_one(".kern-alert--success") is None


def test_nothing_or_too_much_is_said_at_the_field(ada: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ada.press(ada.get("/verify"), "verify")
    assert page.status == 422
    assert page.problems[0].text == "Wählen Sie ein PDF aus"
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    assert "zu groß" in hand_in(ada, b"%PDF-" + bytes(2000)).problems[0].text


def test_the_reference_is_shown_and_gives_no_access(ada: Applicant, sealed: bytes) -> None:
    assert "7K3M-9QXA-2PD" in details(ada.get("/verify?reference=7K3M-9QXA-2PD"))
    for text in ("<b>x</b>", "CALL-0900-123456-NOW-NOW-NOW", "kein gültiger Text"):
        assert text not in ada.get("/verify", query_string={"reference": text}).soup.get_text()
    other = hand_in(ada, sealed, query="?reference=AAAA-BBBB-CCC")
    assert "anders als die auf Ihrem Papier (AAAA-BBBB-CCC)" in details(other)


def test_it_speaks_english(ada: Applicant, sealed: bytes) -> None:
    page = ada.get("/verify?lang=en")
    assert "Check an application" in details(page)


def test_it_is_limited_by_client(ada: Applicant, bo: Applicant, monkeypatch: pytest.MonkeyPatch) -> None:
    """LIM-01."""
    monkeypatch.setattr(module, "OF_CLIENT", (2, module.OF_CLIENT[1]))
    monkeypatch.setattr(module, "limit", _counting(module.limit))
    for _ in range(2):
        assert hand_in(ada, b"x").status == 200
    assert hand_in(ada, b"x").status == 429


def _counting(limit):
    return lambda stores, name, client, allowed, **more: limit(stores, f"{name}-of-this-test", client, allowed, **more)


def test_nothing_of_the_file_touches_a_disk(ada: Applicant, sealed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    page = ada.get("/verify")
    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    parts = [
        *(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in page.hidden()
        ),
        b'--x\r\nContent-Disposition: form-data; name="_pdf"; filename="a.pdf"\r\n\r\n' + sealed + bytes(3_000_000),
        b"--x--",
    ]
    answer = ada.client.post(
        "/verify", data=b"\r\n".join(parts), headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    assert answer.status_code == 200
    assert "kern-alert--" in answer.text
