"""Settings -> Engine: the one place that knows every adapter.

An `Engine` makes each part when it is first asked for, so a process holds only what it uses: the web loads no
signer, the worker no page.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_origin, get_type_hints

from formengine.config import Settings, Tenant, variable
from formengine.core.formats import formats
from formengine.delivery import channels, check_supplements
from formengine.documents.certificates import ensure_test_seal
from formengine.documents.checking import Checker
from formengine.documents.signers import Authority, Signer, signers
from formengine.documents.submissions import DocumentRenderer
from formengine.errors import ConfigError
from formengine.fields import field_types
from formengine.i18n.catalogues import Catalogues
from formengine.intake import sandbox
from formengine.intake.examining import FileIntake
from formengine.intake.scanning import scanner
from formengine.registry import Registry
from formengine.services.ports import Channel, Opener, Reader, Stores
from formengine.services.values import AUTHORITY, JOB
from formengine.storage import database, keys
from formengine.storage.database import SqlDatabase
from formengine.storage.definitions import Published
from formengine.storage.files import ObjectFiles, SealedFiles
from formengine.storage.keys import KeyRing
from formengine.storage.opener_socket import OpenerClient
from formengine.storage.reserve import Reserve, on_disk

T = TypeVar("T")
_PEPPER_BYTES = 32


class Engine:
    """Everything that serves one installation, built from *settings* part by part."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        load_plug_ins()

    @cached_property
    def database(self) -> SqlDatabase:
        """The database. Opened when first asked for: after a fork, never before."""
        return SqlDatabase(self.settings.database_url)

    @cached_property
    def stores(self) -> Stores:
        """Database and files."""
        pepper, *former = read_peppers(self.settings)
        files = SealedFiles(self.objects, self.reserve)
        return Stores(self.database, files, pepper, key_ring(self.settings), former_peppers=tuple(former))

    @cached_property
    def reserve(self) -> Reserve:
        """What stays free for submits where database and files lie on disks of this machine."""
        s = self.settings
        return Reserve((s.data, *on_disk(s.database_url, s.files_url)), s.reserve_mb * 10**6)

    @cached_property
    def objects(self) -> ObjectFiles:
        """The file store, which sees nothing in the clear."""
        return ObjectFiles(self.settings.files_url)

    @cached_property
    def job(self) -> Reader:
        """The worker's keys. Errors: ConfigError."""
        return keys.read_private(JOB, self.settings.job_key)

    @cached_property
    def authority(self) -> Reader:
        """The authority's keys: for the opener alone (ENC-10). Errors: ConfigError."""
        return keys.read_private(AUTHORITY, self.settings.authority_key)

    @cached_property
    def opener(self) -> Opener:
        """The way to the opener, for processes without the authority's keys."""
        return OpenerClient(self.settings.socket)

    @cached_property
    def forms(self) -> Published:
        """The published forms."""
        return Published(self.stores, widgets())

    @cached_property
    def catalogues(self) -> Catalogues:
        """The engine's texts and those of the forms on disk, by language."""
        return Catalogues(self.settings.translations)

    @cached_property
    def intake(self) -> FileIntake:
        """What examines files that come in."""
        return FileIntake(scanner(self.settings.scanner))

    @cached_property
    def renderer(self) -> DocumentRenderer:
        """What makes documents, in a child of its own; they claim the seal that they will get."""
        return DocumentRenderer(
            self.settings.tenants, self.catalogues, seal=self.signer.seal, origin=self.settings.origin
        )

    @cached_property
    def signer(self) -> Signer:
        """The seal. Errors: ConfigError."""
        return make_signer(self.settings)

    @cached_property
    def checker(self) -> Checker:
        """What verifies PDFs that somebody hands in."""
        return make_checker(self.settings)

    @cached_property
    def channels(self) -> dict[str, dict[str, Channel]]:
        """The channels of each tenant by name, each with its tenant's options. Errors: ConfigError."""
        return {tenant.id: make_channels(self.settings, tenant) for tenant in self.settings.tenants}


