"""Who is at work, as Slack, forges, calendars and people say: it decides who is asked first, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.hands import Hands
from bot.cli.layout import Layout
from bot.cli.playground import Playground, build_playground
from bot.core.attendance import Attendance
from bot.core.escalation.model import PersonSettings
from bot.core.hours.calendar import Hours
from bot.core.ids import ForgeName, PersonId
from bot.handlers.attendance import Attendances
from integrations.sandbox.clock import FakeClock
from integrations.sandbox.slack.workspace import Member
from tests.integrations.ics.test_days import calendar
from tests.scenarios.test_who_is_asked import OWNERS, asked, opened

BOB, CID = PersonId("bob"), PersonId("cid")


def member(world: Playground, name: str) -> Member:
    return world.slack.workspace.members[world.members[name]]


def seen(world: Playground, *people: str) -> tuple[Attendance, ...]:
    """As a process sees them that remembers nothing."""
    return Attendances(world.gate.kit).of([PersonId(name) for name in people], world.clock.now())


def choose(world: Playground, settings: PersonSettings) -> None:
    with world.gate.kit.store.begin() as unit:
        unit.save_settings(settings, world.clock.now())
        unit.commit()


def make_busy(world: Playground, name: str) -> None:
    if world.layout.forge == "github":
        world.github.world.accounts[name].busy = True
    else:
        next(user for user in world.gitlab.world.users.values() if user.username == name).busy = True


def sick(world: Playground, name: str) -> None:
    member(world, name).status_text = "Out sick"


def elsewhere(world: Playground, name: str) -> None:
    member(world, name).tz = "America/Los_Angeles"  # where it is one in the morning


def not_at_the_screen(world: Playground, name: str) -> None:
    member(world, name).away = True


def not_to_be_disturbed(world: Playground, name: str) -> None:
    now = int(world.clock.now().timestamp())
    world.slack.workspace.snoozed[world.members[name]] = (now - 60, now + 3600)


@pytest.mark.parametrize("keep_away", [sick, elsewhere, not_at_the_screen, not_to_be_disturbed, make_busy])
@pytest.mark.parametrize("name", OWNERS)
def test_whoever_is_there_is_asked_before_whoever_is_not(
    one_world: Playground, keep_away: Callable[[Playground, str], None], name: str
) -> None:
    keep_away(one_world, name)
    (other,) = set(OWNERS) - {name}
    assert asked(one_world, opened(one_world).number) == [other]


def test_each_is_told_with_why(one_world: Playground) -> None:
    sick(one_world, "bob")
    elsewhere(one_world, "cid")
    make_busy(one_world, "dee")
    found = {one.person: (one.presence, one.why) for one in seen(one_world, "bob", "cid", "dee", "ann", "nobody")}
    assert found == {
        "bob": ("absent", "has the chat status “Out sick”"),
        "cid": ("out-of-hours", "is out of hours"),
        "dee": ("away", f"is busy, as {one_world.forge.host} says"),
        "ann": ("active", ""),
        "nobody": ("active", ""),
    }


def test_whoever_was_busy_a_moment_ago_still_is_when_many_others_are_asked_about(
    one_world: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.attendance.MOST_REMEMBERED", 1)
    make_busy(one_world, "dee")
    attendances, now = Attendances(one_world.gate.kit), one_world.clock.now()
    (first,) = attendances.of([PersonId("dee")], now)
    dee, bob = attendances.of([PersonId("dee"), BOB], now)
    assert (first.presence, dee.presence, bob.presence) == ("away", "away", "active")


def test_what_people_chose_goes_before_what_the_chat_says(one_world: Playground) -> None:
    elsewhere(one_world, "bob")
    choose(one_world, PersonSettings(BOB, zone="Europe/Berlin"))
    choose(one_world, PersonSettings(CID, absent_since=one_world.clock.now() - timedelta(days=1)))
    bob, cid = seen(one_world, "bob", "cid")
    assert (bob.presence, bob.calendar.hours.zone) == ("active", "Europe/Berlin")
    assert (cid.presence, cid.why) == ("absent", "is away")


def test_what_is_on_the_desk_weighs(one_world: Playground) -> None:
    (name,) = asked(one_world, opened(one_world).number)
    loads = {one.person: one.load for one in seen(one_world, *OWNERS)}
    (other,) = set(OWNERS) - {name}
    assert loads[PersonId(name)] > loads[PersonId(other)] == 0


def test_holidays_and_hours_come_from_the_settings(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "bob.ics").write_bytes(calendar(f"DTSTART;VALUE=DATE:{clock.now():%Y%m%d}"))
    (tmp_path / "broken.ics").write_bytes(b"<html>")
    hours = {
        "start": "8:00",
        "end": "12:00",
        "holidays": {"bob": str(tmp_path / "bob.ics"), "default": str(tmp_path / "broken.ics")},
    }
    world = build_playground(Layout(tmp_path / "world", sqlite_url, forge=forge, hours=hours), clock)
    try:
        world.gate.hear_of_people()
        bob, cid = seen(world, "bob", "cid")
        assert (bob.presence, bob.why) == ("out-of-hours", "has a holiday")
        assert (cid.presence, cid.calendar.hours) == ("active", Hours(cid.calendar.hours.zone, 480, 720))
        assert asked(world, opened(world).number) == ["cid"]
    finally:
        world.close()


def test_a_chat_and_a_forge_that_do_not_answer_keep_nobody_from_being_asked(one_world: Playground) -> None:
    one_world.slack.fail_next("users.info", 503, times=1)
    bob, cid = seen(one_world, "bob", "cid")
    assert [(one.presence, one.why) for one in (bob, cid)] == [("active", "counts as at work, for the chat does not tell")] * 2
    call = "POST /graphql*" if one_world.layout.forge == "github" else "GET /users/*/status"
    (one_world.github if one_world.layout.forge == "github" else one_world.gitlab).fail_next(call, 502)
    said = f"counts as at work, for {one_world.forge.host} does not tell"
    assert [(one.presence, one.why) for one in seen(one_world, "bob")] == [("active", said)]
    assert len(asked(one_world, opened(one_world).number)) == 1


def test_a_look_at_many_is_few_calls_and_a_second_look_none(one_world: Playground) -> None:
    attendances = Attendances(one_world.gate.kit)
    people = [*one_world.members, *(f"p{number}" for number in range(200))]
    before = len(one_world.slack.calls)
    found = attendances.of([PersonId(name) for name in people], one_world.clock.now())
    asked_slack = [call.method for call in one_world.slack.calls[before:]]
    assert len(found) == 50
    assert len(asked_slack) <= 2 * len(one_world.members) + 1
    before = len(one_world.slack.calls)
    assert attendances.of([one.person for one in found], one_world.clock.now()) == found
    assert one_world.slack.calls[before:] == []


def test_when_those_work_for_whom_something_waits_is_known_before_a_step_comes_due(one_world: Playground) -> None:
    for name in OWNERS:
        member(one_world, name).tz = "Asia/Tokyo"
    opened(one_world)
    kit = one_world.gate.kit
    fresh = Attendances(replace(kit, clocks=type(kit.clocks)()))
    with kit.store.look() as unit:
        (row,) = unit.waiting_since(10)
    assert fresh.calendar_of(row.person).hours.zone == "UTC"
    assert fresh.learn() == 1
    assert fresh.calendar_of(row.person).hours.zone == "Asia/Tokyo"
    assert fresh.learn() == 0


def test_why_shows_that_somebody_is_away(one_world: Playground) -> None:
    sick(one_world, "bob")
    pull = opened(one_world)
    assert "Bob: has the chat status “Out sick”" in Hands(one_world, "ann").say(f"/llmgate why {one_world.ref(pull.number)}")
