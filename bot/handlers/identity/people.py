"""The admin's mapping file: who is who, by immutable ids on both sides.

    people:
      ann:
        name: Ann Example
        slack: T0123/U0456
        github:
          - {host: github.com, id: 1001, login: ann}
        keyless: {issuer: "https://accounts.google.com", identity: ann@example.com}
        email: ann@example.com

`keyless` is the identity with which a person signs approvals themselves, as the certificate of their Sigstore names it.
`email` is where they are written to while the chat does not answer. It is no part of a `Person`: nothing knows anybody by it.

A mistake in the file is refused whole, with its line of thought: a half-read mapping would bind the wrong people.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.core.address import is_address
from bot.core.ids import ChatUser, ForgeAccount, ForgeName, Person, PersonId


class BadMapping(ValueError):
    """The mapping file cannot be used; the message names what was seen, what was wanted and what to do."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping file says. `addresses`: where people are written to, of those for whom it says so."""

    people: tuple[Person, ...] = ()
    addresses: Mapping[PersonId, str] = field(default_factory=dict)


def read_people(text: str, name: str = "people.yaml") -> tuple[Person, ...]:
    """The people of a mapping file. Raises BadMapping."""
    return read_mapping(text, name).people


def read_mapping(text: str, name: str = "people.yaml") -> Mapped:
    """All of a mapping file. Raises BadMapping."""
    try:
        whole = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise BadMapping(
            f"{name}: saw text that is no YAML ({type(error).__name__}); wanted `people:` with a name each"
        ) from None
    if not isinstance(whole, dict) or set(whole) - {"people"}:
        raise BadMapping(f"{name}: saw {_kind(whole)}; wanted one key, `people:`")
    entries = whole.get("people") or {}
    if not isinstance(entries, dict):
        raise BadMapping(f"{name}: saw people as {_kind(entries)}; wanted a name each, as in `ann: {{…}}`")
    people = tuple(_person(str(key), value, name) for key, value in entries.items())
    _refuse_shared(people, name)
    addresses = {
        PersonId(str(key)): _address(value["email"], f"{name}: {key}") for key, value in entries.items() if value.get("email")
    }
    return Mapped(people, addresses)


def _kind(value: object) -> str:
    return f"keys {', '.join(map(str, value))}" if isinstance(value, dict) else type(value).__name__


def _person(key: str, value: object, name: str) -> Person:
    where = f"{name}: {key}"
    if not isinstance(value, dict):
        raise BadMapping(f"{where}: saw {_kind(value)}; wanted name, slack and github or gitlab")
    unknown = set(value) - {"name", "slack", "github", "gitlab", "keyless", "email"}
    if unknown:
        raise BadMapping(
            f"{where}: saw {', '.join(sorted(map(str, unknown)))}; wanted only name, slack, github, gitlab, keyless, email"
        )
    accounts = (*_accounts("github", value.get("github"), where), *_accounts("gitlab", value.get("gitlab"), where))
    chat = _chat(value["slack"], where) if value.get("slack") else None
    identity = _identity(value["keyless"], where) if value.get("keyless") else None
    return Person(PersonId(key), str(value.get("name", key)), chat, accounts, identity)


def _chat(value: object, where: str) -> ChatUser:
    team, mark, user = str(value).partition("/")
    if not (mark and team[:1] in ("T", "E") and user[:1] in ("U", "W")):
        raise BadMapping(
            f"{where}: saw slack {str(value)!r}; wanted the ids TEAM/USER, as in T0123/U0456 (profile → copy member ID)"
        )
    return ChatUser(team, user)


def _address(value: object, where: str) -> str:
    """What was seen is not quoted: it is somebody's address, or was meant to be."""
    if isinstance(value, str) and is_address(value):
        return value
    raise BadMapping(f"{where}: saw an email that is no address; wanted one as in ann@example.com")


def _identity(value: object, where: str) -> tuple[str, str]:
    """(issuer, identity), compared as they stand."""
    if (
        isinstance(value, dict)
        and set(value) == {"issuer", "identity"}
        and all(isinstance(v, str) and v for v in value.values())
    ):
        return value["issuer"], value["identity"]
    raise BadMapping(
        f"{where}: saw keyless as {_kind(value)}; wanted `{{issuer: …, identity: …}}` as the certificate names them"
    )


def _accounts(forge: ForgeName, value: object, where: str) -> tuple[ForgeAccount, ...]:
    entries = value if isinstance(value, list) else [value] if value else []
    return tuple(_account(forge, entry, where) for entry in entries)


def _account(forge: ForgeName, value: object, where: str) -> ForgeAccount:
    if not isinstance(value, dict) or set(value) - {"host", "id", "login"}:
        raise BadMapping(f"{where}: saw {forge} as {_kind(value)}; wanted host, id and login")
    number = value.get("id")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise BadMapping(f"{where}: saw {forge} id {number!r}; wanted the account's number, since logins can be taken over")
    host = str(value.get("host", f"{forge}.com"))
    return ForgeAccount(forge, host, number, str(value.get("login", number)), "human")


def _refuse_shared(people: tuple[Person, ...], name: str) -> None:
    owners: dict[str, PersonId] = {}
    for person in people:
        keys = [account.key for account in person.accounts] + ([f"slack:{person.chat.key}"] if person.chat else [])
        keys += [f"keyless:{person.identity[1]} of {person.identity[0]}"] if person.identity else []
        for key in keys:
            if owners.setdefault(key, person.id) != person.id:
                raise BadMapping(f"{name}: saw {key} with both {owners[key]} and {person.id}; wanted one person an account")


class PeopleFile:
    """The mapping, read again whenever the file changes. A bad new version keeps the good one and is reported."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._mapped = Mapped()
        self.problem = ""

    def people(self) -> tuple[Person, ...]:
        return self._read().people

    def addresses(self) -> Mapping[PersonId, str]:
        """Where people are written to, of those for whom the file says so."""
        return self._read().addresses

    def _read(self) -> Mapped:
        if self._path is None:
            return self._mapped
        with self._lock:
            self._refresh(self._path)
            return self._mapped

    def by_chat(self, user: ChatUser) -> Person | None:
        return next((person for person in self.people() if person.chat == user), None)

    def _refresh(self, path: Path) -> None:
        try:
            found = path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp == self._stamp:
                return
            self._mapped = read_mapping(path.read_text(), path.name)
            self._stamp, self.problem = stamp, ""
        except BadMapping as error:
            self._stamp, self.problem = stamp, str(error)
        except OSError as error:
            self.problem = f"{path}: saw {error.strerror}; wanted the people's mapping there; see `llmgate init`"


def as_yaml(people: Mapping[str, object]) -> str:
    """A mapping file from plain values, for `llmgate init` and the sandbox."""
    return yaml.safe_dump({"people": dict(people)}, sort_keys=True, allow_unicode=True)
