"""`llmgate approvals export` and `llmgate verify`, as a security engineer runs them: from a real approval to an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import REPO, Layout, Neighbours, settings_of
from bot.cli.playground import Playground, build_playground
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.keys import make_key

COMMAND = str(Path(sys.executable).parent / "llmgate")


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LLMGATE_")}  # noqa: TID251 - the child's
    return subprocess.run([COMMAND, *words], cwd=folder, env={**kept, **environment}, capture_output=True, text=True)


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with the exported approvals of one change, and the commit they are for."""
    folder = tmp_path_factory.mktemp("approvals")
    world = build_playground(Layout(folder / "world"), FakeClock())
    try:
        pull = world.open_generated()
        world.settle()
        assert Hands(world, "bob").approve(pull.number).taken
        exported = run(folder, "approvals", "export", f"{REPO}#{pull.number}", "--out", "out", **environment_of(world))
        assert exported.returncode == 0, exported.stderr
        assert f"Wrote 1 signed decision about {REPO}#1 to out/" in exported.stdout
        refused = run(folder, "approvals", "export", f"{REPO}#99", **environment_of(world))
        assert refused.returncode == 1
        assert "saw no decision about acme/shop#99" in refused.stderr
    finally:
        world.close()
    return folder, pull.head_sha


def environment_of(world: Playground) -> dict[str, str]:
    """The playground's settings, as a process of its own reads them."""
    address = world.gate.settings.web.public_url
    settings = settings_of(world.layout, Neighbours(list(world.stages.values()), world.slack, world.members, address))
    return {f"LLMGATE_{part.upper()}": json.dumps(values) for part, values in settings.items()}


def bundle(folder: Path) -> Path:
    (found,) = (folder / "out").glob("*-decision-*.sigstore.json")
    return found


def verify(folder: Path, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "verify", str(file), "--key", str(folder / "world" / "signing.pem.pub"), *more)


def test_an_exported_approval_verifies_with_nothing_but_the_public_key(approved: tuple[Path, str]) -> None:
    folder, sha = approved
    done = verify(folder, bundle(folder), "--change", f"{REPO}#1", "--commit", sha)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Verified. bob (@bob, github id 502) approved acme/shop#1")
    assert "witnessed: llmgate signs that the chat or the forge said so" in done.stdout
    assert "6 of 6 confirmed" in done.stdout


def test_the_index_names_every_decision_and_the_key(approved: tuple[Path, str]) -> None:
    folder, sha = approved
    index = json.loads((folder / "out" / "index.json").read_text())
    assert len(index["key_sha256"]) == 64
    (row,) = [row for row in index["records"] if row["kind"] == "decision"]
    assert (row["commit"], row["voided"], row["file"]) == (sha, None, bundle(folder).name)
    assert index["format"] == "llmgate-export/1"


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (("--repo", "acme/other"), 14, "For another repository"),
        (("--change", "acme/shop#8"), 15, "For another change"),
        (("--change", "acme/shop!1"), 15, "For a change on another forge"),
        (("--commit", "0" * 40), 16, "For another commit"),
        (("--commit", "abc"), 2, "12 to 40 hex digits"),
        (("--change", "shop"), 2, "org/repo#number"),
    ],
)
def test_each_demand_that_does_not_hold_has_its_own_exit_code(
    approved: tuple[Path, str], more: tuple[str, ...], code: int, says: str
) -> None:
    folder, _ = approved
    done = verify(folder, bundle(folder), *more)
    assert done.returncode == code
    assert says in done.stderr
    assert done.stdout == ""


def test_another_key_and_a_changed_byte_are_told_apart(approved: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = approved
    make_key(tmp_path / "other.pem")
    stranger = run(folder, "verify", str(bundle(folder)), "--key", str(tmp_path / "other.pem.pub"))
    assert (stranger.returncode, "Signed by another key" in stranger.stderr) == (11, True)
    whole = bundle(folder).read_text()
    at = whole.index('"payload":"') + 40
    altered = tmp_path / "altered.json"
    altered.write_text(whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :])
    done = verify(folder, altered)
    assert (done.returncode, "altered after signing" in done.stderr) == (12, True)


def test_what_cannot_be_read_is_a_usage_error(approved: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = approved
    assert verify(folder, tmp_path / "none.json").returncode == 2
    assert run(folder, "verify", str(bundle(folder)), "--key", str(bundle(folder))).returncode == 2


def test_programs_get_json(approved: tuple[Path, str]) -> None:
    folder, sha = approved
    told = json.loads(verify(folder, bundle(folder), "--json").stdout)
    assert (told["verified"], told["commit"], told["strength"]) == (True, sha, "witnessed")
