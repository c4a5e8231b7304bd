"""What only GitLab does to a gate: limits by the minute, statuses it will not move, tokens that end, a bot that is let out."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from bot.cli.hands import Hands
from bot.cli.playground import Playground
from integrations.sandbox.gitlab.people import Access
from tests.scenarios.forges import checks_posted, voice_of
from tests.scenarios.test_forge_failures import assert_whole, catch_up
from tests.scenarios.traces import overheard, secrets_of


@pytest.mark.parametrize("what", ["check", "look", "files"])
def test_a_limit_is_waited_out_as_long_as_gitlab_says(on_gitlab: Playground, what: str) -> None:
    on_gitlab.settle()
    on_gitlab.forge.fail_next(what, 429, headers={"Retry-After": "90"})
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    on_gitlab.clock.advance(timedelta(seconds=80))
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "absent"
    on_gitlab.clock.advance(timedelta(seconds=11))
    on_gitlab.settle()
    catch_up(on_gitlab, 1)
    assert_whole(on_gitlab, change)


def test_a_status_that_another_writer_holds_locked_is_posted_again(on_gitlab: Playground) -> None:
    on_gitlab.settle()
    on_gitlab.forge.fail_next("check", 409, times=2)
    change = on_gitlab.open_generated()
    catch_up(on_gitlab)
    assert_whole(on_gitlab, change)


def test_only_the_refusal_to_wait_twice_counts_as_shown(on_gitlab: Playground) -> None:
    """GitLab answers 400 to many things; the gate may take one of them for an answer."""
    on_gitlab.settle()
    on_gitlab.forge.fail_next("check", 400, body={"error": "name is missing"})
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    assert on_gitlab.verdict_on(change.head_sha) == "absent"
    catch_up(on_gitlab)
    assert_whole(on_gitlab, change)


def test_a_final_status_that_cannot_be_moved_is_not_taken_for_shown(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    on_gitlab.settle()
    Hands(on_gitlab, "bob").approve(change.number)
    said = {"message": "Cannot transition status via :success from :pending (Reason(s): Status cannot transition)"}
    on_gitlab.forge.fail_next("check", 400, body=said)
    Hands(on_gitlab, "sue").approve(change.number)
    assert on_gitlab.verdict_on(change.head_sha) == "waiting"
    catch_up(on_gitlab)
    assert on_gitlab.verdict_on(change.head_sha) == "allowed"


def test_a_revoked_token_keeps_the_work_and_says_what_is_wrong(on_gitlab: Playground) -> None:
    on_gitlab.settle()
    on_gitlab.gitlab.verbs.tokens.revoke(on_gitlab.gitlab.bot_token)
    on_gitlab.open_generated()
    with overheard() as ears:
        catch_up(on_gitlab, 14)
    backlog = on_gitlab.gate.kit.store.backlog()
    assert (backlog.jobs > 0, backlog.dead_jobs) == (True, 0)
    assert "check that it is not expired or revoked" in ears.all
    assert not [secret for secret in secrets_of(on_gitlab) if secret in ears.all]


def test_a_blocked_account_loses_nothing_and_works_on_once_it_is_let_in_again(on_gitlab: Playground) -> None:
    on_gitlab.settle()
    on_gitlab.gitlab.bot.state = "blocked"
    change = on_gitlab.open_generated()
    catch_up(on_gitlab, 6)
    assert on_gitlab.verdict_on(change.head_sha) == "absent"
    on_gitlab.gitlab.bot.state = "active"
    catch_up(on_gitlab, 4)
    assert_whole(on_gitlab, change)


def test_a_bot_let_out_of_the_project_keeps_the_work_and_shows_it(on_gitlab: Playground) -> None:
    on_gitlab.settle()
    bot = on_gitlab.gitlab.bot.username
    voice_of(on_gitlab).held = True
    change = on_gitlab.open_generated()
    on_gitlab.gitlab.grant(on_gitlab.repo, bot, Access.NONE)
    voice_of(on_gitlab).send_held()
    with overheard() as ears:
        catch_up(on_gitlab, 14)
    backlog = on_gitlab.gate.kit.store.backlog()
    assert (backlog.jobs > 0, backlog.dead_jobs) == (True, 0)
    assert str(on_gitlab.ref(change.number)) in ears.all
    metrics = httpx.get(f"{on_gitlab.served.url}/metrics", trust_env=False).text
    assert f"llmgate_jobs_pending {backlog.jobs}" in metrics
    on_gitlab.gitlab.group("acme", members={bot: Access.DEVELOPER})
    on_gitlab.gitlab.grant(on_gitlab.repo, bot, Access.DEVELOPER)
    voice_of(on_gitlab).held = False
    catch_up(on_gitlab, 2)
    assert_whole(on_gitlab, change)


def test_a_hook_that_gitlab_switched_off_is_made_good_by_the_sweep(on_gitlab: Playground) -> None:
    """After four failures in a row GitLab sends nothing for a while, and never again what it did not send."""
    on_gitlab.settle()
    on_gitlab.forge.disconnect()
    for number in range(5):
        on_gitlab.forge.push(on_gitlab.repo, "people/typo", {"README.md": f"{number}\n"}, by="ann", message="Try")
        on_gitlab.forge.flush()
    told = len(on_gitlab.forge.deliveries)
    change = on_gitlab.open_generated()
    on_gitlab.forge.flush()
    assert len(on_gitlab.forge.deliveries) == told
    on_gitlab.forge.connect(on_gitlab.served.url)
    on_gitlab.gate.request_sweep()
    on_gitlab.settle()
    assert_whole(on_gitlab, change)


def test_a_pipeline_deleted_meanwhile_does_not_keep_the_status_from_being_shown(on_gitlab: Playground) -> None:
    change = on_gitlab.open_generated()
    pipeline = on_gitlab.gitlab.run_pipeline(on_gitlab.repo, change.number)
    on_gitlab.settle()
    Hands(on_gitlab, "bob").approve(change.number)
    on_gitlab.gitlab.world.project(on_gitlab.repo).pipelines.remove(pipeline)
    Hands(on_gitlab, "sue").approve(change.number)
    catch_up(on_gitlab)
    assert checks_posted(on_gitlab, change.head_sha)[-1] == "allowed"
