"""From what a person calls a beginning (a date, a revision) to the commit before it.

Git takes any words for a date and reads those it does not know as now, so that a misspelt branch would give an empty history
without a word. Here words must be known to be a date.
"""

from __future__ import annotations

import re
from contextlib import closing

from bot.ports.errors import Refused
from integrations.git.repository import Repository
from integrations.git.words import pieces

DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|@\d+")
WORDS = """
yesterday today midnight noon tea last ago at second seconds minute minutes hour hours day days week weeks month months
year years one two three four five six seven eight nine ten am pm z t utc gmt st nd rd th
jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august september october
november december mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
"""
KNOWN = frozenset(WORDS.split())


def boundary(repository: Repository, since: str) -> str:
    """The newest commit of the first-parent line that is left out; empty where nothing is. Refused for an unknown `since`."""
    if not since or repository.head is None:
        return ""
    git = repository.git
    revision = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", since + "^{commit}")
    if revision:
        return _on_the_line(repository, since, revision)
    if not _is_date(since):
        raise Refused(
            f"saw --since {since!r}, which is no revision of {repository.root} and no date; wanted a tag, branch or commit, "
            "or a date such as 2025-01-31 or '3 months ago'; check its spelling"
        )
    walk = ("rev-list", "-1", "--first-parent", f"--before={since}", repository.head, "--")
    return git.run(*walk).decode().strip()


def _on_the_line(repository: Repository, since: str, revision: str) -> str:
    """The newest commit of the head's first-parent line that the revision reaches: itself, or where it branched off.

    Ancestors are told after their descendants, so that the first one on the line is the newest.
    """
    git = repository.git
    line = set(pieces(git.stream("rev-list", "--first-parent", repository.head or "", "--"), b"\n"))
    with closing(git.stream("rev-list", "--topo-order", revision, "--")) as reached:
        found = next((one for one in pieces(reached, b"\n") if one in line), b"")
    if not found:
        raise Refused(
            f"saw --since {since!r}, which shares no history with HEAD of {repository.root}; wanted a revision from which HEAD "
            "descends; name another"
        )
    return found.decode()


def _is_date(words: str) -> bool:
    lowered = words.lower().strip()
    names = re.findall(r"[a-z]+", lowered)
    if not all(name in KNOWN for name in names):
        return False
    return bool(names) or DATE.search(lowered) is not None