def build(settings: Settings) -> Engine:
    """The engine of these settings."""
    return Engine(settings)


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """The engine of these settings for one errand, its connections closed afterwards."""
    engine = Engine(settings)
    try:
        yield engine
    finally:
        if "database" in vars(engine):
            engine.database.close()


def load_plug_ins() -> None:
    """Load the kinds of plug-ins that every process needs: formats and fields."""
    kinds: tuple[Registry[object], ...] = (formats, field_types)  # type: ignore[assignment]  # read only here
    for kind in kinds:
        kind.load()


def widgets() -> tuple[str, ...]:
    """The names of the controls that a definition may ask for."""
    return tuple(field_types)


def make_signer(settings: Settings) -> Signer:
    """The signer that the settings name; on loopback, one with a test key that is made where none is given."""
    chosen = signers.load_one(settings.signer)
    if settings.signer == "unsigned":
        return configured(chosen, {})
    if settings.signer == "pkcs11":
        options = {
            "module_file": settings.pkcs11_module_file,
            "token": settings.pkcs11_token,
            "key": settings.pkcs11_key,
            "certificate_file": settings.signing_certificate_file,
            "pin": _secret(settings.pkcs11_pin_file),
        }
        for name, value in options.items():
            if not value:
                prefix = "signing" if name == "certificate_file" else "pkcs11"
                name = "pin_file" if name == "pin" else name  # noqa: PLW2901  the variable names the file
                raise ConfigError(f"FORMENGINE_SIGNER=pkcs11 needs {variable(f'{prefix}_{name}')}")
    else:
        key_file = settings.signing_key_file or ensure_test_seal(settings.data / "keys", now=datetime.now(UTC)).key_file
        options = {"key_file": key_file, "passphrase": _secret(settings.signing_passphrase_file)}
    return configured(chosen, {**options, "stamps": _stamps(settings)})


def _stamps(settings: Settings) -> Authority | None:
    """The time-stamp authority that the settings name."""
    if not settings.tsa_url or settings.tsa_trust_file is None:
        return None
    return Authority(
        settings.tsa_url, settings.tsa_trust_file, settings.tsa_ca_file, allow_private=settings.tsa_allow_private
    )


def _secret(path: Path | None) -> bytes:
    """What a file with a passphrase or PIN holds. Errors: ConfigError."""
    try:
        return path.read_bytes().strip() if path else b""
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error


def make_checker(settings: Settings) -> Checker:
    """What verifies a PDF: it knows the operator's roots, and the test seal of this data folder."""
    seals = [settings.data / "keys" / "seal-test-root.crt", *([settings.trust_file] if settings.trust_file else [])]
    return Checker(sandbox.run, seals, [settings.tsa_trust_file] if settings.tsa_trust_file else [])


def make_channels(settings: Settings, tenant: Tenant) -> dict[str, Channel]:
    """The channels that the tenant's forms go through, and any other that it configures. Errors: ConfigError.

    A channel is of the kind of its name, unless its options name another `kind`.
    """
    names = {name for used in tenant.channels.values() for name in used} | set(tenant.channel)
    made: dict[str, Channel] = {}
    for name in sorted(names):
        options = {key: value for key, value in tenant.channel.get(name, {}).items() if key != "kind"}
        kind = tenant.kind_of(name)
        if name == kind == "folder":
            options.setdefault("root", settings.delivered)
        folder = settings.config.parent if settings.config else Path()
        made[name] = configured(
            channels.load_one(kind), options, what=f"tenant {tenant.id}, channel {name}", folder=folder
        )
    check_supplements(f"tenant {tenant.id}", tenant.stamp_to, made)
    return made


