"""What differs between the forges in the words they use and in what they can show, in one table.

Whatever says or shows something looks here; nothing else in the core asks which forge a change is on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.core.ids import NUMBER_MARK, ForgeName


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of one forge. `name` is its own; `change` and `short` are what its people call a change."""

    name: str
    change: str
    short: str
    path: str
    """How a repository's path looks, to show it to people."""
    owners_places: tuple[str, ...]
    """Where CODEOWNERS is looked for, in this order; the first that is there counts."""
    check_has_text: bool
    """Whether a check carries a summary and details; where it does not, the sticky comment holds them."""
    check_with_head: bool
    """Whether the check of a fork's change is kept in the fork, for every change from there that has this head."""
    unseen: str
    """What to ask somebody whose change never got here."""


FORGES: dict[ForgeName, Ways] = {
    "github": Ways(
        name="GitHub",
        change="pull request",
        short="PR",
        path="org/repo",
        owners_places=(".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
        check_has_text=True,
        check_with_head=False,
        unseen="Is the app installed on that repository?",
    ),
    "gitlab": Ways(
        name="GitLab",
        change="merge request",
        short="MR",
        path="group/project",
        owners_places=("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
        check_has_text=False,
        check_with_head=True,
        unseen="Does a webhook of that project lead here?",
    ),
}


def spellings(forges: Collection[ForgeName], number: int | str = 7) -> list[str]:
    """How a change is written on these forges, `org/repo#7`, `group/project!7`; where none is connected, on all."""
    return [f"{ways.path}{NUMBER_MARK[forge]}{number}" for forge, ways in FORGES.items() if forge in forges or not forges]
