"""Who is named to review: the same people through a push, another once one says no, authors where the policy prefers them."""

from __future__ import annotations

import pytest

from bot.cli.hands import Hands, whole
from bot.cli.layout import CHANNEL, POLICY
from bot.cli.playground import BRANCH, Playground
from bot.cli.specimen import AGENT_TRAILER, PROVENANCE, Specimen, document, evidence
from bot.core.events import NotMine
from bot.core.ids import ChatUser
from integrations.sandbox.stage import ChangeSeen
from tests.scenarios.deeds import summary

CART = "vendor/cart.py"
"""Of medium risk: one code owner is asked for."""
OWNERS = ("bob", "cid")


def cart(price: int) -> bytes:
    lines = [f"def part_{number}() -> int:\n    return {number * price}\n" for number in range(1, 7)]
    return "\n\n".join(lines).encode()


def new_cart(world: Playground, price: int = 2, tested: bool = True) -> Specimen:
    """A generated change of the cart, with other prices."""
    content = cart(price)
    tests = evidence(CART, content) if tested else {}
    files = {CART: content, f"{PROVENANCE}/cart.json": document({CART: content}, world.clock.now()), **tests}
    return Specimen(files, f"Mend the prices\n\n{AGENT_TRAILER}\n")


def written_by(world: Playground, name: str) -> None:
    """The cart as it is on the base branch, by this person."""
    author = f"{name.capitalize()} <{name}@acme.example>"
    world.forge.push(world.repo, "main", {CART: cart(1)}, by="sam", author=author, message="Add a cart")
    world.settle()


def opened(world: Playground, specimen: Specimen | None = None) -> ChangeSeen:
    change = world.open_generated(specimen=specimen or new_cart(world))
    world.settle()
    return change


def asked(world: Playground, number: int) -> list[str]:
    """Who is called by name under the card now, in the order they were."""
    thread = world.slack.thread(CHANNEL, world.card(number).ts)
    called = [user for message in thread if "your review" in whole(message) for user in message.notified]
    return [name for user in called for name, member in world.members.items() if member == user]


def say_not_mine(world: Playground, number: int, name: str) -> None:
    store = world.gate.kit.store
    with store.look() as unit:
        request = unit.request_of(world.ref(number))
    assert request is not None
    user = ChatUser(world.slack.team, world.members[name])
    interaction = f"not-mine {name} {world.slack.workspace.serial()}"
    store.accept(NotMine(request.token, user, "I do not know it", interaction), world.ref(number).key, interaction)
    world.settle()


def assigned(world: Playground, number: int) -> dict[str, str]:
    """Who is on the list of the live request, with why they are not asked any more."""
    with world.gate.kit.store.look() as unit:
        request = unit.request_of(world.ref(number))
        return {one.person: one.gone for one in unit.assignments(request.token)} if request else {}


def test_one_person_is_named_and_another_stands_by_in_sight(one_world: Playground) -> None:
    pull = opened(one_world)
    (named,) = asked(one_world, pull.number)
    (other,) = set(OWNERS) - {named}
    line = f"asked {named.capitalize()} (backup {other.capitalize()})"
    assert line in whole(one_world.card(pull.number))
    assert line in Hands(one_world, "ann").say(f"/llmgate status {one_world.ref(pull.number)}")
    assert line in summary(one_world, pull.number)
    thread = [whole(message) for message in one_world.slack.thread(CHANNEL, one_world.card(pull.number).ts)]
    assert any(f"{other.capitalize()} stands by." in said for said in thread)
    assert assigned(one_world, pull.number) == {named: ""}


def test_a_push_keeps_the_one_who_was_asked_also_while_its_tests_still_run(one_world: Playground) -> None:
    pull = opened(one_world)
    first = asked(one_world, pull.number)
    for price, tested in ((3, False), (4, True)):
        one_world.push_generated(specimen=new_cart(one_world, price, tested))
        one_world.settle()
        assert assigned(one_world, pull.number) == {first[0]: ""}
    assert asked(one_world, pull.number) == first


