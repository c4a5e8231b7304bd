"""The machine's `git`, run so that a repository can neither execute anything nor be written to.

A repository is hostile: its own configuration can name programs (pager, file-system monitor, external diff, text conversion,
signature checker, transports of a partial clone) and can bend what is shown (replaced objects, grafts, hidden roots, the mail
map). All of that is switched off here, once, for every call. The user's own configuration stays in force where it protects
(`safe.directory`). The environment is made anew, because variables such as `GIT_DIR` or `GIT_EXTERNAL_DIFF` would lead astray.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.ports.errors import Refused
from integrations.git.failures import explained

KEPT = ("PATH", "HOME", "XDG_CONFIG_HOME", "TMPDIR", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
"""What git needs to be found, and to find the user's own configuration."""
SET = {
    "LC_ALL": "C",  # messages are recognised by their English words
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # older gits do not know the line above: then the fetch has no way out
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
}
SWITCHED = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.pager=cat",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "log.showSignature=false",  # would run the repository's gpg.program
    "log.showRoot=true",
    "log.mailmap=false",
    "diff.external=",
    f"diff.orderFile={os.devnull}",
    "advice.graftFileDeprecated=false",
    "diff.relative=false",
    "diff.renameLimit=1000",
    "color.ui=false",
    "submodule.recurse=false",
)
FLAGS = ("--no-pager", "--no-optional-locks", "--no-replace-objects", *(part for one in SWITCHED for part in ("-c", one)))
LOGGING = ("--no-show-signature", "--no-mailmap", "--no-color", "--encoding=UTF-8", "--no-notes")
"""For every `git log`: the texts as they are stored."""
DIFFING = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=none", "--submodule=short", "--no-abbrev")
"""For everything that compares trees."""
CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Git:
    """`git` in one folder."""

    folder: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What git prints. Refused, with a cure, where it fails."""
        done = self._call(arguments, stdin)
        if done.returncode != 0:
            raise Refused(explained(arguments, done.stderr, self.folder))
        return done.stdout

    def ask(self, *arguments: str) -> str | None:
        """What git prints, as a line; None where it fails, because the question was whether there is such a thing."""
        done = self._call(arguments, b"")
        return done.stdout.decode("utf-8", "backslashreplace").strip() if done.returncode == 0 else None

    def stream(self, *arguments: str) -> Generator[bytes, None, None]:
        """What git prints, piece by piece. Whoever stops early ends the process; a failure raises Refused at the end."""
        with tempfile.TemporaryFile() as complaints:
            process = self._start(arguments, complaints.fileno())
            stdout = opened(process.stdout)
            try:
                while chunk := stdout.read(CHUNK):
                    yield chunk
            except GeneratorExit:
                process.kill()
                raise
            finally:
                stdout.close()
                code = process.wait()
            if code != 0:
                complaints.seek(0)
                raise Refused(explained(arguments, complaints.read(), self.folder))

    def _start(self, arguments: tuple[str, ...], stderr: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.line(*arguments),
            bufsize=0,  # what is there is taken, and not waited for until a buffer is full
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            pipesize=CHUNK,
            env=environment(),
        )

    def _call(self, arguments: tuple[str, ...], stdin: bytes) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(self.line(*arguments), input=stdin, capture_output=True, env=environment(), check=False)
        except FileNotFoundError:
            raise Refused("saw no `git` in PATH; wanted git 2.31 or later; install it") from None

    def line(self, *arguments: str) -> list[str]:
        """The whole command line."""
        return ["git", *FLAGS, "-C", str(self.folder), *arguments]


def opened(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe that was asked for, as such: the standard library's type leaves it open."""
    if pipe is None:
        raise TypeError("no pipe was asked for")
    return pipe


def environment() -> dict[str, str]:
    """The little that git is told of this process's surroundings: no settings of the gate are among it."""
    kept = {name: value for name in KEPT if (value := os.getenv(name)) is not None}
    return {**kept, **SET}
