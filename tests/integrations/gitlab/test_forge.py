"""What the gate asks of GitLab besides the change itself."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.core.actions import SetCheck
from bot.core.ids import ChangeRef, RepoRef
from bot.ports.errors import Refused, Unavailable
from integrations.gitlab.carriers import Showing
from integrations.gitlab.client import Client, Credentials, Endpoint
from integrations.gitlab.forge import GitLabForge
from integrations.sandbox.gitlab.people import Access
from tests.integrations.gitlab.conftest import HOST, REPO, SHOP, Scene


def test_open_merge_requests_are_listed_whole_and_the_second_time_on_condition(scene: Scene) -> None:
    for n in range(3):
        scene.gitlab.push(SHOP, f"b{n}", {f"{n}.py": "x\n"}, by="ann", onto="main")
        scene.change(f"b{n}")
    scene.gitlab.close_change(SHOP, 2, by="ann")
    first = scene.forge.fetch_open(REPO)
    assert sorted(one.ref.number for one in first) == [1, 3]
    assert {one.head_sha for one in first} == {scene.gitlab.head(SHOP, "b0"), scene.gitlab.head(SHOP, "b2")}
    assert {one.base_ref for one in first} == {"main"}
    assert scene.forge.fetch_open(REPO) == first
    assert scene.asked() == ["POST /graphql Open", "POST /graphql Open"]


def test_more_open_merge_requests_than_a_page_are_all_listed(scene: Scene) -> None:
    scene.push({"a.py": "a\n"})
    project = scene.gitlab.world.project(SHOP)
    for n in range(101):
        project.git.set_ref(f"refs/heads/b{n}", scene.gitlab.head(SHOP, "feature"))
        scene.change(f"b{n}")
    assert len(scene.forge.fetch_open(REPO)) == 101


def test_twins_share_the_head_and_not_just_a_commit(scene: Scene) -> None:
    head = scene.push({"a.py": "a\n"})
    first = scene.change()
    scene.gitlab.push(SHOP, "stable", {"x": "x"}, by="ann", onto="main")
    second = scene.change(base="stable")
    scene.gitlab.push(SHOP, "longer", {"b.py": "b\n"}, by="ann", onto="feature")
    scene.change("longer")
    change = scene.forge.fetch_change(first, None).change
    assert change.head_sha == head
    assert scene.forge.fetch_twins(change) == (second,)
    scene.gitlab.close_change(SHOP, second.number, by="ann")
    assert scene.forge.fetch_twins(change) == ()


def test_a_forks_own_merge_request_is_a_twin_of_what_goes_from_there_to_another_project(scene: Scene) -> None:
    fork = scene.gitlab.fork(SHOP, by="bo").path
    scene.gitlab.grant(fork, scene.gitlab.bot.username, Access.DEVELOPER)
    scene.gitlab.push(fork, "feature", {"a.py": "a\n"}, by="bo")
    outward = scene.change("bo:feature", by="bo")
    inward = scene.gitlab.open_change(fork, "feature", by="bo", title="Within the fork")
    change = scene.forge.fetch_change(outward, None).change
    assert scene.forge.fetch_twins(change) == (ChangeRef(RepoRef("gitlab", HOST, fork), inward.iid),)
    below_acme = GitLabForge(scene.client, HOST, group="acme")
    assert below_acme.fetch_twins(change) == (), "the gate has no word in that fork"


def test_the_gates_projects_are_those_it_is_a_developer_of(scene: Scene) -> None:
    scene.gitlab.project("acme/api", files={"a": "a"})
    scene.gitlab.project("hidden/secret", files={"a": "a"})
    scene.gitlab.grant("hidden/secret", scene.gitlab.bot.username, Access.GUEST)
    scene.gitlab.project("acme/old", files={"a": "a"}).archived = True
    assert scene.forge.repositories() == (REPO, RepoRef("gitlab", HOST, "acme/api"))


def test_projects_are_followed_by_keyset_beyond_a_page(scene: Scene) -> None:
    for n in range(105):
        scene.gitlab.project(f"acme/p{n}", files={})
    assert len(scene.forge.repositories()) == 106
    assert scene.asked() == ["GET /projects", "GET /projects"]


def test_the_bots_own_account_is_asked_for_once(scene: Scene) -> None:
    assert scene.forge.known_id == 0
    assert [scene.forge.own_id() for _ in range(3)] == [scene.gitlab.bot.id] * 3
    assert scene.asked() == ["GET /user"]
    assert scene.forge.known_id == scene.gitlab.bot.id


def test_a_check_is_shown_in_the_pipeline_that_the_look_saw(scene: Scene) -> None:
    scene.push({"a.py": "a\n"})
    ref = scene.change()
    pipeline = scene.gitlab.run_pipeline(SHOP, 1, jobs={"tests": "success"})
    change = scene.forge.fetch_change(ref, None).change
    shown = scene.forge.deliver(SetCheck(REPO, change.head_sha, "allowed", "Approved", "", "", "", ref), None, "key")
    [status] = [job for job in pipeline.jobs if job.name == "llmgate"]
    assert shown == f"status:{status.id}"
    check = scene.forge.fetch_change(ref, None).check
    assert (check.id, check.state) == (shown, "allowed")


@pytest.mark.parametrize("state", ["waiting", "blocked", "allowed", "neutral"])
def test_each_state_that_is_shown_is_read_back_as_it_is(scene: Scene, state: str) -> None:
    scene.push({"a.py": "a\n"})
    ref = scene.change()
    head = scene.gitlab.head(SHOP, "feature")
    shown = scene.forge.deliver(SetCheck(REPO, head, state, "A title", "", "", "", ref), None, "key")  # type: ignore[arg-type]
    check = scene.forge.fetch_change(ref, None).check
    assert (check.id, check.state) == (shown, state)


def test_nothing_is_sent_again_by_gitlab(scene: Scene) -> None:
    assert scene.forge.redeliver(datetime.fromisoformat("2026-03-03T08:00:00+00:00")) == 0
    assert scene.asked() == []


def test_the_doctor_is_told_of_the_account_and_the_project(scene: Scene) -> None:
    rules = {finding.rule for finding in scene.forge.diagnose(REPO)}
    assert {"gitlab.token", "gitlab.scopes"} & rules
    assert len(rules) > 4


def test_a_token_that_gitlab_does_not_know_is_refused_by_name(scene: Scene) -> None:
    stranger = Client(Credentials("glpat-unknown-unknown"), Endpoint(scene.gitlab.url))
    forge = GitLabForge(stranger, HOST)
    for ask in (lambda: forge.fetch_open(REPO), lambda: forge.fetch_change(ChangeRef(REPO, 1), None), forge.repositories):
        with pytest.raises(Refused, match="wanted a token that is valid"):
            ask()
    stranger.close()


def test_a_gitlab_that_is_away_is_unavailable_everywhere(scene: Scene) -> None:
    away = Client(Credentials("glpat-unknown-unknown"), Endpoint("http://127.0.0.1:9"))
    forge = GitLabForge(away, HOST)
    for ask in (lambda: forge.fetch_open(REPO), lambda: forge.fetch_change(ChangeRef(REPO, 1), None), forge.own_id):
        with pytest.raises(Unavailable, match="no connection to GitLab"):
            ask()
    away.close()
    assert scene.forge.known_id == 0


def test_what_no_look_can_read_back_is_told_as_not_looked_at(scene: Scene) -> None:
    ref = scene.pushed({"a.py": "a\n"})
    alone = GitLabForge(scene.client, HOST, Showing(carriers=("approval",)))
    assert not alone.fetch_change(ref, None).check.looked
    assert scene.forge.fetch_change(ref, None).check.looked
