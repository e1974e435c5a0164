"""The channel `sftp`: each application becomes a folder on an SFTP server, whole or not at all.

The files go into a folder of another name, which is renamed when it is complete; a folder that is there already is
the delivery. The server is known by its host key and by nothing else; we are known to it by a key.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from formengine.delivery import channels
from formengine.errors import DeliveryDeferred
from formengine.services.ports import Parcel


@dataclass(frozen=True, slots=True)
class Settings:
    """*host_key_file* holds the server's public keys, one a line (`ssh-keyscan`, checked by hand).

    *key_file* is our private key in the format of OpenSSH, without passphrase; *root* is the folder there.
    """

    host: str
    user: str
    key_file: Path
    host_key_file: Path
    port: int = 22
    root: str = "."
    timeout_s: int = 120


@channels.register("sftp")
class Sftp:
    """Delivers to a folder on an SFTP server. Errors: ValueError, OSError if a key cannot be read."""

    takes_supplements = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        try:
            self._key = asyncssh.read_private_key(settings.key_file)
            self._host_keys = _host_keys(settings.host_key_file)
        except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
            raise ValueError(f"a key of the channel cannot be read: {type(error).__name__}") from error
        if not self._host_keys:
            raise ValueError(f"{settings.host_key_file} holds no host key")

    def deliver(self, parcel: Parcel) -> str:
        """The name of the folder. Errors: DeliveryDeferred."""
        try:
            return asyncio.run(self._deliver(parcel))
        except asyncssh.HostKeyNotVerifiable as error:
            raise DeliveryDeferred("the server shows another host key than the one configured") from error
        except asyncssh.PermissionDenied as error:
            raise DeliveryDeferred("the server does not take our key") from error
        except TimeoutError as error:
            raise DeliveryDeferred("the server did not answer in time") from error
        except (asyncssh.Error, OSError) as error:
            raise DeliveryDeferred(f"the server does not take it: {type(error).__name__}") from error

    async def _deliver(self, parcel: Parcel) -> str:
        own = self.settings
        options = asyncssh.SSHClientConnectionOptions(
            username=own.user,
            client_keys=[self._key],
            known_hosts=(self._host_keys, [], []),
            config=None,
            agent_path=None,
            preferred_auth="publickey",
            connect_timeout=min(own.timeout_s, 15),
        )
        async with asyncio.timeout(own.timeout_s):
            connection = await asyncssh.connect(own.host, own.port, options=options, config=None)
            async with connection, connection.start_sftp_client() as sftp:
                await _upload(sftp, own.root.rstrip("/") or "/", parcel)
        return parcel.name


async def _upload(sftp: asyncssh.SFTPClient, root: str, parcel: Parcel) -> None:
    target = f"{root}/{parcel.name}"
    if not await sftp.exists(target):
        draft = f"{root}/.{parcel.name}.{secrets.token_hex(4)}"
        try:
            await sftp.mkdir(draft)
            if any(file.path.startswith("proofs/") for file in parcel.files):
                await sftp.mkdir(f"{draft}/proofs")
            for file in parcel.files:
                async with sftp.open(f"{draft}/{file.path}", "xb") as out:
                    await out.write(file.read())
                    with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                        await out.fsync()
            await sftp.rename(draft, target)
        except asyncssh.SFTPError:
            if not await sftp.exists(target):
                raise
    # What earlier attempts left is removed only now: whoever still writes there can no longer rename it.
    for entry in await sftp.readdir(root):
        name = str(entry.filename)
        if name.startswith(f".{parcel.name}."):
            with contextlib.suppress(asyncssh.SFTPError):
                await sftp.rmtree(f"{root}/{name}")


def _host_keys(path: Path) -> list[asyncssh.SSHKey]:
    """The keys of a file of public keys, with or without the host's name before each."""
    lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    keys = []
    for words in lines:
        if not words or words[0].startswith("#"):
            continue
        start = 0 if words[0].startswith(("ssh-", "ecdsa-", "sk-")) else 1
        keys.append(asyncssh.import_public_key(" ".join(words[start : start + 2])))
    return keys
