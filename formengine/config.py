"""Settings: the environment and the operator's one TOML file, read once, typed and checked.

Every variable is listed in `docs/configuration.md`; a test compares the two. A secret is never in the
environment itself: the variable `FORMENGINE_…_FILE` names the file that holds it (LOG-05).
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from formengine.errors import ConfigError

AUDIENCES = ("applicants", "staff")
_ADDRESS = re.compile(r"[^\s/]+:[0-9]{1,5}")
_FINGERPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
_FORM_ID = re.compile(r"[A-Za-z0-9._-]+")
_DATABASE = re.compile(r"sqlite:///.+|postgres(ql)?(\+psycopg)?://.*")
_FILES = re.compile(r"(file|memory)://.*|s3://[^/]+.*")
_NOTICES = frozenset({"privacy", "imprint", "accessibility"})


@dataclass(frozen=True, slots=True)
class Authority:
    """Who receives the applications, as pages and documents name it. The default is plainly fictional."""

    name: str = "Jobcenter Musterstadt"
    street: str = "Beispielweg 1"
    place: str = "00000 Musterstadt"
    phone: str = "+49 30 23125 000"  # a number that the Bundesnetzagentur keeps free for films
    email: str = "info@jobcenter-musterstadt.example"
    hours: str = "Montag bis Freitag, 8 bis 12 Uhr"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One authority: its names, notices and channels.

    *notices* holds Markdown by `privacy`, `imprint` and `accessibility`; an absent one shows the engine's own
    text. *terms* replaces names of benefits in `forms/values.json`. *channels* maps a form's id, or `*`, to
    the names of the channels through which it goes; *channel* gives the options of each (docs/channels.md).
    *kept_days*: so long after every channel confirmed an application it stays here (GDP-03). *unstamped_after_min*: so
    long after its receipt it goes out without a time stamp that cannot be had, None for never; *stamp_to* are the
    channels that are sent the stamp when it came later (PDF-07). *authority_keys* are the fingerprints of its keys; no
    other is sealed to, where there are any (ENC-06).
    """

    id: str = "musterstadt"
    origin: str = ""
    staff_origin: str = ""
    authority: Authority = Authority()
    notices: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"*": ("inbox", "folder")})
    channel: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    kept_days: int = 14
    unstamped_after_min: int | None = None
    stamp_to: tuple[str, ...] = ()
    authority_keys: tuple[str, ...] = ()

    def channels_of(self, form: str) -> tuple[str, ...]:
        """The channels through which applications of *form* go."""
        return self.channels.get(form, self.channels.get("*", ("inbox",)))

    def kind_of(self, channel: str) -> str:
        """What kind of channel it is: the one of its name, unless its options name another."""
        return str(self.channel.get(channel, {}).get("kind", channel))


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set. Paths are absolute; *port* 0 lets the system choose."""

    data: Path = Path("data")
    forms: Path = Path("forms")
    schemas: Path = Path("schemas")
    schema_files: tuple[Path, ...] = ()
    translations: Path = Path("translations")
    config: Path | None = None
    database_url: str = ""
    files_url: str = ""
    audience: str = "applicants"
    host: str = "127.0.0.1"
    port: int = 8000
    staff_port: int = 8001
    origin: str = ""
    staff_origin: str = ""
    proxies: int = 0
    web_threads: int = 8
    web_workers: int = 1
    development_sign_in: bool = False
    reserve_mb: int = 1000
    scanner: str = "clamd://127.0.0.1:3310"
    signer: str = "pades"
    signing_key_file: Path | None = None
    signing_passphrase_file: Path | None = None
    signing_certificate_file: Path | None = None
    pkcs11_module_file: Path | None = None
    pkcs11_token: str = ""
    pkcs11_key: str = ""
    pkcs11_pin_file: Path | None = None
    tsa_url: str = ""
    tsa_trust_file: Path | None = None
    tsa_ca_file: Path | None = None
    tsa_allow_private: bool = False
    trust_file: Path | None = None
    pepper_file: Path | None = None
    ring_file: Path | None = None
    job_key_file: Path | None = None
    authority_key_file: Path | None = None
    opener_socket: Path | None = None
    opener_peer: str = ""
    log_level: str = "INFO"
    metrics_address: str = ""
    tenants: tuple[Tenant, ...] = (Tenant(),)

    @property
    def scans(self) -> bool:
        """Whether uploads are scanned for viruses; `off` is for development alone."""
        return self.scanner != "off"

    @property
    def ring(self) -> Path:
        """The public keys of the worker and the authorities."""
        return self.ring_file or self.data / "keys" / "ring.json"

    @property
    def job_key(self) -> Path:
        """The worker's private keys."""
        return self.job_key_file or self.data / "keys" / "job.json"

    @property
    def authority_key(self) -> Path:
        """The authority's private keys, for the opener."""
        return self.authority_key_file or self.data / "keys" / "authority.json"

    @property
    def socket(self) -> Path:
        """Where the opener listens."""
        return self.opener_socket or self.data / "opener.sock"

    @property
    def delivered(self) -> Path:
        """Where the channel `folder` puts what was delivered."""
        return self.data / "delivered"


