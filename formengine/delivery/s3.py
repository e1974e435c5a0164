"""The channel `s3`: each application becomes objects in a bucket, `<prefix>/<reference>/…`, each written once.

The manifest is written last, so whoever waits for `manifest.json` finds the application whole. An object that is
there already is the same one: the keys are fixed and the bytes frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from formengine import outbound
from formengine.delivery import channels
from formengine.errors import DeliveryDeferred
from formengine.services.ports import Parcel


@dataclass(frozen=True, slots=True)
class Settings:
    """*url* is `s3://bucket/prefix`; *secret_file* holds the secret of the access key *access_key_id*.

    *endpoint* is the address of a server other than Amazon's; *timeout_s* ends a request.
    """

    url: str
    access_key_id: str
    secret_file: Path
    region: str = "eu-central-1"
    endpoint: str = ""
    allow_private: bool = False
    timeout_s: int = 60

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme != "s3" or not parts.netloc:
            raise ValueError("the url is s3://bucket/prefix")
        if self.endpoint:
            outbound.check(self.endpoint, allow_private=self.allow_private)


@channels.register("s3")
class S3:
    """Delivers to a bucket. Errors: OSError if the secret cannot be read."""

    takes_supplements = True

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        parts = urlsplit(settings.url)
        self._prefix = parts.path.strip("/")
        self._store = S3Store(
            parts.netloc,
            endpoint=settings.endpoint or None,
            region=settings.region,
            access_key_id=settings.access_key_id,
            secret_access_key=settings.secret_file.read_text(encoding="utf-8").strip(),
            virtual_hosted_style_request=not settings.endpoint,
            client_options={
                "timeout": timedelta(seconds=settings.timeout_s),
                "connect_timeout": timedelta(seconds=outbound.CONNECT_S),
                "allow_http": settings.endpoint.startswith("http:"),
            },
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=settings.timeout_s)},
        )

    def deliver(self, parcel: Parcel) -> str:
        """The key of the application's folder. Errors: DeliveryDeferred."""
        folder = "/".join(part for part in (self._prefix, parcel.name) if part)
        for file in parcel.files:
            try:
                obstore.put(
                    self._store,
                    f"{folder}/{file.path}",
                    file.read(),
                    mode="create",
                    use_multipart=False,
                    attributes={"Content-Type": file.media_type},
                )
            except AlreadyExistsError:
                continue
            except (BaseError, OSError) as error:
                raise DeliveryDeferred(f"the bucket does not take it: {type(error).__name__}") from error
        return folder
