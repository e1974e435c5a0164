"""The SFTP and S3 servers of the kill trial: how they are reached, and what lies there in the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx
import obstore
from obstore.store import S3Store

from tests.delivery.servers import SshServer


@dataclass(frozen=True)
class Far:
    """The servers that take what is handed over, beside the webhook's receiver."""

    ssh: SshServer
    s3: str

    def channels(self, folder: Path) -> str:
        """What the operator writes to reach them."""
        httpx.put(f"{self.s3}/incoming").raise_for_status()
        ssh = self.ssh
        return (
            f'[tenant.channel.sftp]\nhost = "127.0.0.1"\nport = {ssh.port}\nuser = "{ssh.user}"\nkey_file = "{ssh.key}"\n'
            f'host_key_file = "{ssh.host_key}"\nroot = "{ssh.folder}"\n'
            f'[tenant.channel.s3]\nurl = "s3://incoming"\nendpoint = "{self.s3}"\nregion = "us-east-1"\n'
            f'access_key_id = "key"\nsecret_file = "{folder}/secret"\nallow_private = true\n'
        )

    def taken(self) -> dict[str, dict[tuple[str, str], bytes]]:
        """By channel: what lies there, by reference and file; only what is complete."""
        files = [path for path in self.ssh.folder.glob("[!.]*/**/*") if path.is_file()]
        names = [(path, path.relative_to(self.ssh.folder).parts) for path in files]
        store = S3Store(
            "incoming",
            endpoint=self.s3,
            region="us-east-1",
            access_key_id="key",
            secret_access_key="not-checked",
            client_options={"allow_http": True},
            virtual_hosted_style_request=False,
        )
        keys = [entry["path"] for page in obstore.list(store) for entry in page]
        return {
            "sftp": {(parts[0], "/".join(parts[1:])): path.read_bytes() for path, parts in names},
            "s3": {
                (key.partition("/")[0], key.partition("/")[2]): bytes(obstore.get(store, key).bytes()) for key in keys
            },
        }
