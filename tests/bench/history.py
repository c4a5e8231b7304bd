"""`llmgate scan` against `git log --numstat` alone, on a history made for the purpose, in one run."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

COMMITS, FILES = 20_000, 2_000
TRAILER = "\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"


@dataclass(frozen=True, slots=True)
class Scan:
    commits: int
    git_s: float
    scan_s: float

    @property
    def ratio(self) -> float:
        return self.scan_s / self.git_s


def measure_scan() -> Scan:
    """The best of two runs each, one after the other."""
    with tempfile.TemporaryDirectory(prefix="llmgate-history-") as temporary:
        folder = Path(temporary)
        make_history(folder)
        git = min(_timed(["git", "log", "--numstat"], folder) for _ in range(2))
        scan = min(
            _timed([str(Path(sys.executable).parent / "llmgate"), "scan", str(folder), "--json"], folder) for _ in range(2)
        )
        return Scan(COMMITS, git, scan)


def make_history(folder: Path) -> None:
    """A linear history of small commits over many files, one in ten by an agent, through `git fast-import`."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    stream: list[str] = []
    for number in range(COMMITS):
        message = f"Change number {number}" + (TRAILER if number % 10 == 0 else "\n")
        stream.append(
            f"commit refs/heads/main\ncommitter Dev <dev@acme.example> {1_700_000_000 + number * 60} +0000\n"
            f"data {len(message.encode())}\n{message}\n"
        )
        for step in range(3):
            path = f"src/part_{(number * 7 + step * 31) % FILES}.py"
            content = "".join(f"line_{index} = {number if index == step else index}\n" for index in range(20))
            stream.append(f"M 100644 inline {path}\ndata {len(content)}\n{content}\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input="".join(stream).encode(), check=True)


def _timed(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started
