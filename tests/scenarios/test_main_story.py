"""The main job: a generated change, a card, refusals, two people's signed approvals, a green check, a push that voids them."""

from __future__ import annotations

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from bot.cli.specimen import login_change
from bot.core.approval import Approval
from bot.core.forges import FORGES
from integrations.sigstore.keys import public_pem, read_public_key
from integrations.sigstore.offline import Expected, Outcome, verify_approval
from tests.scenarios.forges import differs


def test_a_generated_change_gets_a_card_and_a_check_that_says_what_is_missing(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    head = world.head()
    assert world.verdict_on(head) == "waiting"
    assert world.blockers(pull.number) == differs(
        world,
        github='Required status check "llmgate" is in progress.',  # GitHub names the check
        gitlab="Pipeline must succeed. It is still running. (ci_still_running)",  # GitLab the pipeline that holds the status
    )
    assert world.seen(pull.number).labels == ("llm-generated",)
    (comment,) = world.seen(pull.number).comments
    assert "this change waits for people" in comment
    card = world.card(pull.number)
    assert card.text == f"High risk: waiting for security and a code owner — {world.ref(1)}"
    asked = {name for message in world.slack.thread(CHANNEL, card.ts) for name in message.notified}
    assert asked == {world.members["bob"], world.members["sue"]}


def test_whoever_made_the_code_cannot_approve_it(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    seen = Hands(world, "ann").approve(pull.number)
    assert not seen.taken
    assert seen.text.startswith(f"You may not decide about {world.ref(1)}: Ann opened this change")
    assert world.verdict_on(world.head()) == "waiting"


def test_an_incomplete_checklist_is_refused_on_the_server(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    bob = Hands(world, "bob")
    bob.press(world.card(pull.number))
    seen = bob.submit(leave_out=1)
    assert list(seen.errors) == ["checklist:0"]
    assert seen.errors["checklist:0"].startswith("Confirm, or cancel and request changes: “Tests that are flaky")
    world.settle()
    with world.gate.kit.store.begin() as unit:
        assert unit.approvals(world.ref(pull.number)) == ()


def test_two_people_of_two_roles_turn_it_green_and_a_push_turns_it_red_again(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    head = world.head()
    Hands(world, "bob").approve(pull.number, reason="Reads well")
    assert world.verdict_on(head) == "waiting"
    assert world.card(pull.number).text == f"High risk: waiting for security — {world.ref(1)}"
    Hands(world, "sue").approve(pull.number)
    assert world.verdict_on(head) == "allowed"
    assert world.blockers(pull.number) is None
    assert set(world.seen(pull.number).labels) == {"llm-generated", "LLM Review: approved"}
    said = [message.text for message in world.slack.thread(CHANNEL, world.card(pull.number).ts)]
    assert "Bob approved as code owner; still wanted: security" in said
    assert f"Sue approved as security: {world.ref(1)} may merge" in said

    world.push_generated(specimen=login_change(world.clock.now(), "a second thought"))
    world.settle()
    assert world.verdict_on(world.head()) == "waiting"
    assert world.blockers(pull.number) is not None
    assert world.seen(pull.number).labels == ("llm-generated",)
    said = [message.text for message in world.slack.thread(CHANNEL, world.card(pull.number).ts)]
    assert f"A push voided the decisions of Bob and Sue, given for commit {head[:12]}" in said


def test_the_record_verifies_without_the_server(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    head = world.head()
    Hands(world, "bob").approve(pull.number, reason="Reads well")
    with world.gate.kit.store.begin() as unit:
        (stored,) = unit.approvals(world.ref(pull.number))
    pem = (world.layout.folder / "signing.pem.pub").read_bytes()
    key = read_public_key(pem, "signing.pem.pub")
    checked = verify_approval(stored.bundle, key, Expected(world.repo, pull.number, head))
    assert checked.outcome is Outcome.GOOD
    assert public_pem(key) == pem
    approval = checked.approval
    assert isinstance(approval, Approval)
    assert (approval.person, approval.account.id, approval.roles, approval.tier) == ("bob", 502, ("codeowner",), "high")
    assert approval.reason == "Reads well"
    assert len(approval.answers) == 6
    assert all(answer.confirmed for answer in approval.answers)
    assert len(approval.patch_id) == 64


def test_a_request_for_changes_blocks_and_is_said_on_the_change(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    bob = Hands(world, "bob")
    bob.press(world.card(pull.number), "Request changes")
    assert "at least 10" in bob.submit(reason="no").errors["reason"]
    bob.submit(reason="Locks must be per account, @everyone")
    world.settle()
    head = world.head()
    assert world.verdict_on(head) == "blocked"
    assert world.card(pull.number).text.startswith("High risk, blocked: changes requested")
    (review,) = world.seen(pull.number).reviews
    assert "**Bob requested changes** in Slack" in review
    assert "@everyone" not in review
    bob.approve(pull.number)
    Hands(world, "sue").approve(pull.number)
    assert world.verdict_on(head) == "allowed"


def test_anyone_may_ask_and_is_answered_in_private(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    eve = Hands(world, "eve")
    status = eve.say(f"/llmgate status {world.ref(1)}")
    assert "High risk: waiting for security and a code owner" in status
    assert "asked Sue" in status
    assert "authentication" in eve.say("/llmgate why 1")
    assert "1 for others" in eve.say("/llmgate queue")
    assert "1 waiting for you" in Hands(world, "bob").say("/llmgate queue")
    assert f"/llmgate status {FORGES[world.forge.forge].short}" in eve.say("/llmgate help")
    assert "is no command I know" in eve.say("/llmgate frobnicate")
    assert f"I have not seen {world.ref(99)}" in eve.say(f"/llmgate status {world.ref(99)}")
    in_thread = Hands(world, "bob").mention(pull.number, "@llmgate lgtm")
    assert "Words approve nothing" in in_thread
    with world.gate.kit.store.begin() as unit:
        assert unit.approvals(world.ref(pull.number)) == ()


def test_a_change_without_marks_passes_and_nobody_is_asked(world: Playground) -> None:
    world.forge.push(world.repo, "people/typo", {"README.md": "# The shop\n"}, by="ann", message="Fix a typo")
    pull = world.forge.open_change(world.repo, "people/typo", by="ann", title="Fix a typo")
    world.settle()
    assert world.verdict_on(world.head("people/typo")) == "allowed"
    assert world.seen(pull.number).comments == ()
    assert world.slack.messages(CHANNEL) == []


def test_the_home_page_holds_my_queue(world: Playground) -> None:
    world.open_generated()
    world.settle()
    bob = Hands(world, "bob")
    world.slack.open_home(bob.user)
    assert world.slack.until(lambda: world.slack.home(bob.user) is not None)
    home = world.slack.home(bob.user)
    assert home is not None
    shown = str(home.content)
    assert "1 waiting for you" in shown
    assert "You are Bob" in shown


def test_the_card_ends_with_the_change(world: Playground) -> None:
    pull = world.open_generated()
    world.settle()
    world.forge.close_change(world.repo, pull.number, by="ann")
    world.settle()
    card = world.card(pull.number)
    assert card.text == f"{world.ref(1)} was closed; nothing is asked of anyone"
    assert "Review & approve" not in whole(card)
    assert all("Review & approve" not in whole(message) for message in world.slack.thread(CHANNEL, card.ts))
