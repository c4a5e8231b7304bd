"""One session with a client, a command at a time (RFC 5321, section 4.1)."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, BinaryIO

from integrations.sandbox.mail.kept import Mail
from integrations.sandbox.mail.rules import (
    MOST_COMMAND,
    MOST_LINE,
    Reply,
    read_letter,
    read_login,
    read_recipient,
    read_sender,
)

if TYPE_CHECKING:
    from integrations.sandbox.mail.server import MailServer

PATIENCE_S = 10.0


class HungUp(Exception):
    """The line is dead, or is to be."""


class Session:
    def __init__(self, office: MailServer, line: socket.socket) -> None:
        self._office = office
        self._line = line
        self._line.settimeout(PATIENCE_S)
        self._reader: BinaryIO
        self._secure = False
        self._greeted = False
        self._user = ""
        self._sender: str | None = None
        self._recipients: list[str] = []

    def run(self) -> None:
        try:
            if self._office.transport == "tls":
                self._wrap()
            self._reader = self._line.makefile("rb")
            self._greet()
            while self._step():
                pass
        except (HungUp, OSError):
            pass
        finally:
            self._line.close()

    def _greet(self) -> None:
        try:
            self._stumble("connect")
        except Reply as reply:
            self._say(reply.code, reply.words)
            raise HungUp from None
        self._say(220, "stories.example ready")

    def _wrap(self) -> None:
        self._line = self._office.tls.wrap_socket(self._line, server_side=True)
        self._secure = True

    def _step(self) -> bool:
        """One command. False after the last."""
        verb, _, rest = self._read(MOST_COMMAND).decode("ascii", "replace").partition(" ")
        verb = verb.upper()
        try:
            self._stumble(verb)
            return self._perform(verb, rest)
        except Reply as reply:
            self._say(reply.code, reply.words)
            if reply.code == 421:
                raise HungUp from None
            return True

    def _perform(self, verb: str, rest: str) -> bool:
        deeds = {
            "EHLO": self._ehlo, "STARTTLS": self._starttls, "AUTH": self._auth, "MAIL": self._mail, "RCPT": self._rcpt,
            "DATA": self._data, "RSET": self._rset,
        }  # fmt: skip
        if verb == "QUIT":
            self._say(221, "2.0.0 bye")
            return False
        if verb not in deeds:
            raise Reply(502, "5.5.1 no such command here")
        deeds[verb](rest)
        return True

    def _ehlo(self, rest: str) -> None:
        if not rest or " " in rest:
            raise Reply(501, "5.5.4 wanted EHLO and a name")
        self._greeted = True
        self._sender, self._recipients = None, []
        offers = [f"SIZE {self._office.max_size}", "ENHANCEDSTATUSCODES"]
        offers += ["STARTTLS"] if self._office.transport == "starttls" and not self._secure else []
        offers += ["AUTH PLAIN"] if self._office.accounts and self._may_log_in else []
        for offer in ("stories.example", *offers[:-1]):
            self._line.sendall(f"250-{offer}\r\n".encode())
        self._say(250, offers[-1])

    @property
    def _may_log_in(self) -> bool:
        return self._secure or self._office.transport == "plain"

    def _starttls(self, rest: str) -> None:
        if self._office.transport != "starttls" or self._secure or rest:
            raise Reply(503, "5.5.1 not now")
        self._say(220, "2.0.0 go on")
        self._wrap()
        self._reader = self._line.makefile("rb")
        self._greeted = False  # RFC 3207, section 4.2: what was said before is forgotten

    def _auth(self, rest: str) -> None:
        mechanism, _, word = rest.partition(" ")
        if not self._greeted or self._user or not self._office.accounts:
            raise Reply(503, "5.5.1 not now")
        if not self._may_log_in:
            raise Reply(538, "5.7.11 encryption is needed")
        if mechanism.upper() != "PLAIN":
            raise Reply(504, "5.5.4 no such mechanism")
        self._user = read_login(word, self._office.accounts)
        self._say(235, "2.7.0 welcome")

    def _mail(self, rest: str) -> None:
        if not self._greeted or self._sender is not None:
            raise Reply(503, "5.5.1 wanted EHLO first, and one letter at a time")
        if self._office.accounts and not self._user:
            raise Reply(530, "5.7.0 log in first")
        self._sender = read_sender(rest, self._office.max_size)
        self._say(250, "2.1.0 ok")

    def _rcpt(self, rest: str) -> None:
        if self._sender is None:
            raise Reply(503, "5.5.1 wanted MAIL first")
        self._recipients.append(read_recipient(rest))
        self._say(250, "2.1.5 ok")

    def _data(self, rest: str) -> None:
        if not self._recipients or rest:
            raise Reply(503, "5.5.1 wanted RCPT first")
        self._say(354, "go on")
        letter = read_letter(self._body(), self._office.max_size)
        mail = Mail(self._sender or "", tuple(self._recipients), letter, self._user, self._secure)
        self._sender, self._recipients = None, []
        fault = self._office.heard("letter")
        if fault is None or fault.after:
            self._office.take(mail)
        if fault is not None:
            self._fail(fault.code)
        self._say(250, "2.0.0 taken")

    def _body(self) -> bytes:
        """Up to the line with one dot, without the dots that were stuffed (RFC 5321, section 4.5.2)."""
        lines = []
        while (line := self._read(MOST_LINE)) != b".":
            lines.append(line.removeprefix(b"."))
        return b"\r\n".join([*lines, b""])

    def _rset(self, rest: str) -> None:
        if rest:
            raise Reply(501, "5.5.4 wanted RSET alone")
        self._sender, self._recipients = None, []
        self._say(250, "2.0.0 ok")

    def _read(self, most: int) -> bytes:
        line = self._reader.readline(most + 1)
        if not line:
            raise HungUp
        if len(line) > most or not line.endswith(b"\r\n"):
            self._say(500, "5.5.2 wanted a line that ends with CRLF and is not too long")
            raise HungUp
        return line[:-2]

    def _say(self, code: int, words: str) -> None:
        self._line.sendall(f"{code} {words}\r\n".encode())

    def _stumble(self, verb: str) -> None:
        fault = self._office.heard(verb)
        if fault is not None:
            self._fail(fault.code)

    def _fail(self, code: int) -> None:
        if not code:
            if isinstance(self._line, ssl.SSLSocket):
                self._line.shutdown(socket.SHUT_RDWR)
            raise HungUp
        raise Reply(code, f"{code // 100}.0.0 as the story says")
