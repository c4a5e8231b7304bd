"""What `llmgate doctor` learns of GitHub: sign-in, permissions, webhook, failed deliveries, and whether the check binds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.core.verdict import Finding
from integrations.github.client import AppCredentials, Endpoint, Sessions
from integrations.github.forge import GitHubForge
from integrations.github.permissions import EVENTS, PERMISSIONS
from integrations.sandbox.github.fake import EVENTS as GIVEN_EVENTS
from integrations.sandbox.github.fake import PERMISSIONS as GIVEN_PERMISSIONS
from tests.integrations.github.conftest import HOST, REPO, SHOP, Scene

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def rows(scene: Scene) -> dict[str, Finding]:
    found = {row.rule: row for row in scene.forge.diagnose(REPO)}
    scene.github.unmodelled.clear()
    return found


def test_the_stand_in_grants_what_the_table_asks_for_and_nothing_it_does_not() -> None:
    assert {permission.name: permission.level for permission in PERMISSIONS} == dict(GIVEN_PERMISSIONS)
    assert {event.name for event in EVENTS} <= set(GIVEN_EVENTS)


def test_a_sound_installation_passes_every_row(scene: Scene) -> None:
    scene.github.app.hook_url = "https://llmgate.test/webhooks/github"
    scene.github.protect(SHOP, "main", required_checks=[("llmgate", scene.github.app.id)], enforce_admins=True)
    found = rows(scene)
    assert {rule: row.outcome for rule, row in found.items()} == dict.fromkeys(found, "pass")
    assert set(found) == {
        "github.app",
        "github.events",
        "github.hook",
        "github.deliveries",
        "github.permissions",
        "github.required",
        "github.pinned",
        "github.bypass",
    }


def test_a_check_that_is_not_required_is_said_to_be_decoration(scene: Scene) -> None:
    found = rows(scene)
    assert found["github.required"].outcome == "block"
    assert "required status checks of main" in found["github.required"].cure
    assert found["github.bypass"].outcome == "skip"


def test_a_check_that_anybody_may_post_is_not_pinned(scene: Scene) -> None:
    scene.github.protect(SHOP, "main", required_checks=[("llmgate", None)])
    found = rows(scene)
    assert (found["github.required"].outcome, found["github.pinned"].outcome) == ("pass", "block")
    assert "administrators" in found["github.bypass"].saw


def test_a_ruleset_counts_as_well(scene: Scene) -> None:
    scene.github.protect(SHOP, "main", required_checks=[("llmgate", scene.github.app.id)], ruleset=True)
    found = rows(scene)
    assert (found["github.required"].outcome, found["github.pinned"].outcome) == ("pass", "pass")


def test_missing_permissions_and_events_are_named_with_their_reasons(scene: Scene) -> None:
    scene.github.app.permissions = {**GIVEN_PERMISSIONS, "checks": "read"}
    del scene.github.app.permissions["members"]
    scene.github.app.events.discard("merge_group")
    found = rows(scene)
    assert found["github.permissions"].outcome == "block"
    assert found["github.permissions"].saw == "lacks checks, members"
    checks = next(row for row in found["github.permissions"].children if row.title == "checks")
    assert (checks.saw, checks.outcome) == ("read", "block")
    assert "write" in checks.wanted
    assert "merge queue asks" in found["github.events"].saw


def test_a_webhook_without_an_address_is_named(scene: Scene) -> None:
    assert rows(scene)["github.hook"].outcome == "block"


def test_a_wrong_key_is_one_row_with_what_to_do(scene: Scene) -> None:
    sessions = Sessions(AppCredentials(77, scene.github.app.private_key), Endpoint(scene.github.api_url))
    found = GitHubForge(sessions, HOST).diagnose(REPO)
    sessions.close()
    assert [(row.rule, row.outcome) for row in found] == [("github.app", "block"), ("github.repository", "block")]
    assert "github.private_key_file" in found[0].cure


def test_failed_deliveries_are_counted_and_asked_for_again_once_taken_they_are_not(scene: Scene) -> None:
    dead = "http://127.0.0.1:9/nobody"
    scene.github.app.hook_url = dead
    scene.github.push(SHOP, "feature", {"a.py": "a\n"}, by="ann")
    scene.change()
    scene.github.flush()
    failed = len(scene.github.deliveries)
    assert failed >= 2
    assert scene.forge.redeliver(LONG_AGO) == failed
    scene.github.flush()
    assert len(scene.github.deliveries) == 2 * failed
    for delivery in scene.github.deliveries[failed:]:
        delivery.status = 202
    assert scene.forge.redeliver(LONG_AGO) == 0, "a later attempt got through"
    newest = scene.github.deliveries[-1].at
    scene.github.deliveries[-1].status = scene.github.deliveries[failed - 1].status = 503
    assert scene.forge.redeliver(newest + timedelta(seconds=1)) == 0, "older than the last sweep"
    assert scene.forge.redeliver(newest) == 1