def variable(name: str) -> str:
    """The environment variable of the setting *name*."""
    return f"FORMENGINE_{name.upper()}"


def load(environment: Mapping[str, str]) -> Settings:
    """The settings that the environment gives. Errors: ConfigError for the first that is wrong, with the remedy."""
    known = {variable(f.name): f.name for f in fields(Settings) if f.name != "tenants"}
    given: dict[str, Any] = {}
    for name, text in environment.items():
        if name.startswith("FORMENGINE_") and name not in known:
            raise ConfigError(f"there is no setting {name}; see docs/configuration.md")
        if name in known and text != "":
            given[known[name]] = _typed(name, known[name], text)
    settings = _completed(replace(Settings(), **given))
    _check(settings)
    return settings


def _typed(variable_name: str, name: str, text: str) -> object:
    if name == "schema_files":
        return tuple(Path(part).absolute() for part in text.split(":") if part)
    default = getattr(Settings(), name)
    if isinstance(default, bool):
        if text.lower() not in {"1", "0", "true", "false", "on", "off", "yes", "no"}:
            raise ConfigError(f"{variable_name} is on or off, not {text!r}")
        return text.lower() in {"1", "true", "on", "yes"}
    if isinstance(default, int):
        if not text.isascii() or not text.isdigit():
            raise ConfigError(f"{variable_name} is a whole number, not {text!r}")
        return int(text)
    if isinstance(default, Path) or name in {"config", "opener_socket"} or name.endswith("_file"):
        return Path(text).absolute()
    return text


def _completed(settings: Settings) -> Settings:
    data = settings.data.absolute()
    settings = replace(
        settings,
        data=data,
        forms=settings.forms.absolute(),
        schemas=settings.schemas.absolute(),
        translations=settings.translations.absolute(),
        database_url=settings.database_url or f"sqlite:///{data / 'formengine.db'}",
        files_url=settings.files_url or f"{(data / 'files').as_uri()}/",
        origin=settings.origin or f"http://{settings.host}:{settings.port}",
        staff_origin=settings.staff_origin or f"http://{settings.host}:{settings.staff_port}",
        pepper_file=settings.pepper_file or data / "keys" / "pepper",
    )
    if settings.config is not None:
        settings = replace(settings, tenants=_tenants(settings.config))
    return settings


def _tenants(path: Path) -> tuple[Tenant, ...]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    tables = content.pop("tenant", [])
    if content:
        raise ConfigError(f"{path}: {', '.join(sorted(content))}: no such table; tables are [[tenant]]")
    if not isinstance(tables, list) or not tables:
        raise ConfigError(f"{path} names no [[tenant]]")
    tenants = tuple(_tenant(path, table) for table in tables)
    if len({tenant.id for tenant in tenants}) < len(tenants):
        raise ConfigError(f"{path}: two tenants have the same id")
    return tenants


