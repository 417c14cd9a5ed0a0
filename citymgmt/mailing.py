"""Mail by SMTP, to the one server of the settings, at a checked address."""

import smtplib
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from citymgmt.outbound import (
    Deadline,
    NoAnswer,
    NotReached,
    Policy,
    connected,
    secured,
    tls_context,
    watched,
)
from citymgmt.robots import Outcome, Verdict

_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


class MailServerError(ValueError):
    """The address of the mail server is not one."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; `scheme`: smtp, smtp+tls (STARTTLS) or smtps."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    @property
    def url(self) -> str:
        """Its address, without user and password."""
        return f"{self.scheme}://{self.host}:{self.port}"

    def __repr__(self) -> str:
        """Without the password."""
        return f"MailServer({self.url})"


def read_mail_server(text: str) -> MailServer | None:
    """`smtp[+tls|s]://[user:password@]host[:port]`; None for nothing; raises MailServerError."""
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise MailServerError("smtp://, smtp+tls:// or smtps:// and a host")
    return MailServer(
        parts.scheme,
        parts.hostname,
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


class _Checked(smtplib.SMTP):
    """An SMTP client on a socket that is connected already."""

    def __init__(self, sock: socket.socket, host: str, seconds: float) -> None:
        self._given = sock
        super().__init__(host, 1, timeout=seconds)
        self._host = host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._given


def send_mail(
    *, server: MailServer, sender: str, to: Sequence[str], subject: str, text: str, policy: Policy
) -> Verdict:
    """Hand a mail in; raises NotReached or NoAnswer. Refused by all readers it is refused."""
    deadline = Deadline(policy.seconds)
    sock = connected(server.host, server.port, policy=policy, deadline=deadline)
    if server.scheme == "smtps":
        sock = secured(sock, server.host, policy=policy)
    with watched(sock, deadline):
        try:
            client = _Checked(sock, server.host, deadline.left())
            refusal = _greet(client, server, sender, to, policy.ca)
        except (OSError, smtplib.SMTPException) as error:
            sock.close()
            raise NotReached(type(error).__name__) from None
        if refusal is not None:
            client.close()
            return refusal
        return _hand_in(client, _letter(sender, to, subject, text))


def _greet(
    client: smtplib.SMTP, server: MailServer, sender: str, to: Sequence[str], ca: str
) -> Verdict | None:
    client.ehlo_or_helo_if_needed()
    if server.scheme == "smtp+tls":
        client.starttls(context=tls_context(ca))
    if server.user:
        client.login(server.user, server.password)
    code, _words = client.mail(sender)
    if code != 250:
        return _refused(code)
    codes = [client.rcpt(address)[0] for address in to]
    if not any(code in (250, 251) for code in codes):
        return _refused(codes[0])
    return None


def _hand_in(client: smtplib.SMTP, letter: bytes) -> Verdict:
    try:
        code, _words = client.data(letter)
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        raise NoAnswer(type(error).__name__) from None
    finally:
        client.close()
    return Verdict(Outcome.SENT, str(code)) if code == 250 else _refused(code)


def _refused(code: int) -> Verdict:
    return Verdict(Outcome.TOO_FAST if code == 421 else Outcome.REFUSED, str(code))


def _letter(sender: str, to: Sequence[str], subject: str, text: str) -> bytes:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message.as_bytes(policy=SMTP)
