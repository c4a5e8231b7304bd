"""The names of things: repositories, changes, accounts and people.

Every identity that a decision rests on is immutable: forges and chats give numeric or opaque ids, and those are what is
compared. Logins and display names are carried beside them, only to be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType

ForgeName = Literal["github", "gitlab"]
AccountKind = Literal["human", "bot", "unknown"]

CommitSha = NewType("CommitSha", str)
"""A full git object id of a commit: 40 lower-case hex digits."""

PersonId = NewType("PersonId", str)
"""The stable key of a person in the admin's mapping file."""

RoleName = NewType("RoleName", str)

NUMBER_MARK: dict[ForgeName, str] = {"github": "#", "gitlab": "!"}


@dataclass(frozen=True, slots=True, order=True)
class RepoRef:
    """A repository: the forge's kind, its host and the path on it (`acme/shop`, `group/sub/project`)."""

    forge: ForgeName
    host: str
    path: str

    @property
    def key(self) -> str:
        """The one spelling used as a database key and in statements."""
        return f"{self.forge}:{self.host}/{self.path}"

    @property
    def uri(self) -> str:
        """The source URI as SLSA's Source Track writes it."""
        return f"git+https://{self.host}/{self.path}"

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True, order=True)
class ChangeRef:
    """A pull or merge request: a repository and the number people see."""

    repo: RepoRef
    number: int

    @property
    def key(self) -> str:
        return f"{self.repo.key}{NUMBER_MARK[self.repo.forge]}{self.number}"

    def __str__(self) -> str:
        return f"{self.repo.path}{NUMBER_MARK[self.repo.forge]}{self.number}"

    @classmethod
    def from_key(cls, key: str) -> ChangeRef:
        """Read what `key` wrote. ValueError if it is no such key."""
        forge, _, rest = key.partition(":")
        host, _, tail = rest.partition("/")
        if forge == "github":
            path, mark, number = tail.rpartition("#")
            repo = RepoRef("github", host, path)
        elif forge == "gitlab":
            path, mark, number = tail.rpartition("!")
            repo = RepoRef("gitlab", host, path)
        else:
            raise ValueError(f"not a change key: {key!r}")
        if not (host and path and mark and number.isascii() and number.isdigit()):
            raise ValueError(f"not a change key: {key!r}")
        return cls(repo, int(number))


@dataclass(frozen=True, slots=True)
class ForgeAccount:
    """An account on a forge. `id` is the forge's own number and never changes; `login` may."""

    forge: ForgeName
    host: str
    id: int
    login: str
    kind: AccountKind = "unknown"

    @property
    def key(self) -> str:
        """What two accounts are compared by: `github:github.com:1001`."""
        return f"{self.forge}:{self.host}:{self.id}"

    @classmethod
    def from_key(cls, key: str) -> ForgeAccount:
        """The account of which nothing but its `key` is known. ValueError if it is no such key."""
        forge, _, rest = key.partition(":")
        host, _, number = rest.rpartition(":")
        return cls("gitlab" if forge == "gitlab" else "github", host, int(number), f"account {number}")


@dataclass(frozen=True, slots=True, order=True)
class ChatUser:
    """A member of a chat workspace, by the chat's own immutable ids (Slack: `T…` and `U…`)."""

    team: str
    id: str

    @property
    def key(self) -> str:
        return f"{self.team}:{self.id}"


@dataclass(frozen=True, slots=True)
class Person:
    """One human being, however many accounts they have. Two accounts of one person never count twice."""

    id: PersonId
    name: str
    chat: ChatUser | None = None
    accounts: tuple[ForgeAccount, ...] = ()
    identity: tuple[str, str] | None = None
    """(issuer, identity) of their own OIDC identity, with which they may sign keyless; the admin's word, never a guess."""
