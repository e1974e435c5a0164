"""The key ring: which public keys submissions are sealed to, and the files of the private ones.

`ring.json` is a JWK set (RFC 7517) of public keys; each says whom it is `for` (`job` or `authority`), its `role`
(`working` or `recovery`), the `tenant` ("*": all), its `state`, when it was `made`, and whether it is a `test` key.
Where the operator's file names the fingerprints of an authority's keys, no other of them is taken: whoever changes the
ring needs somebody who changes that file too (ENC-06).
Every process may read it. `job.json` is for the worker alone, `authority.json` for the opener alone, and a recovery
key leaves the machine (ENC-07, ENC-10). Keys change with their file, without a restart.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK

from formengine.errors import ConfigError, KeysMissing
from formengine.services.values import AUTHORITY, JOB, Reader, Wrap
from formengine.storage import secret_files
from formengine.storage.encryption import wrap_public

RING: Final = "ring.json"
WORKING: Final = "working"
RECOVERY: Final = "recovery"
WAITING: Final = "waiting"
ACTIVE: Final = "active"
DECRYPT_ONLY: Final = "decrypt-only"
RETIRED: Final = "retired"
ROLES: Final = ((JOB, WORKING), (AUTHORITY, WORKING), (AUTHORITY, RECOVERY))
"""What a ring needs one active key of."""


@dataclass(frozen=True, slots=True)
class RingKey:
    """One public key of the ring."""

    id: str
    kind: str
    role: str
    tenant: str
    state: str
    made: str
    test: bool
    jwk: str

    @property
    def fingerprint(self) -> str:
        """What two people compare: the RFC 7638 thumbprint, worked out here and not what the ring calls it."""
        found: str = _public(self.jwk).thumbprint()
        return found


Accepted = Mapping[str, frozenset[str]]
"""The fingerprints of the authority's keys that are taken, by tenant; all of a tenant that is not in it."""


class KeyRing:
    """`services.ports.Ring` over a file, read again when it changes."""

    __slots__ = ("_accepted", "_path")

    def __init__(self, path: Path, accepted: Accepted | None = None) -> None:
        self._path = path
        self._accepted = accepted or {}

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def all(self) -> tuple[RingKey, ...]:
        """All keys. Errors: KeysMissing if the file cannot be read."""
        try:
            return _read(self._path, self._path.stat().st_mtime_ns)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeysMissing(f"the key ring {self._path} cannot be read; `formengine keys make` makes one") from error

    def wraps(self, key: bytes, tenant: str) -> Sequence[Wrap]:
        """*key*, wrapped for the worker and for both keys of the authority. Errors: KeysMissing (ENC-07)."""
        return [self._wrap(kind, role, tenant, key) for kind, role in ROLES]

    def anew(self, old: Wrap, key: bytes) -> Wrap | None:
        """*key*, wrapped for the key that follows that of *old*; None where there is no newer one."""
        former = next((one for one in self.all() if one.id == old.key_id), None)
        if former is None or former.state == ACTIVE:
            return None
        return self._wrap(former.kind, former.role, former.tenant, key)

    def former(self, kind: str) -> tuple[str, ...]:
        """The ids of the keys of *kind* that were followed by others."""
        return tuple(one.id for one in self.all() if one.kind == kind and one.state == DECRYPT_ONLY)

    def accepts(self, key: RingKey, tenant: str) -> bool:
        """Whether *key* may be sealed to for *tenant*, "*" being all of them (ENC-06)."""
        if key.kind != AUTHORITY:
            return True
        named = self._accepted.values() if tenant == "*" else [self._accepted.get(tenant, {key.fingerprint})]
        return all(key.fingerprint in one for one in named)

    def _wrap(self, kind: str, role: str, tenant: str, key: bytes) -> Wrap:
        active = [one for one in self.all() if (one.kind, one.role, one.state) == (kind, role, ACTIVE)]
        fitting = [one for one in active if self.accepts(one, tenant)]
        own = [one for one in fitting if one.tenant == tenant] or [one for one in fitting if one.tenant == "*"]
        if not own and active:
            raise KeysMissing(f"{self._path} has no {role} key of the {kind} that authority_keys of {tenant} names")
        if not own:
            raise KeysMissing(f"{self._path} has no {role} key of the {kind}; `formengine keys make` makes it")
        return wrap_public(kind, _public(own[-1].jwk), key)


def make(folder: Path, *, tenant: str, now: datetime, test: bool) -> list[Path]:
    """Make the keys that the ring in *folder* lacks for *tenant*; the files that were written. Errors: ConfigError."""
    ring = folder / RING
    kept = list(KeyRing(ring).all()) if ring.exists() else []
    written = []
    for kind, role in ROLES:
        if any((one.kind, one.role, one.state, one.tenant) == (kind, role, ACTIVE, tenant) for one in kept):
            continue
        new, private = _new(kind, role, tenant, now, test=test)
        written.append(_keep_private(folder, new, private))
        kept.append(new)
    if written:
        _write(ring, {"keys": [_entry(one) for one in kept]})
    return written


