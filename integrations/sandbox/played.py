"""The verbs that every forge's stand-in has under the same name, as a stage gives them to stories."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar, Unpack

from integrations.sandbox.details import EditDetails, FaultDetails, OpenDetails
from integrations.sandbox.faults import LoggedCall
from integrations.sandbox.mailbox import Letter
from integrations.sandbox.stage import ChangeSeen
from integrations.sandbox.stand_in import StandIn

NOWHERE = "http://127.0.0.1:9/nobody"
C = TypeVar("C")


class PlayedStage(ABC, Generic[C]):
    """The part of a `ForgeStage` that is the same on every forge. `C` is a change as the forge keeps it."""

    patterns: ClassVar[Mapping[str, str]]
    """What each kind of call is called by this stand-in."""

    def __init__(self, stand_in: StandIn[C, Any], host: str) -> None:
        self.host = host
        self._stand_in = stand_in

    @abstractmethod
    def _seen(self, change: C) -> ChangeSeen:
        """The change as its page shows it."""

    # what people do

    def open_change(self, repo: str, head: str, *, by: str, **new: Unpack[OpenDetails]) -> ChangeSeen:
        return self._seen(self._stand_in.open_change(repo, head, by=by, **new))

    def edit(self, repo: str, number: int, *, by: str, title: str | None = None, body: str | None = None) -> None:
        new: EditDetails = {}
        if title is not None:
            new["title"] = title
        if body is not None:
            new["body"] = body
        self._stand_in.edit(repo, number, by=by, **new)

    def set_draft(self, repo: str, number: int, draft: bool, *, by: str) -> None:
        self._stand_in.set_draft(repo, number, draft, by=by)

    def close_change(self, repo: str, number: int, *, by: str) -> None:
        self._stand_in.close_change(repo, number, by=by)

    def label(self, repo: str, number: int, *names: str, by: str) -> None:
        self._stand_in.label(repo, number, *names, by=by)

    def unlabel(self, repo: str, number: int, name: str, *, by: str) -> None:
        self._stand_in.unlabel(repo, number, name, by=by)

    def comment(self, repo: str, number: int, body: str, *, by: str) -> int:
        return self._stand_in.comment(repo, number, body, by=by).id

    def merge(self, repo: str, number: int, *, by: str) -> str:
        return self._stand_in.merge(repo, number, by=by)

    # what becomes of accounts, and who signs in

    def allow_redirect(self, uri: str) -> None:
        self._stand_in.allow_redirect(uri)

    def sign_in(self, authorize_url: str, as_login: str) -> str:
        return self._stand_in.sign_in(authorize_url, as_login)

    def cancel_sign_in(self, authorize_url: str) -> str:
        return self._stand_in.cancel_sign_in(authorize_url)

    def suspend(self, login: str) -> None:
        self._stand_in.suspend(login)

    def reinstate(self, login: str) -> None:
        self._stand_in.reinstate(login)

    def rename_user(self, login: str, new: str) -> None:
        self._stand_in.rename_user(login, new)

    def delete_user(self, login: str) -> None:
        self._stand_in.delete_user(login)

    @property
    def _application(self) -> dict[str, str]:
        """Settings by which the gate is known where people sign in; none until an address to come back to is registered."""
        if not self._stand_in.application.redirects:
            return {}
        return {"client_id": self._stand_in.client_id, "client_secret": self._stand_in.client_secret}

    # what people see

    def change(self, repo: str, number: int) -> ChangeSeen:
        with self._stand_in.world.lock:
            return self._seen(self._stand_in.change(repo, number))

    def head(self, repo: str, branch: str) -> str:
        return self._stand_in.head(repo, branch)

    def blockers(self, repo: str, number: int) -> str | None:
        return self._stand_in.blockers(repo, number)

    def clone_url(self, repo: str, login: str) -> str:
        return self._stand_in.clone_url(repo, login)

    # the wire

    def flush(self) -> None:
        self._stand_in.flush()

    def fail_next(self, what: str, status: int, **details: Unpack[FaultDetails]) -> None:
        self._stand_in.fail_next(self.patterns.get(what, what), status, **details)

    @property
    def deliveries(self) -> Sequence[Letter]:
        return self._stand_in.deliveries

    @property
    def calls(self) -> Sequence[LoggedCall]:
        return self._stand_in.calls

    def on_call(self, heard: Callable[[LoggedCall], None]) -> None:
        self._stand_in.faults.heard = heard

    @property
    def reads(self) -> int:
        return sum(call.kind == "read" for call in self._stand_in.calls)

    @property
    def writes(self) -> int:
        return sum(call.kind == "write" for call in self._stand_in.calls)

    def clear_calls(self) -> None:
        self._stand_in.calls.clear()

    @property
    def unmodelled(self) -> list[str]:
        return self._stand_in.unmodelled

    @property
    def latency_s(self) -> float:
        return self._stand_in.latency_s

    @latency_s.setter
    def latency_s(self, seconds: float) -> None:
        self._stand_in.latency_s = seconds

    def close(self) -> None:
        self._stand_in.close()
