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
from formengine.storage.accounts import own_name


def make(settings: Settings, tenant: str) -> Iterator[str]:
    """Make what the ring lacks; one line a file. Errors: ConfigError, OSError."""
    folder = settings.ring.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = keys.make(folder, tenant=tenant, now=datetime.now(UTC), test=False)
    for path in written:
        yield f"formengine: wrote {path}"
    if written:
        yield "formengine: let somebody else put the authority's fingerprints that `formengine keys list` shows into"
        yield "formengine: authority_keys of the operator's file: then no other key is taken"
    for path in written:
        if path.name.startswith("recovery-"):
            yield f"formengine: take {path.name} off this machine: it opens all if the other is lost"
    if not written:
        yield "formengine: every key is there"


def listed(settings: Settings) -> Iterator[str]:
    """One line a key: what it is for, its state, when it was made, and how many applications name it."""
    with bootstrap.opened(settings) as engine, engine.stores.read() as work:
        counted = work.keys.counted()
    ring = bootstrap.key_ring(settings)
    for key in ring.all():
        mark = "TEST " if key.test else ""
        count = counted.get((key.kind, key.id), 0)
        tenants = [one.id for one in settings.tenants if key.tenant in {"*", one.id}]
        taken = key.state != keys.ACTIVE or all(ring.accepts(key, tenant) for tenant in tenants)
        about = f"{mark}{key.kind} {key.role}  tenant {key.tenant}  {key.state}  {key.made}"
        yield f"{key.fingerprint}  {about}  {count} applications{'' if taken else '  NOT in authority_keys'}"


def rotate(settings: Settings, name: str, tenant: str) -> Iterator[str]:
    """Put a new key in the place of *name* and wrap anew what the former opens; run again, it goes on (ENC-08)."""
    kind = JOB if name == JOB else AUTHORITY
    role = keys.RECOVERY if name == keys.RECOVERY else keys.WORKING
    ring = bootstrap.key_ring(settings)
    if ring.former(kind):
        yield "formengine: going on with a rotation that was broken off"
    else:
        new = _rotate_and_log(settings, ring, kind, role, tenant)
        yield f"formengine: {new.state} is now {new.fingerprint}"
        if new.state == keys.WAITING:
            yield "formengine: let somebody else put that into authority_keys of the operator's file, then run it again"
            return
    reader = keys.read_private(kind, settings.job_key if kind == JOB else settings.authority_key)
    with bootstrap.opened(settings) as engine:
        stores = engine.stores.opened_by(reader)
        yield f"formengine: {rekeying.rewrap(stores, stores.ring, kind)} keys of applications wrapped anew"
        with stores.read() as work:
            left = work.keys.counted()
    over = [key_id for key_id in stores.ring.former(kind) if (kind, key_id) not in left]
    keys.retire(settings.ring.parent, over)
    if stores.ring.former(kind):
        raise ConfigError("some applications still name the former key; run it again where the private key is")
    yield f"formengine: {len(over)} former key retired"


def _rotate_and_log(settings: Settings, ring: keys.KeyRing, kind: str, role: str, tenant: str) -> keys.RingKey:
    """The new key, with a line in the log of each tenant whose it is: what cannot be logged is not done."""
    now = datetime.now(UTC)
    with bootstrap.opened(settings) as engine, engine.stores.write() as work:
        new = keys.rotate(ring, kind, role, tenant=tenant, now=now)
        for one in settings.tenants:
            if new.tenant in {"*", one.id}:
                work.audit.add(
                    tenant=one.id,
                    at=now,
                    person=own_name(),
                    action=f"key.{new.state}",
                    detail=f"{new.kind} {new.role} {new.fingerprint}",
                )
    return new


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
