"""The machine's `git` talking to a repository elsewhere, in a folder that holds nothing of anybody's.

It never asks a question: what would prompt, fails. The user's own configuration stays in force for credentials and SSH.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bot.ports.errors import Refused, Unavailable
from bot.ports.failures import fit

KEPT = (
    *("PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "SSH_AUTH_SOCK", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"),
)
SET = {
    "LC_ALL": "C",  # messages are recognised by their English words
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",  # never `ext`, which runs what a URL says
}
SWITCHED = (f"core.hooksPath={os.devnull}", "gc.auto=0", "maintenance.auto=false", "commit.gpgSign=false", "push.gpgSign=false")
PATIENCE_S = 60.0
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a call of git came to."""

    code: int
    stdout: bytes
    stderr: bytes

    def unavailable(self, verb: str) -> Unavailable:
        saw = fit(self.stderr.decode("utf-8", "replace"), _CREDENTIALS) or "it said nothing"
        return Unavailable(f"saw `git {verb}` fail: {saw}; wanted the repository of log.anchor_git; it is tried again")


@dataclass(frozen=True, slots=True)
class RemoteGit:
    """`git` in one folder. `said` is more of its environment."""

    folder: Path
    said: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints. Raises Unavailable where it fails, Refused where there is no git."""
        spoken = self.call(*arguments, stdin=stdin)
        if spoken.code != 0:
            raise spoken.unavailable(arguments[0])
        return spoken.stdout

    def call(self, *arguments: str, stdin: bytes = b"") -> Spoken:
        """Run it to its end, which is after a minute at the latest."""
        flags = [part for one in SWITCHED for part in ("-c", one)]
        try:
            process = subprocess.Popen(
                ["git", *flags, *arguments],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**_kept(), **SET, **self.said},
                start_new_session=True,  # no terminal to ask at, and its helpers end with it
            )
        except FileNotFoundError:
            raise Refused("saw no `git` in PATH; wanted git 2.31 or later for log.anchor_git; install it") from None
        try:
            stdout, stderr = process.communicate(stdin, PATIENCE_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise Unavailable(f"saw no answer to `git {arguments[0]}` in {PATIENCE_S:.0f} s; it is tried again") from None
        return Spoken(process.returncode, stdout, stderr)

    def dated(self, name: str, address: str, date: str) -> RemoteGit:
        """The same, for commits by that author at that time."""
        said = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in _of(name, address, date)}
        return RemoteGit(self.folder, {**self.said, **said})


def _of(name: str, address: str, date: str) -> tuple[tuple[str, str], ...]:
    return (("NAME", name), ("EMAIL", address), ("DATE", date))


def _kept() -> dict[str, str]:
    """The little that git is told of this process's surroundings: no settings of the gate are among it."""
    return {name: value for name in KEPT if (value := os.getenv(name)) is not None}
