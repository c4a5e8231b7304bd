"""A person lost every passkey: an admin takes them away, in front of a second person, and the records say who and why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.cli.playground import Playground
from bot.core import base64url
from bot.core.messages.passkeys import Reset
from bot.handlers.identity.key_reset import NotReset, Wanted, reset_passkeys
from tests.authenticator import SoftKey
from tests.scenarios.browsers import browsers
from tests.scenarios.conftest import at_rest
from tests.scenarios.signing_desk import Desk, policy
from tests.scenarios.tying import direct, records

REASON = "The laptop was stolen on the train"


@pytest.fixture
def desk(on_github: Playground) -> Iterator[Desk]:
    on_github.push_policy(policy("passkey"))
    number = on_github.open_generated().number
    on_github.settle()
    for new in browsers(on_github):
        yield Desk(on_github, new, number)
    at_rest(on_github)


def test_a_reset_takes_every_key_tells_both_and_records_all_three(desk: Desk) -> None:
    laptop, phone = SoftKey(), SoftKey("EdDSA", base64url.encode(b"phone"))
    desk.enrol("bob", laptop)
    desk.enrol("bob", phone)
    done = reset_passkeys(desk.world.gate.kit, Wanted("bob", "sam", "sue", REASON))
    assert done == Reset("Bob", "Sam", REASON, ("bob's laptop", "bob's laptop 2"), "Sue")
    desk.world.settle()
    assert direct(desk.world, "bob")[-1].text == "Sam removed your passkeys: bob's laptop, bob's laptop 2"
    assert direct(desk.world, "sue")[-1].text == "Sam removed the passkeys of Bob, and named you to know of it"
    enrolled = records(desk.world, "person:bob", "passkey")
    removed = records(desk.world, "person:bob", "passkey-removed")
    assert len(enrolled) == len(removed) == 2
    for record in removed:
        assert (record.details["by"], record.details["told"], record.details["because"]) == ("sam", "sue", REASON)
    assert "You have no passkey here yet" in desk.new().go(desk.ask("bob")).text


def test_a_link_that_was_open_signs_nothing_after_the_reset(desk: Desk) -> None:
    key = SoftKey()
    desk.enrol("bob", key)
    browser = desk.new().go(desk.ask("bob"))
    reset_passkeys(desk.world.gate.kit, Wanted("bob", "sam", "sue", REASON))
    assert "saw a passkey that is removed, or never enrolled" in desk.sign(browser, key).text
    assert desk.decisions() == ()


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (Wanted("bob", "bob", "sue", REASON), "wanted three different people"),
        (Wanted("bob", "sam", "bob", REASON), "wanted three different people"),
        (Wanted("bob", "sam", "sam", REASON), "wanted three different people"),
        (Wanted("bob", "sam", "nobody", REASON), "saw nobody, whom nobody knows here"),
        (Wanted("bob", "sam", "sue", "lost it "), "saw a reason of 7 characters; wanted 10"),
        (Wanted("cid", "sam", "sue", REASON), "saw no passkey of Cid"),
    ],
)
def test_a_reset_that_nobody_else_would_see_is_refused(desk: Desk, wanted: Wanted, says: str) -> None:
    desk.enrol("bob", SoftKey())
    refused = reset_passkeys(desk.world.gate.kit, wanted)
    assert isinstance(refused, NotReset)
    assert says in refused.problem
    assert records(desk.world, "person:bob", "passkey-removed") == []
