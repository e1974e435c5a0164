"""The staff site: who may see what, what it shows, and the line in the log before anything leaves."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from formengine import bootstrap, designing, keeping
from formengine.config import Settings
from formengine.core.answers import Answers
from formengine.core.definition import FormDefinition
from formengine.core.lifecycle import DeliveryStatus, IllegalChange, ProofStatus, Reference
from formengine.errors import ConfigError, NotFound, StorageError
from formengine.services import attaching, drafting, exporting, filing, submitting, visiting
from formengine.services.opening import Opening
from formengine.web.app import create_app
from formengine.web.reasons import in_words
from tests import opened
from tests.intake.conftest import pdf

NOW = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
PDF = pdf()
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["name", "wishes"],
    "properties": {
        "name": {"type": "string", "title": "Ihr Name"},
        "wishes": {"type": "string", "title": "Ihr Wunsch"},
        "amount": {"type": "integer", "format": "cents", "title": "Kosten"},
    },
}
FORM = {
    "id": "wish",
    "version": "1",
    "schema": "wish.schema.json",
    "title": "Ein Wunsch",
    "languages": ["de"],
    "steps": [
        {
            "id": "you",
            "title": "Ihre Angaben",
            "fields": [{"field": "/name", "autocomplete": "name"}, "/wishes", "/amount"],
        }
    ],
    "proofs": [
        {"id": "bill", "title": "Rechnung", "required": True},
        {"id": "letter", "title": "Brief", "required": True},
    ],
    "declarations": [{"id": "truth", "text": "Meine Angaben sind richtig.", "required": True}],
}
PDF = pdf()
HOSTILE = '<script>alert("1")</script>'


@dataclass
class Installation:
    engine: bootstrap.Engine
    form: FormDefinition

    def submit(self, name: str = HOSTILE, *, clean: bool = True) -> Reference:
        stores, form = self.engine.stores.of("musterstadt"), self.engine.forms.newest("wish")
        draft = drafting.start(stores, form, tenant="musterstadt", language="de", session=None, now=NOW)
        answers = Answers({"name": name, "wishes": "eine Zeile\nnoch eine", "amount": 48050})
        filled = draft.with_answers(answers, now=NOW, days=30)
        with stores.write() as work:
            work.drafts.save(filled, revision=draft.revision)
        intake = self.engine.intake
        if not clean:
            intake = replace(intake, scanner=Waiting())
        filled = attaching.attach(
            stores, form, filled, "bill", "", name="Rechnung Mai ä.pdf", claimed="application/pdf", data=PDF,
            intake=intake, revision=filled.revision, now=NOW,
        )  # fmt: skip
        filled = attaching.say(
            stores, form, filled, "letter", "", status=ProofStatus.LATER, reason="", revision=filled.revision, now=NOW
        )
        return submitting.submit(
            stores, form, filled.id, idempotency_key=None, accepted=["truth"], language="de",
            channels=("inbox", "folder"), now=NOW,
        )  # fmt: skip

    def lines(self) -> list[tuple[str, str, str]]:
        with self.engine.stores.of("musterstadt").read() as work:
            return [(line.person, line.action, line.reference) for line in work.audit.lines("musterstadt")]


class Waiting:
    def scan(self, data: bytes) -> str:
        return "waiting"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("staff")
    for name, content in (("forms/wish.json", FORM), ("schemas/wish.schema.json", SCHEMA)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    data = folder / "data"
    settings = Settings(
        data=data,
        forms=folder / "forms",
        schemas=folder / "schemas",
        translations=folder / "translations",
        database_url=f"sqlite:///{data / 'formengine.db'}",
        files_url=f"{(data / 'files').as_uri()}/",
        origin="http://127.0.0.1:8000",
        staff_origin="http://127.0.0.1:8001",
        pepper_file=data / "keys" / "pepper",
        scanner="off",
        development_sign_in=True,
    )
    bootstrap.prepare_data(settings)
    bootstrap.ensure_test_keys(settings)
    bootstrap.migrate(settings)
    _, mistakes = designing.publish(settings)
    assert mistakes == ()
    engine = bootstrap.build(settings)
    engine.stores = engine.stores.opened_by(opened.READER)
    engine.opener = Opening(engine.stores.opened_by(engine.authority), lambda: datetime.now(UTC))
    return Installation(engine, engine.forms.newest("wish"))


@pytest.fixture
def client(installation: Installation) -> Iterator[FlaskClient]:
    app = create_app(installation.engine, "staff")
    with app.test_client() as client:
        yield client


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "lxml")


def hidden(response: TestResponse, form: str = "main form") -> dict[str, str]:
    return {t["name"]: t["value"] for t in soup(response).select_one(form).select("input[type=hidden]")}


def sign_in(client: FlaskClient, person: str = "development:kaya", *, wanted: str = "") -> TestResponse:
    page = client.get("/sign-in")
    return client.post(f"/sign-in{wanted}", data={**hidden(page), "_person": person})


def search(client: FlaskClient, **filters: str) -> TestResponse:
    page = client.get("/inbox")
    return client.post("/inbox", data={**hidden(page, "#filter"), **filters})


def test_whoever_has_not_signed_in_is_asked_who_they_are(client: FlaskClient, installation: Installation) -> None:
    for path in ("/", "/inbox", "/audit", "/applications/0000-0000-000/"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=/")


def test_every_page_says_that_this_is_a_development_sign_in_and_nothing_is_scanned(client: FlaskClient) -> None:
    pages = [client.get("/sign-in")]
    sign_in(client)
    pages += [client.get("/inbox"), client.get("/there-is-nothing-here")]
    for page in pages:
        said = soup(page).select_one(".app-staff-notice").get_text()
        assert "ohne Passwort" in said
        assert "nicht auf Viren geprüft" in said


def test_signing_in_makes_a_new_session_and_leads_where_one_wanted_to_go(client: FlaskClient) -> None:
    before = client.get("/sign-in").headers.getlist("Set-Cookie")
    answer = sign_in(client, wanted="?next=/inbox")
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert "formengine-staff" in str(answer.headers.getlist("Set-Cookie"))
    assert str(before).split("=")[1] not in str(answer.headers.getlist("Set-Cookie"))
    assert "Mira Kaya" in soup(client.get("/inbox")).select_one("header").get_text()


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a//b", "/inbox?x=//e", "javascript:1", "/%0d"],
)
def test_sign_in_leads_nowhere_else(client: FlaskClient, wanted: str) -> None:
    page = client.get("/sign-in")
    answer = client.post(
        "/sign-in", query_string={"next": wanted}, data={**hidden(page), "_person": "development:kaya"}
    )
    assert answer.location == "/"


def test_nobody_picked_is_said_at_the_choice(client: FlaskClient) -> None:
    page = client.get("/sign-in")
    answer = client.post("/sign-in", data=hidden(page))
    assert answer.status_code == 422
    link = soup(answer).select_one(".app-error-summary a")
    assert soup(answer).find(id=link["href"][1:])["aria-invalid"] == "true"
    assert client.get("/inbox").status_code == 303


def test_without_the_setting_nobody_can_sign_in(installation: Installation) -> None:
    engine = bootstrap.build(replace(installation.engine.settings, development_sign_in=False))
    client = create_app(engine, "staff").test_client()
    page = client.get("/sign-in")
    assert soup(page).select("main input[type=radio]") == []
    assert client.post("/sign-in", data={**hidden(page), "_person": "development:kaya"}).status_code == 404


def test_signing_out_ends_the_session_at_once(client: FlaskClient) -> None:
    sign_in(client)
    page = client.get("/inbox")
    kept = client.get_cookie("formengine-staff").value
    answer = client.post("/sign-out", data=hidden(page, "header form"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.set_cookie("formengine-staff", kept)
    assert client.get("/inbox").status_code == 303


def test_an_applicants_session_opens_nothing_here(client: FlaskClient, installation: Installation) -> None:
    secret, _ = visiting.begin(
        installation.engine.stores.of("musterstadt"), tenant="musterstadt", language="de", now=datetime.now(UTC),
        person={"id": "x", "name": "x", "roles": ["caseworker"]},
    )  # fmt: skip
    client.set_cookie("formengine-staff", secret)
    assert client.get("/inbox").status_code == 303


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("development:kaya", "/inbox", 200),
        ("development:probst", "/inbox", 200),
        ("development:reiter", "/inbox", 404),
        ("development:kaya", "/audit", 404),
        ("development:reiter", "/audit", 200),
        ("development:reiter", "/applications/{}/", 404),
        ("development:reiter", "/applications/{}/application.json", 404),
        ("development:probst", "/applications/{}/export", 200),
        ("development:reiter", "/applications/{}/export", 404),
        ("development:okafor", "/applications/{}/export", 404),
    ],
)
def test_a_role_sees_its_own_and_nothing_else(
    client: FlaskClient, installation: Installation, person: str, path: str, status: int
) -> None:
    sign_in(client, person)
    assert client.get(path.format(installation.submit())).status_code == status


def test_the_inbox_names_the_applicant_and_nothing_else_that_was_answered(
    client: FlaskClient, installation: Installation
) -> None:
    reference = installation.submit("Unverwechselbar")
    sign_in(client)
    page = client.get("/inbox")
    assert re.fullmatch(r"Eingang \(\d+\)", soup(page).h1.get_text())
    row = soup(page).find("a", href=f"/applications/{reference}/").find_parent("tr")
    cells = [" ".join(cell.get_text().split()) for cell in row.find_all(["th", "td"])]
    assert row.th["scope"] == "row"
    assert cells[:3] == [reference, "Unverwechselbar", "Ein Wunsch"]
    assert "22. November 2026" in cells[3]
    assert "23:30" in cells[3]
    assert cells[4:] == ["PDF wird erstellt", "1 Nachweis fehlt", "Deutsch"]
    assert row.time["datetime"] == "2026-11-22T22:30:00Z"
    assert soup(page).table.caption.get_text().strip()
    assert "eine Zeile" not in page.get_data(as_text=True)


def test_the_filter_is_a_post_and_can_be_taken_away(client: FlaskClient, installation: Installation) -> None:
    one, other = installation.submit(), installation.submit()
    sign_in(client)
    found = search(client, _reference=f" {one.lower()} ", _state="waiting")
    assert found.status_code == 200
    assert [a.get_text() for a in soup(found).select("tbody th a")] == [one]
    taken_away = search(client, _reference=one, _remove="reference")
    assert {one, other} <= {a.get_text() for a in soup(taken_away).select("tbody th a")}
    assert not {one, other} & {a.get_text() for a in soup(search(client, _state="failed")).select("tbody th a")}
    assert soup(search(client, _form="other", _language="en")).select("tbody") == []
    assert {one, other} <= {a.get_text() for a in soup(search(client, _proofs="missing")).select("tbody th a")}
    assert soup(page := search(client, _state="nonsense")).select("tbody") != []
    assert soup(page).select_one("search, [role=search]") is not None


@pytest.mark.parametrize(
    ("days", "there"),
    [
        ({"_since": "2026-11-22"}, True),
        ({"_until": "2026-11-22"}, True),
        ({"_since": "2026-11-22", "_until": "2026-11-22"}, True),
        ({"_since": "2026-11-23"}, False),
        ({"_until": "2026-11-21"}, False),
        ({"_since": "gestern", "_until": "0001-01-01"}, True),
    ],
)
def test_days_of_receipt_are_days_in_berlin(
    client: FlaskClient, installation: Installation, days: dict[str, str], there: bool
) -> None:
    reference = installation.submit()  # at 23:30 there, 22:30 UTC
    sign_in(client)
    page = soup(search(client, _reference=reference, **days))
    assert bool(page.find("a", href=f"/applications/{reference}/")) is there
    said = [button.get_text() for button in page.select("#filter [name=_remove]")]
    assert ("Filter entfernen: Eingegangen ab 22. November 2026" in said) is (days.get("_since") == "2026-11-22")


def test_an_application_says_first_what_is_missing_and_leads_to_its_parts(
    client: FlaskClient, installation: Installation
) -> None:
    reference = installation.submit()
    sign_in(client)
    main = soup(client.get(f"/applications/{reference}/")).main
    facts = {dt.get_text(): dt.find_next("dd").get_text() for dt in main.dl.select("dt")}
    assert facts["Antragstellende Person"] == HOSTILE
    assert facts["Fehlende Nachweise"] == "Brief (wird nachgereicht)"
    for link in main.select("nav a"):
        assert main.find(id=link["href"][1:]) is not None
        assert main.find(id=link["href"][1:]).get_text() == link.get_text()


def test_an_application_shows_answers_proofs_and_declarations_as_text(
    client: FlaskClient, installation: Installation
) -> None:
    reference = installation.submit()
    sign_in(client)
    page = client.get(f"/applications/{reference}/")
    text = soup(page).main.get_text(" ")
    rows = {dt.get_text(): dt.find_next("dd").get_text() for dt in soup(page).select("main dt")}
    assert rows["Ihr Name"] == HOSTILE
    assert rows["Ihr Wunsch"] == "eine Zeile\nnoch eine"
    assert rows["Kosten"].replace("\xa0", " ") == "480,50 €"
    assert "wird nachgereicht" in rows["Brief"]
    assert "Rechnung Mai ä.pdf" in rows["Rechnung"]
    assert {"Eingang", "folder"} <= rows.keys()
    assert "Meine Angaben sind richtig." in text
    assert HOSTILE not in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"


def test_every_opening_stands_in_the_log_before_and_without_content(
    client: FlaskClient, installation: Installation
) -> None:
    reference = installation.submit()
    sign_in(client)
    before = len(installation.lines())
    page = client.get(f"/applications/{reference}/")
    proof = soup(page).select_one("a[href*='/proofs/']")["href"]
    client.get(proof)
    client.get(f"/applications/{reference}/application.json")
    client.get("/inbox")
    assert installation.lines()[before:] == [
        ("development:kaya", "read", reference),
        ("development:kaya", "fetch proof", reference),
        ("development:kaya", "fetch application.json", reference),
        ("development:kaya", "list", ""),
    ]


def test_what_cannot_be_logged_stays_shut(
    client: FlaskClient, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = installation.submit("Verschlossen")
    sign_in(client)
    database = installation.engine.database
    with database.write() as work:
        kind = type(work.audit)

    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(kind, "add", full)
    for path in ("", "application.json", "record.json"):
        answer = client.get(f"/applications/{reference}/{path}")
        assert answer.status_code == 503
        assert "Verschlossen" not in answer.get_data(as_text=True)


def downloads(installation: Installation, reference: Reference) -> Iterator[str]:
    with installation.engine.stores.of("musterstadt").read() as work:
        record = json.loads(work.submissions.load(reference).record)
    yield from (f"/applications/{reference}/{name}" for name in ("application.json", "record.json", "application.pdf"))
    yield from (f"/applications/{reference}/{f['path']}" for p in record["proofs"] for f in p["files"])


def test_a_file_is_only_ever_saved(client: FlaskClient, installation: Installation) -> None:
    reference = installation.submit()
    stores = installation.engine.stores
    with stores.of("musterstadt").write() as work:
        stores.files.put(filing.pdf_place(work.submissions.load(reference)), b"%PDF-1.7 signed")
        work.submissions.keep_pdf(reference, "00")
    sign_in(client)
    kinds = set()
    for path in downloads(installation, reference):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        kinds.add(answer.content_type)
        if "/proofs/" in path:
            assert answer.data == PDF
            assert unquote(answer.headers["Content-Disposition"]).endswith("UTF-8''Rechnung Mai ä.pdf")
    assert kinds == {"application/json", "application/pdf"}


def test_a_document_without_a_seal_is_never_said_to_be_sealed(client: FlaskClient, installation: Installation) -> None:
    reference = installation.submit()
    sign_in(client)
    assert "/seal" not in client.get(f"/applications/{reference}/").text, "there is no document yet"
    stores = installation.engine.stores
    with stores.of("musterstadt").write() as work:
        stores.files.put(filing.pdf_place(work.submissions.load(reference)), PDF)
        work.submissions.keep_pdf(reference, "00")
    assert f"/applications/{reference}/seal" in client.get(f"/applications/{reference}/").text
    shown = client.get(f"/applications/{reference}/seal")
    assert "Kein Siegel" in shown.text
    assert "kern-alert--success" not in shown.text
    assert installation.lines()[-1][1:] == ("fetch application.pdf", reference)


def test_the_saved_data_are_the_bytes_that_were_frozen(client: FlaskClient, installation: Installation) -> None:
    reference = installation.submit()
    sign_in(client)
    with installation.engine.stores.of("musterstadt").read() as work:
        frozen = work.submissions.load(reference)
    assert client.get(f"/applications/{reference}/application.json").data == frozen.payload
    assert client.get(f"/applications/{reference}/record.json").data == frozen.record


@pytest.mark.parametrize(
    "path",
    [
        "/applications/0000-0000-000/",
        "/applications/0000-0000-000/application.json",
        "/applications/{}/application.pdf",
        "/applications/{}/proofs/other.pdf",
        "/applications/{}/proofs/../application.json",
        "/applications/{}/manifest.json",
    ],
)
def test_what_is_not_there_is_not_found(client: FlaskClient, installation: Installation, path: str) -> None:
    sign_in(client)
    assert client.get(path.format(installation.submit())).status_code == 404


def test_a_file_that_is_not_scanned_yet_is_named_and_not_given(client: FlaskClient, installation: Installation) -> None:
    reference = installation.submit(clean=False)
    sign_in(client)
    page = client.get(f"/applications/{reference}/")
    assert "wird noch geprüft" in soup(page).main.get_text()
    assert soup(page).select("a[href*='/proofs/']") == []
    path = list(downloads(installation, reference))[-1]
    assert client.get(path).status_code == 404


def test_the_auditor_reads_who_opened_what(client: FlaskClient, installation: Installation) -> None:
    reference = installation.submit()
    sign_in(client)
    client.get(f"/applications/{reference}/")
    client.post("/sign-out", data=hidden(client.get("/inbox"), "header form"))
    sign_in(client, "development:reiter")
    page = client.get("/audit")
    rows = [" ".join(tr.get_text(" ").split()) for tr in soup(page).select("tbody tr")]
    assert any("development:kaya" in row and "Antrag geöffnet" in row and reference in row for row in rows)
    assert soup(page).table.caption.get_text().strip()


def test_every_route_of_the_staff_site_says_who_may_use_it(client: FlaskClient) -> None:
    for rule in client.application.url_map.iter_rules():
        view = client.application.view_functions[rule.endpoint]
        assert getattr(view, "access", "") in {"public", "staff"}, rule.rule


def parked(installation: Installation, error: str = "the far side answered 410") -> Reference:
    """An application of which one delivery is parked."""
    reference = installation.submit()
    with installation.engine.stores.of("musterstadt").write() as work:
        delivery = work.deliveries.load(reference, "folder")
        work.deliveries.save(replace(delivery, status=DeliveryStatus.FAILED, attempts=3, error=error))
    return reference


def test_rel_08_a_parked_delivery_is_seen_with_its_reason_and_a_lead_lets_it_be_tried_again(
    client: FlaskClient, installation: Installation
) -> None:
    reference = parked(installation)
    sign_in(client, "development:probst")
    assert reference in search(client, _state="failed").get_data(as_text=True)
    page = client.get(f"/applications/{reference}/")
    part = soup(page).select_one("section[aria-labelledby=uebergabe]").get_text(" ", strip=True)
    assert "gescheitert" in part
    assert "Die Gegenstelle nimmt den Antrag nicht an." in part
    assert "the far side answered 410" in part
    form = f"form[action='/applications/{reference}/deliveries/folder/retry']"
    answer = client.post(f"/applications/{reference}/deliveries/folder/retry", data=hidden(page, form))
    assert answer.status_code == 303
    with installation.engine.stores.of("musterstadt").read() as work:
        assert work.deliveries.load(reference, "folder").status is DeliveryStatus.WAITING
        assert work.outbox.under_way(reference)
    assert ("development:probst", "delivery.retry", reference) in installation.lines()
    assert client.post(f"/applications/{reference}/deliveries/folder/retry", data=hidden(page, form)).status_code == 303


def by_hand(client: FlaskClient, reference: Reference, action: str, **fields: str) -> TestResponse:
    """The answer to the button *action* on the page where a parked application is taken out."""
    page = soup(client.get(f"/applications/{reference}/export"))
    form = page.select_one(f"main [data-action={action}]").find_parent("form")
    token = {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}
    return client.post(form["action"], data={**token, **fields})


def test_rel_08_a_parked_application_is_taken_out_by_hand_with_four_eyes_once(
    client: FlaskClient, installation: Installation
) -> None:
    reference, lead = parked(installation), _same_site(client)
    at = f"/applications/{reference}/export"
    sign_in(client)
    sign_in(lead, "development:probst")
    assert f'href="{at}"' in client.get(f"/applications/{reference}/").text
    before = len(installation.lines())
    shown = soup(client.get(at)).main.get_text(" ", strip=True)
    assert "the far side answered 410" in shown
    assert HOSTILE not in shown
    assert by_hand(client, reference, "ask", _reason="  ").status_code == 422
    assert by_hand(client, reference, "ask", _reason="x" * 501).status_code == 422
    assert by_hand(client, reference, "ask", _reason="Die Gegenstelle ist abgeschaltet.").location == at

    token = hidden(client.get("/inbox"), "header form")
    assert "Sie selbst können es nicht" in client.get(at).text
    for path in ("approve", "bundle"):  # alone it is refused
        client.post(f"{at}/{path}", data=token)
    assert client.post(f"{at}/bundle", data=token).status_code == 404
    assert by_hand(lead, reference, "approve").location == at
    assert "Nur die Person, die angefragt hat" in lead.get(at).text
    other = hidden(lead.get("/inbox"), "header form")
    assert lead.post(f"{at}/bundle", data=other).status_code == 404

    taken = by_hand(client, reference, "bundle")
    assert taken.headers["Content-Disposition"] == f"attachment; filename={reference}.zip"
    assert taken.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(taken.data)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    with installation.engine.stores.of("musterstadt").read() as work:
        assert files["application.json"] == work.submissions.load(reference).payload
        assert work.deliveries.load(reference, "folder").status is DeliveryStatus.FAILED, "nothing is dropped"
    manifest = json.loads(files["manifest.json"])
    assert {file["path"] for file in manifest["files"]} == files.keys() - {"manifest.json"}
    assert [name for name in files if name.startswith("proofs/")]
    assert manifest["leftOut"] == [{"path": "application.pdf", "reason": "the document is not made yet"}]

    assert client.post(f"{at}/bundle", data=token).status_code == 404
    lines = [line for line in installation.lines()[before:] if line[1].startswith("export")]
    assert lines == [
        ("development:kaya", "export.ask", reference),
        ("development:probst", "export.approve", reference),
        ("development:kaya", "export.fetch", reference),
    ]
    with installation.engine.stores.of("musterstadt").read() as work:
        lines = work.audit.lines("musterstadt")
    asked = next(line for line in lines if (line.action, line.reference) == ("export.ask", reference))
    assert asked.detail == "Die Gegenstelle ist abgeschaltet."


def test_rel_08_what_was_asked_for_ends_after_a_day_and_what_is_not_parked_cannot_be_asked_for(
    installation: Installation,
) -> None:
    reference, now = parked(installation), datetime.now(UTC)
    stores, day = installation.engine.stores, timedelta(hours=24)
    who = {"staff": "kim", "name": "Kim"}
    exporting.ask(stores, "musterstadt", reference, **who, reason="why", now=now)
    with pytest.raises(IllegalChange):
        exporting.ask(stores, "musterstadt", reference, staff="lee", name="Lee", reason="why", now=now)
    with pytest.raises(IllegalChange):
        exporting.approve(stores, "musterstadt", reference, staff="lee", name="Lee", now=now + day)
    exporting.approve(stores, "musterstadt", reference, staff="lee", name="Lee", now=now)
    with pytest.raises(IllegalChange):
        exporting.fetch(stores, "musterstadt", reference, staff="kim", now=now + day)
    with pytest.raises(NotFound):
        exporting.ask(stores, "elsewhere", reference, **who, reason="why", now=now + day)
    exporting.ask(stores, "musterstadt", reference, **who, reason="again", now=now + day)
    with pytest.raises(IllegalChange):
        exporting.fetch(stores, "musterstadt", reference, staff="kim", now=now + day)
    sound = installation.submit()
    with pytest.raises(IllegalChange):
        exporting.ask(stores, "musterstadt", sound, **who, reason="why", now=now)


def test_gdp_03_a_caseworker_takes_an_application_over_once(client: FlaskClient, installation: Installation) -> None:
    reference = installation.submit()
    with installation.engine.stores.write() as work:
        sending = work.deliveries.load(reference, "inbox").changed(DeliveryStatus.SENDING)
        work.deliveries.save(sending.changed(DeliveryStatus.DELIVERED))
    sign_in(client)
    page = client.get(f"/applications/{reference}/")
    assert "14 Tage danach wird er hier gelöscht" in page.get_data(as_text=True)
    form = hidden(page, f"form[action='/applications/{reference}/taken']")
    assert client.post(f"/applications/{reference}/taken", data=form).status_code == 303
    with installation.engine.stores.of("musterstadt").read() as work:
        assert work.deliveries.load(reference, "inbox").confirmed_at is not None
    assert [line for line in installation.lines() if line[1] == "take over"][-1][2] == reference
    assert not soup(client.get(f"/applications/{reference}/")).select("form[action$=taken]")


def test_a_caseworker_sees_the_reason_and_may_not_retry(client: FlaskClient, installation: Installation) -> None:
    reference = parked(installation)
    sign_in(client)
    page = client.get(f"/applications/{reference}/")
    assert "gescheitert" in page.get_data(as_text=True)
    assert soup(page).select("form[action*=retry]") == []
    token = hidden(page, "header form")
    assert client.post(f"/applications/{reference}/deliveries/folder/retry", data=token).status_code == 404


@pytest.mark.parametrize(
    ("noted", "words"),
    [
        ("the document could not be made", "Das PDF konnte noch nicht erstellt werden."),
        ("the document could not be sealed", "Das PDF konnte noch nicht gesiegelt werden."),
        ("a file is not examined yet", "Eine Datei wird noch auf Viren geprüft."),
        ("no such channel is configured for wish", "Dieser Weg ist nicht oder nicht vollständig eingerichtet."),
        ("the far side answered 410", "Die Gegenstelle nimmt den Antrag nicht an."),
        ("the far side answered 503", "Die Gegenstelle ist nicht erreichbar oder gestört."),
        ("the server did not answer in time", "Die Gegenstelle ist nicht erreichbar oder gestört."),
        ("the server does not take our key", "Die Gegenstelle lässt uns nicht hinein."),
        ("the server shows another host key than the one configured", "Die Gegenstelle ist nicht die erwartete."),
        ("the folder does not take it: PermissionError", "Der Ordner für die Übergabe kann nicht beschrieben werden."),
        (
            "the destination takes no version of the metadata that is known",
            "Die Gegenstelle nimmt den Antrag nicht an.",
        ),
        ("", ""),
    ],
)
def test_what_a_channel_noted_is_said_in_words(noted: str, words: str) -> None:
    assert in_words(noted) == words


def _same_site(client: FlaskClient) -> FlaskClient:
    """Another browser at the same site."""
    return client.application.test_client()


def test_ses_11_staff_see_and_end_their_own_sessions(client: FlaskClient) -> None:
    other = _same_site(client)
    sign_in(client)
    sign_in(other)
    page = client.get("/sessions")
    cards = soup(page).select("main .app-card")
    elsewhere = next(card for card in cards if "diese Sitzung" not in card.get_text())
    fields = {tag["name"]: tag["value"] for tag in elsewhere.select("input")}
    client.post("/sessions", data=fields)
    assert client.get("/inbox").status_code == 200
    here = next(
        card for card in soup(client.get("/sessions")).select("main .app-card") if "diese Sitzung" in card.get_text()
    )
    ended = client.post("/sessions", data={tag["name"]: tag["value"] for tag in here.select("input")})
    assert ended.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/inbox").status_code == 303


def test_ses_11_an_admin_ends_all_sessions_of_a_person_and_nobody_else_does(client: FlaskClient) -> None:
    kaya = _same_site(client)
    sign_in(kaya, "development:probst")
    token = hidden(kaya.get("/sessions"))
    assert kaya.post("/sessions/of-person", data={**token, "_person": "development:probst"}).status_code == 404
    sign_in(client, "development:okafor")
    assert client.get("/").location == "/sessions"
    page = client.get("/sessions")
    card = next(card for card in soup(page).select("main .app-card") if "Jens Probst" in card.get_text())
    client.post("/sessions/of-person", data={tag["name"]: tag["value"] for tag in card.select("input")})
    assert kaya.get("/inbox").status_code == 303
    assert "Jens Probst" not in soup(client.get("/sessions")).select_one("main").get_text()


def pressed(client: FlaskClient, action: str, name: str) -> TestResponse:
    """The answer to the button *action* on the card of *name*, on the page of the sessions."""
    page = soup(client.get("/sessions"))
    card = next(card for card in page.select("main .app-card") if name in card.get_text())
    form = card.select_one(f"[data-action={action}]").find_parent("form")
    return client.post(form["action"], data={tag["name"]: tag["value"] for tag in form.select("input")})


def test_ses_11_who_is_blocked_is_out_at_the_next_request_and_stays_out_until_unblocked(
    client: FlaskClient, installation: Installation
) -> None:
    probst = _same_site(client)
    sign_in(probst, "development:probst")
    assert probst.get("/inbox").status_code == 200
    token = hidden(probst.get("/sessions"))
    assert probst.post("/sessions/block", data={**token, "_person": "development:okafor"}).status_code == 404
    sign_in(client, "development:okafor")
    own = hidden(client.get("/sessions"))
    assert client.post("/sessions/block", data={**own, "_person": "development:okafor"}).status_code == 404
    pressed(client, "block", "Jens Probst")
    assert probst.get("/inbox").status_code == 303
    again = sign_in(probst, "development:probst")
    assert again.status_code == 422
    assert "Ihr Zugang ist gesperrt" in again.text
    # a session that was being made in that very moment opens nothing either
    stores = installation.engine.stores.of("musterstadt")
    person = {"id": "development:probst", "name": "Jens Probst", "roles": ["caseworker"]}
    secret, _ = visiting.begin(
        stores, tenant="musterstadt", language="de", now=datetime.now(UTC), audience=visiting.STAFF, person=person
    )
    probst.set_cookie("formengine-staff", secret)
    assert probst.get("/inbox").status_code == 303
    pressed(client, "unblock", "Jens Probst")
    assert sign_in(probst, "development:probst").status_code == 303
    assert probst.get("/inbox").status_code == 200
    assert {("development:okafor", "block", ""), ("development:okafor", "unblock", "")} <= set(installation.lines())


def test_ses_11_the_command_line_blocks_who_is_not_signed_in(client: FlaskClient, installation: Installation) -> None:
    settings = installation.engine.settings
    for wrong in (("block", "", ""), ("block", "x", "elsewhere"), ("unblock", "x", "")):
        with pytest.raises(ConfigError):
            list(keeping.staff(settings, *wrong))
    list(keeping.staff(settings, "block", "development:reiter", ""))
    assert "development:reiter" in "".join(keeping.staff(settings, "list", "", ""))
    assert sign_in(client, "development:reiter").status_code == 422
    list(keeping.staff(settings, "unblock", "development:reiter", ""))
    assert sign_in(client, "development:reiter").status_code == 303
