"""Signer and time-stamp authority down while a real worker runs: nothing lost, nothing unsealed leaves (F-07, F-08, PDF-07).

`formengine worker` in a process of its own, SoftHSM2, and a trust centre on loopback. About a minute.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from formengine import bootstrap, config, designing
from formengine.bootstrap import Engine
from formengine.core.applying import evaluate
from formengine.core.lifecycle import DeliveryStatus, Reference
from formengine.core.pages import pages
from formengine.documents.verdict import Finding
from formengine.documents.verifying import Roots, load_roots, verify
from formengine.services import drafting, filing, submitting, visiting
from formengine.services.drafting import Reading
from formengine.services.values import JOB
from formengine.web.reasons import in_words
from tests.documents.authority import PEM, TrustCentre, trust_centre
from tests.documents.tokens import MODULE, PIN, token
from tests.jobs.killing import SCHEMA

ROOT = Path(__file__).parents[2]
TENANTS = """
[[tenant]]
id = "wartet"
[tenant.channels]
"*" = ["inbox", "wartend"]
[tenant.channel.wartend]
kind = "folder"
root = "wartend"

[[tenant]]
id = "eilt"
unstamped_after_min = 0
stamp_to = ["eilig"]
[tenant.channels]
"*" = ["inbox", "eilig"]
[tenant.channel.eilig]
kind = "folder"
root = "eilig"
"""


class Installation:
    """Two authorities, one that waits for a time stamp and one that does not, and their worker."""

    def __init__(self, folder: Path, more: dict[str, str]) -> None:
        self.folder = folder
        (folder / "antrag.schema.json").write_text(json.dumps(SCHEMA))
        (folder / "forms").mkdir()
        (folder / "formengine.toml").write_text(TENANTS)
        self.environment = {
            "FORMENGINE_DATA": str(folder / "data"),
            "FORMENGINE_FORMS": str(folder / "forms"),
            "FORMENGINE_SCHEMA_FILES": str(folder / "antrag.schema.json"),
            "FORMENGINE_CONFIG": str(folder / "formengine.toml"),
            "FORMENGINE_SCANNER": "off",
            "FORMENGINE_LOG_LEVEL": "WARNING",
            **more,
        }
        settings = config.load(self.environment)
        bootstrap.prepare_data(settings)
        bootstrap.ensure_test_keys(settings)
        bootstrap.migrate(settings)
        designing.publish(settings)
        self.engine: Engine = bootstrap.build(settings)

    def send(self, tenant: str) -> Reference:
        now = datetime.now(UTC)
        stores, form = self.engine.stores, self.engine.forms.newest("antrag")
        secret, _ = visiting.begin(stores, tenant=tenant, language="de", now=now)
        stores = stores.opened_by(visiting.reader_of(secret))
        draft = drafting.start(stores, form, tenant=tenant, language="de", session=None, now=now)
        first = pages(evaluate(form, draft.answers, now.date()))[0].address
        draft = drafting.answer_step(stores, form, draft, first, Reading({"/name": "Änne"}), revision=0, now=now).draft
        (own,) = (one for one in self.engine.settings.tenants if one.id == tenant)
        ways = own.channels_of("antrag")
        return submitting.submit(
            stores, form, draft.id, idempotency_key=None, accepted=(), language="de", channels=ways, now=now
        )

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """While a worker runs, whose pauses are short."""
        with (self.folder / "log").open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, ROOT / "tests/jobs/slow_worker.py", self.folder / "calls", "40"],
                cwd=ROOT,
                env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
        try:
            yield
        finally:
            child.terminate()
            child.wait(60)
            self.engine.database.close()

    def until(self, what: Callable[[], object]) -> None:
        end = time.monotonic() + 200
        while not what():
            assert time.monotonic() < end, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def delivered(self, name: str) -> bytes:
        """The document in a folder that was handed over, b"" while there is none."""
        path = next(iter(self.folder.glob(f"*/{name}/application.pdf")), None)
        return path.read_bytes() if path else b""

    def error(self, reference: Reference, channel: str) -> str:
        with self.engine.stores.read() as work:
            return work.deliveries.load(reference, channel).error

    def is_done(self, reference: Reference) -> bool:
        with self.engine.stores.read() as work:
            wraps = work.keys.of(work.submissions.load(reference).draft_id)
            sent = {one.status for one in work.deliveries.of(reference)}
        return sent == {DeliveryStatus.DELIVERED} and all(wrap.kind != JOB for wrap in wraps)

    def actions(self, tenant: str) -> list[tuple[str, str]]:
        with self.engine.stores.read() as work:
            return [(line.action, line.reference) for line in work.audit.lines(tenant)]

    def received_at(self, reference: Reference) -> datetime:
        with self.engine.stores.read() as work:
            return work.submissions.load(reference).received_at


@pytest.fixture(scope="module")
def centre() -> Iterator[TrustCentre]:
    with trust_centre() as centre:
        yield centre


@pytest.mark.slow
def test_f_08_whatever_the_time_stamp_authority_does_nothing_is_lost_and_the_stamp_comes_later(
    centre: TrustCentre, tmp_path: Path
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    there = Installation(
        tmp_path,
        {
            "FORMENGINE_SIGNING_KEY_FILE": str(centre.key_file(tmp_path, key, centre.issue("Siegel", key))),
            "FORMENGINE_TSA_URL": f"{centre.url}/tsa",
            "FORMENGINE_TSA_TRUST_FILE": str(centre.root_file(tmp_path)),
            "FORMENGINE_TSA_ALLOW_PRIVATE": "true",
        },
    )
    roots = load_roots([centre.root_file(tmp_path)])
    known = Roots(roots, roots)
    centre.fault = "503"
    with there.working():
        waits = there.send("wartet")
        went: dict[Reference, bytes] = {}
        for fault, skew in (("503", 0), ("hangs", 0), ("wrong certificate", 0), ("", 3)):
            centre.fault, centre.skew = fault or "503", timedelta(hours=skew)
            if skew:
                centre.fault = ""
            one = there.send("eilt")
            there.until(lambda one=one: there.delivered(one))
            went[one] = there.delivered(one)
            verdict = verify(went[one], known)
            assert (verdict.finding, verdict.stamped_at) == (Finding.VALID, None), fault
        there.until(lambda: there.error(waits, "wartend"))
        assert in_words(there.error(waits, "wartend")).startswith("Die Stelle für Zeitstempel ist nicht erreichbar")
        assert there.delivered(waits) == b"", "without a rule nothing leaves without a stamp"
        received = {one: there.received_at(one) for one in (waits, *went)}
        centre.fault, centre.skew = "", timedelta()
        for one, before in went.items():
            there.until(lambda one=one: there.delivered(f"{one}-stamp"))
            stamped = there.delivered(f"{one}-stamp")
            assert stamped.startswith(before)
            verdict = verify(stamped, known)
            assert (verdict.finding, verdict.unrevoked) == (Finding.VALID, True)
            assert there.delivered(one) == before
            there.until(lambda one=one: there.is_done(one))
        there.until(lambda: there.delivered(waits))
        assert verify(there.delivered(waits), known).stamped_at is not None
        there.until(lambda: there.is_done(waits))
    assert {one: there.received_at(one) for one in received} == received
    for one in went:
        assert [action for action, of in there.actions("eilt") if of == one] == ["seal.unstamped", "seal.stamped"]
    assert [action for action, of in there.actions("wartet") if of == waits] == ["seal"]


def test_f_07_with_the_token_gone_nothing_unsealed_leaves_and_with_it_back_all_goes_on(
    centre: TrustCentre, tmp_path: Path
) -> None:
    with token(tmp_path) as hsm:
        key = serialization.load_pem_private_key((hsm / "ec.pem").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        chain = centre.issue("Siegel", key).public_bytes(PEM) + centre.root.public_bytes(PEM)
        (tmp_path / "seal.crt").write_bytes(chain)
        (tmp_path / "pin").write_bytes(PIN)
        there = Installation(
            tmp_path,
            {
                "FORMENGINE_SIGNER": "pkcs11",
                "FORMENGINE_PKCS11_MODULE_FILE": str(MODULE),
                "FORMENGINE_PKCS11_TOKEN": "siegel",
                "FORMENGINE_PKCS11_KEY": "ec",
                "FORMENGINE_PKCS11_PIN_FILE": str(tmp_path / "pin"),
                "FORMENGINE_SIGNING_CERTIFICATE_FILE": str(tmp_path / "seal.crt"),
            },
        )
        shutil.move(hsm / "tokens", hsm / "drawer")
        (hsm / "tokens").mkdir()
        with there.working():
            one = there.send("eilt")
            received = there.received_at(one)
            there.until(lambda: there.error(one, "eilig"))
            assert in_words(there.error(one, "eilig")) == "Das PDF konnte noch nicht gesiegelt werden."
            assert there.delivered(one) == b""
            assert not there.engine.stores.files.has(filing.pdf_key(one))
            (hsm / "tokens").rmdir()
            shutil.move(hsm / "drawer", hsm / "tokens")
            there.until(lambda: there.delivered(one))
            there.until(lambda: there.is_done(one))
        verdict = verify(there.delivered(one), Roots(load_roots([centre.root_file(tmp_path)])))
        assert verdict.finding is Finding.VALID
        assert there.received_at(one) == received
        assert [action for action, of in there.actions("eilt") if of == one] == ["seal"]
