"""The opener under an account of its own (B4): real accounts, real processes, as `docs/deployment.md` sets them up."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from formengine import bootstrap, config, designing, doctor
from formengine.core.answers import Answers
from formengine.core.lifecycle import Reference
from formengine.errors import StorageError
from formengine.services import drafting, submitting
from formengine.storage import accounts, keys
from formengine.storage.opener_socket import REFUSED, UNREADABLE, OpenerClient
from tests import opened
from tests.serving import ROOT, free_ports

OPENER, STAFF, OTHER = "backup", "www-data", "nobody"
"""Accounts that every Debian has, and that nothing runs under here."""
TEXT = {"type": "string", "title": "Ihr Name"}
ASKS = """
import json, socket, sys
line = socket.socket(socket.AF_UNIX)
try:
    line.connect(sys.argv[1])
except PermissionError:
    sys.exit("not let in")
line.sendall(sys.argv[2].encode() + b"\\n")
print(line.makefile("rb").readline().decode())
"""
LISTENS = """
import sys
from pathlib import Path
from formengine.errors import ConfigError
from formengine.opener import listening
from formengine.storage.accounts import account
for path, peer in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        listening(None, Path(path), account(peer))
    except ConfigError as error:
        print(error)
"""


def python_for(*names: str) -> tuple[str, dict[str, str]] | None:
    """A Python that all these accounts can run with our packages, and what that needs in the environment.

    Ours may lie where they may not enter; the system's then does, where it is of the same version.
    """
    paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), sysconfig.get_path("purelib")])}
    for python, more in ((sys.executable, {}), (f"/usr/bin/python3.{sys.version_info.minor}", paths)):
        command = [python, "-c", "import formengine.cli, sqlalchemy, gunicorn"]
        with contextlib.suppress(OSError):
            for name in names:
                subprocess.run(
                    command, cwd=ROOT, env={**os.environ, **more}, check=True, capture_output=True, **under(name)
                )
            return python, more
    return None


def under(name: str, *groups: str, group: str = "") -> dict[str, object]:
    """What lets a process of ours run under the account *name*."""
    about = pwd.getpwnam(name)
    gid = pwd.getpwnam(group or name).pw_gid
    return {"user": about.pw_uid, "group": gid, "extra_groups": [pwd.getpwnam(one).pw_gid for one in groups]}


@dataclass
class Installation:
    python: str
    settings: config.Settings
    environment: dict[str, str]
    reference: Reference

    def start(self, *command: str, **as_whom: object) -> subprocess.Popen:
        return subprocess.Popen(
            [self.python, "-m", *command],
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
            **as_whom,
        )

    def errors(self, *tries: tuple[Path, str]) -> list[str]:
        """What an opener in the staff site's group says when it cannot listen at a socket for a peer."""
        run = subprocess.run(
            [self.python, "-c", LISTENS, *(str(part) for one in tries for part in one)],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True, **under(OPENER, STAFF),
        )  # fmt: skip
        return run.stdout.splitlines()

    def ask(self, request: str, **as_whom: object) -> str:
        run = subprocess.run(
            [self.python, "-c", ASKS, self.settings.socket, request],
            cwd="/", capture_output=True, text=True, check=False, **as_whom,
        )  # fmt: skip
        return run.stdout + run.stderr

    @property
    def list_request(self) -> str:
        asked = {"errand": "cards", "tenant": "musterstadt", "staff": "kim", "references": [self.reference]}
        return json.dumps(asked)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Data of everybody's group, a key of the opener's alone, a folder of the opener's for its socket."""
    if os.geteuid() != 0:
        pytest.skip("only root can start processes under other accounts")
    if not all(any(one.pw_name == name for one in pwd.getpwall()) for name in (OPENER, STAFF, OTHER)):
        pytest.skip(f"this machine has no accounts {OPENER}, {STAFF}, {OTHER}")
    found = python_for(OPENER, STAFF, OTHER)
    if found is None:
        pytest.skip("other accounts can run no Python here")
    folder = Path(tempfile.mkdtemp(prefix="accounts"))
    try:
        yield installed(folder, *found)
    finally:
        shutil.rmtree(folder)


