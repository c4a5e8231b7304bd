"""Break-glass: who may, what everybody sees, when it ends, and who looks at it afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.override import Override
from bot.handlers.gather import overrides_of
from integrations.sandbox.slack.people import Seen

REASON = "Checkout is down for everybody; this switches it back on."


@pytest.fixture
def glass(one_world: Playground) -> Playground:
    """A change that waits, where security may override for an hour."""
    one_world.push_policy(POLICY + "override:\n  roles: [security]\n  minutes: 60\n")
    one_world.settle()
    one_world.open_generated()
    one_world.settle()
    return one_world


def override(world: Playground, name: str, reason: str = REASON) -> Seen:
    """Say the command, press the private button, write why, send."""
    hands = Hands(world, name)
    said = hands.say("/llmgate override 1")
    if "It is no approval" not in said:
        return Seen(False, text=said)
    hands.press(world.slack.ephemerals(hands.user)[-1], "Override …")
    seen = hands.submit(reason=reason)
    world.settle()
    return seen


def on_record(world: Playground) -> tuple[Override, ...]:
    return overrides_of(world.gate.kit, world.ref(1))


def thread(world: Playground) -> list[str]:
    return [whole(message) for message in world.slack.thread(CHANNEL, world.card(1).ts)]


def test_an_override_lets_the_change_through_in_its_own_words_and_colour(glass: Playground) -> None:
    override(glass, "sue")
    (one,) = on_record(glass)
    assert (one.person, one.told, one.reason, one.tier) == ("sue", "sam", REASON, "high")
    assert glass.verdict_on(glass.head()) == "allowed"
    assert glass.blockers(1) is None
    check = glass.check_on(glass.head())
    assert "OVERRIDDEN by Sue until" in check.title
    assert "no approval" in check.title
    assert set(glass.seen(1).labels) == {"llm-generated", "LLM Review: overridden"}
    card = glass.card(1)
    assert card.text.startswith("High risk: OVERRIDDEN by Sue")
    assert "🟪" in whole(card)
    assert "approved by" not in whole(card)
    assert any("OVERRIDE by Sue" in line and REASON in line for line in thread(glass))


def test_another_person_is_told_at_once_and_asked_to_look_at_it(glass: Playground) -> None:
    override(glass, "sue")
    sam = Hands(glass, "sam")
    told = [message.text for message in glass.slack.messages(glass.slack.workspace.direct(sam.user).id)]
    assert any("Sue overrode the verdict" in line and "a second person has to know" in line for line in told)
    assert any("has yet to be looked at" in line or "please look at what Sue let through" in line for line in thread(glass))


def test_an_override_ends_by_itself(glass: Playground) -> None:
    override(glass, "sue")
    glass.clock.advance(timedelta(minutes=59))
    glass.settle()
    assert glass.verdict_on(glass.head()) == "allowed"
    glass.clock.advance(timedelta(minutes=1))
    glass.settle()
    assert glass.verdict_on(glass.head()) == "waiting"
    assert glass.blockers(1) is not None
    assert glass.seen(1).labels == ("llm-generated",)
    assert "that no longer holds: it ended at" in Hands(glass, "bob").say("/llmgate why 1")


def test_a_push_ends_an_override(glass: Playground) -> None:
    override(glass, "sue")
    glass.push_generated(specimen=login_change(glass.clock.now(), "a second thought"))
    glass.settle()
    assert glass.verdict_on(glass.head()) == "waiting"
    assert "that no longer holds: it was for commit" in Hands(glass, "bob").say("/llmgate why 1")


def test_an_override_is_never_counted_as_an_approval(glass: Playground) -> None:
    override(glass, "sue")
    with glass.gate.kit.store.look() as unit:
        assert unit.approvals(glass.ref(1)) == ()
    Hands(glass, "bob").approve(1)
    glass.clock.advance(timedelta(minutes=61))
    glass.settle()
    assert glass.verdict_on(glass.head()) == "waiting"
    assert glass.card(1).text == f"High risk: waiting for security — {glass.ref(1)}"


def test_where_the_policy_names_nobody_nobody_may(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.settle()
    assert "lets nobody override" in override(one_world, "sue").text
    assert one_world.verdict_on(one_world.head()) == "waiting"


def test_who_is_not_of_the_roles_may_not(glass: Playground) -> None:
    assert "the policy names security for that" in override(glass, "bob").text


def test_whoever_made_the_change_may_not(glass: Playground) -> None:
    glass.push_generated(specimen=login_change(glass.clock.now(), "by sue"), by="sue")
    glass.settle()
    assert "You may not override" in override(glass, "sue").text
    assert glass.verdict_on(glass.head()) == "waiting"


def test_a_reason_is_asked_for_on_the_server(glass: Playground) -> None:
    assert "at least 20 characters" in override(glass, "sue", "urgent").errors["reason"]
    assert on_record(glass) == ()


def test_an_override_without_a_witness_is_none(one_world: Playground) -> None:
    """Sue alone may, and nobody else could ever look at it."""
    one_world.push_policy("version: 1\nroles:\n  security:\n    people: [sue]\noverride:\n  roles: [security]\n")
    one_world.forge.push(one_world.repo, "main", {one_world.site.owners_path: "* @ann\n"}, by="sam", message="Owners")
    one_world.settle()
    one_world.open_generated()
    one_world.settle()
    override(one_world, "sue")
    assert on_record(one_world) == ()
    assert "an override without a witness is none" in Hands(one_world, "sue").told()


def test_somebody_else_says_afterwards_what_they_found_also_once_it_is_merged(glass: Playground) -> None:
    override(glass, "sue")
    glass.forge.merge(glass.repo, 1, by="sam")
    glass.settle()
    task = next(m for m in glass.slack.thread(CHANNEL, glass.card(1).ts) if "please look at what Sue" in whole(m))
    sue, sam = Hands(glass, "sue"), Hands(glass, "sam")
    assert "somebody else looks at it" in sue.press(task, "Say what you found").word
    sam.press(task, "Say what you found")
    sam.submit(reason="It was right; the flag stays until Monday.")
    glass.settle()
    (one,) = on_record(glass)
    assert (one.reviewed_by, one.review) == ("sam", "It was right; the flag stays until Monday.")
    assert any("Sam looked at Sue's override" in line and "the flag stays until Monday" in line for line in thread(glass))


def test_no_override_gets_around_a_policy_that_cannot_be_read(glass: Playground) -> None:
    override(glass, "sue")
    glass.push_policy("version: 1\nmode: whatever\n")
    glass.settle()
    assert glass.verdict_on(glass.head()) == "blocked"


def test_no_override_gets_around_a_commit_that_two_changes_share(glass: Playground) -> None:
    override(glass, "sue")
    assert glass.verdict_on(glass.head()) == "allowed"
    glass.forge.push(glass.repo, "release", {"x": "y"}, by="sam", message="Another branch", onto="main")
    glass.forge.open_change(glass.repo, "agent/login", by="ann", title="The same", body="", base="release")
    glass.settle()
    assert glass.verdict_on(glass.head()) == "blocked"
