"""From the text of CODEOWNERS to its owners, in the dialect of the forge that the repository is on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import lru_cache

from bot.core.ids import ForgeName
from bot.core.owners.github import read_github
from bot.core.owners.gitlab import read_gitlab
from bot.core.owners.model import OwnerProblem, Owners

LARGEST = 3 * 1024 * 1024
"""GitHub does not read a larger file; GitLab names no limit, and the same is enough for it."""
_DIALECTS: dict[ForgeName, Callable[[str], Owners]] = {"github": read_github, "gitlab": read_gitlab}


@lru_cache(maxsize=16)
def parse_owners(text: str, forge: ForgeName) -> Owners:
    """Read CODEOWNERS. What cannot be read is a problem, never an exception."""
    if len(text) > LARGEST:
        return Owners(problems=(OwnerProblem(0, f"a file of {len(text)} characters", f"at most {LARGEST}"),))
    return _DIALECTS[forge](text.removeprefix("\ufeff"))


def owner_teams(text: str, forge: ForgeName, paths: Iterable[str], logins: Collection[str] = ()) -> tuple[str, ...]:
    """The teams (`acme/payments`, `@@maintainer`) that own any of the paths, for whoever resolves their members.

    A name that may be a user's or a group's counts as a group unless it is one of these `logins`, in lower case.
    """
    owners = parse_owners(text, forge)
    lines = {line for path in paths for _, line in owners.matches(path)}
    found = {owner for line in lines for owner in line.owners}
    groups = {owner.name for owner in found if owner.kind == "name" and owner.name.lower() not in logins}
    teams = {owner.name for owner in found if owner.kind == "team"}
    return tuple(sorted(groups | teams | {str(owner) for owner in found if owner.kind == "role"}))
