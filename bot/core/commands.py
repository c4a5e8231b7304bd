"""Words after `/llmgate`, or after the bot's name in a thread, as a command or a misunderstanding."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from bot.core.forges import FORGES, spellings
from bot.core.ids import NUMBER_MARK, ChangeRef, ForgeName, RepoRef

Verb = Literal[
    "status",
    "why",
    "approve",
    "queue",
    "snooze",
    "delegate",
    "reassign",
    "away",
    "hours",
    "metrics",
    "link",
    "unlink",
    "passkey",
    "help",
    "override",
]
ABOUT_A_CHANGE = ("status", "why", "approve", "override", "snooze", "delegate", "reassign")
WITH_WORDS = ("queue", "snooze", "delegate", "reassign", "away", "hours", "passkey")
"""What comes after these is read by whoever answers."""
_DECIDING = ("lgtm", "ship", "+1", "👍", "approved", "ok", "yes", "merge")
_SHORT = re.compile(r"^<?([\w.-]+(?:/[\w.-]+)+)([#!])(\d{1,9})>?$")
_URL = re.compile(
    r"^<?https?://([^/|>\s]+)/([\w.-]+(?:/[\w.-]+)+?)/(?:-/)?(pull|pulls|merge_requests)/(\d{1,9})(?:[/?#|][^>\s]*)?>?$"
)
_NUMBER = re.compile(r"^[#!]?(\d{1,9})$")


@dataclass(frozen=True, slots=True)
class Places:
    """What a reference may mean here: the connected hosts by forge, and the repository a bare number belongs to."""

    github: tuple[str, ...] = ()
    gitlab: tuple[str, ...] = ()
    default: RepoRef | None = None
    thread: ChangeRef | None = None
    """The change whose thread this was said in."""
    known: frozenset[RepoRef] = frozenset()
    """Repositories that the gate has seen changes of: they tell hosts apart where a reference names none."""

    @classmethod
    def among(
        cls,
        hosts: Iterable[tuple[ForgeName, str]],
        known: Iterable[RepoRef] = (),
        default: RepoRef | None = None,
        thread: ChangeRef | None = None,
    ) -> Places:
        """The places that these connected hosts (each with its forge) make up."""
        by_forge: dict[ForgeName, list[str]] = {"github": [], "gitlab": []}
        for forge, host in hosts:
            by_forge[forge].append(host)
        return cls(tuple(by_forge["github"]), tuple(by_forge["gitlab"]), default, thread, frozenset(known))

    def hosts(self, forge: ForgeName) -> tuple[str, ...]:
        return self.github if forge == "github" else self.gitlab

    def spelled(self, number: str = "7") -> str:
        """How a change may be written here: `org/repo#7 or group/project!7`."""
        return " or ".join(spellings([forge for forge in FORGES if self.hosts(forge)], number))


@dataclass(frozen=True, slots=True)
class Command:
    verb: Verb
    change: ChangeRef | None = None
    words: str = ""
    """What came after the verb and its change, for the verbs `WITH_WORDS`."""


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """What was seen, what is wanted, in one sentence for the person who typed it."""

    because: str


def read_command(words: str, places: Places) -> Command | Misunderstood:
    """Total: every text is a command or a misunderstanding."""
    parts = words.split()
    first = parts[0].lower().strip(",.:!") if parts else ("status" if places.thread else "help")
    if first in _DECIDING:
        first = "approve"  # words never decide: this leads to the button
    for verb in get_args(Verb):
        if first == verb:
            return _with_change(verb, parts[1:], places)
    if len(parts) == 1 and not isinstance(read_reference(parts[0], places), Misunderstood):
        return _with_change("status", parts, places)
    return Misunderstood(f"“{words[:60].strip()}” is no command I know")


def _with_change(verb: Verb, rest: list[str], places: Places) -> Command | Misunderstood:
    said = rest if verb in WITH_WORDS else []
    if verb not in ABOUT_A_CHANGE:
        return Command(verb, words=" ".join(said))
    if not rest:
        if places.thread is None:
            return Misunderstood(f"“{verb}” needs a change: a URL, or {places.spelled()}")
        return Command(verb, places.thread)
    found = read_reference(rest[0], places)
    if isinstance(found, Misunderstood) and places.thread:
        return Command(verb, places.thread, " ".join(said))  # in a thread people go on talking: "approve this, please"
    return found if isinstance(found, Misunderstood) else Command(verb, found, " ".join(said[1:]))


def read_reference(word: str, places: Places) -> ChangeRef | Misunderstood:
    """A URL, `org/repo#n`, `group/project!n`, or a number where the place has one repository."""
    if match := _SHORT.match(word):
        return _from_short(match, places)
    if match := _URL.match(word):
        return _from_url(match, places)
    if match := _NUMBER.match(word):
        repo = places.default or (places.thread.repo if places.thread else None)
        if repo is None:
            return Misunderstood(f"“{word}” alone could be in any repository: name it, as in {places.spelled(match[1])}")
        return ChangeRef(repo, int(match[1]))
    return Misunderstood(f"“{word[:60]}” names no change: give a URL, or {places.spelled()}")


def _from_short(match: re.Match[str], places: Places) -> ChangeRef | Misunderstood:
    path, mark, number = match.groups()
    forge: ForgeName = "github" if mark == "#" else "gitlab"
    hosts, name, word = places.hosts(forge), FORGES[forge].name, f"{path}{mark}{number}"[:60]
    if not hosts:
        other: ForgeName = "gitlab" if forge == "github" else "github"
        meant = f"{path}{NUMBER_MARK[other]}{number}"[:60]
        cure = f": write {meant} for one on {FORGES[other].name}" if places.hosts(other) else ""
        return Misunderstood(f"“{word}” is on {name}, and no {name} is connected here{cure}")
    host = hosts[0] if len(hosts) == 1 else _host_of(forge, path, places)
    if host is None:
        return Misunderstood(f"“{word}” could be on {' or '.join(hosts)}: give its URL")
    return ChangeRef(RepoRef(forge, host, path), int(number))


def _host_of(forge: ForgeName, path: str, places: Places) -> str | None:
    """Where this place's own repository lives if it has that path, else the one known repository that has it."""
    nearest = [repo for repo in (places.default, places.thread.repo if places.thread else None) if repo]
    for repos in (nearest, places.known):
        found = {repo.host for repo in repos if (repo.forge, repo.path) == (forge, path)}
        if len(found) == 1:
            return found.pop()
    return None


def _from_url(match: re.Match[str], places: Places) -> ChangeRef | Misunderstood:
    host, path, kind, number = match.groups()
    forge: ForgeName = "gitlab" if kind == "merge_requests" else "github"
    connected = next((known for known in places.hosts(forge) if known.lower() == host.lower()), None)
    if connected is None:
        known = " and ".join((*places.github, *places.gitlab))
        return Misunderstood(f"{host} is not connected here; I know {known or 'no forge yet'}")
    return ChangeRef(_without_root(RepoRef(forge, connected, path), places), int(number))


def _without_root(repo: RepoRef, places: Places) -> RepoRef:
    """The known repository that the URL's path ends with: below a relative root, the path begins with that root."""
    parts = repo.path.split("/")
    tails = [RepoRef(repo.forge, repo.host, "/".join(parts[start:])) for start in range(len(parts) - 1)]
    return next((tail for tail in tails if tail in places.known), repo)
