"""The command line: one function a command; each imports what it starts when it starts it."""

from __future__ import annotations

import argparse
import os
import resource
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from formengine import config
from formengine.core.lifecycle import Delivery
from formengine.errors import ConfigError, FormEngineError
from formengine.services.values import InboxRow


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status: 0 done, 1 something does not hold, 2 it could not begin."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no crash writes what a process holds to a disk (ENC-12)
    options = _parser().parse_args(arguments)
    try:
        status: int = options.command(options)
    except FormEngineError as error:
        print(f"formengine: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        said = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        print(f"formengine: {said}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="formengine", description="An engine for online benefit application forms.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(command=run)
        return made

    served = command("run", run, "Serve both sites and the worker on this machine.")
    served.add_argument("--host", help="address to listen on (127.0.0.1)")
    served.add_argument("--port", help="port of the applicants' site (8000)")
    served.add_argument("--staff-port", help="port of the staff site (the port after)")
    served.add_argument("--data", help="folder for everything that is written (./data)")
    served.add_argument("--forms", help="folder of form definitions (./forms)")
    served.add_argument("--schemas", help="folder of JSON Schemas (./schemas)")
    served.add_argument("--schema", action="append", default=[], metavar="FILE", help="a schema to serve as a form")

    command("worker", worker, "Make, seal and deliver what was submitted.")
    command("metrics", metrics, "Serve what Prometheus reads, at FORMENGINE_METRICS_ADDRESS.")
    command("doctor", doctor, "Check the installation; name whatever is broken, and what helps.")
    command("opener", opener, "Open submissions for the staff site, with the authority's keys.")
    people = command("staff", staff, "List whose access to the staff site is blocked, block somebody's, or unblock it.")
    people.add_argument("action", choices=["list", "block", "unblock"])
    people.add_argument(
        "person", nargs="?", default="", help="the id that the sign-in gives; it stands in the audit log"
    )
    people.add_argument("--tenant", default="", help="the tenant whose staff it is (the first)")
    keyed = command("keys", keys, "Make, list or rotate the keys of the worker and the authority.")
    keyed.add_argument("action", choices=["make", "list", "rotate"])
    keyed.add_argument("key", nargs="?", choices=["job", "authority", "recovery", "pepper"], help="which key to rotate")
    keyed.add_argument("--tenant", default="*", help="the tenant whose keys they are (all)")
    kept = command("backup", backup, "Copy database and files into a new folder; everything may go on running.")
    kept.add_argument("folder", metavar="FOLDER")
    back = command("restore", restore, "Put a copy back; what was deleted since stays deleted. Nothing may run.")
    back.add_argument("folder", metavar="FOLDER")
    back.add_argument("--keys", metavar="NEWER", help="a newer copy whose keys.db is taken, where FOLDER has none")
    command("migrate", migrate, "Bring the database up to date.")
    command("publish", publish, "Publish the forms of the folders; the newest version is served.")
    kept_versions = command("versions", versions, "List the published versions; withdraw one, or serve an earlier one.")
    kept_versions.add_argument("action", choices=["list", "withdraw", "serve"], nargs="?", default="list")
    kept_versions.add_argument("form", nargs="?", metavar="FORM", help="the form (list: all)")
    kept_versions.add_argument("version", nargs="?", metavar="VERSION", help="its version, or how its hash begins")
    checked = command("check", check, "Name every mistake in forms and schemas.")
    checked.add_argument("files", nargs="*", metavar="FILE", help="form definitions or schemas (all of the folders)")
    listed = command("deliveries", deliveries, "List what goes to the authorities; try it again; send it again.")
    listed.add_argument("action", choices=["list", "retry", "resend"], nargs="?", default="list")
    listed.add_argument("reference", nargs="*", metavar="REFERENCE", help="applications (list: all)")
    listed.add_argument("--channel", metavar="NAME", help="this channel only")
    listed.add_argument(
        "--state", choices=["waiting", "sending", "delivered", "failed"], help="list: in this state only"
    )
    listed.add_argument("--all", action="store_true", help="retry: everything that is parked")
    verified = command("verify", verify, "Say whether a PDF is genuine and unchanged.")
    verified.add_argument("file", metavar="FILE.pdf")
    verified.add_argument(
        "--root",
        action="append",
        default=[],
        metavar="FILE",
        help="certificate to trust: of the seal or its issuer, or of the time-stamp authority",
    )
    translated = command("translations", translations, "Extract, update, compile or check the catalogues.")
    translated.add_argument("action", choices=["extract", "update", "compile", "check"])
    return parser


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    from formengine.running import serve

    return serve(_with_options(options))


def worker(_options: argparse.Namespace) -> int:
    """Work until stopped."""
    import signal
    import threading

    from formengine import bootstrap, logs, working
    from formengine import metrics as metrics_of
    from formengine.jobs import worker as jobs

    os.nice(5)  # where one machine does both, what applicants wait for goes before documents (REL-15)
    settings = config.load(os.environ)
    logs.configure(settings.log_level)
    if settings.metrics_address:
        metrics_of.configure(settings.data)
    engine = bootstrap.build(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.run(working.tools(engine), engine.database, url=settings.database_url, stop=stop)
    return 0


def metrics(_options: argparse.Namespace) -> int:
    """Serve the metrics until stopped."""
    import signal
    import threading

    from formengine import bootstrap, logs, metering

    settings = config.load(os.environ)
    logs.configure(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with bootstrap.opened(settings) as engine:
        metering.run(engine, stop)
    return 0


def doctor(_options: argparse.Namespace) -> int:
    """Say of each part whether it works; 1 if one does not."""
    from formengine import doctor as examination

    broken = 0
    for line in examination.examine(config.load(os.environ)):
        print(line)
        broken += line.wrong != ""
    return 1 if broken else 0


def opener(_options: argparse.Namespace) -> int:
    """Open what the staff site asks for until stopped."""
    import signal
    import threading

    from formengine import bootstrap, logs, opener

    settings = config.load(os.environ)
    logs.configure(settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    opener.run(bootstrap.build(settings), stop)
    return 0


def keys(options: argparse.Namespace) -> int:
    """Make the keys that are missing, list them, or put a new one in the place of one."""
    from formengine import keeping

    settings = config.load(os.environ)
    if options.action == "rotate" and options.key is None:
        raise ConfigError("say which: formengine keys rotate job, authority, recovery or pepper")
    lines = {
        "make": lambda: keeping.make(settings, options.tenant),
        "list": lambda: keeping.listed(settings),
        "rotate": lambda: (
            keeping.rotate_pepper(settings)
            if options.key == "pepper"
            else keeping.rotate(settings, options.key, options.tenant)
        ),
    }[options.action]()
    for line in lines:
        print(line)
    return 0


def backup(options: argparse.Namespace) -> int:
    """Copy database and files."""
    from formengine.storage import backups

    settings = config.load(os.environ)
    backups.backup(settings.database_url, settings.files_url, Path(options.folder))
    print(f"formengine: copied to {options.folder}; the keys in {settings.data / 'keys'} are not in it;")
    print("formengine: keep keys.db in it for at most 7 days, the rest for at most 35")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a copy back, bring it up to date, and delete again what was deleted since."""
    from formengine import keeping

    for line in keeping.restore(
        config.load(os.environ), Path(options.folder), Path(options.keys) if options.keys else None
    ):
        print(line)
    return 0


def migrate(_options: argparse.Namespace) -> int:
    """Create or change the tables."""
    from formengine import bootstrap

    settings = config.load(os.environ)
    bootstrap.prepare_data(settings)
    bootstrap.migrate(settings)
    print("formengine: the database is up to date")
    return 0


def publish(_options: argparse.Namespace) -> int:
    """Publish what is new; broken forms are named and left out."""
    from formengine import designing

    settings = config.load(os.environ)
    published, mistakes = designing.publish(settings)
    for line in mistakes:
        print(line, file=sys.stderr)
    for form in published:
        print(f"formengine: published {form.id} {form.version} ({form.hash[:12]})")
    if not published:
        print("formengine: nothing is new")
    return 1 if mistakes else 0


def versions(options: argparse.Namespace) -> int:
    """List versions, withdraw one, or serve an earlier one; the sites follow within two seconds."""
    from formengine import keeping

    if options.action != "list" and not (options.form and options.version):
        raise ConfigError(f"say which: formengine versions {options.action} FORM VERSION")
    settings = config.load(os.environ)
    lines = {
        "list": lambda: keeping.versions(settings, options.form or ""),
        "withdraw": lambda: keeping.withdraw(settings, options.form, options.version),
        "serve": lambda: keeping.serve(settings, options.form, options.version),
    }[options.action]()
    for line in lines:
        print(line)
    return 0


def check(options: argparse.Namespace) -> int:
    """Print every mistake and warning; 1 if there is a mistake."""
    from formengine import designing

    findings = designing.check(config.load(os.environ), [Path(name) for name in options.files])
    for finding in findings:
        print(finding)
    errors = sum(finding.level == "error" for finding in findings)
    if not findings:
        print("formengine: no mistakes")
    return 1 if errors else 0


def verify(options: argparse.Namespace) -> int:
    """Say in words what holds of a PDF; 1 if something does not."""
    from formengine import bootstrap

    data = Path(options.file).read_bytes()
    checker = bootstrap.make_checker(config.load(os.environ)).trusting([Path(name) for name in options.root])
    verdict = checker.check(data)
    for sentence in verdict.sentences():
        print(sentence)
    return 0 if verdict.holds else 1


def staff(options: argparse.Namespace) -> int:
    """Block and unblock people of the staff; all sessions of a person end at once (SES-11)."""
    from formengine import keeping

    for line in keeping.staff(config.load(os.environ), options.action, options.person, options.tenant):
        print(line)
    return 0


def deliveries(options: argparse.Namespace) -> int:
    """List deliveries, or let them be made again; 1 if one of them could not be taken up."""
    from formengine import bootstrap
    from formengine.core.lifecycle import DeliveryStatus
    from formengine.services import delivering

    if options.action != "list" and not (options.reference or (options.all and options.action == "retry")):
        raise ConfigError(f"deliveries {options.action}: name the applications by their references")
    engine = bootstrap.build(config.load(os.environ))
    asked = {reference.upper() for reference in options.reference}
    status = 0
    seen: set[str] = set()
    for tenant in engine.settings.tenants:
        stores = engine.stores.of(tenant.id)
        if options.action == "resend":
            stores = stores.opened_by(engine.authority)  # the worker loses its key with the last delivery
        for row in delivering.applications(stores):
            if asked and row.reference not in asked:
                continue
            seen.add(row.reference)
            for one in row.deliveries:
                if options.channel not in {None, one.channel}:
                    continue
                if options.action == "list":
                    if options.state in {None, one.status.value}:
                        print(_delivery_line(tenant.id, row, one))
                elif asked or one.status is DeliveryStatus.FAILED:
                    act = delivering.retry if options.action == "retry" else delivering.resend
                    try:
                        act(stores, one.reference, one.channel, now=datetime.now(UTC), by="operator")
                        print(f"formengine: {one.reference} goes through {one.channel} again")
                    except FormEngineError as error:  # the others go on
                        print(f"formengine: {one.reference}: {error}", file=sys.stderr)
                        status = 1
    for reference in sorted(asked - seen):
        print(f"formengine: there is no application {reference}", file=sys.stderr)
        status = 1
    return status


def _delivery_line(tenant: str, row: InboxRow, delivery: Delivery) -> str:
    """One delivery as a line of fields between tabs: what it is, how it stands, and why."""
    minute = "%Y-%m-%dT%H:%MZ"
    done = delivery.status.value == "delivered"
    fields = (
        row.reference,
        tenant,
        row.form,
        f"{row.received_at:{minute}}",
        delivery.channel,
        delivery.status.value,
        f"attempts {delivery.attempts}",
        "" if done else f"due {delivery.due_at:{minute}}",
        delivery.receipt if done else delivery.error,
    )
    return "\t".join(fields).rstrip("\t")


def translations(options: argparse.Namespace) -> int:
    """Work on the catalogues in `translations/`."""
    from formengine.i18n import maintaining

    settings = config.load(os.environ)
    return maintaining.command(options.action, settings.translations, forms=settings.forms, schemas=settings.schemas)


def _with_options(options: argparse.Namespace) -> config.Settings:
    """The settings, with the options of `run` over the environment; the environment is made to agree."""
    given = {
        "host": options.host,
        "port": options.port,
        "staff_port": options.staff_port,
        "data": options.data,
        "forms": options.forms,
        "schemas": options.schemas,
        "schema_files": ":".join(options.schema),
    }
    for name, text in given.items():
        if text:
            os.environ[config.variable(name)] = text
    port = os.environ.get("FORMENGINE_PORT", "")
    if port.isdigit() and not os.environ.get("FORMENGINE_STAFF_PORT"):
        os.environ["FORMENGINE_STAFF_PORT"] = str(int(port) + 1)
    settings = config.load(os.environ)
    for file in settings.schema_files:
        if not file.is_file():
            raise ConfigError(f"--schema {file}: there is no such file")
    return settings


if __name__ == "__main__":
    sys.exit(main())
