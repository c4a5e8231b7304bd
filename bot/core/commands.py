"""Words after `/llmgate`, or after the bot's name in a thread, as a command or a misunderstanding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from bot.core.ids import ChangeRef, RepoRef

Verb = Literal["status", "why", "approve", "queue", "help"]
ABOUT_A_CHANGE = ("status", "why", "approve")
_DECIDING = ("lgtm", "ship", "+1", "👍", "approved", "ok", "yes", "merge")
_SHORT = re.compile(r"^<?([\w.-]+(?:/[\w.-]+)+)([#!])(\d{1,9})>?$")
_URL = re.compile(
    r"^<?https?://([^/|>\s]+)/([\w.-]+(?:/[\w.-]+)+?)/(?:-/)?(pull|pulls|merge_requests)/(\d{1,9})(?:[/?#|][^>\s]*)?>?$"
)
_NUMBER = re.compile(r"^[#!]?(\d{1,9})$")


@dataclass(frozen=True, slots=True)
class Places:
    """What a reference may mean here: the known hosts by forge, and the repository a bare number belongs to."""

    github: str = ""
    gitlab: str = ""
    default: RepoRef | None = None
    thread: ChangeRef | None = None
    """The change whose thread this was said in."""


@dataclass(frozen=True, slots=True)
class Command:
    verb: Verb
    change: ChangeRef | None = None


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
    if verb not in ABOUT_A_CHANGE:
        return Command(verb)
    if not rest:
        if places.thread is None:
            return Misunderstood(f"“{verb}” needs a change: a URL, org/repo#7 or group/project!7")
        return Command(verb, places.thread)
    found = read_reference(rest[0], places)
    if isinstance(found, Misunderstood) and places.thread:
        return Command(verb, places.thread)  # in a thread people go on talking: "approve this, please"
    return found if isinstance(found, Misunderstood) else Command(verb, found)


def read_reference(word: str, places: Places) -> ChangeRef | Misunderstood:
    """A URL, `org/repo#n`, `group/project!n`, or a number where the place has one repository."""
    if match := _SHORT.match(word):
        path, mark, number = match.groups()
        host = places.github if mark == "#" else places.gitlab
        if not host:
            forge = "GitHub" if mark == "#" else "GitLab"
            return Misunderstood(f"“{word[:60]}” is on {forge}, and no {forge} is connected here")
        return ChangeRef(RepoRef("github" if mark == "#" else "gitlab", host, path), int(number))
    if match := _URL.match(word):
        return _from_url(match, places)
    if match := _NUMBER.match(word):
        if places.default is None:
            return Misunderstood(f"“{word}” alone could be in any repository: name it, as in org/repo#{match[1]}")
        return ChangeRef(places.default, int(match[1]))
    return Misunderstood(f"“{word[:60]}” names no change: give a URL, org/repo#7 or group/project!7")


def _from_url(match: re.Match[str], places: Places) -> ChangeRef | Misunderstood:
    host, path, kind, number = match.groups()
    if kind == "merge_requests" and host == places.gitlab:
        return ChangeRef(RepoRef("gitlab", host, path), int(number))
    if kind != "merge_requests" and host == places.github:
        return ChangeRef(RepoRef("github", host, path), int(number))
    known = " and ".join(name for name in (places.github, places.gitlab) if name)
    return Misunderstood(f"{host} is not connected here; I know {known or 'no forge yet'}")
