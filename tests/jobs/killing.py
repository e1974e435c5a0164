"""The kill trial: applications come in at a fixed rate over HTTP while web and workers are killed in flight.

    python -m tests.jobs.killing --database sqlite --applications 1000 --kills 50

Then everything is counted: what was acknowledged, what arrived, how often, and whether it is what was acknowledged.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
from sqlalchemy import text

from formengine import bootstrap, config, designing
from formengine.documents.verifying import Roots, load_roots, verify
from tests import opened
from tests.delivery.servers import s3_server, ssh_server
from tests.jobs.far_side import Far
from tests.jobs.receiver import Receiver, receiving
from tests.journeys.deciding import decide
from tests.journeys.driver import Journey
from tests.journeys.reading import Persona
from tests.serving import free_ports

T = TypeVar("T")
LONG_PAUSE_S = 60
"""Who runs the trial does not wait for longer ones."""
ROOT = Path(__file__).parents[2]
SCHEMA = {
    "type": "object",
    "title": "Antrag",
    "properties": {"name": {"type": "string", "title": "Wie heißen Sie?", "minLength": 2}},
    "required": ["name"],
}


@dataclass(frozen=True)
class Plan:
    """How much is done: *rate* applications begin a second, from *clients*; *hurry* shortens the worker's pauses."""

    database: str
    applications: int = 40
    kills: int = 8
    rate: float = 2.0
    clients: int = 4
    workers: int = 1
    hurry: float = 20.0
    patience_s: float = 120.0


@dataclass
class Outcome:
    """What was counted."""

    sent: dict[str, bytes] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    swept: int = 0
    taken_up: int = 0
    pressed_again: int = 0
    tried_by_hand: int = 0
    mischief: dict[str, int] = field(default_factory=dict)
    minutes: float = 0.0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def line(self) -> str:
        return (
            f"{len(self.sent)} applications, {sum(self.killed.values())} kills {dict(self.killed)}, "
            f"{self.in_flight} of workers with steps in flight, repeated steps {dict(self.repeated)}, "
            f"swept {self.swept}, taken up {self.taken_up}, posts repeated by clients {self.pressed_again}, far side {self.mischief}, "
            f"{self.tried_by_hand} deliveries tried again by hand, {self.minutes:.1f} minutes: "
            f"lost {len(self.lost)}, twice {len(self.twice)}, wrong {len(self.wrong)}"
        )