def _tenant(path: Path, table: Mapping[str, Any]) -> Tenant:
    allowed = {f.name for f in fields(Tenant)}
    for key in table:
        if key not in allowed:
            raise ConfigError(f"{path}: a tenant has no {key!r}; it has: {', '.join(sorted(allowed))}")
    made = dict(table)
    if not isinstance(made.get("id"), str) or not _FORM_ID.fullmatch(made["id"]):
        raise ConfigError(f"{path}: each [[tenant]] needs an id of letters, digits, '.', '_' or '-'")
    if "authority" in made:
        _texts(path, "authority", made["authority"])
        names = {f.name for f in fields(Authority)}
        unknown = set(made["authority"]) - names
        if unknown:
            raise ConfigError(f"{path}: an authority has no {min(unknown)!r}; it has: {', '.join(sorted(names))}")
        made["authority"] = Authority(**made["authority"])
    for name in ("notices", "terms"):
        _texts(path, name, made.get(name, {}))
    if unknown := set(made.get("notices", {})) - _NOTICES:
        raise ConfigError(f"{path}: there is no notice {min(unknown)!r}; there is: {', '.join(sorted(_NOTICES))}")
    for name in ("origin", "staff_origin"):
        if made.get(name):
            _check_origin(f"{path}: {name} of tenant {made['id']}", made[name])
    if "channels" in made:
        made["channels"] = _ways(path, made["channels"])
    if not isinstance(made.get("channel", {}), dict):
        raise ConfigError(f"{path}: the options of a channel stand in a table [tenant.channel.NAME]")
    for name, options in made.get("channel", {}).items():
        if not isinstance(options, dict) or not _FORM_ID.fullmatch(name):
            raise ConfigError(f"{path}: the options of a channel stand in a table [tenant.channel.NAME], not {name!r}")
    days = made.get("kept_days", 0)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= 3650:
        raise ConfigError(f"{path}: kept_days is a number of days from 0 to 3650, not {days!r}")
    after = made.get("unstamped_after_min", 0)
    if not isinstance(after, int) or isinstance(after, bool) or after < 0:
        raise ConfigError(f"{path}: unstamped_after_min is a number of minutes from 0, not {after!r}")
    if "authority_keys" in made:
        made["authority_keys"] = _names(path, "authority_keys is", made["authority_keys"])
        for name in made["authority_keys"]:
            if not _FINGERPRINT.fullmatch(name):
                raise ConfigError(f"{path}: {name!r} is no fingerprint of a key; `formengine keys list` shows them")
    if "stamp_to" in made:
        made["stamp_to"] = _names(path, "stamp_to is", made["stamp_to"])
    return Tenant(**made)


def _texts(path: Path, name: str, table: object) -> None:
    if not isinstance(table, dict) or not all(isinstance(text, str) for text in table.values()):
        raise ConfigError(f"{path}: [tenant.{name}] is a table of texts in quotation marks")


def _ways(path: Path, channels: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(channels, dict):
        raise ConfigError(f"{path}: channels is a table of forms, [tenant.channels]")
    return {form: _names(path, f"the channels of {form!r} are", names) for form, names in channels.items()}


def _names(path: Path, what: str, names: object) -> tuple[str, ...]:
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ConfigError(f'{path}: {what} a list of names, such as ["inbox"]')
    return tuple(names)


def _check(settings: Settings) -> None:
    if settings.audience not in AUDIENCES:
        raise ConfigError(f"FORMENGINE_AUDIENCE is {' or '.join(AUDIENCES)}, not {settings.audience!r}")
    for name, port in (("FORMENGINE_PORT", settings.port), ("FORMENGINE_STAFF_PORT", settings.staff_port)):
        if not 0 < port < 65536:
            raise ConfigError(f"{name} is a port from 1 to 65535, not {port}")
    if settings.port == settings.staff_port:
        raise ConfigError("FORMENGINE_PORT and FORMENGINE_STAFF_PORT are the same; the two sites need two")
    for name, origin in (("FORMENGINE_ORIGIN", settings.origin), ("FORMENGINE_STAFF_ORIGIN", settings.staff_origin)):
        _check_origin(name, origin)
    if not _DATABASE.fullmatch(settings.database_url):
        raise ConfigError("FORMENGINE_DATABASE_URL is sqlite:////path/to.db or postgresql+psycopg://user@host/name")
    if not _FILES.fullmatch(settings.files_url):
        raise ConfigError("FORMENGINE_FILES_URL is file:///path/ or s3://bucket/prefix")
    if settings.tsa_url and settings.tsa_trust_file is None:
        raise ConfigError(
            "FORMENGINE_TSA_URL needs FORMENGINE_TSA_TRUST_FILE: the roots of the authority's certificates"
        )
    if settings.metrics_address and not _ADDRESS.fullmatch(settings.metrics_address):
        raise ConfigError(f"FORMENGINE_METRICS_ADDRESS is HOST:PORT, not {settings.metrics_address!r}")
    if settings.scanner != "off" and urlsplit(settings.scanner).scheme != "clamd":
        raise ConfigError("FORMENGINE_SCANNER is clamd://HOST:PORT, or off for development")


def _check_origin(name: str, origin: object) -> None:
    parts = urlsplit(origin if isinstance(origin, str) else "")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ConfigError(f"{name} is an origin such as https://antrag.example, not {origin!r}")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigError(f"{name}: plain http is taken on this machine alone (SES-01); use https for {parts.hostname}")


def is_loopback(host: str) -> bool:
    """Whether *host* names this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