def rotate(ring: KeyRing, kind: str, role: str, *, tenant: str, now: datetime) -> RingKey:
    """Put a new key in the place of the active one, which from now on only opens.

    One that must be named in the operator's file first is made and waits; run again, it takes the place.
    Errors: ConfigError while it is not named.
    """
    kept = list(ring.all())
    mine, waiting = (
        [one for one in kept if (one.kind, one.role, one.state, one.tenant) == (kind, role, state, tenant)]
        for state in (ACTIVE, WAITING)
    )
    if not mine:
        raise ConfigError(f"there is no active {role} key of the {kind} for tenant {tenant}")
    if waiting and not ring.accepts(waiting[-1], tenant):
        raise ConfigError(
            f"{waiting[-1].fingerprint} waits for a second person, who names it in authority_keys (ENC-06)"
        )
    if waiting:
        new = replace(waiting[-1], state=ACTIVE)
    else:
        new, private = _new(kind, role, tenant, now, test=mine[-1].test)
        _keep_private(ring.path.parent, new, private)
        new = new if ring.accepts(new, tenant) else replace(new, state=WAITING)
    if new.state == ACTIVE:
        kept = [replace(one, state=DECRYPT_ONLY) if one in mine else one for one in kept if one not in waiting]
    _write(ring.path, {"keys": [_entry(one) for one in (*kept, new)]})
    return new


def retire(folder: Path, key_ids: Sequence[str]) -> None:
    """Say that these keys open nothing any more."""
    kept = [
        replace(one, state=RETIRED) if one.id in key_ids and one.state == DECRYPT_ONLY else one
        for one in KeyRing(folder / RING).all()
    ]
    _write(folder / RING, {"keys": [_entry(one) for one in kept]})


def read_private(kind: str, path: Path) -> Reader:
    """The reader with the private keys in *path*. Errors: ConfigError."""
    held = _PrivateKeys(path)
    try:
        held.read()
    except (OSError, ValueError, KeyError, TypeError, JWException) as error:
        raise ConfigError(
            f"the keys of the {kind} in {path} cannot be read; `formengine keys make` makes them"
        ) from error
    return Reader(kind, held)


class _PrivateKeys(Mapping[str, JWK]):
    """The private keys in a file by id, read again when it changes: a rotation needs no restart."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mapping[str, JWK]:
        return _read_private(self._path, self._path.stat().st_mtime_ns)

    def __getitem__(self, key_id: str) -> JWK:
        return self.read()[key_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self.read())

    def __len__(self) -> int:
        return len(self.read())


def private_file(folder: Path, kind: str, role: str, key_id: str = "") -> Path:
    """Where the private keys of that kind and role lie."""
    return folder / (f"recovery-{key_id[:8]}.json" if role == RECOVERY else f"{kind}.json")


def _new(kind: str, role: str, tenant: str, now: datetime, *, test: bool) -> tuple[RingKey, JWK]:
    private = JWK.generate(kty="EC", crv="P-256", use="enc", alg="ECDH-ES+A256KW")
    private = JWK(**{**private.export(as_dict=True), "kid": private.thumbprint()})
    public = json.dumps(private.export_public(as_dict=True))
    return RingKey(private["kid"], kind, role, tenant, ACTIVE, now.date().isoformat(), test, public), private


def _keep_private(folder: Path, new: RingKey, private: JWK) -> Path:
    path = private_file(folder, new.kind, new.role, new.id)
    kept = json.loads(path.read_bytes())["keys"] if path.exists() else []
    entry = private.export(as_dict=True) | {"tenant": new.tenant, "test": new.test}
    _write(path, {"keys": [*kept, entry]}, mode=0o600)
    return path


def _entry(key: RingKey) -> dict[str, Any]:
    about = asdict(key)
    about["for"] = about.pop("kind")
    public: dict[str, Any] = json.loads(about.pop("jwk"))
    return public | {name: value for name, value in about.items() if name != "id"}


def _write(path: Path, content: Mapping[str, Any], *, mode: int = 0o644) -> None:
    secret_files.write(path, json.dumps(content, indent=2) + "\n", mode=mode)


@functools.lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> tuple[RingKey, ...]:
    keys = []
    for entry in json.loads(path.read_bytes())["keys"]:
        about = {name: entry.pop(name) for name in ("role", "tenant", "state", "made", "test")}
        keys.append(RingKey(id=entry["kid"], kind=entry.pop("for"), jwk=json.dumps(entry), **about))
    return tuple(keys)


@functools.lru_cache(maxsize=8)
def _read_private(path: Path, _changed: int) -> Mapping[str, JWK]:
    return {entry["kid"]: JWK(**entry) for entry in json.loads(path.read_bytes())["keys"]}


@functools.lru_cache(maxsize=32)
def _public(text: str) -> JWK:
    return JWK(**json.loads(text))
