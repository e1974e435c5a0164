"""Against a real SMTP server."""

from __future__ import annotations

import email
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from formengine.delivery.email import Email, Settings
from formengine.errors import DeliveryDeferred, DeliveryRefused
from tests.delivery.parcels import REFERENCE, parcel
from tests.delivery.servers import free_port


class Mailbox:
    """Takes mail; refuses as it is told."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.to_recipient = self.to_data = "250 OK"
        self.to_quit = "221 Bye"
        self.drops = 0

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.to_data.startswith("250"):
            self.mails.append(envelope)
        if self.drops:
            self.drops -= 1
            server.transport.abort()
        return self.to_data

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.to_quit


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, Settings]]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings = Settings(
        "127.0.0.1", "antrag@amt.example", ("post@amt.example", "team@amt.example"), port, "none",
        link="https://amt.example/", timeout_s=5,
    )  # fmt: skip
    try:
        yield box, settings
    finally:
        controller.stop()


def test_the_office_is_told_of_an_application_and_of_nothing_in_it(mailbox):
    box, settings = mailbox
    receipt = Email(settings).deliver(parcel(answers=b'{"name":"Anna Canary"}'))
    (envelope,) = box.mails
    assert envelope.rcpt_tos == ["post@amt.example", "team@amt.example"]
    mail = email.message_from_bytes(envelope.content, policy=default)
    assert mail["Subject"] == f"Neuer Antrag {REFERENCE}"
    assert mail["From"] == "antrag@amt.example"
    assert receipt == f"{REFERENCE} {mail['Message-ID']}"
    text = mail.get_content()
    assert REFERENCE in text
    assert "https://amt.example/" in text
    assert not mail.is_multipart(), "nothing is attached"
    assert b"Canary" not in envelope.content
    assert b"Scan" not in envelope.content
    assert b"Schule" not in envelope.content


def test_a_second_attempt_goes_under_the_same_message_id(mailbox):
    box, settings = mailbox
    assert Email(settings).deliver(parcel()) == Email(settings).deliver(parcel())
    ids = {email.message_from_bytes(envelope.content)["Message-ID"] for envelope in box.mails}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("where", "answer", "error"),
    [
        ("to_recipient", "550 no such user", DeliveryRefused),
        ("to_recipient", "450 later", DeliveryDeferred),
        ("to_data", "554 no", DeliveryRefused),
        ("to_data", "451 later", DeliveryDeferred),
    ],
)
def test_a_final_no_parks_and_a_later_defers(mailbox, where, answer, error):
    box, settings = mailbox
    setattr(box, where, answer)
    with pytest.raises(error):
        Email(settings).deliver(parcel())
    assert box.mails == []


def test_a_server_that_is_not_there_or_knows_no_tls_is_deferred(mailbox):
    _, settings = mailbox
    with pytest.raises(DeliveryDeferred):
        Email(replace(settings, port=free_port())).deliver(parcel())
    with pytest.raises(DeliveryDeferred):
        Email(replace(settings, security="starttls")).deliver(parcel())


def test_f_09_a_mail_whose_answer_is_lost_is_sent_again_under_the_same_message_id(mailbox):
    box, settings = mailbox
    box.drops = 1
    with pytest.raises(DeliveryDeferred):
        Email(settings).deliver(parcel())
    Email(settings).deliver(parcel())
    assert len({mail.original_content.split(b"Message-ID: ")[1].split(b"\r\n")[0] for mail in box.mails}) == 1
    assert len(box.mails) == 2


def test_f_09_a_mail_that_was_taken_is_not_sent_again_however_the_talk_ends(mailbox):
    box, settings = mailbox
    box.to_quit = "421 going down"
    Email(settings).deliver(parcel())
    assert len(box.mails) == 1


def test_a_server_that_never_answers_is_deferred_in_time(mailbox):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = replace(mailbox[1], port=silent.getsockname()[1], timeout_s=1)
        with pytest.raises(DeliveryDeferred):
            Email(settings).deliver(parcel())


def test_a_server_that_drips_its_answer_is_left_in_time(mailbox):
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def drip() -> None:
            connection, _ = slow.accept()
            with connection, suppress(OSError):
                connection.sendall(b"220 mail.example\r\n250-")
                for _ in range(600):
                    time.sleep(0.1)
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        with pytest.raises(DeliveryDeferred):
            Email(replace(mailbox[1], port=slow.getsockname()[1], timeout_s=1)).deliver(parcel())
        assert time.monotonic() - began < 30, "it drips for a minute"
        thread.join()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"host": "mail.example", "security": "none"}, "this machine"),
        ({"security": "ssl"}, "security"),
        ({"user": "u"}, "go together"),
        ({"to": ("post@amt.example\nBcc: all@amt.example",)}, "no address"),
        ({"to": ()}, "nobody"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_start(options, told):
    with pytest.raises(ValueError, match=told):
        Settings(**{"host": "127.0.0.1", "sender": "a@amt.example", "to": ("b@amt.example",), **options})


def test_a_password_is_read_from_its_file(tmp_path: Path):
    (tmp_path / "password").write_text("secret-9f2\n")
    settings = Settings("h", "a@amt.example", ("b@amt.example",), user="u", password_file=tmp_path / "password")
    assert "secret-9f2" not in repr(settings)
    assert "secret-9f2" not in repr(vars(Email(settings))["settings"])
