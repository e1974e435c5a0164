"""OPS-01: each part is broken and healed, and the sites say so; OPS-02: what Prometheus reads; OPS-05: the doctor."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from prometheus_client import generate_latest
from sqlalchemy import text

from formengine import bootstrap, doctor, health, metering
from formengine.bootstrap import Engine
from formengine.config import Settings
from formengine.core.lifecycle import DeliveryStatus
from formengine.health import Part, Readiness
from formengine.intake.scanning import Clamd
from formengine.web.app import create_app
from tests import opened
from tests.delivery.servers import free_port
from tests.intake import test_scanning

ROOT = Path(__file__).parents[1]
clamd = test_scanning.real


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    data = tmp_path / "data"
    settings = Settings(
        data=data,
        forms=ROOT / "forms",
        schemas=ROOT / "schemas",
        translations=ROOT / "translations",
        database_url=opened.sqlite_url(tmp_path),
        files_url=f"{(data / 'files').as_uri()}/",
        origin="http://localhost",
        staff_origin="http://localhost:8001",
        pepper_file=data / "keys" / "pepper",
        scanner=f"clamd://127.0.0.1:{free_port()}",
    )
    opened.close(opened.at_once(tmp_path))
    bootstrap.prepare_data(settings)
    bootstrap.ensure_test_keys(settings)
    with bootstrap.opened(settings) as engine:
        yield engine


def sql(engine: Engine, statement: str) -> None:
    with engine.database.engines.write() as rows:
        rows.connection.execute(text(statement))


def low(_: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


def moved(path: Path) -> Path:
    return path.rename(path.with_name(f"{path.name}-away"))


BREAK: dict[str, Callable[[Engine, pytest.MonkeyPatch], object]] = {
    "database": lambda engine, _: sql(engine, "ALTER TABLE lease RENAME TO away"),
    "migrations": lambda engine, _: sql(engine, "UPDATE alembic_version SET version_num = '0000'"),
    "files": lambda engine, _: moved(engine.settings.data / "files").with_name("files").write_text("no folder"),
    "keys": lambda engine, _: moved(engine.settings.ring),
    "disk": low,
    "clock": lambda engine, patch: patch.setattr(health, "skew_s", lambda _: -61.0),
}


@pytest.mark.parametrize("name", BREAK)
def test_ops_01_an_essential_part_that_fails_makes_it_red_and_it_is_named_inside_alone(
    name: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.objects.probe()
    sites = [create_app(engine, audience) for audience in ("applicants", "staff")]
    public, staff = (site.test_client() for site in sites)
    assert (public.get("/readyz").status_code, staff.get("/readyz").status_code) == (200, 200)
    BREAK[name](engine, monkeypatch)
    for site in sites:
        site.extensions["formengine"].readiness._asked_at = float("-inf")
    red = public.get("/readyz")
    assert (red.status_code, red.text) == (503, "not ready\n"), "outsiders learn no more"
    assert f"{name}: fails" in staff.get("/readyz").text
    assert public.get("/livez").status_code == 200
    wrong = next(line for line in doctor.examine(engine.settings) if line.what == name)
    assert wrong.wrong


def test_ops_01_it_is_green_again_when_the_part_works_again(engine: Engine) -> None:
    app = create_app(engine, "applicants")
    state = app.extensions["formengine"].readiness
    away = moved(engine.settings.ring)
    assert app.test_client().get("/readyz").status_code == 503
    away.rename(engine.settings.ring)
    assert app.test_client().get("/readyz").status_code == 503, "asked again at most every two seconds"
    state._asked_at -= health.FRESH_S
    assert app.test_client().get("/readyz").status_code == 200
    assert health.FRESH_S + health.WAIT_S < 10


def test_ops_01_without_the_scanner_it_stays_green_and_says_so_inside(engine: Engine) -> None:
    assert create_app(engine, "applicants").test_client().get("/readyz").text == "ok\n"
    assert "scanner: fails" in create_app(engine, "staff").test_client().get("/readyz").text


def test_ops_01_a_part_that_hangs_is_red_at_once_and_is_not_asked_twice() -> None:
    asked: list[str] = []
    goes_on = threading.Event()

    def hang() -> str:
        asked.append("once")
        goes_on.wait(60)
        return ""

    state = Readiness([Part("database", hang)])
    assert state.failing() == ("database",)
    state._asked_at = float("-inf")
    assert state.failing() == ("database",)
    assert len(asked) == 1
    goes_on.set()


def test_ops_02_what_waits_is_parked_and_lacks_its_document_is_told(engine: Engine) -> None:
    stores = engine.stores.opened_by(opened.READER)
    first = opened.send(stores, "inbox", "folder")
    opened.send(stores, "inbox")
    with stores.write() as work:
        work.deliveries.save(replace(work.deliveries.load(first, "folder"), status=DeliveryStatus.FAILED))
        work.workers.beat("w")
    told = generate_latest(metering.registry(engine)).decode()
    for line in (
        'formengine_deliveries_open{state="waiting"} 2.0',
        "formengine_dead_letters 1.0",
        "formengine_documents_missing 2.0",
        'formengine_part_up{part="scanner"} 0.0',
        'formengine_part_up{part="database"} 1.0',
    ):
        assert line in told
    for name in ("outbox_oldest_seconds", "disk_free_bytes", "worker_silent_seconds", "clock_skew_seconds"):
        assert re.search(rf"^formengine_{name} [-\d.e+]+$", told, re.MULTILINE), name


def test_ops_02_processes_add_up_and_no_label_says_anything_about_an_applicant(engine: Engine) -> None:
    program = (
        "import sys; from pathlib import Path; from formengine import metrics\n"
        "metrics.configure(Path(sys.argv[1]))\n"
        "with metrics.submitting(): pass\n"
        "metrics.count('deliveries', 'folder', 'delivered'); metrics.count('sweeps')\n"
        "with metrics.rendering(): pass\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program, engine.settings.data], check=True, cwd=ROOT)
    told = generate_latest(metering.registry(engine)).decode()
    assert 'formengine_submits_total{outcome="received"} 2.0' in told
    assert "formengine_render_seconds_count 2.0" in told
    assert set(re.findall(r"[{,](\w+)=", told)) <= {"outcome", "channel", "step", "state", "part", "le"}


def test_ops_02_threads_that_count_first_at_once_all_count() -> None:
    """Each in a process that has not counted yet: what is made twice is refused by the library."""
    program = (
        "import threading; from concurrent.futures import ThreadPoolExecutor; from formengine import metrics\n"
        "gate = threading.Barrier(16)\n"
        "def count(_):\n    gate.wait(); metrics.count('sweeps')\n"
        "import prometheus_client\n"
        "with ThreadPoolExecutor(16) as pool: list(pool.map(count, range(16)))\n"
        "assert prometheus_client.REGISTRY.get_sample_value('formengine_sweeps_total') == 16\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_f_03_what_cannot_be_counted_fails_nothing_else(tmp_path: Path) -> None:
    """The folder of the counts is gone, as on a full or broken disk."""
    program = (
        "import shutil, sys; from pathlib import Path; from formengine import metrics\n"
        "metrics.configure(Path(sys.argv[1])); shutil.rmtree(metrics.folder(Path(sys.argv[1])))\n"
        "with metrics.submitting(): print('received')\n"
        "with metrics.rendering(): print('made')\n"
    )
    run = subprocess.run([sys.executable, "-c", program, tmp_path], check=True, cwd=ROOT, capture_output=True)
    assert run.stdout == b"received\nmade\n"


def test_ops_02_a_database_that_does_not_answer_is_told_and_the_rest_too(engine: Engine) -> None:
    sql(engine, "ALTER TABLE delivery RENAME TO away")
    sql(engine, "ALTER TABLE lease RENAME TO gone")
    told = generate_latest(metering.registry(engine)).decode()
    assert 'formengine_part_up{part="database"} 0.0' in told
    assert "formengine_disk_free_bytes" in told


def test_ops_02_each_metric_has_an_alert_in_the_docs(engine: Engine) -> None:
    docs = (ROOT / "docs" / "deployment.md").read_text()
    for name in re.findall(
        r"^# TYPE (formengine_\w+)", generate_latest(metering.registry(engine)).decode(), re.MULTILINE
    ):
        assert name in docs, name


def test_ops_05_the_doctor_names_what_is_not_fit_for_real_data(engine: Engine) -> None:
    found = {line.what: line.wrong for line in doctor.examine(engine.settings)}
    assert "start it" in found["scanner"]
    assert "clamd" in found["virus found by the scanner (EICAR)"]
    assert "formengine keys make" in found["keys are no test keys"]
    assert "authority_keys" in found["authority's keys are named by a second person"]
    assert "FORMENGINE_OPENER_PEER" in found["authority's key is the opener's alone"]
    assert "FORMENGINE_SIGNING_KEY_FILE" in found["seal"]
    assert "formengine worker" in found["worker alive"]
    assert "formengine publish" in found["forms"]
    assert found["site http://localhost"] != ""
    assert found["database"] == found["keys"] == found["channels"] == ""


@pytest.mark.parametrize("kind", ["pem", "p12", "token"])
def test_pdf_09_the_end_of_the_seals_certificate_is_told_wherever_its_key_lies(
    engine: Engine, tmp_path: Path, kind: str
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC).replace(microsecond=0)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Siegel")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    pem, no = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no)
    (tmp_path / "seal.crt").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "seal.pem").write_bytes(secret + certificate.public_bytes(pem))
    (tmp_path / "seal.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, no))
    (tmp_path / "pin").write_bytes(b"4711")
    if kind == "token":  # nobody needs the token itself to say so
        settings = replace(
            engine.settings,
            signer="pkcs11",
            pkcs11_module_file=tmp_path / "seal.crt",
            pkcs11_token="siegel",
            pkcs11_key="ec",
            pkcs11_pin_file=tmp_path / "pin",
            signing_certificate_file=tmp_path / "seal.crt",
        )
    else:
        settings = replace(engine.settings, signing_key_file=tmp_path / f"seal.{kind}")
    with bootstrap.opened(settings) as sealing:
        assert metering.seal_ends(sealing) == (now + timedelta(days=9)).timestamp()
    found = {line.what: line.wrong for line in doctor.examine(settings)}
    assert found["seal"] == "its certificate ends in 8 days; get a new one"


def test_ops_05_the_doctor_is_content_with_a_clamd_that_finds_the_test_virus(engine: Engine, clamd: Clamd) -> None:
    settings = replace(engine.settings, scanner=f"clamd://{clamd.host}:{clamd.port}")
    found = {line.what: line.wrong for line in doctor.examine(settings)}
    assert found["scanner"] == found["virus found by the scanner (EICAR)"] == ""


def test_ops_05_the_doctor_names_each_wrong_setting_with_what_helps(engine: Engine, tmp_path: Path) -> None:
    key = tmp_path / "seal.pem"
    key.write_text("no key")
    key.chmod(0o644)
    port = free_port()
    hook = {"kind": "webhook", "url": f"https://127.0.0.1:{port}/in", "secret_file": str(key)}
    tenant = replace(engine.settings.tenants[0], origin="https://nowhere.invalid", channel={"hook": hook})
    wrong = replace(
        engine.settings,
        tenants=(tenant,),
        signing_key_file=key,
        forms=tmp_path / "nowhere",
        ring_file=tmp_path / "none.json",
        database_url="postgresql+psycopg://formengine@127.0.0.1:1/formengine",
    )
    found = {line.what: line.wrong for line in doctor.examine(wrong)}
    assert "refused" in found["database"]
    assert "FORMENGINE_DATABASE_URL" in found["database"]
    assert f"{tmp_path}/none.json" in found["keys"]
    assert f"chmod o= {key}" in found["private keys are private"]
    assert "FORMENGINE_PROXIES=1" in found["addresses behind the proxy"]
    assert str(key) in found["seal"]
    assert f"127.0.0.1:{port} does not answer" in found["channel hook of musterstadt"]
    assert "correct FORMENGINE_FORMS" in found["forms"]
    assert "DNS" in found["site https://nowhere.invalid"]
    assert found["documents"] == ""


def test_ops_05_the_doctor_makes_nothing(engine: Engine) -> None:
    engine.objects.probe()
    before = set(engine.settings.data.rglob("*"))
    list(doctor.examine(replace(engine.settings, signing_key_file=None)))
    assert set(engine.settings.data.rglob("*")) == before
