"""The channel `email`: tells the office that an application is there. No answer, name or file is in the mail.

Mail knows no "once": if we die between sending and noting it, the notice comes twice, under the same Message-ID.
"""

from __future__ import annotations

import contextlib
import hashlib
import smtplib
import socket
import ssl
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import localtime
from pathlib import Path
from typing import Final

from formengine import outbound
from formengine.delivery import channels
from formengine.errors import DeliveryDeferred, DeliveryRefused
from formengine.services.ports import Parcel

_SECURITY: Final = ("starttls", "tls", "none")
_SUBJECT: Final = "Neuer Antrag {reference}"
_TEXT: Final = """Guten Tag,

ein neuer Antrag ist eingegangen.

Vorgangsnummer: {reference}
{link}
Diese Nachricht enthält keine Angaben aus dem Antrag.
Sie wurde automatisch verschickt. Bitte antworten Sie nicht darauf.
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """*host* takes mail from *sender* for *to*; *security* is `starttls`, `tls`, or on this machine `none`.

    *link* is the address of the staff site, named in the mail. *user* and *password_file* go together; *ca_file*
    replaces the system's roots.
    """

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    link: str = ""
    timeout_s: int = 30

    def __post_init__(self) -> None:
        if self.security not in _SECURITY:
            raise ValueError(f"security is one of {', '.join(_SECURITY)}")
        if self.security == "none" and not outbound.is_loopback(self.host):
            raise ValueError("security = none is taken for this machine alone")
        if bool(self.user) != bool(self.password_file):
            raise ValueError("user and password_file go together")
        for address in (self.sender, *self.to):
            if address.count("@") != 1 or any(sign.isspace() or not sign.isprintable() for sign in address):
                raise ValueError(f"{address!r} is no address")
        if not self.to:
            raise ValueError("to names nobody")


@channels.register("email")
class Email:
    """Sends the notice by SMTP. Errors: OSError if the password cannot be read."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        file = settings.password_file
        self._password = file.read_text(encoding="utf-8").strip() if file else ""

    def deliver(self, parcel: Parcel) -> str:
        """The reference and the Message-ID. Errors: DeliveryRefused if it is refused for good, DeliveryDeferred."""
        message = notice(parcel, self.settings)
        try:
            self._send(message)
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= 500 for code, _ in error.recipients.values()):
                raise DeliveryRefused("the mail server refuses every address") from error
            raise DeliveryDeferred("the mail server takes no mail for these addresses now") from error
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryDeferred("the mail server does not take our password") from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            kind = DeliveryRefused if error.smtp_code >= 500 else DeliveryDeferred
            raise kind(f"the mail server answered {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryDeferred(f"the mail server does not take it: {type(error).__name__}") from error
        return f"{parcel.reference} {message['Message-ID']}"

    def _send(self, message: EmailMessage) -> None:
        own = self.settings
        context = ssl.create_default_context(cafile=str(own.ca_file) if own.ca_file else None)
        server = (
            smtplib.SMTP_SSL(own.host, own.port, timeout=own.timeout_s, context=context)
            if own.security == "tls"
            else smtplib.SMTP(own.host, own.port, timeout=own.timeout_s)
        )
        # A timeout of the socket ends each wait, and a server that drips would never reach it (F-09).
        limit = threading.Timer(own.timeout_s, _shut, (server,))
        limit.daemon = True
        limit.start()
        try:
            self._talk(server, message, context)
        finally:
            limit.cancel()
            server.close()

    def _talk(self, server: smtplib.SMTP, message: EmailMessage, context: ssl.SSLContext) -> None:
        own = self.settings
        if own.security == "starttls":
            server.starttls(context=context)
        if own.user:
            server.login(own.user, self._password)
        server.send_message(message, own.sender, list(own.to))
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()  # the mail is taken: however this ends, it is not sent again


def _shut(server: smtplib.SMTP) -> None:
    """Wake whoever waits for the server."""
    with contextlib.suppress(OSError, AttributeError):
        server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # none any more: suppressed


def notice(parcel: Parcel, settings: Settings) -> EmailMessage:
    """The mail: the same Message-ID for the same parcel."""
    message = EmailMessage()
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.to)
    message["Subject"] = _SUBJECT.format(reference=parcel.reference)
    message["Date"] = localtime()
    digest = hashlib.sha256(parcel.key.encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{digest}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    link = f"Ansehen: {settings.link}\n" if settings.link else ""
    message.set_content(_TEXT.format(reference=parcel.reference, link=link))
    return message
