"""When somebody is told: not at night, not all the time, and everything at once where there is more than one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.approval import TIERS, Tier
from bot.core.escalation.bundles import Plan, Reader, next_day, when
from bot.core.escalation.model import Delivery, PersonSettings, Reminder
from bot.core.hours.calendar import Absence, Calendar
from bot.core.hours.span import is_open
from tests.core.build import NOW, REF
from tests.core.escalation.rows import BOB, LONDON, at


def reminder(number: int, tier: Tier = "medium", due: datetime = NOW, *, at_night: bool = False) -> Reminder:
    key = f"t:codeowner:1:{number}:bob"
    return Reminder(BOB, "nudge", REF, "t", "codeowner", 1, tier, due, key, at_night=at_night, id=number)


def reader(delivery: Delivery = "dm", last_told: datetime | None = None, calendar: Calendar = LONDON) -> Reader:
    return Reader(PersonSettings(BOB, delivery=delivery), calendar, last_told)


def test_what_is_due_goes_as_one_message() -> None:
    assert when([reminder(1), reminder(2, "low"), reminder(3, "high")], reader(), NOW) == Plan((1, 2, 3))


def test_below_the_top_tier_a_message_comes_a_quarter_hour_after_the_last() -> None:
    told = NOW - timedelta(minutes=5)
    assert when([reminder(1), reminder(2)], reader(last_told=told), NOW) == Plan((), (((1, 2), NOW + timedelta(minutes=10)),))
    assert when([reminder(1)], reader(last_told=NOW - timedelta(minutes=15)), NOW) == Plan((1,))


def test_the_top_tier_goes_at_once_and_takes_along_what_waits() -> None:
    told = NOW - timedelta(minutes=5)
    assert when([reminder(1, "high"), reminder(2)], reader(last_told=told), NOW) == Plan((1, 2))


def test_what_was_put_off_goes_with_what_is_sent_anyway() -> None:
    assert when([reminder(1), reminder(2, due=NOW + timedelta(minutes=9))], reader(), NOW) == Plan((1, 2))


def test_what_is_not_due_causes_no_message() -> None:
    assert when([reminder(1, due=NOW + timedelta(minutes=9))], reader(), NOW) == Plan()


@pytest.mark.parametrize("tier", TIERS)
def test_nothing_comes_at_night_unless_the_policy_says_so(tier: Tier) -> None:
    night = at("Mon 23:00")
    both = [reminder(1, tier), reminder(2, tier, at_night=True)]
    assert when(both, reader(), night) == Plan((2,), (((1,), at("Tue 09:00")),))


def test_a_weekend_and_an_absence_are_nights_too() -> None:
    away = replace(LONDON, absences=(Absence(at("Mon 09:00"), at("Wed 12:00"), "is on leave"),))
    assert when([reminder(1, "high")], reader(), at("Sat 11:00")).later == (((1,), at("Mon 09:00") + timedelta(weeks=1)),)
    assert when([reminder(1, "high")], reader(calendar=away), at("Tue 11:00")).later == (((1,), at("Wed 12:00")),)


def test_somebody_who_chose_the_digest_hears_of_all_but_the_top_tier_when_their_day_begins() -> None:
    assert when([reminder(1), reminder(2, "high")], reader("digest"), NOW) == Plan((2,), (((1,), at("Tue 09:00")),))
    assert when([reminder(1)], reader("digest"), at("Tue 07:00")) == Plan((), (((1,), at("Tue 09:00")),))


def test_what_was_put_off_for_a_digest_is_left_to_it_and_goes_by_itself_where_there_is_none() -> None:
    opening = at("Tue 09:00")
    put_off = [reminder(1, due=opening)]
    assert when(put_off, reader("digest"), opening) == Plan()
    assert when(put_off, reader("digest"), at("Tue 09:09")) == Plan()
    assert when(put_off, reader("digest"), at("Tue 09:10")) == Plan((1,))
    assert when(put_off, reader("digest", at("Tue 09:05")), at("Tue 09:10")) == Plan()
    assert when(put_off, reader("digest", at("Tue 09:05")), at("Tue 09:20")) == Plan((1,))
    assert when(put_off, reader("dm"), opening) == Plan((1,))


def test_somebody_without_any_working_day_is_looked_at_again() -> None:
    never = replace(LONDON, absences=(Absence(at("Mon 09:00"), None, "is away"),))
    assert when([reminder(1)], reader(calendar=never), NOW).later == (((1,), NOW + timedelta(days=1)),)
    assert next_day(never, NOW) == NOW + timedelta(days=1)


reminders = st.lists(st.tuples(st.sampled_from(TIERS), st.integers(-600, 600), st.booleans()), max_size=8).map(
    lambda made: [
        reminder(number, tier, NOW + timedelta(minutes=minutes), at_night=at_night)
        for number, (tier, minutes, at_night) in enumerate(made)
    ]
)


@given(reminders, st.sampled_from(["dm", "mention", "digest"]), st.none() | st.integers(0, 60), st.integers(-600, 6000))
def test_everything_due_is_sent_or_put_off_and_nothing_twice(
    made: list[Reminder], delivery: Delivery, told: int | None, offset: int
) -> None:
    now = NOW + timedelta(minutes=offset)
    last = None if told is None else now - timedelta(minutes=told)
    plan = when(made, reader(delivery, last), now)
    later = [number for ids, _ in plan.later for number in ids]
    opening = at("Tue 09:00")  # what comes then may be left to a digest
    due = {one.id for one in made if one.at <= now and not (delivery == "digest" and one.at == opening)}
    assert len(set(plan.now) | set(later)) == len(plan.now) + len(later)
    assert due <= set(plan.now) | set(later)
    assert all(until > now for _, until in plan.later)
    sent = [one for one in made if one.id in plan.now]
    assert all(one.at_night or is_open(LONDON, now) for one in sent)
    if sent and last is not None and now - last < timedelta(minutes=15):
        assert any(one.tier == "high" for one in sent)
