"""What people did and what they were told: the story's own books, against which the world is held after each death."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bot.core.approval import DecisionKind

Risk = Literal["low", "high"]
State = Literal["blocked", "allowed", "waiting"]
Fate = Literal["wanted", "unsure", "taken", "known", "moot"]
"""`unsure`: sent, and no answer came. `known`: the gate says that it was decided already. `moot`: the commit is gone."""

OWNERS, SECURITY = ("bob", "dee"), ("sam", "sue")


@dataclass
class Wish:
    """One person's wish to decide about one commit, and how far they got with it."""

    number: int
    person: str
    kind: DecisionKind
    head: str
    fate: Fate = "wanted"
    sent: int = 0
    """How often the dialogue was sent: more than once only where nobody answered."""
    words: str = ""
    """The last private word about it."""

    @property
    def settled(self) -> bool:
        return self.fate in ("taken", "known", "moot")


@dataclass
class Book:
    """One change as its people know it."""

    number: int
    branch: str
    risk: Risk
    heads: list[str] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    open: bool = True
    ends: int = 0
    """How often it was closed."""

    @property
    def head(self) -> str:
        return self.heads[-1]

    def push(self, head: str) -> None:
        """A new commit: what was wished about the old one and not taken is given up."""
        self.heads.append(head)
        self._give_up()

    def close(self) -> None:
        self.open = False
        self.ends += 1
        self._give_up()

    def _give_up(self) -> None:
        for wish in self.wishes:
            if wish.fate == "wanted":
                wish.fate = "moot"

    @property
    def standing(self) -> dict[str, DecisionKind]:
        """Each person's last decision about the head."""
        return {wish.person: wish.kind for wish in self.wishes if wish.head == self.head and wish.fate in ("taken", "known")}

    @property
    def state(self) -> State:
        """What the gate has to say, by the decisions that were taken."""
        if "changes-requested" in self.standing.values():
            return "blocked"
        wanted = (OWNERS, SECURITY) if self.risk == "high" else ((*OWNERS, *SECURITY),)
        met = all(any(person in self.standing for person in seat) for seat in wanted)
        return "allowed" if met else "waiting"


@dataclass
class Ledger:
    """All changes of a story by number."""

    books: dict[int, Book] = field(default_factory=dict)

    @property
    def open_books(self) -> list[Book]:
        return [book for book in self.books.values() if book.open]

    def unsettled(self) -> list[Wish]:
        """Wishes that are still to be granted, the oldest of each change first; the gone ones are laid aside."""
        found = []
        for book in self.books.values():
            for wish in book.wishes:
                if wish.fate == "unsure" and (wish.head != book.head or not book.open):
                    wish.fate = "moot"
                elif not wish.settled:
                    found.append(wish)
        return found
