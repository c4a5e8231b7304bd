"""`llmgate policy check` and `explain`: what a policy's author reads before it lands, and after."""

from __future__ import annotations

from pathlib import Path

from bot.cli.layout import REPO, Layout
from bot.cli.playground import build_playground
from integrations.sandbox.clock import FakeClock
from tests.cli.test_approvals import environment_of, run

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "policy.example.yaml"


def test_the_example_is_good_and_says_what_each_tier_asks(tmp_path: Path) -> None:
    done = run(tmp_path, "policy", "check", str(EXAMPLE))
    assert done.returncode == 0, done.stderr
    assert "good. Mode" in done.stdout
    assert "high" in done.stdout
    assert "unanswered: nudge after 1h, widen after 2h, lead leads after 4h" in done.stdout


def test_each_mistake_is_named_with_file_line_and_cure(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("version: 1\nspeed: fast\ntiers:\n  high:\n    approvals:\n      security: 0\n")
    done = run(tmp_path, "policy", "check", "policy.yaml")
    assert done.returncode == 1
    assert "policy.yaml:2: saw" in done.stderr
    assert "policy.yaml:6: saw" in done.stderr
    assert done.stdout == ""


def test_a_repository_may_not_undercut_the_floor(tmp_path: Path) -> None:
    (tmp_path / "floor.yaml").write_text("version: 1\nmode: enforce\n")
    (tmp_path / "policy.yaml").write_text("version: 1\nmode: observe\n")
    done = run(tmp_path, "policy", "check", "policy.yaml", "--floor", "floor.yaml")
    assert done.returncode == 1
    assert "floor.yaml" in done.stderr
    assert "policy.yaml:2" in done.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    assert run(tmp_path, "policy", "check", "none.yaml").returncode == 2


def test_explain_tells_each_rule_of_the_last_look(tmp_path: Path) -> None:
    world = build_playground(Layout(tmp_path / "world"), FakeClock())
    try:
        pull = world.open_generated()
        world.settle()
        done = run(tmp_path, "policy", "explain", f"{REPO}#{pull.number}", **environment_of(world))
        unseen = run(tmp_path, "policy", "explain", f"{REPO}#99", **environment_of(world))
    finally:
        world.close()
    assert done.returncode == 0, done.stderr
    assert "state   waiting (mode enforce)" in done.stdout
    assert "Approval by security [approvals.security]: 0 of 1 approved" in done.stdout
    assert unseen.returncode == 1
    assert "saw nothing of acme/shop#99 yet" in unseen.stderr
