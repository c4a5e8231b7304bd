"""The machine's git, shut off from the settings of whoever runs it: no system or personal configuration, one language."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

GIT = shutil.which("git") or "git"
GIT_ENV: Mapping[str, str] = {
    "PATH": os.pathsep.join([os.path.dirname(GIT), os.defpath]),
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}


class GitFailed(Exception):
    """git ended with an error; the message is git's own."""

    def __init__(self, arguments: Sequence[str], code: int, told: str) -> None:
        super().__init__(f"git {arguments[0]} ended with {code}: {told.strip()}")
        self.code = code


def git(where: Path, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    """Run git in that repository; its output. Raises GitFailed."""
    command = [GIT, "-C", str(where), *arguments]
    done = subprocess.run(command, env={**GIT_ENV, **(env or {})}, input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise GitFailed(arguments, done.returncode, (done.stderr or done.stdout).decode(errors="replace"))
    return done.stdout