class Trial:
    """The processes of one trial and what they are told."""

    def __init__(self, plan: Plan, folder: Path, database_url: str, receiver: Receiver, far: Far) -> None:
        self.plan = plan
        self.folder = folder
        self.receiver = receiver
        self.far = far
        self.calls = folder / "calls"
        self.outcome = Outcome()
        self.port = free_ports()[0]
        self.stop = threading.Event()
        self._lock = threading.Lock()
        (folder / "antrag.schema.json").write_text(json.dumps(SCHEMA))
        (folder / "secret").write_bytes(receiver.secret)
        (folder / "forms").mkdir()
        (folder / "formengine.toml").write_text(
            '[[tenant]]\nid = "musterstadt"\n[tenant.channels]\n"*" = ["inbox", "folder", "webhook", "sftp", "s3"]\n'
            f'[tenant.channel.webhook]\nurl = "{receiver.url}"\nsecret_file = "secret"\nallow_private = true\n'
            "timeout_s = 3\n"
            f"{far.channels(folder)}"
        )
        self.environment = {
            "FORMENGINE_DATA": str(folder / "data"),
            "FORMENGINE_FORMS": str(folder / "forms"),
            "FORMENGINE_SCHEMA_FILES": str(folder / "antrag.schema.json"),
            "FORMENGINE_CONFIG": str(folder / "formengine.toml"),
            "FORMENGINE_DATABASE_URL": database_url,
            "FORMENGINE_SCANNER": "off",
            "FORMENGINE_PORT": str(self.port),
            "FORMENGINE_WEB_WORKERS": "2",
            "FORMENGINE_LOG_LEVEL": "WARNING",
        }
        self.settings = config.load(self.environment)
        bootstrap.prepare_data(self.settings)
        bootstrap.ensure_test_keys(self.settings)
        bootstrap.migrate(self.settings)
        designing.publish(self.settings)
        bootstrap.make_signer(self.settings)
        self.engine = bootstrap.build(self.settings)
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**os.environ, **self.environment, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_web(self) -> None:
        self.web = self.start(
            "-m", "gunicorn", "-c", "python:formengine.web.gunicorn", "formengine.web.app:from_environment()"
        )

    def start_worker(self) -> None:
        self.workers.append(self.start(str(ROOT / "tests/jobs/slow_worker.py"), str(self.calls), str(self.plan.hurry)))

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self.start_web()
        for _ in range(self.plan.workers):
            self.start_worker()
        try:
            yield
        finally:
            self.stop.set()
            for process in filter(None, [self.web, *self.workers]):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)
            self.engine.database.engines.close()

    def run(self) -> Outcome:
        began = time.monotonic()
        with self.running():
            numbers = iter(range(self.plan.applications))
            clients = [threading.Thread(target=self._client, args=(numbers, began)) for _ in range(self.plan.clients)]
            for client in clients:
                client.start()
            self._kill()
            for client in clients:
                client.join()
            self.receiver.peaceful = True
            self._wait()
        self.outcome.mischief = dict(self.receiver.done)
        self.outcome.minutes = (time.monotonic() - began) / 60
        self._count()
        return self.outcome

    # Applicants

    def _client(self, numbers: Iterator[int], began: float) -> None:
        while True:
            with self._lock:
                number = next(numbers, None)
            if number is None or self.stop.is_set():
                return
            time.sleep(max(0.0, began + number / self.plan.rate - time.monotonic()))
            try:
                self._apply(number)
            except Exception as error:  # noqa: BLE001  a thread of the trial: counted, not lost
                self.outcome.wrong.append(f"applicant {number}: {type(error).__name__} {error}"[:500])

    def _apply(self, number: int) -> None:
        name = f"Änne {number} {random.randrange(10**9)}"
        with Journey(f"http://127.0.0.1:{self.port}", Persona({"/name": name})) as journey:
            page = self._again(lambda: journey.get("/antrag/"))
            while page.kind != "confirmation":
                if len(journey.seen) > 200:
                    raise AssertionError(f"no end: {page.status} {page.url} {page.heading}")
                page = self._again(lambda here=page: journey.post(here, decide(here, journey.persona, journey.met)))
                if page.status >= 400:  # the page says so: what was saved before the answer got lost is open again
                    page = self._again(lambda: journey.get("/antrag/"))
            copy = self._again(lambda: _whole(journey.client.get("/antrag/confirmation/application.json")))
        if json.loads(copy) != {"name": name}:
            self.outcome.wrong.append(f"{page.reference}: the copy is not what was typed")
        with self._lock:
            self.outcome.sent[page.reference] = copy

    def _again(self, act: Callable[[], T]) -> T:
        """What *act* gives; where the connection broke, the person presses again."""
        end = time.monotonic() + self.plan.patience_s
        while True:
            try:
                return act()
            except httpx.TransportError:
                self.outcome.pressed_again += 1
                if time.monotonic() > end or self.stop.is_set():
                    raise
                time.sleep(0.2)

    # Kills

    def _kill(self) -> None:
        victims = ["worker", "web", "worker", "gunicorn"]
        for number in range(self.plan.kills):
            end = time.monotonic() + self.plan.patience_s
            share = (number + random.uniform(0.2, 1.0)) / (self.plan.kills + 1)
            while len(self.outcome.sent) < share * self.plan.applications and time.monotonic() < end:
                time.sleep(0.02)  # spread over the applications, however fast the machine is
            victim = victims[number % len(victims)]
            if victim == "worker":
                gone = self.workers.pop(0)
                while not self._flying(gone) and time.monotonic() < end:
                    time.sleep(0.02)
                time.sleep(random.uniform(0, 0.1))
                self._end(gone)
                self.outcome.in_flight += bool(self._flying(gone))
                self.start_worker()
            elif self.web is not None and victim == "web":
                self._end(self.web)
                self.start_web()
            elif self.web is not None:
                children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
                if children:
                    os.kill(int(random.choice(children)), signal.SIGKILL)
            self.outcome.killed[victim] += 1

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def _flying(self, worker: subprocess.Popen[bytes]) -> list[str]:
        """The stages that this worker began and has not ended."""
        lines = [line.split(" ", 2) for line in self._calls()]
        own = [(what, stage) for what, process, stage in lines if process == str(worker.pid)]
        flying = Counter(stage for what, stage in own if what == "begin")
        flying.subtract(stage for what, stage in own if what == "end")
        return [stage for stage, count in flying.items() if count > 0]

    def _calls(self) -> list[str]:
        return self.calls.read_text().split("\n")[:-1] if self.calls.exists() else []

    # The count

    def _wait(self) -> None:
        """Until all is delivered, with an operator who sees that the far sides answer again.

        The operator tries what is parked or has a long pause ahead, and nothing that is due: that must be taken up
        by itself, or it is lost.
        """
        end = time.monotonic() + self.plan.patience_s + self.plan.applications
        while self._open():
            if time.monotonic() > end:
                return  # what is missing will be counted as lost
            self._retry_by_hand()
            time.sleep(0.3)

    def _retry_by_hand(self) -> None:
        paused = (
            "SELECT channel, reference FROM delivery "
            "WHERE status = 'failed' OR status = 'waiting' AND attempts > 0 AND due_at > :due"
        )
        due = int((time.time() + LONG_PAUSE_S) * 1_000_000)
        with self.engine.database.engines.read() as rows:
            found = rows.connection.execute(text(paused), {"due": due}).all()
        for channel in sorted({row.channel for row in found}):
            references = [row.reference for row in found if row.channel == channel]
            self.start("-m", "formengine.cli", "deliveries", "retry", *references, "--channel", channel).wait(60)
            self.outcome.tried_by_hand += len(references)

    def _open(self) -> int:
        return int(self._value("SELECT count(*) FROM delivery WHERE status != 'delivered'"))

    def _value(self, statement: str) -> int:
        with self.engine.database.engines.read() as rows:
            return int(rows.connection.execute(text(statement)).scalar_one())

    def _count(self) -> None:
        outcome = self.outcome
        delivered = self.folder / "data" / "delivered"
        # a name with a dot before it is what a killed worker had begun to write; the channel clears it later
        folders = {path.name for path in delivered.glob("[!.]*")} if delivered.exists() else set()
        keys = Counter(key.partition(":")[0] for key in self.receiver.kept)
        outcome.lost += [f"{one}: not in the folder" for one in outcome.sent.keys() - folders]
        outcome.lost += [f"{one}: not at the webhook" for one in outcome.sent.keys() - keys.keys()]
        outcome.twice += [f"{one}: {count} keys" for one, count in keys.items() if count > 1]
        outcome.twice += [f"{one}: delivered and acknowledged to nobody" for one in folders - outcome.sent.keys()]
        if len(outcome.sent) != self.plan.applications:
            outcome.lost.append(f"{self.plan.applications - len(outcome.sent)} applicants got no receipt")
        outcome.wrong += self.receiver.wrong
        roots = Roots(load_roots([self.folder / "data" / "keys" / "seal-test-root.crt"]))
        for key, body in self.receiver.kept.items():
            reference = key.partition(":")[0]
            with zipfile.ZipFile(io.BytesIO(body)) as packed:
                files = {name: packed.read(name) for name in packed.namelist()}
            here = delivered / reference
            if any((here / name).read_bytes() != data for name, data in files.items()):
                outcome.wrong.append(f"{reference}: folder and webhook got different files")
            if files["application.json"] != outcome.sent.get(reference):
                outcome.wrong.append(f"{reference}: not the JSON that was acknowledged")
            if not verify(files["application.pdf"], roots).holds:
                outcome.wrong.append(f"{reference}: the PDF does not verify")
        self._count_far(delivered)
        self._count_repeats()

    def _count_far(self, delivered: Path) -> None:
        """At each server lies exactly what lies in the folder here."""
        here = {
            (reference, str(path.relative_to(delivered / reference))): path.read_bytes()
            for reference in self.outcome.sent
            for path in (delivered / reference).rglob("*")
            if path.is_file()
        }
        for channel, there in self.far.taken().items():
            self.outcome.lost += [f"{one}: {file} not at {channel}" for one, file in here.keys() - there.keys()]
            self.outcome.twice += [f"{one}: {file} unasked at {channel}" for one, file in there.keys() - here.keys()]
            differing = [key for key in here.keys() & there.keys() if here[key] != there[key]]
            self.outcome.wrong += [f"{one}: folder and {channel} got different {file}" for one, file in differing]

    def _count_repeats(self) -> None:
        begun = Counter(tuple(line.split()[2:]) for line in self._calls() if line.startswith("begin"))
        for (stage, reference), count in begun.items():
            if reference != "-" and stage != "webhook":  # seals name nobody; the webhook is refused on purpose
                self.outcome.repeated[stage] += count - 1
        log = (self.folder / "log").read_text()
        self.outcome.swept = log.count("taken over from a silent worker")
        self.outcome.taken_up = log.count("taken up again")


