"""`llmgate sandbox`: stand-ins, gate and page, until Ctrl-C."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.cli.main import fail
from bot.cli.playground import REPO, Layout, Playground, build_playground
from bot.cli.serve import quiet_logs
from bot.cli.view import GitHubView
from integrations.sandbox.clock import FakeClock, WallClock
from integrations.sandbox.page.app import SandboxPage
from integrations.sandbox.serve import Served

WHO = """
  Ann   writes with a coding agent: she opened the change, so she may not approve it
  Bob   owns the code          Cid, Dee  own it too
  Sue   is of Security         Sam  is too
  Eve   is tied to no forge account
"""


@contextmanager
def running(folder: Path | None, port: int, clock: FakeClock | None = None) -> Iterator[tuple[Playground, str]]:
    """A playground that works by itself, and the address of its page."""
    with tempfile.TemporaryDirectory(prefix="llmgate-sandbox-") as temporary:
        playground = build_playground(Layout(folder or Path(temporary)), clock or WallClock())
        try:
            page = Served(SandboxPage(playground.slack, GitHubView(playground)), port)
        except OSError as error:
            playground.close()
            fail(f"saw port {port} in use ({error.strerror}); wanted a free one; try `--port 0`")
        playground.start()
        try:
            yield playground, page.url
        finally:
            page.close()
            playground.close()


def run_sandbox(port: int, folder: Path | None) -> None:
    quiet_logs()
    typer.echo("Starting stand-ins of GitHub and Slack, and the gate between them …", err=True)
    with running(folder, port) as (playground, url):
        typer.echo(f"\nThe page: {url}\n{WHO}")
        typer.echo(f"Push to the stand-in yourself:  git clone {playground.github.clone_url(REPO, 'ann')}")
        typer.echo("Open a change there from any branch, or start from the demonstration: llmgate demo. Ctrl-C ends it.")
        wait_for_ctrl_c()


def wait_for_ctrl_c() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("\nDone.", err=True)
