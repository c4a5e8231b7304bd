"""Which forge a local repository lives on: its origin says so, else what its merges were called, else the files it carries."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.core.ids import ForgeName
from integrations.git.repository import Repository

MOST_COMMITS = 300
"""Newest commits whose messages are looked at."""
_ORIGIN = re.compile(r"^(?:[a-z+]+://)?(?:[^/@]+@)?(?P<host>[^/:]+)")
_MERGED: dict[ForgeName, re.Pattern[str]] = {
    "github": re.compile(r"(?m)^Merge pull request #\d+ from "),
    "gitlab": re.compile(r"(?m)^See merge request \S*!\d+\s*$"),
}


def forge_of(repository: Repository, present: Mapping[str, str]) -> ForgeName:
    """The forge; GitHub where nothing tells."""
    origin = repository.git.ask("config", "--get", "remote.origin.url") or ""
    host = _ORIGIN.match(origin.strip().lower())
    if host and "github" in host["host"]:
        return "github"
    if host and "gitlab" in host["host"]:
        return "gitlab"
    log = repository.git.ask("log", "--first-parent", f"-{MOST_COMMITS}", "--format=%B", "HEAD", "--") or ""
    merges = {forge: len(pattern.findall(log)) for forge, pattern in _MERGED.items()}
    if merges["github"] != merges["gitlab"]:
        return max(merges, key=lambda forge: merges[forge])
    files_of_gitlab = any(path == ".gitlab-ci.yml" or path.startswith(".gitlab/") for path in present)
    return "gitlab" if files_of_gitlab and not any(path.startswith(".github/") for path in present) else "github"
