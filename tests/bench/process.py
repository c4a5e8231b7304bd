"""The command as a process: how soon `--help` is there."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def measure_help(times: int = 5) -> float:
    """Seconds of `llmgate --help`, the best of a few: the rest is the machine's noise."""
    command = [str(Path(sys.executable).parent / "llmgate"), "--help"]
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return min(taken)
