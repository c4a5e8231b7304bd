"""GitHub told in the verbs that every forge has: what people do, see, and are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.sandbox.github.fake import FakeGitHub
from integrations.sandbox.github.model import Protection
from integrations.sandbox.github.stage import CHECK_NAME, GitHubStage
from integrations.sandbox.stage import ForgeRefused, ForgeStage
from tests.integrations.sandbox.github.conftest import SHOP
from tests.integrations.sandbox.github.hook import Hook


@pytest.fixture
def stage(github: FakeGitHub) -> ForgeStage:
    github.protect(SHOP, "main", required_checks=[(CHECK_NAME, github.app.id)])
    return GitHubStage(github)


def report(github: FakeGitHub, sha: str, conclusion: str | None = None) -> None:
    """The gate says its word."""
    values: dict[str, Any] = {"head_sha": sha, "name": CHECK_NAME, "output": {"title": "High risk", "summary": "Why"}}
    with github.world.lock:
        told = {**values, "conclusion": conclusion} if conclusion else {**values, "status": "in_progress"}
        github.verbs.checks.create(github.world.repo(SHOP), told, github.app.id)


def test_a_change_is_shown_in_words_of_every_forge(stage: ForgeStage, github: FakeGitHub, change: int) -> None:
    stage.comment(SHOP, change, "from bob", by="bob")
    github.comment(SHOP, change, "the gate's own", by=github.app.bot.login)
    stage.edit(SHOP, change, by="ann", title="Taxes")
    stage.set_draft(SHOP, change, True, by="ann")
    stage.label(SHOP, change, "later", by="bob")
    seen = stage.change(SHOP, change)
    assert (seen.title, seen.author, seen.state, seen.draft) == ("Taxes", "ann", "open", True)
    assert (seen.head_sha, seen.head_ref, seen.base_ref) == (stage.head(SHOP, "cart"), "cart", "main")
    assert (seen.labels, seen.comments, seen.reviews) == (("later",), ("the gate's own",), ())


def test_what_the_forge_refuses_is_refused_in_words(stage: ForgeStage, change: int) -> None:
    with pytest.raises(ForgeRefused, match=f'Required status check "{CHECK_NAME}" is expected'):
        stage.merge(SHOP, change, by="ann")
    with pytest.raises(ForgeRefused, match="Validation Failed"):
        stage.open_change(SHOP, "cart", by="bob")


@pytest.mark.parametrize(
    ("conclusion", "state"),
    [(None, "waiting"), ("success", "allowed"), ("failure", "blocked"), ("neutral", "neutral"), ("timed_out", "blocked")],
)
def test_the_gates_check_is_seen_as_every_forge_shows_it(
    stage: ForgeStage, github: FakeGitHub, change: int, conclusion: str | None, state: str
) -> None:
    sha = stage.head(SHOP, "cart")
    assert stage.check(SHOP, sha).state == "absent"
    report(github, sha, conclusion)
    check = stage.check(SHOP, sha)
    assert (check.state, check.title) == (state, "High risk")
    assert "Why" in check.text


def test_a_green_by_somebody_elses_hand_is_not_the_gates(stage: ForgeStage, github: FakeGitHub, change: int) -> None:
    stage.forge_green(SHOP, change, by="bob")
    assert stage.check(SHOP, stage.head(SHOP, "cart")).state == "absent"
    assert stage.blockers(SHOP, change) is not None


def test_a_queue_keeps_the_checks_that_were_required(stage: ForgeStage, github: FakeGitHub, change: int) -> None:
    stage.require_queue(SHOP, "main")
    assert github.world.repo(SHOP).protections["main"] == Protection(((CHECK_NAME, github.app.id),), queue=True)
    report(github, stage.head(SHOP, "cart"), "success")
    made = stage.queue(SHOP, [change], by="ann")
    assert stage.change(SHOP, change).state == "open"
    report(github, made, "success")
    github.verbs.merging.reported(github.world.repo(SHOP), made)
    assert stage.change(SHOP, change).state == "merged"


def test_webhooks_flow_while_it_is_connected(stage: ForgeStage, hook: Hook, change: int) -> None:
    stage.disconnect()
    stage.label(SHOP, change, "lost", by="ann")
    stage.flush()
    assert [letter.status for letter in stage.deliveries][-1] == 0
    before = len(stage.deliveries)
    stage.connect("http://127.0.0.1:9")
    assert len(stage.deliveries) == before, "an installed app is not greeted a second time"


def test_calls_of_a_kind_can_be_made_to_fail(stage: ForgeStage, raw: httpx.Client, change: int) -> None:
    body = {"name": CHECK_NAME, "head_sha": stage.head(SHOP, "cart"), "status": "in_progress"}
    stage.fail_next("check", 503)
    answers = [raw.post(f"/repos/{SHOP}/check-runs", json=body).status_code for _ in range(2)]
    assert answers == [503, 201]
    assert (stage.reads, stage.writes) == (0, 2)
    stage.clear_calls()
    assert list(stage.calls) == []


def test_what_the_gate_is_given_is_named_among_the_secrets(stage: ForgeStage) -> None:
    given = stage.settings()["github"]
    assert given["webhook_secret"] in stage.secrets
    assert [secret for secret in stage.secrets if secret in Path(given["private_key_file"]).read_text()] == ["PRIVATE KEY"]


def test_the_application_is_told_of_once_it_has_an_address_to_come_back_to(stage: ForgeStage, github: FakeGitHub) -> None:
    assert "client_id" not in stage.settings()["github"]
    stage.allow_redirect("https://gate.test/back")
    given = stage.settings()["github"]
    told = [given[name] for name in ("client_id", "client_secret", "web_url")]
    assert told == [github.client_id, github.client_secret, github.url]
    assert github.client_secret in stage.secrets


def test_accounts_are_suspended_renamed_and_deleted(stage: ForgeStage, github: FakeGitHub) -> None:
    stage.suspend("bob")
    assert github.world.account("bob").suspended_at is not None
    stage.reinstate("bob")
    assert github.world.account("bob").suspended_at is None
    stage.rename_user("bob", "robert")
    assert "bob" not in github.world.accounts
    stage.delete_user("robert")
    assert "robert" not in github.world.accounts


def test_people_sign_in_and_cancel_in_words_of_every_forge(stage: ForgeStage, github: FakeGitHub) -> None:
    stage.allow_redirect("https://gate.test/back")
    asked = f"client_id={github.client_id}&redirect_uri=https%3A%2F%2Fgate.test%2Fback&state=s"
    url = f"{github.url}/login/oauth/authorize?{asked}"
    assert stage.sign_in(url, "bob").startswith("https://gate.test/back?code=")
    assert stage.cancel_sign_in(url).startswith("https://gate.test/back?error=access_denied")
