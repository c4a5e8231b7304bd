"""Whatever comes in whatever order: no step twice or out of order, nothing said of a turn that is over, and every run ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.core.attendance import Assignment
from bot.core.escalation.model import AUTHOR, Chain, ChainStep, Deed, Escalation, Reminder, Turn
from bot.core.escalation.reconcile import reconcile
from bot.core.escalation.snooze import snooze, why_not
from bot.core.escalation.steps import perform
from bot.core.evaluate import evaluate
from bot.core.hours.calendar import Absence, Calendar, Hours
from tests.core.build import HIGH, NOW, facts
from tests.core.escalation.rows import ANN, BEN, BOB, CAST, CID, LEADS, LONDON, ONCALL, asking, row, turn

ROLES = {"lead": LEADS, "fallback": ONCALL, "webhook": LEADS}
FOREVER_AWAY = replace(LONDON, absences=(Absence(NOW, None, "is away"),))
CALENDARS = {
    BOB: LONDON,
    BEN: Calendar(Hours("America/New_York", 8 * 60, 16 * 60)),
    CID: FOREVER_AWAY,
    ANN: Calendar(Hours("Pacific/Auckland", 22 * 60, 6 * 60, (5, 6))),
}


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Chains as a policy may have them: in order, and an expiry at the end only."""
    deeds: list[Deed] = draw(st.lists(st.sampled_from(["nudge", "widen", "lead", "fallback", "webhook"]), max_size=5))
    steps: list[ChainStep] = []
    after = 0
    for deed in deeds:
        after += draw(st.integers(0 if steps else 1, 600))
        steps.append(ChainStep(after, deed, ROLES.get(deed)))
    if draw(st.booleans()):
        steps.append(ChainStep(after + draw(st.integers(1, 900)), "expire"))
    return Chain(tuple(steps), quiet=draw(st.integers(0, 240)), snoozes=draw(st.integers(0, 3)))


