"""The applicant's status page tells the truth, and the day of receipt never changes (F-10, F-14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.storage.engines import micros
from tests.journeys.reading import Page
from tests.web.applicant import Applicant, serve


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return serve(Path(tmp_path_factory.mktemp("status")))


@pytest.fixture
def ada(app: Flask) -> Applicant:
    ada = Applicant(app)
    declared = ada.fill()
    done = ada.press(declared, "submit", **{"_declaration:truth": "true"})
    assert done.kind == "confirmation", done.html
    return ada


def reference(ada: Applicant) -> Reference:
    return Reference(ada.get("/small/confirmation").reference)


def current(page: Page) -> str:
    found = page.soup.select("[aria-current=step]")
    assert len(found) == 1
    return found[0].get_text(" ", strip=True)


def forward(app: Flask, ref: Reference, status: DeliveryStatus, *, pdf: bool = True) -> None:
    """Let the deliveries stand like that, as a worker would leave them."""
    engine = app.extensions["formengine"].engine
    with engine.stores.write() as work:
        if pdf:
            work.submissions.keep_pdf(ref, "0" * 128)
        for delivery in work.deliveries.of(ref):
            work.deliveries.save(replace(delivery, status=status))


def test_it_says_received_then_being_forwarded_then_delivered(app: Flask, ada: Applicant) -> None:
    ref = reference(ada)
    page = ada.get("/small/status")
    assert ref in page.heading
    assert current(page).startswith("Eingegangen")
    received = page.soup.select_one("time")["datetime"]
    for status, said in (
        (DeliveryStatus.SENDING, "Wird weitergeleitet"),
        (DeliveryStatus.WAITING, "Wird weitergeleitet"),
        (DeliveryStatus.FAILED, "Wird weitergeleitet"),
        (DeliveryStatus.DELIVERED, "An die Behörde übergeben"),
    ):
        forward(app, ref, status)
        page = ada.get("/small/status")
        assert current(page).startswith(said)
        assert page.soup.select_one("time")["datetime"] == received


def test_proofs_that_are_to_follow_are_named_and_never_is_nothing_to_do(app: Flask, ada: Applicant) -> None:
    said = ada.get("/small/status").soup.select_one("main").get_text(" ", strip=True)
    assert "Schicken Sie uns noch die Nachweise" in said
    assert "Sie müssen nichts tun" not in said
    assert [li.get_text() for li in ada.get("/small/confirmation").soup.select("[aria-labelledby=fehlt] li")] == [
        "Mietvertrag"
    ]
    bo = Applicant(app)
    bo.fill()
    bo.press(bo.get("/small/proofs/lease/"), _status="notAvailable", _reason="verloren")
    bo.press(bo.get("/small/declarations"), "submit", **{"_declaration:truth": "true"})
    said = bo.get("/small/status").soup.select_one("main").get_text(" ", strip=True)
    assert "Sie müssen nichts tun" in said
    assert "Diese Nachweise haben Sie nicht. Wenn wir sie brauchen, melden wir uns: Mietvertrag" in said


def test_f_10_days_without_delivery_are_told_without_alarm_and_without_another_day_of_receipt(
    app: Flask, ada: Applicant
) -> None:
    ref = reference(ada)
    forward(app, ref, DeliveryStatus.WAITING)
    engine = app.extensions["formengine"].engine
    submission = engine.stores.database.engines
    with engine.stores.read() as work:
        received_at = work.submissions.load(ref).received_at - timedelta(days=3)
    with submission.write() as rows:
        rows.connection.execute(
            text("UPDATE submission SET received_at = :at WHERE reference = :ref"),
            {"at": micros(received_at), "ref": ref},
        )
    page = ada.get("/small/status")
    assert "dauert länger als sonst" in page.html
    assert "Der Tag des Eingangs bleibt gleich" in page.html
    assert page.soup.select_one("time")["datetime"].startswith(received_at.strftime("%Y-%m-%dT%H:%M"))


def test_it_needs_no_script_and_is_refreshed_by_a_link(ada: Applicant) -> None:
    page = ada.get("/small/status")
    assert page.soup.find("meta", {"http-equiv": "refresh"}) is None
    (link,) = [a for a in page.soup.select("main a") if a.get_text() == "Aktualisieren"]
    assert link["href"] == "/small/status"
    assert "/small/status" in ada.get("/small/confirmation").html


def test_proofs_to_follow_and_the_copies_stand_there(ada: Applicant) -> None:
    page = ada.get("/small/status")
    assert "Mietvertrag" in page.html
    assert "Das PDF wird gerade gemacht." in page.html
    assert page.soup.select_one("a[href='/small/confirmation/application.json']")


def test_who_sent_nothing_is_led_to_the_start(app: Flask) -> None:
    stranger = Applicant(app)
    assert stranger.client.get("/small/status").location == "/small/"


@pytest.mark.parametrize("page", ["confirmation", "status"])
def test_it_says_how_a_missing_proof_reaches_the_authority(ada: Applicant, page: str) -> None:
    html = ada.get(f"/small/{page}").html
    assert "Schicken Sie uns die Nachweise mit der Post oder bringen Sie sie vorbei." in html
    assert "Beispielweg 1" in html
