"""What every delivery channel has to keep to, whatever it talks to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import is_dataclass
from pathlib import Path
from sys import modules

import pytest

from formengine.delivery import channels, efile, folder, inbox, webhook
from formengine.errors import DeliveryDeferred
from formengine.services.ports import Channel
from tests.delivery.parcels import parcel
from tests.delivery.servers import free_port, http_server
from tests.fakes import KeepingChannel

ROOT = Path(__file__).parents[2]
channels.load()
MAKE: dict[str, Callable[[Path], Channel]] = {
    "folder": lambda path: folder.Folder(folder.Settings(path)),
    "efile": lambda path: efile.EFile(efile.Settings(path, "Jobcenter Musterstadt", "999")),
    "inbox": lambda path: inbox.Inbox(inbox.Settings()),
    "fake": lambda path: KeepingChannel(),
}
TESTED_THERE = {"email", "fit_connect", "s3", "sftp", "webhook"}
"""Those that need a server keep to the same in the file of their name in tests/delivery."""


def test_every_registered_channel_is_held_to_the_contract() -> None:
    assert set(channels) <= set(MAKE) | TESTED_THERE, "add the new channel to MAKE, or test it against its server"
    for name in channels:
        assert (ROOT / "tests" / "delivery" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", MAKE)
def test_a_receipt_names_the_delivery_and_stays_the_same(name: str, tmp_path: Path) -> None:
    channel = MAKE[name](tmp_path)
    first = channel.deliver(parcel())
    assert parcel().reference in first
    assert channel.deliver(parcel()) == first


@pytest.mark.parametrize("name", tuple(channels))
def test_settings_are_a_frozen_dataclass_that_shows_no_secret(name: str) -> None:
    """A secret is a file that an option named `…_file` names (LOG-05)."""
    settings = modules[channels[name].__module__].Settings
    assert is_dataclass(settings)
    assert settings.__dataclass_params__.frozen
    for field in settings.__dataclass_fields__:
        assert not re.search(r"secret|password|passphrase", field) or field.endswith("_file"), field


@pytest.mark.parametrize("name", tuple(channels))
def test_every_channel_and_every_option_of_it_is_documented(name: str) -> None:
    text = (ROOT / "docs" / "channels.md").read_text()
    section = re.search(rf"^## {name}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/channels.md has no heading for {name}"
    rows = re.findall(r"^\| (`[a-z_0-9`, ]+`) \|", section[1], re.MULTILINE)
    documented = {option for row in rows for option in re.findall(r"`(\w+)`", row)}
    assert documented == set(modules[channels[name].__module__].Settings.__dataclass_fields__)


def test_a_reason_that_is_kept_and_shown_holds_nothing_of_the_application(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x" * 32)
    secret = parcel(answers=b'{"name":"Anna Canary"}')
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(DeliveryDeferred) as caught:
        webhook.Webhook(webhook.Settings(address, tmp_path / "secret", allow_private=True)).deliver(secret)
    assert "Canary" not in str(caught.value)
    with http_server(lambda asked: (500, {}, asked.body)) as echo, pytest.raises(DeliveryDeferred) as caught:
        webhook.Webhook(webhook.Settings(echo, tmp_path / "secret", allow_private=True)).deliver(secret)
    assert "Canary" not in str(caught.value)