def configured(
    plug_in: Callable[..., T], options: Mapping[str, object], *, what: str = "", folder: Path | None = None
) -> T:
    """The plug-in with the frozen dataclass `Settings` of its own module, filled from *options*.

    *what* names it in errors; relative paths begin at *folder*. Errors: ConfigError for an option that it does not
    have, lacks or cannot use.
    """
    own = getattr(sys.modules[plug_in.__module__], "Settings", None)
    if own is None:
        return plug_in()
    what = what or plug_in.__module__
    types = get_type_hints(own)
    known = {option.name: option for option in fields(own)}
    for name in options:
        if name not in known:
            raise ConfigError(f"{what}: there is no option {name!r}; there is: {', '.join(known) or 'none'}")
    for name, option in known.items():
        if name not in options and option.default is MISSING and option.default_factory is MISSING:
            raise ConfigError(f"{what}: the option {name!r} is missing")
    given = {name: _option(what, name, types[name], value, folder or Path()) for name, value in options.items()}
    try:
        return plug_in(own(**given))
    except (ValueError, OSError) as error:
        raise ConfigError(f"{what}: {error}") from error


def _option(what: str, name: str, kind: Any, value: object, folder: Path) -> object:
    """The value of an option as its type wants it: TOML knows no paths and no tuples."""
    if kind in (Path, Path | None):
        if isinstance(value, str | Path):
            path = (folder / value).absolute()
            if name.endswith("_file") and not path.is_file():
                raise ConfigError(f"{what}: there is no file {path}")
            return path
    elif get_origin(kind) is tuple:
        if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
            return tuple(value)
    elif get_origin(kind) in (dict, Mapping):
        if isinstance(value, Mapping) and all(isinstance(part, str) for part in value.values()):
            return dict(value)
    elif (
        isinstance(kind, type | UnionType) and isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    ):
        return value
    raise ConfigError(f"{what}: the option {name!r} cannot be {type(value).__name__}")


def read_peppers(settings: Settings) -> list[bytes]:
    """The secret that keys the hashes of codes, then former ones. Errors: ConfigError unless each is 32 bytes."""
    path = settings.pepper_file
    try:
        lines = path.read_bytes().split() if path else []
        peppers = [base64.b64decode(line, validate=True) for line in lines]
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the pepper {path} cannot be read; `formengine migrate` makes one in the data folder"
        ) from error
    if not peppers or any(len(pepper) != _PEPPER_BYTES for pepper in peppers):
        raise ConfigError(f"the pepper {path} must be 32 random bytes in base64, one line each")
    return peppers


def prepare_data(settings: Settings) -> None:
    """Make the data folder and the keys that are missing. Errors: ConfigError if it cannot be written."""
    folder = settings.data / "keys"
    if settings.data.is_file():
        raise ConfigError(f"{settings.data} is a file; name a folder with --data")
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        if settings.pepper_file == folder / "pepper" and not settings.pepper_file.exists():
            text = base64.b64encode(secrets.token_bytes(_PEPPER_BYTES)) + b"\n"
            with os.fdopen(os.open(settings.pepper_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(text)
        probe = settings.data / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ConfigError(
            f"{settings.data} cannot be written ({error.strerror}); choose another with --data"
        ) from error


def key_ring(settings: Settings) -> KeyRing:
    """The public keys, those of the authorities as the operator's file confirms them."""
    named = {tenant.id: frozenset(tenant.authority_keys) for tenant in settings.tenants if tenant.authority_keys}
    return KeyRing(settings.ring, named)


def ensure_test_keys(settings: Settings) -> bool:
    """Make keys marked as test keys where the data folder has none; whether the keys in use are such."""
    folder = settings.data / "keys"
    if settings.ring == folder / keys.RING and not settings.ring.exists():
        keys.make(folder, tenant="*", now=datetime.now(UTC), test=True)
    return any(key.test for key in KeyRing(settings.ring).all())


def migrate(settings: Settings) -> None:
    """Bring the database up to date."""
    database.migrate(settings.database_url)
