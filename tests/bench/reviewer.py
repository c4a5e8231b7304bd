"""A reviewer at the chat while the gate dies and returns: presses, ticks, sends, and remembers what was answered."""

from __future__ import annotations

import re
import threading

from bot.cli.hands import CHANGES, REVIEW, options, whole
from bot.cli.layout import CHANNEL
from bot.core.ids import ChangeRef, RepoRef
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.workspace import Message, View
from tests.bench.ledger import Wish
from tests.bench.victim import Victim

LABELS = {"approved": REVIEW, "changes-requested": CHANGES}
PATIENCE_S = 3.0


def cards_of(slack: FakeSlack, change: ChangeRef) -> list[Message]:
    """Every message of the channel itself that is the change's card."""
    name = re.compile(rf"{re.escape(str(change))}\b")
    return [message for message in list(slack.messages(CHANNEL)) if name.search(message.text)]


def card_about(slack: FakeSlack, change: ChangeRef, head: str) -> Message | None:
    """The change's card, if it is about that commit by now."""
    return next((card for card in cards_of(slack, change) if head[:12] in whole(card)), None)


class Reviewer:
    """One person, who does one thing at a time, about the changes of one repository."""

    def __init__(self, slack: FakeSlack, place: RepoRef, user: str, victim: Victim) -> None:
        self._slack = slack
        self._place = place
        self._user = user
        self._victim = victim
        self._busy = threading.Lock()

    def pursue(self, wish: Wish) -> None:
        """Try once to get a wish granted."""
        with self._busy:
            if self._slack.until(lambda: self._offered(wish) is not None or self._away(), PATIENCE_S):
                card = self._offered(wish)
                if card is not None:
                    self._press(wish, card)

    def _press(self, wish: Wish, card: Message) -> None:
        self._clear()
        words = len(self._slack.ephemerals(self._user))
        if not self._slack.click(self._user, CHANNEL, card.ts, LABELS[wish.kind]).taken:
            return
        self._slack.until(lambda: bool(self._dialogue(wish)) or self._answer(wish, words) != "" or self._away(), PATIENCE_S)
        view = self._dialogue(wish)
        if view is not None:
            self._send(wish, view)
            return
        wish.words = self._answer(wish, words)
        if "already decided" in wish.words:
            wish.fate = "known"

    def _send(self, wish: Wish, view: View) -> None:
        ticked = {block["block_id"]: options(block) for block in view.blocks if options(block)}
        values: dict[str, str | list[str]] = {**ticked, "reason": f"{wish.kind} at {wish.head[:12]}: the parts fit"}
        wish.sent += 1
        seen = self._slack.submit(self._user, values)
        if seen.taken and not seen.errors and not seen.warning:
            wish.fate = "taken"
            return
        if not seen.taken:
            wish.fate = "unsure"
        wish.words = str(seen.errors or seen.warning)
        self._clear()

    def _offered(self, wish: Wish) -> Message | None:
        card = card_about(self._slack, ChangeRef(self._place, wish.number), wish.head)
        return card if card is not None and LABELS[wish.kind] in whole(card) else None

    def _answer(self, wish: Wish, after: int) -> str:
        """A private word that came since and speaks of this commit or this change."""
        told = [whole(message) for message in self._slack.ephemerals(self._user)[after:]]
        about = (wish.head[:12], str(ChangeRef(self._place, wish.number)))
        return next((word for word in told if any(name in word for name in about)), "")

    def _dialogue(self, wish: Wish) -> View | None:
        """The dialogue about this very change, if it is on the screen."""
        views = self._slack.open_views(self._user)
        name = re.escape(str(ChangeRef(self._place, wish.number)))
        about = bool(views) and re.search(rf"{name}\b", str(views[-1].blocks))
        return views[-1] if about and views[-1].title == LABELS[wish.kind] else None

    def _clear(self) -> None:
        """Close what an earlier press brought up, perhaps only after its gate was dead."""
        while self._slack.open_views(self._user):
            self._slack.close_view(self._user)

    def _away(self) -> bool:
        return self._victim.dead.is_set() or self._slack.sockets.count == 0
