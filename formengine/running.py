"""`formengine run`: check what has to be right before anything starts, then keep its processes running."""

from __future__ import annotations

import os
import shutil
import socket
import sys

from formengine import bootstrap, designing, metrics, supervisor
from formengine.config import Settings, variable
from formengine.errors import ConfigError
from formengine.supervisor import Child, python


def serve(settings: Settings) -> int:
    """Serve everything until stopped; the exit status. Errors: ConfigError before anything starts."""
    if settings.opener_peer:
        raise ConfigError(
            "FORMENGINE_OPENER_PEER is for processes under accounts of their own; `run` starts all under one"
        )
    _say(f"everything that is written lies in {settings.data}")
    bootstrap.prepare_data(settings)
    for port in (settings.port, settings.staff_port):
        _check_free(settings.host, port)
    bootstrap.migrate(settings)
    tests = bootstrap.ensure_test_keys(settings)
    _say("checking and publishing the forms")
    published, mistakes = designing.publish(settings)
    for mistake in mistakes:
        sys.stderr.write(f"{mistake}\n")
    for form in published:
        _say(f"published {form.id} {form.version}")
    engine = bootstrap.build(settings)
    _say(f"channels: {', '.join(sorted({name for made in engine.channels.values() for name in made}))}")
    served = engine.forms.ids()
    if mistakes:
        _say("forms with mistakes are not served in their new version; the others are")
    if not served:
        raise ConfigError(f"there is no form to serve in {settings.forms} and {settings.schemas}")
    _warn(settings)
    if tests:
        _say(
            "DEVELOPMENT: applications are sealed to TEST keys that lie beside them. `formengine keys` makes real ones"
        )
    _say(f"applicants: {settings.origin}/   staff: {settings.staff_origin}/   (end with Ctrl+C)")
    children = [_site("applicants"), _site("staff"), _worker(), _opener()]
    if settings.metrics_address:
        _say(f"metrics: http://{settings.metrics_address}/metrics")
        shutil.rmtree(metrics.folder(settings.data), ignore_errors=True)  # what processes of before counted
        children.append(Child("the metrics", python("-m", "formengine.cli", "metrics"), {}))
    return supervisor.supervise(children)


def _site(audience: str) -> Child:
    command = python("-m", "gunicorn", "-c", "python:formengine.web.gunicorn", "formengine.web.app:from_environment()")
    return Child(f"the {audience} site", command, {variable("audience"): audience})


def _worker() -> Child:
    return Child("the worker", python("-m", "formengine.cli", "worker"), {})


def _opener() -> Child:
    return Child("the opener", python("-m", "formengine.cli", "opener"), {})


def _check_free(host: str, port: int) -> None:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise ConfigError(f"port {port} on {host} cannot be used ({reason}); choose another with --port") from error


def _warn(settings: Settings) -> None:
    if settings.development_sign_in:
        _say("DEVELOPMENT: staff sign in by choosing a name. Never use this with real data")
    if not settings.scans:
        _say("DEVELOPMENT: uploads are not scanned for viruses. Never use this with real data")
    if settings.signing_key_file is None and settings.signer != "unsigned":
        _say("DEVELOPMENT: documents are sealed with a TEST key that proves nothing")


def _say(text: str) -> None:
    sys.stdout.write(f"formengine: {text}\n")
    sys.stdout.flush()