def installed(folder: Path, python: str, paths: dict[str, str]) -> Installation:
    folder.chmod(0o755)
    opener, staff = pwd.getpwnam(OPENER), pwd.getpwnam(STAFF)
    for name, mode, uid in (("data", 0o2770, 0), ("data/keys", 0o750, 0), ("run", 0o750, opener.pw_uid)):
        (folder / name).mkdir()
        os.chown(folder / name, uid, staff.pw_gid)
        (folder / name).chmod(mode)
    schema = folder / "wish.schema.json"
    schema.write_text(json.dumps({"type": "object", "required": ["name"], "properties": {"name": TEXT}}))
    port, staff_port = free_ports()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FORMENGINE_")},
        **paths,
        "FORMENGINE_DATA": str(folder / "data"),
        "FORMENGINE_FORMS": str(folder / "data"),
        "FORMENGINE_SCHEMAS": str(folder / "data"),
        "FORMENGINE_SCHEMA_FILES": str(schema),
        "FORMENGINE_PORT": str(port),
        "FORMENGINE_STAFF_PORT": str(staff_port),
        "FORMENGINE_SCANNER": "off",
        "FORMENGINE_DEVELOPMENT_SIGN_IN": "on",
        "FORMENGINE_AUDIENCE": "staff",
        "FORMENGINE_OPENER_SOCKET": str(folder / "run" / "opener.sock"),
        "FORMENGINE_OPENER_PEER": STAFF,
    }
    settings = config.load({name: value for name, value in environment.items() if name.startswith("FORMENGINE_")})
    before = os.umask(0o007)
    try:
        bootstrap.prepare_data(settings)
        keys.make(settings.data / "keys", tenant="*", now=opened.NOW, test=False)
        bootstrap.migrate(settings)
        designing.publish(settings)
        reference = submitted(settings)
    finally:
        os.umask(before)
    (settings.data / "formengine.db").chmod(0o660)  # SQLite makes its files 0640 at most, whatever the umask
    os.chown(settings.authority_key, opener.pw_uid, -1)
    assert settings.pepper_file
    os.chown(settings.pepper_file, -1, staff.pw_gid)
    settings.pepper_file.chmod(0o640)
    settings.ring.chmod(0o644)
    return Installation(python, settings, environment, reference)


def submitted(settings: config.Settings) -> Reference:
    with bootstrap.opened(settings) as engine:
        stores, form = engine.stores.of("musterstadt").opened_by(opened.READER), engine.forms.newest("wish")
        draft = drafting.start(stores, form, tenant="musterstadt", language="de", session=None, now=opened.NOW)
        filled = draft.with_answers(Answers({"name": "Ada Beispiel"}), now=opened.NOW, days=30)
        with stores.write() as work:
            work.drafts.save(filled, revision=draft.revision)
        return submitting.submit(
            stores, form, draft.id, idempotency_key=None, accepted=[], language="de", channels=("inbox",),
            now=opened.NOW,
        )  # fmt: skip


@pytest.fixture(scope="module")
def running(installation: Installation) -> Iterator[Installation]:
    """The opener under its account, a member of the staff site's group."""
    opener = installation.start("formengine.cli", "opener", **under(OPENER, STAFF))
    try:
        until(installation.settings.socket.exists, opener)
        yield installation
    finally:
        opener.terminate()
        opener.communicate(timeout=30)


def until(happens: object, process: subprocess.Popen) -> None:
    end = time.monotonic() + 60
    while not happens():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.1)


def test_b4_the_staff_site_under_its_account_opens_an_application_and_cannot_read_the_key(
    running: Installation,
) -> None:
    site = running.start(
        "gunicorn", "-c", "python:formengine.web.gunicorn", "formengine.web.app:from_environment()", **under(STAFF)
    )
    try:
        with httpx.Client(base_url=running.settings.staff_origin, follow_redirects=True) as browser:
            until(lambda: answers(browser), site)
            page = BeautifulSoup(browser.get("/sign-in").text, "lxml")
            sent = {field["name"]: field["value"] for field in page.select("main form input[type=hidden]")}
            browser.post("/sign-in", data={**sent, "_person": "development:kaya"})
            case = browser.get(f"/applications/{running.reference}/")
            assert (case.status_code, "Ada Beispiel" in case.text) == (200, True)
    finally:
        site.terminate()
        site.communicate(timeout=45)
    read = subprocess.run(["cat", running.settings.authority_key], check=False, capture_output=True, **under(STAFF))
    assert (read.returncode, read.stdout) == (1, b"")
    with bootstrap.opened(running.settings) as engine, engine.stores.read() as work:
        actions = [line.action for line in work.audit.lines("musterstadt") if line.reference == running.reference]
    assert "read" in actions


