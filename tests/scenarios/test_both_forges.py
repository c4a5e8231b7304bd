"""One gate for both forges: each change is judged where it is, one person is one person, and no secret serves both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import CHANNEL, REPO, SITES, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import login_change
from bot.core.ids import ChangeRef, RepoRef
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.conftest import at_rest
from tests.scenarios.hooks import GitHubHooks, GitLabHooks
from tests.scenarios.wire import DELIVERY, Wire


@pytest.fixture
def both(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Playground]:
    """The story's forge is GitLab; the same gate serves GitHub."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge="gitlab", also=("github",)), clock)
    try:
        yield world
        at_rest(world)
    finally:
        world.close()


def opened_on_github(world: Playground) -> ChangeSeen:
    made = login_change(world.clock.now())
    github = world.stages["github"]
    github.push(REPO, "agent/login", made.files, by="ann", message=made.message)
    return github.open_change(REPO, "agent/login", by="ann", title="Add password login")


def test_a_change_of_the_same_number_on_each_forge_is_two_changes(both: Playground) -> None:
    there, here = opened_on_github(both), both.open_generated()
    both.settle()
    assert there.number == here.number == 1
    texts = sorted(message.text for message in both.slack.messages(CHANNEL))
    assert [text.rpartition(" — ")[2] for text in texts] == ["acme/shop#1", "acme/web/shop!1"]
    assert Hands(both, "bob").approve(1).taken
    assert Hands(both, "sue").approve(1).taken
    assert both.verdict_on(here.head_sha) == "allowed"
    assert both.stages["github"].check(REPO, there.head_sha).state == "waiting"


def test_each_change_is_asked_for_by_its_own_name(both: Playground) -> None:
    opened_on_github(both)
    both.open_generated()
    both.settle()
    bob = Hands(both, "bob")
    assert "acme/shop#1" in bob.say("/llmgate status acme/shop#1")
    assert "acme/web/shop!1" in bob.say("/llmgate status acme/web/shop!1")
    waits = bob.say("/llmgate queue all")
    assert "1 waiting for you, 1 for others" in waits, "the second is asked of whoever has less to do"
    assert "acme/shop#1" in waits
    assert "acme/web/shop!1" in waits


def test_neither_forge_may_speak_for_the_other(both: Playground) -> None:
    """A delivery that is GitHub's own knocks at GitLab's door, and the other way round: refused, and nothing is stored."""
    both.settle()
    wire = Wire(both)
    before = wire.stored
    github, gitlab = GitHubHooks(both), GitLabHooks(both)
    body = gitlab.payload("open", 1)
    doors = {name: f"{both.served.url}{site.hook_path}" for name, site in SITES.items()}
    assert wire.post(doors["github"], body, gitlab.headers(body, gitlab.event, DELIVERY)).status_code == 401
    assert wire.post(doors["gitlab"], body, github.headers(body, github.event, DELIVERY)).status_code == 401
    assert wire.stored == before


def test_a_record_names_the_forge_that_its_change_is_on(both: Playground) -> None:
    opened_on_github(both)
    both.open_generated()
    both.settle()
    Hands(both, "bob").approve(1)
    elsewhere = ChangeRef(RepoRef("github", both.stages["github"].host, REPO), 1)
    with both.gate.kit.store.look() as unit:
        (stored,) = unit.approvals(both.ref(1))
        assert unit.approvals(elsewhere) == ()
    approval = both.gate.kit.trust.verifier.read_approval(stored.bundle, both.ref(1))
    assert getattr(approval, "account", None) is not None
    assert "gitlab" in str(approval)
