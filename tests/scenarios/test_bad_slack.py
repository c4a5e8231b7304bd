"""Clicks and forms that are old, altered or of the wrong person: refused in words, and nothing is recorded."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.cli.hands import CHANGES, Hands, options
from bot.cli.layout import CHANNEL, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import login_change
from bot.core.ids import ForgeName
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.slack import view_methods
from integrations.sandbox.slack.workspace import TEAM, View
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.wire import Wire

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def wire(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Wire]:
    """A gate that Slack calls over HTTP, with one change that waits for people."""
    world = build_playground(Layout(tmp_path / "world", sqlite_url, "http", forge=forge), clock)
    try:
        world.open_generated()
        world.settle()
        yield Wire(world)
    finally:
        world.close()


def decisions(world: Playground, number: int = 1) -> int:
    with world.gate.kit.store.begin() as unit:
        return len(unit.approvals(world.ref(number)))


def pull(world: Playground) -> ChangeSeen:
    return world.seen(1)


# clicks


def click(wire: Wire, token: str, user: str = "U0BOB", team: str = TEAM) -> dict[str, object]:
    card = wire.world.card(1)
    return {
        "type": "block_actions",
        "user": {"id": user, "team_id": team},
        "team": {"id": TEAM},
        "api_app_id": "A0LLMGATE",
        "trigger_id": wire.world.slack.triggers.issue("U0BOB"),
        "container": {"type": "message", "message_ts": card.ts, "channel_id": CHANNEL},
        "channel": {"id": CHANNEL},
        "actions": [{"type": "button", "action_id": "review", "block_id": "x", "value": token, "action_ts": "1.1"}],
    }


def told(wire: Wire, user: str = "U0BOB") -> str:
    """The private word that follows; waits for it."""
    slack = wire.world.slack
    assert slack.until(lambda: bool(slack.ephemerals(user)))
    return slack.ephemerals(user)[-1].text


def test_a_click_with_a_made_up_token_leads_nowhere(wire: Wire) -> None:
    slack = wire.world.slack
    for count, token in enumerate(("made-up", "x" * 4_000, "' or 1=1 --", "\u202e\x00"), 1):
        assert wire.interaction(click(wire, token)).status_code == 200
        assert slack.until(lambda count=count: len(slack.ephemerals("U0BOB")) == count)  # type: ignore[misc]  # bound now
        assert "leads nowhere any more" in told(wire)
    assert slack.open_views("U0BOB") == []


def test_a_click_on_a_card_from_before_the_push_is_refused(wire: Wire) -> None:
    world = wire.world
    old = world.card(1)
    world.slack.workspace.messages.append(kept := type(old)(CHANNEL, "1.000001", old.user, old.text, list(old.blocks)))
    world.push_generated(specimen=login_change(world.clock.now(), "second"))
    world.settle()
    shown = Hands(world, "bob").press(kept)
    assert shown.dialogue is None
    assert "which is over" in shown.word
    assert "newest card" in world.slack.ephemerals("U0BOB")[-1].text + json.dumps(world.slack.ephemerals("U0BOB")[-1].blocks)


def test_a_dialogue_opened_before_the_push_is_refused_when_it_is_sent(wire: Wire) -> None:
    world = wire.world
    bob = Hands(world, "bob")
    bob.press(world.card(1))
    world.push_generated(specimen=login_change(world.clock.now(), "second"))
    world.settle()
    bob.submit()
    assert "over" in told(wire)
    world.settle()
    assert decisions(world) == 0


def test_a_click_on_a_message_deleted_meanwhile_still_opens_the_dialogue(wire: Wire) -> None:
    world = wire.world
    card = world.card(1)
    (value,) = {e["value"] for b in card.blocks for e in b.get("elements", ()) if e.get("action_id", "").startswith("review")}
    payload = click(wire, value)
    world.slack.remove_message(CHANNEL, card.ts)
    assert wire.interaction(payload).status_code == 200
    assert world.slack.until(lambda: bool(world.slack.open_views("U0BOB")))


# submissions


def sent(wire: Wire, view: View, ticked: Sequence[str], user: str = "U0BOB", token: str = "") -> dict[str, object]:
    """A submission as a client would send it that checks nothing."""
    described = view_methods.described(view)
    box = next(block for block in view.blocks if options(block))
    chosen = {"checklist": {"type": "checkboxes", "selected_options": [{"value": value} for value in ticked]}}
    described["state"] = {"values": {box["block_id"]: chosen}}
    if token:
        described["private_metadata"] = json.dumps({"token": token, "channel": CHANNEL, "thread": ""})
    return {
        "type": "view_submission",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "api_app_id": "A0LLMGATE",
        "trigger_id": wire.world.slack.triggers.issue(user),
        "view": described,
    }


def opened(wire: Wire) -> tuple[View, list[str]]:
    """Bob's dialogue and its checklist's values."""
    view = Hands(wire.world, "bob").press(wire.world.card(1)).dialogue
    assert view is not None
    return view, [value for block in view.blocks for value in options(block)]


def test_a_submission_forged_past_the_client_is_refused_on_the_server(wire: Wire) -> None:
    view, every = opened(wire)
    cases: tuple[list[str], ...] = ([], every[:-1], [*every, "made-up"], [*every[:-1], "made-up"], [*every[:-1], every[0]])
    for ticked in cases:
        answer = wire.interaction(sent(wire, view, ticked))
        assert answer.status_code == 200
        assert answer.json()["response_action"] in ("errors", "update"), ticked
    wire.world.settle()
    assert decisions(wire.world) == 0
    assert wire.world.verdict_on(pull(wire.world).head_sha) == "waiting"


def test_a_form_with_another_token_is_refused(wire: Wire) -> None:
    view, every = opened(wire)
    for token in ("review:made-up", "made-up", "approve:x", "review:", "x"):
        assert wire.interaction(sent(wire, view, every, token=token)).status_code == 200
    wire.world.settle()
    assert decisions(wire.world) == 0
    assert len(wire.world.slack.ephemerals("U0BOB")) == 5


def test_somebody_elses_form_is_judged_by_who_sends_it(wire: Wire) -> None:
    view, every = opened(wire)
    for user in ("U0ANN", "U0EVE", "U0DEE"):
        wire.interaction(sent(wire, view, every, user=user))
    wire.world.settle()
    with wire.world.gate.kit.store.begin() as unit:
        (stored,) = unit.approvals(wire.world.ref(1))
    assert b"U0DEE" in base64.b64decode(json.loads(stored.bundle)["dsseEnvelope"]["payload"])


def test_the_same_signed_submission_twice_counts_once(wire: Wire) -> None:
    view, every = opened(wire)
    payload = sent(wire, view, every)
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = wire.chat_headers(body)
    answers = [wire.post(wire.chat_url, body, headers).status_code for _ in range(3)]
    later = wire.interaction(payload)
    wire.world.settle()
    assert [*answers, later.status_code] == [200] * 4
    assert decisions(wire.world) == 1
    assert len(wire.world.slack.thread(CHANNEL, wire.world.card(1).ts)) == 3


def test_words_and_emoji_approve_nothing(wire: Wire) -> None:
    world = wire.world
    bob = Hands(world, "bob")
    world.slack.say(bob.user, CHANNEL, "LGTM :white_check_mark: approved", world.card(1).ts)
    reaction = {"type": "reaction_added", "user": bob.user, "reaction": "white_check_mark", "item": {"ts": world.card(1).ts}}
    world.slack.voice.event(reaction)
    assert "Words approve nothing" in bob.mention(1, "@llmgate approve")
    world.settle()
    assert decisions(world) == 0


@pytest.mark.parametrize("kind", ["guest", "deactivated", "bot", "stranger"])
def test_an_account_that_may_not_decide_is_refused(wire: Wire, kind: str) -> None:
    world = wire.world
    setattr(world.slack.workspace.members["U0BOB"], kind, True)
    Hands(world, "bob").approve(1)
    assert "it may not decide" in told(wire)
    assert decisions(world) == 0


def test_an_unlinked_person_is_told_whom_to_ask(wire: Wire) -> None:
    shown = Hands(wire.world, "eve").press(wire.world.card(1))
    assert shown.dialogue is None
    assert "tied to no forge account" in shown.word


def test_the_same_id_in_another_workspace_is_another_person(wire: Wire) -> None:
    view, every = opened(wire)
    payload = sent(wire, view, every)
    payload["user"] = {"id": "U0BOB", "team_id": "T0OTHER"}
    wire.interaction(payload)
    wire.world.settle()
    assert decisions(wire.world) == 0


def test_a_reason_cannot_notify_or_hide_anything(wire: Wire) -> None:
    world = wire.world
    bob = Hands(world, "bob")
    bob.press(world.card(1), CHANGES)
    before = world.slack.thread(CHANNEL, world.card(1).ts)
    bob.submit(reason="<!channel> <@U0SUE> @everyone \u202egnp.exe\u202c <script>alert(1)</script> `code` [x](http://evil)")
    world.settle()
    said = [message for message in world.slack.thread(CHANNEL, world.card(1).ts) if message not in before]
    assert [message.text for message in said] == ["Bob requested changes"]
    assert {name for message in said for name in message.notified} == set()
    (review,) = pull(world).reviews
    assert not [word for word in ("@everyone", "\u202e", "<script>", "](http://evil") if word in review]
    assert "\u202e" not in json.dumps([message.blocks for message in world.slack.workspace.messages], ensure_ascii=False)
