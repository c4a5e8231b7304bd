"""A commit as it is told in a story, made ready for git."""

from __future__ import annotations

from typing import Protocol

from integrations.sandbox.details import CommitDetails, Files, as_bytes
from integrations.sandbox.git.gitdir import GitDir, NewCommit
from integrations.sandbox.world import ForgeWorld


class Housing(Protocol):
    """A repository, as either forge keeps it."""

    git: GitDir
    default_branch: str


def pushed(world: ForgeWorld, house: Housing, ref: str, files: Files, details: CommitDetails) -> NewCommit:
    """On the tip of the ref, of the default branch where a branch is new, or of `onto`. `details` say by whom."""
    author = world.identity(details.get("author", details["by"]))
    if "onto" in details:
        parent = house.git.resolve(details["onto"])
    else:
        fresh = house.git.branch(house.default_branch) if ref.startswith("refs/heads/") else None
        parent = house.git.refs.get(ref) or fresh
    return NewCommit(
        ref=ref,
        message=details.get("message", f"Change {', '.join(files) or 'nothing'}"),
        author=author,
        committer=world.identity(details["committer"]) if "committer" in details else author,
        at=world.now(),
        files=as_bytes(files),
        parent=parent,
    )
