"""What git complains of, told with a cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

SHOWN = 400
DUBIOUS = re.compile(r"dubious ownership in repository at '([^']*)'")
Tell = Callable[[Path, str], str]


def explained(arguments: tuple[str, ...], stderr: bytes, folder: Path) -> str:
    """One message: what was seen, what was wanted, what to do."""
    words = stderr.decode("utf-8", "backslashreplace").strip()
    for mark, tell in CURES:
        if mark in words:
            return tell(folder, words)
    command = next((word for word in arguments if not word.startswith("-")), "")
    return f"saw `git {command}` fail in {folder}: {_short(words)}; wanted a readable repository; try `git fsck` there"


def _short(words: str) -> str:
    line = " ".join(words.split()) or "it said nothing"
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"


def _not_a_repository(folder: Path, _words: str) -> str:
    return f"saw no git repository at {folder}; wanted a repository or a folder inside one; give its path, or `git init` there"


def _foreign(folder: Path, words: str) -> str:
    found = DUBIOUS.search(words)
    place = found[1] if found else str(folder)
    return (
        f"saw {place} owned by another user, and git refuses it; wanted a repository that you trust; "
        f"if you do: `git config --global --add safe.directory '{place}'`"
    )


def _bare_refused(folder: Path, _words: str) -> str:
    return (
        f"saw a bare repository at {folder}, and your `safe.bareRepository` refuses it; wanted one that you trust; "
        f"if you do: clone it, and scan the clone"
    )


def _partial(folder: Path, _words: str) -> str:
    return (
        f"saw objects missing in {folder}, a partial clone; wanted the whole history, and nothing is fetched here; "
        f"run `git fetch --refetch --filter=tree:999999` there, or clone without `--filter`"
    )


def _damaged(folder: Path, words: str) -> str:
    return f"saw a damaged repository at {folder}: {_short(words)}; wanted every object readable; run `git fsck` there"


def _old(_folder: Path, words: str) -> str:
    return f"saw an old git ({_short(words)}); wanted git 2.31 or later; update it"


CURES: tuple[tuple[str, Tell], ...] = (
    ("dubious ownership", _foreign),
    ("cannot use bare repository", _bare_refused),
    ("not a git repository", _not_a_repository),
    ("unrecognized argument: --diff-merges", _old),
    ("promisor remote", _partial),
    ("lazy fetching disabled", _partial),
    ("transport 'none' not allowed", _partial),
    ("could not fetch", _partial),
    ("missing blob", _damaged),
    ("unable to read", _damaged),
    ("bad object", _damaged),
)
"""Words of git's messages, and how each is told."""
