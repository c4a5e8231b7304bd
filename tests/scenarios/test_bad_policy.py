"""Policies with errors: each blocks, and says on the check which line is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.layout import POLICY, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import small_change
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock

PATH = ".llmgate/policy.yaml"
LINES = POLICY.count("\n")


def summary(world: Playground, text: str | bytes) -> str:
    """What the check says of a harmless change under this policy."""
    world.push_policy(text)
    pull = world.open_generated(specimen=small_change(world.clock.now(), 1))
    world.settle()
    assert world.verdict_on(pull.head_sha) == "blocked"
    assert world.blockers(pull.number) is not None
    return world.check_on(pull.head_sha).text.replace("\\", "").replace("&amp;", "&")


@pytest.mark.parametrize(
    ("added", "line", "saw"),
    [
        ("speed: fast\n", 1, "speed"),
        ("tiers:\n  huge: {}\n", 2, "huge"),
        ("tiers:\n  high:\n    evidence:\n      line_coverage: 180\n", 4, "180"),
        ("risk:\n  - name: x\n    tier: extreme\n    paths: ['a/**']\n", 2, "a list"),
        ("mode: &a enforce\n", 1, "an anchor or alias"),
        ("mode: !!python/object:os.system x\n", 1, "a tag"),
        ("mode: enforce\nmode: observe\n", 2, "twice"),
        ("tiers: [\n", 2, "no YAML"),
        ("---\nversion: 1\n", 1, "a second document"),
        ("tiers:\n  high:\n    approvals: {}\n", 3, "approvals"),
        ("tiers:\n  high:\n    auto_approve: true\n", 3, "auto"),
        ("tiers:\n  high:\n    approvals:\n      nobody: 1\n", 3, "no seat for `security`"),
    ],
    ids=["key", "tier", "value", "word", "anchor", "tag", "twice", "no YAML", "two", "empty", "contradiction", "role"],
)
def test_an_error_is_shown_with_its_line_and_its_cure(one_world: Playground, added: str, line: int, saw: str) -> None:
    said = summary(one_world, POLICY + added)
    assert f"{PATH}:{LINES + line}:" in said
    assert saw in said
    assert "→" in said
    assert "base branch" in said


@pytest.mark.parametrize(
    ("content", "saw"),
    [
        ("", "an empty file"),
        ("- version: 1\n", "a list"),
        ("version: 9\n", "9"),
        ("a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 40)), "too deep"),
        ("version: 1 # " + "x" * 300_000 + "\n", "bytes"),
        (b"version: 1\nmode: \xff\xfe\n", "policy"),
    ],
    ids=["empty", "a list", "version", "deep", "long", "no text"],
)
def test_a_file_that_is_no_policy_blocks_and_says_so(one_world: Playground, content: str | bytes, saw: str) -> None:
    said = summary(one_world, content)
    assert PATH in said
    assert saw in said


FLOOR = POLICY + "provenance:\n  required: true\ntiers:\n  high:\n    approvals:\n      security: 2\n"


def test_a_broken_floor_blocks_and_lets_no_repository_observe(
    forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    world = build_playground(Layout(tmp_path / "world", sqlite_url, floor="version: 1\nspeed: fast\n", forge=forge), clock)
    try:
        said = summary(world, POLICY + "mode: observe\n")
    finally:
        world.close()
    assert "floor.yaml:2:" in said
    assert "speed" in said


@pytest.fixture
def floored(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """A gate under an organisation's floor."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, floor=FLOOR, forge=forge), clock)
    try:
        yield world
    finally:
        world.close()


@pytest.mark.parametrize(
    ("added", "saw"),
    [
        ("provenance:\n  required: false\n", "required"),
        ("tiers:\n  high:\n    approvals:\n      security: 1\n      codeowner: 1\n", "security"),
        ("mode: observe\n", "observe"),
    ],
    ids=["provenance", "approvals", "mode"],
)
def test_a_repository_cannot_loosen_the_organisations_floor(floored: Playground, added: str, saw: str) -> None:
    said = summary(floored, POLICY + added)
    assert any(f"{PATH}:{line}: " in said for line in range(LINES + 1, LINES + added.count("\n") + 1))
    assert "looser than the organisation's floor" in said
    assert saw in said


def test_a_repository_may_tighten_the_organisations_floor(floored: Playground) -> None:
    stricter = "tiers:\n  high:\n    approvals:\n      security: 3\n"
    floored.push_policy(POLICY + stricter)
    pull = floored.open_generated()
    floored.settle()
    said = floored.check_on(pull.head_sha).text.replace("\\", "")
    assert f"{PATH}:" not in said
    assert "of 3)" in said
