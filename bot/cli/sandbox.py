"""`llmgate sandbox`: stand-ins, gate and page, until Ctrl-C."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.cli.gitlab_view import GitLabView
from bot.cli.layout import Layout
from bot.cli.outcome import fail
from bot.cli.playground import Playground, build_playground
from bot.cli.serve import quiet_logs
from bot.cli.view import GitHubView
from bot.core.forges import FORGES
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock, WallClock
from integrations.sandbox.page.app import SandboxPage
from integrations.sandbox.page.forge_view import ForgeView
from integrations.sandbox.page.guide import Guide
from integrations.sandbox.serve import Served

PARTS = {
    "ann": "runs the coding agent",
    "bob": "code owner",
    "cid": "code owner",
    "dee": "code owner",
    "sam": "Security",
    "sue": "Security",
    "eve": "in no mapping",
}
"""What each person is in the playground, as the terminal and the page say it."""


@contextmanager
def running(
    folder: Path | None, port: int, forge: ForgeName = "github", clock: FakeClock | None = None, steps: tuple[str, ...] = ()
) -> Iterator[tuple[Playground, str]]:
    """A playground that works by itself, and the address of its page, which says the `steps` to try."""
    with tempfile.TemporaryDirectory(prefix="llmgate-sandbox-") as temporary:
        playground = build_playground(Layout(folder or Path(temporary), forge=forge), clock or WallClock())
        try:
            guide = Guide({playground.members[name]: part for name, part in PARTS.items()}, steps)
            page = Served(SandboxPage(playground.slack, _view_of(playground), guide), port)
        except OSError as error:
            playground.close()
            fail(f"saw port {port} in use ({error.strerror}); wanted a free one; try `--port 0`")
        playground.start()
        try:
            yield playground, page.url
        finally:
            page.close()
            playground.close()


def run_sandbox(port: int, folder: Path | None, forge: ForgeName = "github") -> None:
    quiet_logs()
    tell_start(forge)
    with running(folder, port, forge) as (playground, url):
        typer.echo(f"\nOpen  {url}  in a browser.\n")
        tell_who()
        address = playground.forge.clone_url(playground.repo, "ann")
        typer.echo(f"\nPush to {playground.repo} yourself, as Ann:  git clone {address}")
        typer.echo("For a change that is already there, run  llmgate demo  instead.\n\nCtrl-C ends it.")
        wait_for_ctrl_c()


def _view_of(playground: Playground) -> ForgeView:
    return GitLabView(playground) if playground.layout.forge == "gitlab" else GitHubView(playground)


def tell_start(forge: ForgeName) -> None:
    typer.echo(f"Starting stand-ins of {FORGES[forge].name} and Slack, and the gate between them …", err=True)


def tell_who() -> None:
    for name, part in PARTS.items():
        typer.echo(f"  {name.capitalize():<5} {part}")


def wait_for_ctrl_c() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("\nDone.", err=True)