def test_whoever_says_it_is_not_theirs_is_replaced_for_good_and_may_still_approve(one_world: Playground) -> None:
    pull = opened(one_world)
    (first,) = asked(one_world, pull.number)
    (second,) = set(OWNERS) - {first}
    say_not_mine(one_world, pull.number, first)
    assert asked(one_world, pull.number) == [second]
    one_world.push_generated(specimen=new_cart(one_world, 3))
    one_world.settle()
    assert asked(one_world, pull.number) == [second]
    why = Hands(one_world, "ann").say(f"/llmgate why {one_world.ref(pull.number)}")
    assert f"{first.capitalize()}: said that it is not theirs, and may still approve" in why
    assert Hands(one_world, first).approve(pull.number).taken
    assert one_world.verdict_on(one_world.head(BRANCH)) == "allowed"


def test_with_everybody_having_said_no_the_seat_says_so_and_who_may_still_approve_may(one_world: Playground) -> None:
    pull = opened(one_world)
    for name in (*asked(one_world, pull.number), *OWNERS):
        if not assigned(one_world, pull.number).get(name):
            say_not_mine(one_world, pull.number, name)
    assert one_world.verdict_on(one_world.head(BRANCH)) == "blocked"
    assert "nobody of codeowner is left to ask" in whole(one_world.card(pull.number)).replace("`", "")
    assert Hands(one_world, "cid").approve(pull.number).taken
    assert one_world.verdict_on(one_world.head(BRANCH)) == "allowed"


@pytest.mark.parametrize("author", OWNERS)
def test_whoever_wrote_the_lines_is_asked_where_the_policy_prefers_authors(one_world: Playground, author: str) -> None:
    one_world.push_policy(f"{POLICY}routing:\n  prefer_authors: true\n")
    written_by(one_world, author)
    pull = opened(one_world)
    assert asked(one_world, pull.number) == [author]
    why = Hands(one_world, "ann").say(f"/llmgate why {one_world.ref(pull.number)}")
    assert f"{author.capitalize()}: is at work, wrote" in why or f"{author.capitalize()}: was asked already, is at work" in why


def test_blame_that_fails_holds_up_nobody(one_world: Playground) -> None:
    one_world.push_policy(f"{POLICY}routing:\n  prefer_authors: true\n")
    written_by(one_world, "bob")
    if one_world.layout.forge == "gitlab":
        one_world.gitlab.fail_next("GET /projects/*/repository/files/*/blame", 502)
    else:
        one_world.github.fail_next("POST /graphql Blames", 502)
    pull = opened(one_world)
    assert len(asked(one_world, pull.number)) == 1


def test_an_empty_user_group_is_shown_on_the_card_and_the_check(one_world: Playground) -> None:
    one_world.slack.group("S0EMPTY", [])
    group = "roles:\n  keepers:\n    chat_group: S0EMPTY\ntiers:\n  medium:\n    approvals:\n      keepers: 1\n"
    one_world.push_policy(f"version: 1\n{group}")
    pull = opened(one_world)
    said = "`keepers` has no known member (nobody of user group S0EMPTY is in the people's mapping)"
    assert said.replace("`", "") in whole(one_world.card(pull.number)).replace("`", "")
    assert said.replace("`", "") in summary(one_world, pull.number).replace("`", "")


def test_a_dead_approver_is_told_on_card_and_check_and_somebody_else_is_asked(one_world: Playground) -> None:
    one_world.settle()
    one_world.slack.change_member(one_world.members["bob"], deactivated=True)
    one_world.settle()
    pull = opened(one_world)
    assert asked(one_world, pull.number) == ["cid"]
    said = "Bob of codeowner has a chat account that is deactivated"
    assert said in whole(one_world.card(pull.number)).replace("`", "")
    assert said in summary(one_world, pull.number).replace("`", "")
