"""What only GitHub does to a gate: two kinds of limit, tokens that end, an app that is taken away and given back."""

from __future__ import annotations

from datetime import timedelta

import httpx

from bot.cli.playground import Playground
from bot.cli.specimen import small_change
from tests.scenarios.test_forge_failures import BACK_OFF, assert_whole, catch_up
from tests.scenarios.traces import overheard


def test_a_secondary_limit_is_waited_out_as_long_as_github_says(on_github: Playground) -> None:
    on_github.settle()
    on_github.github.limit_next("POST */check-runs", retry_after_s=90)
    pull = on_github.open_generated()
    on_github.settle()
    on_github.clock.advance(timedelta(seconds=80))
    on_github.settle()
    assert on_github.verdict_on(pull.head_sha) == "absent"
    on_github.clock.advance(timedelta(seconds=11))
    on_github.settle()
    assert_whole(on_github, pull)


def test_a_spent_budget_is_waited_out_until_its_reset(on_github: Playground) -> None:
    on_github.settle()
    on_github.github.exhaust_next("graphql", reset_in_s=1_200)
    pull = on_github.open_generated()
    on_github.settle()
    on_github.clock.advance(timedelta(seconds=1_100))
    on_github.settle()
    assert on_github.verdict_on(pull.head_sha) == "absent"
    on_github.clock.advance(timedelta(seconds=200))
    on_github.settle()
    assert_whole(on_github, pull)


def test_a_revoked_token_is_taken_anew(on_github: Playground) -> None:
    on_github.settle()
    on_github.github.verbs.tokens.revoke_all()
    pull = on_github.open_generated()
    on_github.settle()
    assert_whole(on_github, pull)


def test_an_app_removed_for_good_keeps_the_work_and_shows_it(on_github: Playground) -> None:
    on_github.settle()
    on_github.github.voice.held = True
    pull = on_github.open_generated()
    on_github.github.world.repo(on_github.repo).installed = False
    on_github.github.voice.send_held()
    with overheard() as ears:
        catch_up(on_github, 14)
    backlog = on_github.gate.kit.store.backlog()
    assert (backlog.jobs, backlog.dead_jobs) == (1, 0)
    assert f"{on_github.ref(pull.number)}" in ears.all
    metrics = httpx.get(f"{on_github.served.url}/metrics", trust_env=False).text
    assert "llmgate_jobs_pending 1" in metrics
    on_github.github.world.repo(on_github.repo).installed = True
    catch_up(on_github, 1)
    assert_whole(on_github, pull)


def test_a_repository_without_the_app_waits_and_is_judged_once_it_is_installed(on_github: Playground) -> None:
    other = "acme/other"
    files = {".llmgate/policy.yaml": "version: 1\n", on_github.site.owners_path: "* @bob\n"}
    repo = on_github.github.repository(other, files=files)
    on_github.settle()
    on_github.github.voice.held = True
    made = small_change(on_github.clock.now(), 1)
    on_github.github.push(other, "agent/part", dict(made.files), by="ann", message=made.message)
    pull = on_github.github.open_change(other, "agent/part", by="ann", title="A part")
    repo.installed = False
    on_github.github.voice.send_held()
    mine = on_github.open_generated()
    on_github.settle()
    on_github.github.voice.send_held()
    on_github.settle()
    backlog = on_github.gate.kit.store.backlog()
    assert (backlog.jobs > 0, backlog.dead_jobs) == (True, 0)
    assert on_github.verdict_on(mine.head_sha) == "waiting"
    repo.installed = True
    for _ in range(4):
        on_github.clock.advance(BACK_OFF)
        on_github.settle()
    assert [run.name for run in on_github.github.checks(other, pull.head_sha)] == ["llmgate"]
    assert on_github.gate.kit.store.backlog().jobs == 0
