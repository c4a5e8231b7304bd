"""Real repositories for tests, made with the machine's git and nothing else."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

WHO = "Ann Example <ann@example.com>"


@dataclass(frozen=True, slots=True)
class Made:
    """A repository that a test makes. Every commit gets the next second of a fixed day, so that ids are the same each run."""

    root: Path

    def git(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        environment = {
            "PATH": os.getenv("PATH", os.defpath),
            "HOME": str(self.root),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_COMMITTER_NAME": "Ann Example",
            "GIT_COMMITTER_EMAIL": "ann@example.com",
            "GIT_COMMITTER_DATE": "2026-03-01T10:00:00Z",
            "GIT_AUTHOR_DATE": "2026-03-01T10:00:00Z",
        }
        line = ["git", "-c", "user.name=Ann Example", "-c", "user.email=ann@example.com", "-c", "protocol.file.allow=always"]
        done = subprocess.run([*line, *arguments], cwd=self.root, env=environment, input=stdin, capture_output=True)
        assert done.returncode == 0, (arguments, done.stderr)
        return done.stdout

    def line(self, *arguments: str) -> str:
        return self.git(*arguments).decode().strip()

    def write(self, path: str, content: str | bytes = "text\n") -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str | bytes, *paths: str, author: str = WHO, date: str = "2026-03-01T10:00:00Z") -> str:
        """Change each path (a new line in it) and commit. The id."""
        for path in paths:
            old = (self.root / path).read_bytes() if (self.root / path).exists() else b""
            self.write(path, old + b"line\n")
        self.git("add", "-A")
        words = message if isinstance(message, bytes) else message.encode()
        self.git(
            "commit",
            "-q",
            "--allow-empty",
            "--cleanup=verbatim",
            f"--author={author}",
            f"--date={date}",
            "-F",
            "-",
            stdin=words,
        )
        return self.line("rev-parse", "HEAD")

    def merge(self, branch: str, message: str) -> str:
        self.git("merge", "-q", "--no-ff", "-m", message, branch)
        return self.line("rev-parse", "HEAD")


def make(root: Path, *options: str) -> Made:
    """A new repository with the branch main, and no commit."""
    root.mkdir(parents=True, exist_ok=True)
    made = Made(root)
    made.git("init", "-q", "-b", "main", *options)
    return made