def answers(browser: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return browser.get("/livez").status_code == 200
    return False


def test_b4_the_staff_sites_account_is_answered_and_no_other(running: Installation) -> None:
    socket = running.settings.socket.stat()
    assert (socket.st_mode & 0o777, socket.st_gid) == (0o660, pwd.getpwnam(STAFF).pw_gid)
    assert "cards" in running.ask(running.list_request, **under(STAFF))
    assert "not let in" in running.ask(running.list_request, **under(OTHER))
    of_its_group = running.ask(running.list_request, **under(OTHER, group=STAFF))
    assert json.loads(of_its_group) == {"error": REFUSED, "sizes": []}
    assert json.loads(running.ask(running.list_request, **under(OPENER))) == {"error": REFUSED, "sizes": []}
    with pytest.raises(StorageError, match="may not ask"):
        OpenerClient(running.settings.socket).cards("musterstadt", "root", [running.reference])


def test_what_cannot_be_read_is_answered_in_words(running: Installation) -> None:
    assert json.loads(running.ask("{errand: cards}", **under(STAFF))) == {"error": UNREADABLE, "sizes": []}


def test_ops_05_the_doctor_says_when_the_staff_site_could_read_the_authoritys_key(running: Installation) -> None:
    key = running.settings.authority_key
    found = {line.what: line.wrong for line in doctor.examine(running.settings)}
    assert found["authority's key is the opener's alone"] == found["opener"] == ""
    before = key.stat()
    os.chown(key, -1, pwd.getpwnam(STAFF).pw_gid)
    key.chmod(0o640)
    try:
        found = {line.what: line.wrong for line in doctor.examine(running.settings)}
    finally:
        os.chown(key, before.st_uid, before.st_gid)
        key.chmod(before.st_mode & 0o777)
    assert found["authority's key is the opener's alone"].startswith(
        f"{STAFF}, the account of the staff site, can read"
    )
    assert pwd.getpwnam(OPENER).pw_uid == key.stat().st_uid


def test_an_opener_that_could_not_be_asked_does_not_start_and_says_what_helps(installation: Installation) -> None:
    folder = installation.settings.data.parent
    for name, mode in (("shut", 0o700), ("open", 0o777)):
        (folder / name).mkdir()
        os.chown(folder / name, pwd.getpwnam(OPENER).pw_uid, -1)
        (folder / name).chmod(mode)
    shut, foreign, no_group, nobody = installation.errors(
        (folder / "shut" / "opener.sock", STAFF),
        (folder / "opener.sock", STAFF),
        (folder / "open" / "opener.sock", OTHER),
        (folder / "open" / "opener.sock", "nemo"),
    )
    assert f"{STAFF} (FORMENGINE_OPENER_PEER) may not enter {folder / 'shut'}," in shut
    assert f"{OPENER} cannot make the opener's socket {folder / 'opener.sock'}" in foreign
    assert f"usermod -aG {accounts.account(OTHER).group} {OPENER}" in no_group
    assert nobody == "FORMENGINE_OPENER_PEER: there is no account 'nemo' on this machine"
    assert list((folder / "open").iterdir()) == []


def test_keys_that_root_rotates_stay_their_accounts(installation: Installation, tmp_path: Path) -> None:
    keys.make(tmp_path, tenant="*", now=opened.NOW, test=True)
    key = tmp_path / "authority.json"
    uid, gid = pwd.getpwnam(OPENER).pw_uid, pwd.getpwnam(STAFF).pw_gid
    os.chown(key, uid, gid)
    key.chmod(0o640)
    keys.rotate(keys.KeyRing(tmp_path / keys.RING), "authority", keys.WORKING, tenant="*", now=opened.NOW)
    after = key.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (uid, gid, 0o640)
    assert len(json.loads(key.read_text())["keys"]) == 2
