"""The gate as a process of its own, as it runs in earnest, with the stand-ins of a forge and of Slack in this one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bot.cli.furnishing import raise_stage, seat
from bot.cli.layout import SITES, Layout, Neighbours, settings_of
from bot.core.ids import ForgeName, RepoRef
from integrations.sandbox.clock import WallClock
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.stage import ForgeStage

PATIENCE_S = 60.0
LOOK_S = 0.01
"""Between two looks: often enough to wait for, seldom enough not to disturb what is measured."""


@dataclass
class Apart:
    """A running gate and the stand-ins it talks to."""

    forge: ForgeStage
    slack: FakeSlack
    clock: WallClock
    process: subprocess.Popen[bytes]
    url: str
    ready_s: float

    @property
    def repo(self) -> str:
        return place_of(self.forge).path

    @property
    def hook_url(self) -> str:
        """Where the gate takes this forge's webhooks."""
        return f"{self.url}{SITES[self.forge.forge].hook_path}"

    @property
    def memory_mb(self) -> float:
        """Resident memory of the gate, in MB."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 1e6

    def metric(self, name: str) -> int:
        lines = httpx.get(f"{self.url}/metrics").text.splitlines()
        return int(next(line for line in lines if line.startswith(f"{name} ")).split()[1])

    def idle(self) -> bool:
        self.forge.flush()
        return self.metric("llmgate_jobs_pending") == 0 and self.metric("llmgate_actions_pending") == 0


def until(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    """Look again and again, briefly apart, until it holds. TimeoutError names what did not come."""
    end = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {patience_s:.0f} s")
        time.sleep(LOOK_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def place_of(forge: ForgeStage) -> RepoRef:
    """The story's one repository on that stage."""
    return RepoRef(forge.forge, forge.host, SITES[forge.forge].repo)


@contextmanager
def apart(forge: ForgeName, database_url: str = "", hands: int = 4) -> Iterator[Apart]:
    """Stand-ins here, the gate over there; both end with the block."""
    with tempfile.TemporaryDirectory(prefix="llmgate-bench-") as temporary:
        folder = Path(temporary)
        layout = Layout(folder, database_url, hands=hands, name="bench", forge=forge)
        clock = WallClock()
        stage, slack = raise_stage(forge, layout, clock), FakeSlack(clock)
        port = free_port()
        settings = settings_of(layout, Neighbours([stage], slack, seat(slack), f"http://localhost:{port}"))
        settings["web"]["port"] = port
        started = time.monotonic()
        process = start_gate(settings)
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: answers(url), "the gate")
            running = Apart(stage, slack, clock, process, url, time.monotonic() - started)
            stage.connect(url)
            slack.connected()
            until(running.idle, "rest after the start")
            yield running
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
            slack.close()
            stage.close()


def start_gate(settings: dict[str, dict[str, object]]) -> subprocess.Popen[bytes]:
    environment = {f"LLMGATE_{part.upper()}": json.dumps(values) for part, values in settings.items()}
    command = [str(Path(sys.executable).parent / "llmgate"), "serve"]
    return subprocess.Popen(command, env={**_plain(), **environment}, cwd=tempfile.gettempdir(), stderr=subprocess.DEVNULL)


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LLMGATE_")}  # noqa: TID251


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=1.0).status_code == 200
    except httpx.HTTPError:
        return False