class Waiting(RuleBasedStateMachine):
    """One change, with the rows as a store would keep them. Time only goes on."""

    now: datetime
    chain: Chain
    requests: int
    turns: tuple[Turn, ...]
    rows: dict[tuple[str, str], Escalation]
    reminders: dict[str, Reminder]
    done: set[tuple[str, str, int, int]]
    expired: set[tuple[str, str]]

    @initialize(chain=chains())
    def begin(self, chain: Chain) -> None:
        self.now, self.chain, self.requests = NOW, chain, 1
        self.rows, self.reminders, self.done, self.expired = {}, {}, set(), set()
        self.turns = (turn(BOB), turn(BEN))
        self.look()

    def look(self, active_at: datetime | None = None) -> None:
        of = asking(f"t{self.requests}", self.now, active_at, self.chain)
        for changed in reconcile(self.rows.values(), self.turns, of, CALENDARS):
            before = self.rows.get(changed.row.key)
            assert changed.expected_epoch == (before.epoch if before else None)
            self.rows[changed.row.key] = changed.row
        self.expired = set()

    @rule(minutes=st.integers(0, 3000))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def wait_for_the_next_step(self) -> None:
        due = [one.next_at for one in self.rows.values() if one.next_at]
        self.now = max(self.now, min(due, default=self.now))

    @rule()
    def tick(self) -> None:
        for key, before in self.rows.items():
            performed = perform(before, self.now, CALENDARS[before.person], CAST)
            self.check(before, performed.row)
            told = [one.person for one in performed.reminders]
            assert len(told) == len(set(told))
            for reminder in performed.reminders:
                self.reminders.setdefault(reminder.dedupe, reminder)
            self.rows[key] = performed.row
            if performed.deed == "expire":
                self.expired.add(key)

    def check(self, before: Escalation, after: Escalation) -> None:
        assert (after.epoch, after.chain, after.person, after.since) == (
            before.epoch,
            before.chain,
            before.person,
            before.since,
        )
        assert after.step >= before.step
        for step in range(before.step, after.step):
            assert (*before.key, before.epoch, step) not in self.done
            self.done.add((*before.key, before.epoch, step))
        due = before.next_at is not None and before.next_at <= self.now
        assert after == before if not due else after.next_at is None or after.next_at >= self.now

    @rule(minutes=st.integers(1, 480))
    def put_off(self, minutes: int) -> None:
        for key, before in self.rows.items():
            if not why_not(before, minutes):
                self.rows[key] = snooze(before, minutes, self.now, CALENDARS[before.person])
                assert not any(self.live(one) for one in self.reminders.values() if (one.token, one.seat) == key)

    @rule(turns=st.sampled_from([(turn(BOB), turn(BEN)), (turn(CID),), (turn(BEN), turn(CID)), (turn(ANN, AUTHOR),), ()]))
    def somebody_decides_or_passes_it_on(self, turns: tuple[Turn, ...]) -> None:
        self.turns = turns
        self.look()

    @rule()
    def push(self) -> None:
        self.requests += 1
        self.look()

    @rule()
    def comment(self) -> None:
        self.look(active_at=self.now)

    @rule()
    def restart(self) -> None:
        """A look that finds everything as it was stores nothing but what is new."""
        self.look()
        before = dict(self.rows)
        self.look()
        assert self.rows == before

    def live(self, reminder: Reminder) -> bool:
        one = self.rows[(reminder.token, reminder.seat)]
        return one.epoch == reminder.epoch and not one.ended

    @invariant()
    def whoever_is_waited_for_has_one_row_and_nobody_else_has(self) -> None:
        """But for a request that has just expired and was not looked at since."""
        running = [one.person for one in self.rows.values() if not one.ended]
        expired = [one.person for one in self.rows.values() if one.token == f"t{self.requests}" and one.key in self.expired]
        assert sorted([*running, *expired]) == sorted(one.person for one in self.turns)

    @invariant()
    def nothing_said_of_a_turn_that_is_over_is_live(self) -> None:
        waited_for = {one.person for one in self.turns}
        for reminder in self.reminders.values():
            if self.live(reminder):
                assert reminder.token == f"t{self.requests}"
                assert reminder.about in waited_for if reminder.about else reminder.person in waited_for
                assert self.rows[(reminder.token, reminder.seat)].person in (reminder.about, reminder.person)

    @invariant()
    def a_row_that_ended_has_nothing_left_to_do(self) -> None:
        assert all(one.next_at is None for one in self.rows.values() if one.ended)


Waiting.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestWaiting = Waiting.TestCase


@given(chains(), st.lists(st.integers(0, 5000), min_size=20, max_size=20), st.sampled_from([BOB, BEN, CID, ANN]))
@settings(max_examples=60, deadline=None)
def test_every_run_of_a_chain_ends_however_late_it_is_done(chain: Chain, late: list[int], person: str) -> None:
    calendar = next(value for key, value in CALENDARS.items() if key == person)
    deeds: list[Deed | None] = []
    one, ticks = row(chain, calendar), 0
    while one.next_at is not None:
        performed = perform(one, one.next_at + timedelta(minutes=late[ticks]), calendar, CAST)
        one, ticks, deeds = performed.row, ticks + 1, [*deeds, performed.deed]
        assert ticks <= len(chain.steps)
    assert one.step == len(chain.steps)
    assert one.ended == ("expire" in deeds) == any(step.deed == "expire" for step in chain.steps)


@given(chains())
@settings(max_examples=30, deadline=None)
def test_nothing_that_a_chain_does_decides_about_the_change(chain: Chain) -> None:
    asked: list[Assignment] = []
    one = row(chain)
    while one.next_at is not None:
        performed = perform(one, one.next_at, LONDON, CAST)
        one, asked = performed.row, [*asked, *performed.assigned]
    base = facts(HIGH)
    tiers = tuple(replace(rules, chain=chain) for rules in base.policy.tiers)
    verdict = evaluate(replace(base, assignments=tuple(asked), policy=replace(base.policy, tiers=tiers)))
    assert not verdict.merge_allowed
    expired = evaluate(replace(base, expired_at=NOW))
    assert not expired.merge_allowed