def _whole(response: httpx.Response) -> bytes:
    """The body. A server that is just being started may say 503: the connection counts as broken."""
    if response.status_code != 200:
        raise httpx.TransportError(str(response.status_code))
    return response.content


def trial(plan: Plan) -> Outcome:
    """Run it with a database, a folder and a receiver of its own."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kill", ignore_cleanup_errors=True)))
        url = f"sqlite:///{folder}/app.db"
        if plan.database == "postgresql":
            cluster = stack.enter_context(opened.cluster())
            assert cluster is not None, "there is no PostgreSQL server to start"
            url = cluster.new_database()
        receiver = stack.enter_context(receiving(Receiver(b"a secret of the trial, 32 bytes.")))
        ssh = stack.enter_context(ssh_server(folder / "ssh"))
        far = Far(ssh, stack.enter_context(s3_server(folder)))
        run = Trial(plan, folder, url, receiver, far)
        outcome = run.run()
        if outcome.lost or outcome.twice or outcome.wrong:
            outcome.wrong.append((folder / "log").read_text()[-3000:])
        return outcome


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill web and workers while applications come in, then count.")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append", default=[])
    parser.add_argument("--applications", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=52)
    parser.add_argument("--rate", type=float, default=2.0, help="applications a second")
    parser.add_argument("--clients", type=int, default=6)
    options = parser.parse_args()
    failed = False
    for database in options.database or ["sqlite", "postgresql"]:
        plan = Plan(
            database,
            applications=options.applications,
            kills=options.kills,
            rate=options.rate,
            clients=options.clients,
            workers=1 if database == "sqlite" else 2,
            hurry=4.0,
            patience_s=300.0,
        )
        outcome = trial(plan)
        print(f"{database}: {outcome.line()}", flush=True)
        for what in [*outcome.lost, *outcome.twice, *outcome.wrong][:40]:
            print(f"  {what[:1500]}", flush=True)
        failed = failed or bool(outcome.lost or outcome.twice or outcome.wrong or not outcome.repeated.total())
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
