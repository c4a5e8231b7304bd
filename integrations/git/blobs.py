"""Contents of objects through one `git cat-file --batch`, read as they are asked for."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from bot.ports.errors import Refused
from integrations.git.command import Git, environment, opened
from integrations.git.failures import explained

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blobs:
    """Reads blobs by their object id, or by `revision:path`."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    def read(self, name: str, largest: int = LARGEST) -> bytes | None:
        """The content; None where there is no such blob or it is larger than asked for."""
        if "\n" in name:
            return None
        self.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
        self.stdin.flush()
        about = self.stdout.readline().split(b" ")
        if len(about) != 3 or not about[2].strip().isdigit():
            if not about[0]:
                raise Refused(
                    f"saw `git cat-file` end while reading {name}; wanted a readable repository; try `git fsck` there"
                )
            return None  # "<name> missing", or a name that is no object
        size = int(about[2])
        content = self._take(size, keep=about[1] == b"blob" and size <= largest)
        self.stdout.read(1)  # the newline after it
        return content

    def _ask(self, name: str) -> list[bytes]:
        try:
            self.stdin.write(name.encode("utf-8", "surrogateescape") + b"\n")
            self.stdin.flush()
        except BrokenPipeError:
            pass  # it ended: the empty answer says so
        answer = self.stdout.readline()
        if not answer:
            raise Refused(f"saw `git cat-file` end at {name}; wanted a readable repository; try `git fsck` there")
        return answer.rstrip(b"\n").split(b" ")

    def _take(self, size: int, keep: bool) -> bytes | None:
        if keep:
            return self.stdout.read(size)
        while size > 0 and (chunk := self.stdout.read(min(size, LARGEST))):
            size -= len(chunk)
        return None


@contextmanager
def reading(git: Git) -> Iterator[Blobs]:
    """A reader for the time of the `with` block."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            git.line("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints.fileno(),
            env=environment(),
        )
        with process:
            blobs = Blobs(opened(process.stdin), opened(process.stdout))
            yield blobs
            blobs.stdin.close()
        if process.returncode != 0:
            complaints.seek(0)
            raise Refused(explained(("cat-file",), complaints.read(), git.folder))
