"""`llmgate approvals export` and `llmgate verify` on a merge request, by its name and by its URL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import Layout
from bot.cli.playground import build_playground
from integrations.sandbox.clock import FakeClock
from tests.cli.test_approvals import bundle, environment_of, run, verify

NAME = "acme/web/shop!1"


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exported approvals of one merge request."""
    folder = tmp_path_factory.mktemp("approvals")
    world = build_playground(Layout(folder / "world", forge="gitlab"), FakeClock())
    try:
        world.open_generated()
        world.settle()
        assert Hands(world, "bob").approve(1).taken
        host, given = world.forge.host, environment_of(world)
        for name, out in ((NAME, "out"), (f"https://{host}/acme/web/shop/-/merge_requests/1", "by-url")):
            exported = run(folder, "approvals", "export", name, "--out", out, **given)
            assert exported.returncode == 0, exported.stderr
            assert f"Wrote 1 signed decision about {NAME} to {out}/" in exported.stdout
        refused = run(folder, "approvals", "export", "acme/web/shop#1", **given)
        assert (refused.returncode, "no GitHub is connected here" in refused.stderr) == (2, True)
    finally:
        world.close()
    return folder


def test_what_was_exported_is_about_the_merge_request(approved: Path) -> None:
    index = json.loads((approved / "out" / "index.json").read_text())
    assert index["change"].startswith("gitlab:")
    assert index["change"].endswith(f"/{NAME}")
    assert [row["kind"] for row in index["records"]] == ["policy", "decision"]
    assert (approved / "by-url" / "index.json").read_text() == (approved / "out" / "index.json").read_text()


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (NAME, 0, f"approved {NAME}"),
        ("acme/web/shop!2", 15, "For another change"),
        ("acme/shop!1", 14, "For another repository"),
        ("acme/web/shop#1", 15, "For a change on another forge"),
        ("acme/web/shop/1", 2, "group/project!number"),
    ],
)
def test_an_approval_verifies_for_its_own_merge_request_alone(approved: Path, change: str, code: int, says: str) -> None:
    done = verify(approved, bundle(approved), "--change", change)
    assert done.returncode == code
    assert says in done.stdout + done.stderr
