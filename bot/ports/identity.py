"""Who is who, as the store keeps it, and the short-lived visits in which people prove it: single use, bound, expiring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from bot.core.ids import ChatUser, ForgeAccount, PersonId

LinkMethod = Literal["login", "identity-provider", "admin"]
VisitKind = Literal["link", "enrol", "sign", "team"]


@dataclass(frozen=True, slots=True)
class Link:
    """A chat account tied to a forge account. `id` is that of the record that says so. Live while `ended_at` is None."""

    id: str
    person: PersonId
    chat: ChatUser
    account: ForgeAccount
    method: LinkMethod
    linked_at: datetime
    checked_at: datetime
    ended_at: datetime | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A person's WebAuthn credential. `id` is its credential id (base64url), `record` the id of the record of its enrolment,
    `public_key` the COSE key."""

    id: str
    person: PersonId
    public_key: bytes
    label: str
    record: str
    enrolled_at: datetime
    sign_count: int = 0
    synced: bool = False
    last_used_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One errand of one person to a page of the gate. `token` is known to that person alone: the store keeps its SHA-256.

    `request` and `revision` name what a signature is for; `statement` are the very bytes to sign; `state` is what the steps
    of the errand remember (a login's nonce, who signed in).
    """

    token_sha256: str
    kind: VisitKind
    chat: ChatUser
    person: PersonId
    expires_at: datetime
    about: str = ""
    request: str = ""
    revision: int = 0
    statement: bytes = b""
    state: Mapping[str, str] = field(default_factory=dict)
    used_at: datetime | None = None


class IdentityUnit(Protocol):
    """What a transaction can do with links, passkeys and visits."""

    def add_link(self, link: Link) -> bool:
        """False when the chat account has a live link on that host, or the forge account has one at all."""
        ...

    def links(self, *, live: bool = True) -> tuple[Link, ...]: ...
    def links_revision(self) -> int:
        """Grows with each change of a link: who keeps them in memory knows by it when to read again."""
        ...

    def end_link(self, link_id: str, because: str, now: datetime) -> bool: ...
    def check_link(self, link_id: str, login: str, now: datetime) -> bool:
        """It was found to hold still; the account is called so now."""
        ...

    def add_passkey(self, passkey: Passkey) -> bool:
        """False when the credential is enrolled already, by whomever."""
        ...

    def passkeys(self, person: PersonId | None = None, *, live: bool = True) -> tuple[Passkey, ...]: ...
    def passkey(self, credential_id: str) -> Passkey | None:
        """A live one: what was removed proves nothing any more."""
        ...

    def use_passkey(self, credential_id: str, sign_count: int, now: datetime) -> None: ...
    def remove_passkey(self, credential_id: str, now: datetime) -> bool: ...

    def add_visit(self, visit: Visit, now: datetime) -> None: ...
    def visit(self, token_sha256: str) -> Visit | None:
        """Also one that is over: the caller tells why."""
        ...

    def visit_by_state(self, state: str) -> Visit | None:
        """The visit whose login step carries this `state` word (kept under `state["oauth"]`)."""
        ...

    def note_visit(self, token_sha256: str, state: Mapping[str, str]) -> bool:
        """Replace what the errand remembers. False when it is used up."""
        ...

    def use_visit(self, token_sha256: str, now: datetime) -> bool:
        """Use it up, once. False when somebody was faster, or it is expired."""
        ...
