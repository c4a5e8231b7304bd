"""What people do with the gate's cards and dialogues, by name: the hands in every story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.cli.layout import CHANNEL
from bot.cli.playground import Playground
from integrations.sandbox.slack.people import Seen
from integrations.sandbox.slack.workspace import Message, View

REVIEW, CHANGES = "Review & approve", "Request changes"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a press led to: a dialogue, or a private word."""

    dialogue: View | None
    word: str


@dataclass(frozen=True, slots=True)
class Hands:
    """One person's hands."""

    playground: Playground
    name: str

    @property
    def user(self) -> str:
        return self.playground.members[self.name]

    def press(self, message: Message, label: str = REVIEW) -> Shown:
        """Press a button of a message and wait for what comes up."""
        slack = self.playground.slack
        return self._after(lambda: slack.click(self.user, message.channel, message.ts, label))

    def choose(self, message: Message, option: str) -> Shown:
        """The same with an entry of a message's menu."""
        slack = self.playground.slack
        return self._after(lambda: slack.overflow(self.user, message.channel, message.ts, option))

    def fill(self, **values: str | list[str]) -> Seen:
        """Fill fields of the open dialogue by their name, send it, and let the gate work."""
        slack = self.playground.slack
        fields = {"reason" if name == "reason" else f"field:{name}": value for name, value in values.items()}
        seen = slack.submit(self.user, fields)
        self.playground.settle()
        return seen

    def _after(self, deed: Callable[[], Seen]) -> Shown:
        slack = self.playground.slack
        views, words = len(slack.open_views(self.user)), len(slack.ephemerals(self.user))
        deed()
        if not slack.until(lambda: len(slack.open_views(self.user)) > views or len(slack.ephemerals(self.user)) > words):
            return Shown(None, "")
        opened = slack.open_views(self.user)
        return Shown(opened[-1] if len(opened) > views else None, "" if len(opened) > views else self.told())

    def told(self) -> str:
        """The latest private word to this person."""
        words = self.playground.slack.ephemerals(self.user)
        return words[-1].text if words else ""

    def submit(self, leave_out: int = 0, reason: str = "") -> Seen:
        """Tick the checklist, but for the last `leave_out` items, write the reason, and send the dialogue."""
        slack = self.playground.slack
        view = slack.open_views(self.user)[-1]
        boxes = {block["block_id"]: options(block) for block in view.blocks if options(block)}
        ticked = [value for values in boxes.values() for value in values]
        kept = set(ticked[: len(ticked) - leave_out])
        values: dict[str, str | list[str]] = {block: [v for v in all_of if v in kept] for block, all_of in boxes.items()}
        if reason:
            values["reason"] = reason
        return slack.submit(self.user, values)

    def approve(self, number: int, reason: str = "") -> Seen:
        """Open the card's dialogue, tick everything, send it, and let the gate work."""
        shown = self.press(self.playground.card(number))
        if shown.dialogue is None:
            return Seen(False, text=shown.word)
        seen = self.submit(reason=reason)
        self.playground.settle()
        return seen

    def request_changes(self, number: int, reason: str) -> Seen:
        shown = self.press(self.playground.card(number), CHANGES)
        if shown.dialogue is None:
            return Seen(False, text=shown.word)
        seen = self.submit(reason=reason)
        self.playground.settle()
        return seen

    def say(self, words: str) -> str:
        """A slash command in the channel; the private answer as text."""
        slack = self.playground.slack
        before = len(slack.ephemerals(self.user))
        slack.command(self.user, CHANNEL, words)
        slack.until(lambda: len(slack.ephemerals(self.user)) > before)
        return whole(slack.ephemerals(self.user)[-1])

    def mention(self, number: int, words: str) -> str:
        """A word to the bot in the card's thread; the private answer as text."""
        slack = self.playground.slack
        before = len(slack.ephemerals(self.user))
        slack.mention(self.user, CHANNEL, self.playground.card(number).ts, words)
        slack.until(lambda: len(slack.ephemerals(self.user)) > before)
        return whole(slack.ephemerals(self.user)[-1])


def options(block: dict[str, object]) -> list[str]:
    """Values of a checklist's boxes."""
    element = block.get("element")
    if not isinstance(element, dict) or element.get("type") != "checkboxes":
        return []
    return [str(option["value"]) for option in element["options"]]


def whole(message: Message) -> str:
    """Everything a message says, its blocks' texts one a line."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if node.get("type") in ("mrkdwn", "plain_text") and isinstance(node.get("text"), str):
                found.append(str(node["text"]))
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(message.blocks)
    return "\n".join(found) or message.text
