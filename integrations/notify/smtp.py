"""Letters through the organisation's mail server (RFC 5321, submission by RFC 6409).

smtps://user@mail.example.com        TLS from the first byte, port 465 (RFC 8314, section 3.3)
smtp://user@mail.example.com         STARTTLS or nothing, port 587 (RFC 3207); on this machine it may be left out
smtp+plain://relay.example.com       no TLS, port 25, and therefore no password: a relay that knows this machine

4xx, no answer, a broken connection                              Unavailable   tried again
5xx, no STARTTLS, no login, a certificate that is not trusted    Refused       a person has to act
"""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from bot.core.address import is_address
from bot.core.messages.letter import Letter
from bot.core.messages.markdown import visible
from bot.ports.clock import Clock
from bot.ports.errors import Refused, Unavailable, WorldError
from bot.ports.failures import fit
from bot.ports.notifier import Recipient

TIMEOUT_S = 20.0
PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SECRET = re.compile(r"\b[A-Za-z0-9+/_-]{24,}={0,2}")


class BadServer(ValueError):
    """No mail server can be read of it; the message says what was wanted, and quotes no password."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. `scheme` says how it is kept from others' eyes."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def local(self) -> bool:
        return self.host in LOOPBACK


def read_server(url: str, password: str = "") -> Server:
    """The server of an `smtp_url`. Raises BadServer."""
    wanted = "wanted smtps://, smtp:// or smtp+plain:// with [USER@]HOST[:PORT]"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadServer(f"saw an address that cannot be read; {wanted}") from None
    if parts.password:
        raise BadServer("saw a password in the address; wanted it in a file: notify.smtp_password_file")
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise BadServer(f"saw scheme {parts.scheme[:20]!r}; {wanted}")
    found = Server(parts.scheme, parts.hostname, port or PORTS[parts.scheme], unquote(parts.username or ""), password.strip())
    if not (found.user + found.password).isascii():
        raise BadServer("saw a user or a password outside ASCII; wanted one that every mail server reads alike")
    if bool(found.user) != bool(found.password):
        raise BadServer("saw one of a user in the address and a password in notify.smtp_password_file; wanted both, or neither")
    if found.user and found.scheme == "smtp+plain" and not found.local:
        raise BadServer("saw a user with smtp+plain://, which would show the password to everybody on the way; wanted smtps://")
    return found


def checked_address(text: str, whose: str) -> str:
    """The same. Raises Refused where it is none; what was seen is not quoted, because it is somebody's."""
    if not is_address(text):
        raise Refused(f"saw no e-mail address of {whose} that can be written to; wanted one as in ann@example.com")
    return text


class SmtpNotifier:
    """Implements `bot.ports.notifier.Notifier`. A connection lasts for one letter: there are few."""

    by_address = True

    def __init__(self, server: Server, sender: str, clock: Clock, trust: ssl.SSLContext | None = None) -> None:
        """`trust`: which certificates are believed; None: those that the machine believes."""
        self._server = server
        self._sender = checked_address(sender, "the gate, notify.from_address,")
        self._clock = clock
        self._trust = trust

    @property
    def name(self) -> str:
        return f"{self._server.scheme}://{self._server.host}:{self._server.port}"

    @property
    def logs_in(self) -> bool:
        return bool(self._server.user)

    def send(self, to: Recipient, message: Letter, key: str) -> None:
        address = checked_address(to.address, visible(to.name, 80))
        letter = self._composed(Recipient(to.name, address), message, key)
        with self._told():
            session = self._connected()
            try:
                session.send_message(letter, self._sender, [address])
            except BaseException:
                session.close()
                raise
            with suppress(smtplib.SMTPException, OSError):  # it has the letter: what comes after is no failure
                session.quit()

    def probe(self) -> None:
        """Connect and log in, and send nothing. Raises WorldError as `send` does."""
        with self._told():
            session = self._connected()
            session.close()

    def _composed(self, to: Recipient, message: Letter, key: str) -> EmailMessage:
        domain = self._sender.rpartition("@")[2]
        letter = EmailMessage(policy=WIRE.clone(cte_type="7bit"))  # taken by every server
        letter["From"] = Address("llmgate", addr_spec=self._sender)
        letter["To"] = Address(visible(to.name, 80), addr_spec=to.address)
        letter["Subject"] = visible(message.subject)
        letter["Date"] = format_datetime(self._clock.now())
        letter["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834, section 5: nobody's absence answers it
        letter["X-Auto-Response-Suppress"] = "All"  # the same, as Exchange spells it
        letter.set_content(message.text)
        if message.html:
            letter.add_alternative(message.html, subtype="html")
        return letter

    def _connected(self) -> smtplib.SMTP:
        server, own_name = self._server, self._sender.rpartition("@")[2]
        session: smtplib.SMTP
        if server.scheme == "smtps":
            session = smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=TIMEOUT_S, context=self._believed())
        else:
            session = smtplib.SMTP(server.host, server.port, own_name, timeout=TIMEOUT_S)
        try:
            _greet(session)
            if server.scheme == "smtp" and (session.has_extn("starttls") or not server.local):
                session.starttls(context=self._believed())
                _greet(session)
            if server.user:
                session.login(server.user, server.password)
        except BaseException:
            session.close()
            raise
        return session

    def _believed(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What went wrong inside, in the words of the ports."""
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _answered(f"{self.name} does not take the recipient", code, said) from None
        except smtplib.SMTPAuthenticationError as error:  # its words are not quoted: they may repeat what was given
            cure = "wanted a login that it takes; check the user in notify.smtp_url and notify.smtp_password_file"
            kind = Unavailable if 400 <= error.smtp_code < 500 else Refused
            raise kind(f"saw {self.name} answer {error.smtp_code} to the login; {cure}") from None
        except smtplib.SMTPResponseException as error:
            raise _answered(f"{self.name} does not take the letter", error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            what = "STARTTLS" if "STARTTLS" in str(error) else "the login" if "AUTH" in str(error) else "this letter"
            cure = "wanted a server that has it; check notify.smtp_url"
            raise Refused(f"saw that {self.name} does not offer what {what} needs; {cure}") from None
        except ssl.SSLCertVerificationError as error:
            cure = "wanted one that this machine trusts; check the host's name, or add its authority (SSL_CERT_FILE)"
            raise Refused(f"saw a certificate of {self.name} that does not hold: {error.verify_message}; {cure}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(f"no answer from {self.name} ({type(error).__name__}); it is tried again by itself") from None


def _greet(session: smtplib.SMTP) -> None:
    """Every server since 2001 knows EHLO, and without it nothing that is wanted here can be offered."""
    code, said = session.ehlo()
    if code != 250:
        raise smtplib.SMTPHeloError(code, said)


def _answered(saw: str, code: int, said: bytes | str) -> WorldError:
    """By the class of the reply code (RFC 5321, section 4.2.1). A code that is none was no mail server's."""
    words = fit(said.decode("utf-8", "replace") if isinstance(said, bytes) else said, _SECRET)
    if 500 <= code < 600:
        return Refused(f"saw that {saw} ({code} {words}); wanted 250; check the address and notify.from_address")
    return Unavailable(f"saw that {saw} now ({code} {words}); it is tried again by itself")
