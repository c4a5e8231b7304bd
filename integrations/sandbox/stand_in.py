"""What the stand-ins of all forges are alike in: how stories look at them, disturb them, and hear their webhooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar, Unpack

from integrations.sandbox.details import EditDetails, FaultDetails, OpenDetails
from integrations.sandbox.faults import Fault, Faults, LoggedCall
from integrations.sandbox.mailbox import Letter, Mailbox
from integrations.sandbox.oauth.application import Application
from integrations.sandbox.serve import Served
from integrations.sandbox.world import ForgeWorld

C = TypeVar("C")
L = TypeVar("L", bound=Letter)


class Written(Protocol):
    """A comment, as the forge keeps it."""

    id: int


class StandIn(ABC, Generic[C, L]):
    """`C` is a change as the forge keeps it, `L` a webhook as it sends it. Deeds raise a `ForgeRefused` of the forge's own."""

    url: str
    """The site."""
    world: ForgeWorld
    voice: Mailbox[L]
    faults: Faults
    _served: Served

    def close(self) -> None:
        self.voice.close()
        self._served.close()
        self.world.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # what people do

    @abstractmethod
    def open_change(self, repo: str, head: str, /, *, by: str, **new: Unpack[OpenDetails]) -> C: ...
    @abstractmethod
    def edit(self, repo: str, number: int, /, *, by: str, **new: Unpack[EditDetails]) -> None: ...
    @abstractmethod
    def set_draft(self, repo: str, number: int, draft: bool, /, *, by: str) -> None: ...
    @abstractmethod
    def close_change(self, repo: str, number: int, /, *, by: str) -> None: ...
    @abstractmethod
    def label(self, repo: str, number: int, /, *names: str, by: str) -> None: ...
    @abstractmethod
    def unlabel(self, repo: str, number: int, name: str, /, *, by: str) -> None: ...
    @abstractmethod
    def comment(self, repo: str, number: int, body: str, /, *, by: str) -> Written: ...
    @abstractmethod
    def merge(self, repo: str, number: int, /, *, by: str) -> str: ...

    # what becomes of accounts, and who signs in

    @property
    @abstractmethod
    def application(self) -> Application:
        """That people sign in to."""

    @property
    def client_id(self) -> str:
        return self.application.client_id

    @property
    def client_secret(self) -> str:
        return self.application.client_secret

    def allow_redirect(self, uri: str, /) -> None:
        """Register an address to come back to. There is none at first, and it must then match to the letter."""
        with self.world.lock:
            self.application.redirects.add(uri)

    @abstractmethod
    def sign_in(self, authorize_url: str, as_login: str, /) -> str: ...
    @abstractmethod
    def cancel_sign_in(self, authorize_url: str, /) -> str: ...
    @abstractmethod
    def suspend(self, login: str, /) -> None: ...
    @abstractmethod
    def reinstate(self, login: str, /) -> None: ...
    @abstractmethod
    def rename_user(self, login: str, new: str, /) -> None: ...
    @abstractmethod
    def delete_user(self, login: str, /) -> None: ...

    # what is there now

    @abstractmethod
    def change(self, repo: str, number: int, /) -> C: ...
    @abstractmethod
    def head(self, repo: str, branch: str, /) -> str: ...
    @abstractmethod
    def blockers(self, repo: str, number: int, /) -> str | None: ...
    @abstractmethod
    def token_for(self, login: str, /) -> str: ...

    def clone_url(self, repo: str, login: str) -> str:
        """A URL that git can clone from and push to as that person."""
        return f"{self.url.replace('://', f'://{login}:{self.token_for(login)}@')}/{repo}.git"

    # the wire

    @property
    def deliveries(self) -> list[L]:
        return self.voice.deliveries

    def redeliver(self, delivery_id: int) -> L:
        return self.voice.redeliver(delivery_id)

    def flush(self) -> None:
        """Wait until no webhook is on its way."""
        self.voice.flush()

    def fail_next(self, pattern: str, status: int, **details: Unpack[FaultDetails]) -> None:
        """The next matching requests are answered with `status` and not carried out.

        Patterns are shell-like, over `METHOD /path` below the REST API, over the path, or over `graphql` and
        `graphql:Operation`: `POST /repos/*/check-runs`, `*/issues/*/comments`, `graphql:Change`.
        """
        times, headers = details.get("times", 1), details.get("headers", {})
        self.faults.plan(Fault(pattern, status, times, headers, details.get("body"), details.get("after", False)))

    @property
    def calls(self) -> list[LoggedCall]:
        """Every API request so far, tokens minted included."""
        return self.faults.calls

    @property
    def unmodelled(self) -> list[str]:
        """What was asked that the forge may know and this does not. A story should end with none."""
        return self.faults.unmodelled

    @property
    def latency_s(self) -> float:
        return self.faults.latency_s

    @latency_s.setter
    def latency_s(self, seconds: float) -> None:
        self.faults.latency_s = seconds
