"""What is in a folder of a git tree."""

from __future__ import annotations

from integrations.sandbox.git.gitdir import GitDir
from integrations.sandbox.git.objects import TreeEntry


def listing(git: GitDir, tree: str, path: str, *, deep: bool) -> list[tuple[str, TreeEntry]]:
    """Its entries with their paths from the root, in git's order; with `deep` those of the folders in it, too."""
    found = []
    for entry in git.objects.tree(tree):
        here = f"{path}/{entry.name}" if path else entry.name
        found.append((here, entry))
        if deep and entry.kind == "tree":
            found += listing(git, entry.oid, here, deep=True)
    return found
