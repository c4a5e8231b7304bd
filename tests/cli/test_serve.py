"""What `llmgate serve` says that it works for, and ports that no page can have."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.layout import Layout
from bot.cli.main import app
from bot.cli.playground import build_playground
from bot.cli.serve import tell_connected
from bot.main import assemble, read_settings
from integrations.sigstore.keys import make_key


def test_each_forge_and_the_chat_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playground = build_playground(Layout(tmp_path, forge="gitlab", also=("github",)))
    try:
        tell_connected(playground.gate)
    finally:
        playground.close()
    said = capsys.readouterr().err
    assert said == "llmgate works for GitHub at github.sandbox, GitLab at gitlab.sandbox and Slack\n"


def test_a_gate_without_a_forge_says_that_nothing_will_arrive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_key(tmp_path / "key.pem")
    begun = {"work": {"webhook_token": "a-secret-made-by-init"}}
    database = {"url": f"sqlite:///{tmp_path / 'llmgate.sqlite3'}"}
    gate = assemble(read_settings(signing={"key_file": str(tmp_path / "key.pem")}, database=database, gitlab=begun))
    try:
        tell_connected(gate)
    finally:
        gate.close()
    assert "works for no forge yet, so nothing will arrive; run `llmgate doctor`" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_a_port_that_does_not_exist_is_refused(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--port", "99999"])
    assert result.exit_code == 2
    assert "65535" in result.stderr
