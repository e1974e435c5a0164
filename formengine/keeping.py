"""What operators keep, in words for the command line: keys, versions of forms, copies put back."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from formengine import bootstrap
from formengine.config import Settings
from formengine.errors import ConfigError
from formengine.services import publishing, rekeying, retention, signed_in
from formengine.services.values import AUTHORITY, JOB
from formengine.storage import backups, keys, secret_files
from formengine.storage.keys import KeyRing


def make(settings: Settings, tenant: str) -> Iterator[str]:
    """Make what the ring lacks; one line a file. Errors: ConfigError, OSError."""
    folder = settings.ring.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = keys.make(folder, tenant=tenant, now=datetime.now(UTC), test=False)
    for path in written:
        yield f"formengine: wrote {path}"
        if path.name.startswith("recovery-"):
            yield f"formengine: take {path.name} off this machine: it opens all if the other is lost"
    if not written:
        yield "formengine: every key is there"


def listed(settings: Settings) -> Iterator[str]:
    """One line a key: what it is for, its state, when it was made, and how many applications name it."""
    with bootstrap.opened(settings) as engine, engine.stores.read() as work:
        counted = work.keys.counted()
    for key in KeyRing(settings.ring).all():
        mark = "TEST " if key.test else ""
        count = counted.get((key.kind, key.id), 0)
        about = f"{mark}{key.kind} {key.role}  tenant {key.tenant}  {key.state}  {key.made}"
        yield f"{key.id[:8]}  {about}  {count} applications"


def rotate(settings: Settings, name: str, tenant: str) -> Iterator[str]:
    """Put a new key in the place of *name* and wrap anew what the former opens; run again, it goes on (ENC-08)."""
    folder = settings.ring.parent
    kind = JOB if name == JOB else AUTHORITY
    role = keys.RECOVERY if name == keys.RECOVERY else keys.WORKING
    former = KeyRing(settings.ring).former(kind)
    if not former:
        path = keys.rotate(folder, kind, role, tenant=tenant, now=datetime.now(UTC))
        yield f"formengine: wrote {path}"
    else:
        yield "formengine: going on with a rotation that was broken off"
    reader = keys.read_private(kind, settings.job_key if kind == JOB else settings.authority_key)
    with bootstrap.opened(settings) as engine:
        stores = engine.stores.opened_by(reader)
        yield f"formengine: {rekeying.rewrap(stores, stores.ring, kind)} keys of applications wrapped anew"
        with stores.read() as work:
            left = work.keys.counted()
    over = [key_id for key_id in stores.ring.former(kind) if (kind, key_id) not in left]
    keys.retire(folder, over)
    if stores.ring.former(kind):
        raise ConfigError("some applications still name the former key; run it again where the private key is")
    yield f"formengine: {len(over)} former key retired"


def rotate_pepper(settings: Settings) -> Iterator[str]:
    """Put a new pepper before the former ones, which still find the codes that were made with them (ENC-09)."""
    path = settings.pepper_file
    lines = [base64.b64encode(one).decode() for one in bootstrap.read_peppers(settings)]
    if path is None:
        raise ConfigError("there is no file for the pepper")
    secret_files.write(path, "\n".join([base64.b64encode(secrets.token_bytes(32)).decode(), *lines, ""]), mode=0o600)
    yield f"formengine: wrote {path}; put it on every machine and start the sites anew, all at once"


def versions(settings: Settings, form: str) -> Iterator[str]:
    """One line a version of *form*, or of all: when it was published last, its state, and how many drafts are in it."""
    with bootstrap.opened(settings) as engine:
        rows = publishing.versions(engine.stores)
    for row in rows:
        if form in {"", row.form}:
            state = "withdrawn" if row.withdrawn_at else "served" if row.is_served else "kept"
            about = f"{row.hash[:12]}  {state}  {row.published_at:%Y-%m-%dT%H:%MZ}  {row.drafts} drafts"
            yield f"{row.form} {row.version or '(no version)'}  {about}"


def withdraw(settings: Settings, form: str, version: str) -> Iterator[str]:
    """Let nobody begin or send a version any more. Errors: ConfigError."""
    with bootstrap.opened(settings) as engine:
        row = publishing.withdraw(engine.stores, form, version, now=datetime.now(UTC))
    yield f"formengine: withdrew {row.form} {row.version}; {row.drafts} drafts in it stay readable until they expire"
    if row.is_served:
        yield f"formengine: nobody can begin {row.form} until a version is served or published"


def serve(settings: Settings, form: str, version: str) -> Iterator[str]:
    """Serve a version that is kept. Errors: ConfigError."""
    with bootstrap.opened(settings) as engine:
        row = publishing.serve(engine.stores, form, version, now=datetime.now(UTC))
    yield f"formengine: serves {row.form} {row.version} ({row.hash[:12]})"


def restore(settings: Settings, folder: Path, keys_of: Path | None) -> Iterator[str]:
    """Put the copy in *folder* back, bring it up to date, and delete again what was deleted since (GDP-05).

    *keys_of*: the newer copy whose wrapped keys are taken (GDP-04).
    """
    deleted = backups.tombstones(settings.database_url)
    backups.restore(settings.database_url, settings.files_url, folder, keys_of)
    bootstrap.prepare_data(settings)
    bootstrap.migrate(settings)
    with bootstrap.opened(settings) as engine:
        again = retention.forget_again(engine.stores, deleted)
    yield f"formengine: restored {folder}; {again} drafts that were deleted since are deleted again"


def staff(settings: Settings, action: str, person: str, tenant: str) -> Iterator[str]:
    """List whose access is blocked, one line a person; or block or unblock *person*. Errors: ConfigError."""
    tenant = tenant or settings.tenants[0].id
    if tenant not in {one.id for one in settings.tenants}:
        raise ConfigError(f"there is no tenant {tenant}")
    if action != "list" and not person:
        raise ConfigError(f"say whom: formengine staff {action} PERSON")
    now = datetime.now(UTC)
    with bootstrap.opened(settings) as engine:
        stores = engine.stores.of(tenant)
        if action == "block":
            signed_in.block(stores, person, "", by="operator", tenant=tenant, now=now)
            yield f"formengine: {person} is blocked; all their sessions are over"
        elif action == "unblock":
            if not signed_in.unblock(stores, person, by="operator", tenant=tenant, now=now):
                raise ConfigError(f"{person} is not blocked")
            yield f"formengine: {person} can sign in again"
        else:
            for one in signed_in.blocked(stores):
                yield f"{one.id}\t{one.name}\tblocked since {one.since:%Y-%m-%dT%H:%MZ}"
