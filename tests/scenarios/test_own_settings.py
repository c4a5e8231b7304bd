"""What people choose for themselves, by command and in the dialogue of their home page; and the figures they can ask for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cli.hands import Hands
from bot.cli.playground import Playground
from bot.core.escalation.model import PersonSettings
from bot.core.ids import PersonId
from integrations.sandbox.slack.people import Seen
from tests.scenarios.waiting import tick, turns

BOB = PersonId("bob")


def saved(world: Playground, person: PersonId = BOB) -> PersonSettings | None:
    with world.gate.kit.store.look() as unit:
        return next(iter(unit.settings_of([person])), None)


def next_list(world: Playground, person: PersonId = BOB) -> object:
    with world.gate.kit.store.look() as unit:
        return unit.planned_digests([person]).get(person)


def test_hours_are_shown_and_set_in_words(one_world: Playground) -> None:
    bob = Hands(one_world, "bob")
    assert "You work 09:00 to 17:30, Mon to Fri, " in bob.say("/llmgate hours")
    assert saved(one_world) is None
    assert "You work 08:00 to 16:00, Mon, Wed, Fri, Europe/Berlin." in bob.say("/llmgate hours 8-16 mon,wed,fri Europe/Berlin")
    found = saved(one_world)
    assert found is not None
    assert (found.zone, found.start, found.end, found.days) == ("Europe/Berlin", 480, 960, (0, 2, 4))
    answer = bob.say("/llmgate hours whenever")
    assert "Saw “whenever”; wanted a day as 9-17:30" in answer
    assert "For example: /llmgate hours 9-17:30 mon-fri Europe/Berlin" in answer


def test_what_is_the_same_as_it_was_becomes_no_choice(one_world: Playground) -> None:
    bob = Hands(one_world, "bob")
    bob.say("/llmgate hours 9-16")
    found = saved(one_world)
    assert found is not None
    assert (found.zone, found.start, found.end) == (None, None, 960), "the rest goes on following the chat"


def test_an_absence_is_said_with_who_is_asked_meanwhile_and_ended(one_world: Playground) -> None:
    bob = Hands(one_world, "bob")
    assert "You are away, and back on Fri 6 Mar 2026; Dee is asked meanwhile." in bob.say("/llmgate away until friday for @Dee")
    found = saved(one_world)
    assert found is not None
    assert (found.absent_since, found.delegate) == (one_world.clock.now(), "dee")
    assert "You are away, and back on Fri 6 Mar 2026" in bob.say("/llmgate away")
    assert "You are not away." in bob.say("/llmgate away off")
    assert "from Thu 24 Dec 2026 on, and back on Sun 3 Jan 2027" in bob.say("/llmgate away 2026-12-24..2027-01-02")
    assert "cannot stand in for yourself" in bob.say("/llmgate away 3d for @Bob")
    assert "I know nobody called “zed”" in bob.say("/llmgate away 3d for zed")
    assert "wanted until friday" in bob.say("/llmgate away someday")


def test_whoever_is_unknown_is_led_to_the_link(one_world: Playground) -> None:
    eve = Hands(one_world, "eve")
    for words in ("hours 9-17", "away 3d"):
        assert "tied to no forge account" in eve.say(f"/llmgate {words}")


# the dialogue


def opened(world: Playground, name: str = "bob") -> Hands:
    """Their home page, with the settings open on it."""
    hands = Hands(world, name)
    world.slack.open_home(hands.user)
    assert world.slack.until(lambda: world.slack.home(hands.user) is not None)
    world.settle()
    world.slack.click_home(hands.user, "Settings …")
    assert world.slack.until(lambda: bool(world.slack.open_views(hands.user)))
    return hands


def test_the_dialogue_shows_what_holds_and_saves_what_is_chosen(one_world: Playground) -> None:
    bob = opened(one_world)
    view = one_world.slack.open_views(bob.user)[-1]
    assert view.title == "Your settings"
    assert view.values["field:start"]["start"]["selected_time"] == "09:00"
    assert [one["value"] for one in view.values["field:days"]["days"]["selected_options"]] == ["0", "1", "2", "3", "4"]
    seen = bob.fill(
        start="07:30",
        days=["0", "1", "2"],
        zone="America/New_York",
        delivery="mention",
        digest=[],
        until="2026-03-09",
        delegate=one_world.members["dee"],
    )
    assert seen.taken
    assert not seen.errors
    found = saved(one_world)
    assert found is not None
    assert (found.start, found.days, found.zone) == (450, (0, 1, 2), "America/New_York")
    assert (found.delivery, found.digest, found.delegate) == ("mention", False, "dee")
    assert found.absent_since == one_world.clock.now()
    assert next_list(one_world) is None
    one_world.gate.tick_all()
    one_world.settle()
    home = one_world.slack.home(bob.user)
    assert home is not None
    assert "07:30 to 17:30, Mon to Wed, America/New_York" in str(home.blocks)


def test_the_next_list_is_planned_by_the_hours_that_hold_from_now_on(one_world: Playground) -> None:
    bob = opened(one_world)
    bob.fill(start="06:00", zone="UTC", digest=["on"])
    assert next_list(one_world) == one_world.clock.now().replace(hour=6) + timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"days": []}, "field:days", "complete this required field"),
        ({"start": "17:30"}, "field:end", "Your day ends when it begins"),
        ({"until": "2026-03-01"}, "field:until", "over before it begins"),
        ({"since": "2026-04-02", "until": "2026-04-01"}, "field:until", "over before it begins"),
        ({"delegate": "U0EVE"}, "field:delegate", "tied to no forge account"),
        ({"delegate": "U0BOB"}, "field:delegate", "cannot stand in for yourself"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_saved(
    one_world: Playground, values: dict[str, str | list[str]], field: str, said: str
) -> None:
    bob = opened(one_world)
    seen: Seen = bob.fill(**values)
    assert said in seen.errors[field]
    assert saved(one_world) is None


# figures


def test_the_figures_tell_how_long_people_wait_and_what_is_on_ones_own_desk(one_world: Playground) -> None:
    one_world.open_generated()
    one_world.settle()
    tick(one_world)
    before = Hands(one_world, "bob").say("/llmgate metrics")
    assert "1 change waits now; figures of the last 30 days" in before
    assert "*High risk*: nothing yet" in before
    owner = Hands(one_world, turns(one_world)["codeowner"].person)
    one_world.clock.advance(timedelta(minutes=45))
    assert owner.approve(1).taken
    after = owner.say("/llmgate metrics")
    assert "*High risk*: median 45 min, nine in ten within 45 min (1 request)" in after
    assert "1 decision today, 1 in 30 days" in after
    assert "1 of them within 20 seconds of opening the dialogue" in after
    assert "The oldest turn:" in after
