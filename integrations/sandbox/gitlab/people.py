"""The people of a GitLab, their groups and roles, and where their events go."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Literal

UserKind = Literal["human", "project_bot", "service_account", "security_bot", "ghost"]


class Access(IntEnum):
    """Roles as GitLab numbers them."""

    NONE = 0
    GUEST = 10
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    OWNER = 50


@dataclass(slots=True)
class User:
    id: int
    username: str
    name: str = ""
    kind: UserKind = "human"
    state: Literal["active", "blocked", "deactivated"] = "active"
    emails: set[str] = field(default_factory=set)
    """Confirmed addresses: what ties commits to the account."""
    busy: bool = False
    """The box "Set yourself as busy" of their status."""

    @property
    def bot(self) -> bool:
        return self.kind not in ("human", "ghost")

    @property
    def identity(self) -> str:
        """Name and address as this account's git would write them."""
        return f"{self.name or self.username} <{min(self.emails)}>"


@dataclass(slots=True)
class Member:
    user: User
    access: Access
    expires_at: datetime | None = None


@dataclass(slots=True)
class Group:
    """`shared` are groups invited to this one, by id, with the most that their members get."""

    id: int
    full_path: str
    name: str
    parent: Group | None = None
    members: dict[int, Member] = field(default_factory=dict)
    shared: dict[int, Access] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)


@dataclass(slots=True)
class Hook:
    """Where events go. `token` travels as it is, `signing_token` signs."""

    id: int
    url: str
    level: Literal["project", "group", "system"]
    token: str = field(default="", repr=False)
    signing_token: str = field(default="", repr=False)
    events: set[str] = field(default_factory=set)
    """`push`, `merge_requests`, `note`, `pipeline`."""
    uuid: str = ""
    disabled: bool = False
