"""A strict mail server on loopback: it takes what RFC 5321 lets it take, keeps every letter, and fails as a story says.

Faults go by verb (`connect`, `EHLO`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `letter`, `QUIT`): answered with a code, or hung
up on with code 0. `after`: the letter is taken, and only the answer is lost.
"""

from __future__ import annotations

import socketserver
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, cast

from integrations.sandbox.mail.certificate import HOST, Certificate
from integrations.sandbox.mail.kept import Mail
from integrations.sandbox.mail.session import Session

Transport = Literal["plain", "starttls", "tls"]


@dataclass(slots=True)
class MailFault:
    verb: str
    code: int
    left: int
    after: bool


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    office: MailServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no fault of the server's."""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        Session(cast(_Threads, self.server).office, self.request).run()


class MailServer:
    """`accounts`: who may log in, by password; with some, nobody else may send."""

    def __init__(
        self, transport: Transport = "plain", accounts: Mapping[str, str] | None = None, max_size: int = 1_000_000
    ) -> None:
        self.transport = transport
        self.accounts = dict(accounts or {})
        self.max_size = max_size
        self.certificate = Certificate()
        self.tls: ssl.SSLContext = self.certificate.shown()
        self.mails: list[Mail] = []
        self.verbs: list[str] = []
        """Every verb that was ever heard, in order."""
        self._faults: list[MailFault] = []
        self._lock = threading.Lock()
        self._server: _Threads | None = None
        self._port = 0
        self.open()

    @property
    def port(self) -> int:
        return self._port

    @property
    def address(self) -> str:
        return f"{HOST}:{self._port}"

    def open(self) -> None:
        """Listen, on the same port as before."""
        self._server = _Threads((HOST, self._port), _Handler)
        self._server.office = self
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True, name="mail-server").start()

    def close(self) -> None:
        """Nobody answers any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def fail_next(self, verb: str, code: int, times: int = 1, after: bool = False) -> None:
        with self._lock:
            self._faults.append(MailFault(verb, code, times, after))

    def heard(self, verb: str) -> MailFault | None:
        """Note the verb; the fault that it runs into."""
        with self._lock:
            self.verbs.append(verb)
            fault = next((each for each in self._faults if each.verb == verb), None)
            if fault is not None:
                fault.left -= 1
                if fault.left <= 0:
                    self._faults.remove(fault)
            return fault

    def take(self, mail: Mail) -> None:
        with self._lock:
            self.mails.append(mail)
