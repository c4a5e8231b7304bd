"""What people do in the month: authors open, mend and end changes; reviewers act some time after they were told, or do not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.cli.hands import CHANGES, REVIEW, Hands
from bot.cli.layout import CHANNEL
from bot.core.hours.span import after
from integrations.sandbox.slack.workspace import Message
from tests.simulation.cast import Reviewer
from tests.simulation.changes import Plan, specimen
from tests.simulation.month import Month

NAME = re.compile(r"acme/(?:web/)?shop[#!](\d+)")
NOT_MINE, LATER, HANDED_ON, OBJECTS = 0.04, 0.04, 0.03, 0.04
"""How often, of a hundred times that somebody acts, it is one of these instead of an approval."""


@dataclass
class Told:
    """Something that somebody was told, and when. `message`: as it read then."""

    name: str
    at: datetime
    message: Message
    direct: bool


@dataclass
class Story:
    """A change in the month. `acted_at`: when somebody first did something about it."""

    plan: Plan
    opened_at: datetime
    number: int = 0
    revision: int = 1
    acted_at: datetime | None = None
    green_at: datetime | None = None
    deeds: list[tuple[datetime, str, str]] = field(default_factory=list)


class Behaviour:
    """Everybody. `look` reads what was posted since it last did, and plans what it leads to."""

    def __init__(self, month: Month) -> None:
        self._month = month
        self._read = 0
        self.told: list[Told] = []
        self.stories: dict[int, Story] = {}
        self._names = {user: name for name, user in month.world.members.items()}

    def plan(self, plans: list[Plan]) -> None:
        for plan in plans:
            self._month.plan(plan.at, lambda plan=plan: self._open(plan))  # type: ignore[misc]  # a default binds it

    def settle_in(self) -> None:
        """Everybody tells the gate when they work, and when they are on leave: from until the day before they are back."""
        for reviewer in self._month.people.reviewers:
            hands, hours = Hands(self._month.world, reviewer.name), reviewer.calendar.hours
            hands.say(f"/llmgate hours {_clock(hours.start)}-{_clock(hours.end)} mon-fri {hours.zone}")
            if reviewer.leave is not None:
                begins, back = reviewer.leave
                hands.say(f"/llmgate away {begins}..{back - timedelta(days=1)}")

    # authors

    def _open(self, plan: Plan) -> None:
        world, branch = self._month.world, f"agent/{plan.number}"
        made = specimen(plan, self._month.now, proved=not plan.red)
        world.forge.push(world.repo, branch, made.files, by=plan.author, message=made.message)
        change = world.forge.open_change(world.repo, branch, by=plan.author, title=f"Number {plan.number}", body="Made.")
        self.stories[change.number] = Story(plan, self._month.now, change.number)
        if plan.red or plan.again:
            pause = timedelta(minutes=self._month.chance.uniform(20, 400))
            self._month.plan(self._month.now + pause, lambda: self._push(change.number))

    def _push(self, number: int) -> None:
        story, world = self.stories[number], self._month.world
        if world.seen(number).state != "open":
            return
        story.revision += 1
        made = specimen(story.plan, self._month.now, story.revision)
        by = story.plan.author
        world.forge.push(world.repo, f"agent/{story.plan.number}", made.files, by=by, message=made.message)

    def _end(self, number: int) -> None:
        world = self._month.world
        if world.seen(number).state == "open" and world.blockers(number) is None:
            world.forge.close_change(world.repo, number, by=self.stories[number].plan.author)

    # reviewers

    def look(self) -> None:
        """Whoever was told of something since the last look will act on it, or not."""
        messages = self._month.world.slack.workspace.messages
        fresh, self._read = messages[self._read :], len(messages)
        for message in fresh:
            for user in message.notified:
                name = self._names.get(user, "")
                direct = message.channel.startswith("D")
                self.told.append(Told(name, self._month.now, replace(message), direct))
                reviewer = self._month.people.by_name.get(name)
                if reviewer is not None:
                    self._consider(reviewer, message)
        self._greens()

    def _consider(self, reviewer: Reviewer, message: Message) -> None:
        chance = self._month.chance
        for found in dict.fromkeys(NAME.findall(_all_text(message))):
            minutes = int(chance.expovariate(1 / reviewer.minutes)) + 1
            at = after(reviewer.calendar, self._month.now, minutes)
            if at is not None and chance.random() < reviewer.answers:
                self._month.plan(at, lambda number=int(found): self._act(reviewer, number))  # type: ignore[misc]  # as above

    def _act(self, reviewer: Reviewer, number: int) -> None:
        """Only while the gate is there, and the change still asks somebody."""
        story = self.stories.get(number)
        if self._month.down or story is None or self._month.world.seen(number).state != "open":
            return
        if self._month.world.blockers(number) is None:
            return
        hands, chance = Hands(self._month.world, reviewer.name), self._month.chance
        kind, draw = "approved", chance.random()
        ref = self._month.world.ref(number)
        if draw < NOT_MINE:
            kind = "not mine"
            self._decline(hands, number)
        elif draw < NOT_MINE + LATER:
            kind = "snoozed"
            hands.say(f"/llmgate snooze {ref} 2h")
        elif draw < NOT_MINE + LATER + HANDED_ON:
            kind = "delegated"
            other = chance.choice(self._month.people.reviewers).name
            hands.say(f"/llmgate delegate {ref} @{other.capitalize()}")
        elif draw < NOT_MINE + LATER + HANDED_ON + OBJECTS:
            kind = "objected"
            self._decide(hands, number, objects=True)
            pause = timedelta(minutes=chance.uniform(30, 500))
            self._month.plan(self._month.now + pause, lambda: self._push(number))
        else:
            self._decide(hands, number)
        story.deeds.append((self._month.now, reviewer.name, kind))
        story.acted_at = story.acted_at or self._month.now

    def _decide(self, hands: Hands, number: int, objects: bool = False) -> None:
        label, card = CHANGES if objects else REVIEW, self._month.world.card(number)
        if f"'{label}'" not in str(card.blocks):  # something is in the way meanwhile: nobody is asked
            return
        shown = hands.press(card, label)
        if shown.dialogue is not None:
            hands.submit(reason="This is not right yet." if objects else "")

    def _decline(self, hands: Hands, number: int) -> None:
        """By the menu of the message that asked them; whoever was not asked has none."""
        world = self._month.world
        for message in reversed(world.slack.thread(CHANNEL, world.card(number).ts)):
            if f"<@{hands.user}>" in str(message.blocks) and "Not me" in str(message.blocks):
                if hands.choose(message, "Not me …").dialogue is not None:
                    world.slack.submit(hands.user, {})
                return

    def _greens(self) -> None:
        """Whoever sees their change green ends it soon."""
        for number in self._newly_green():
            self._month.plan(self._month.now + timedelta(minutes=30), lambda number=number: self._end(number))  # type: ignore[misc]  # as above

    def _newly_green(self) -> list[int]:
        """Those on which somebody acted, and that the forge now lets pass."""
        acted = [story for story in self.stories.values() if story.green_at is None and story.acted_at is not None]
        found = [story for story in acted if self._month.world.blockers(story.number) is None]
        for story in found:
            story.green_at = self._month.now
        return [story.number for story in found]


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _all_text(message: Message) -> str:
    return f"{message.text}\n{message.blocks}"
