"""`llmgate passkeys`: as an admin runs it beside the gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.layout import Layout
from bot.cli.main import app
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from tests.authenticator import SoftKey
from tests.cli.test_approvals import environment_of
from tests.scenarios.browsers import browsers
from tests.scenarios.signing_desk import Desk


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    world: Playground = build_playground(Layout(tmp_path / "world", sqlite_url), clock)
    try:
        for name, value in environment_of(world).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        for new in browsers(world):
            yield Desk(world, new, 0)
    finally:
        world.close()


def test_an_admin_lists_and_resets_passkeys(desk: Desk) -> None:
    nobody = CliRunner().invoke(app, ["passkeys", "list"])
    assert nobody.exit_code == 0
    assert "Nobody has a passkey" in nobody.output
    assert "bob has no passkey" in CliRunner().invoke(app, ["passkeys", "list", "bob"]).output
    desk.enrol("bob", SoftKey())
    desk.world.settle()
    listed = CliRunner().invoke(app, ["passkeys", "list", "bob"])
    assert listed.exit_code == 0, listed.output
    assert "bob's laptop" in listed.output
    words = ["passkeys", "reset", "bob", "--by", "sam", "--reason", "Stolen on the train", "--tell"]
    refused = CliRunner().invoke(app, [*words, "sam"])
    assert refused.exit_code == 1
    assert "wanted three different people" in refused.output
    done = CliRunner().invoke(app, [*words, "sue"])
    assert done.exit_code == 0, done.output
    assert "Removed 1 passkey of Bob: bob's laptop." in done.output
    assert "tells Bob and Sue in Slack, in private" in done.output
    assert desk.world.gate.kit.store.backlog().actions == 2
