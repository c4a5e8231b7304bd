"""Bursts of deeds, drawn from a seeded generator: what many people do at once while the gate is about to die.

Deeds of one change follow each other, those of different changes run side by side. What is drawn is the same for the same seed;
which of it the gate has seen when it dies is not, and is not meant to be.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from bot.cli.specimen import Specimen, login_change, small_change
from bot.core.approval import DecisionKind
from bot.ports.clock import Clock
from integrations.sandbox.stage import ForgeStage
from tests.bench.apart import place_of
from tests.bench.ledger import OWNERS, SECURITY, Book, Ledger, Risk, Wish
from tests.bench.reviewer import Reviewer

Deed = Callable[[], None]
AUTHOR = "ann"
SIDE_BY_SIDE = 6


@dataclass(frozen=True, slots=True)
class Course:
    """How long and how wild: kills, changes, and the seed that everything is drawn from."""

    kills: int
    changes: int = 20
    deeds: int = 7
    seed: int = 1


class Burst:
    """Draws deeds and has them done; the ledger learns of each as it happens."""

    def __init__(
        self, forge: ForgeStage, clock: Clock, ledger: Ledger, reviewers: Mapping[str, Reviewer], course: Course
    ) -> None:
        self._forge = forge
        self._repo = place_of(forge).path
        self._clock = clock
        self._ledger = ledger
        self._reviewers = reviewers
        self._random = random.Random(course.seed)
        self._most = course.changes
        self._drawn = 0
        self._pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="people")

    def close(self) -> None:
        self._pool.shutdown(wait=True)

    def act(self, deeds: int, chat: bool = True) -> None:
        """Do so many deeds and wait until the people are through with them; without `chat` only what happens on the forge."""
        chains: dict[int, list[Deed]] = {}
        opened = max(1, deeds // 3) if len(self._ledger.books) < self._most else 0
        for _ in range(min(opened, self._most - len(self._ledger.books))):
            book = self._open()
            chains[book.number] = []
        for _ in range(deeds - opened):
            book = self._random.choice(self._ledger.open_books)
            chains.setdefault(book.number, []).extend(self._draw(book, chat))
        running = [self._pool.submit(_one_by_one, chain) for chain in chains.values()]
        for each in running:
            each.result()

    def pursue(self) -> None:
        """Everybody whose wish is not granted yet tries once more."""
        chains: dict[int, list[Wish]] = {}
        for wish in self._ledger.unsettled():
            chains.setdefault(wish.number, []).append(wish)
        for each in [self._pool.submit(self._in_turn, chain) for chain in chains.values()]:
            each.result()

    def _in_turn(self, wishes: Sequence[Wish]) -> None:
        for wish in wishes:
            self._reviewers[wish.person].pursue(wish)
            if not wish.settled:
                return

    def _open(self) -> Book:
        """A new change. Deeds need its number, so this happens while the burst is drawn."""
        number = len(self._ledger.books) + 1
        risk: Risk = "high" if number % 2 else "low"
        book = Book(number, f"agent/change-{number}", risk)
        self._commit(book)
        self._forge.open_change(self._repo, book.branch, by=AUTHOR, title=f"Add part {number}", body="Generated.")
        self._ledger.books[number] = book
        return book

    def _draw(self, book: Book, chat: bool) -> list[Deed]:
        choice = self._random.random()
        if chat and choice < 0.55:
            return self._decisions(book)
        if choice < 0.75:
            return [lambda: self._commit(book)]
        if choice < 0.93:
            return [self._label(book)]
        return [lambda: self._close(book)] if self._random.random() < 0.3 else [self._rename(book)]

    def _decisions(self, book: Book) -> list[Deed]:
        """One to three people decide; who asked for changes may approve after."""
        people = self._random.sample((*OWNERS, *SECURITY), self._random.randint(1, 3))
        deeds = []
        for person in people:
            kinds: Sequence[DecisionKind] = ("approved",)
            if self._random.random() < 0.25:
                kinds = self._random.choice((("changes-requested",), ("changes-requested", "approved")))
            deeds += [self._decision(book, person, kind) for kind in kinds]
        return deeds

    def _decision(self, book: Book, person: str, kind: DecisionKind) -> Deed:
        def decide() -> None:
            before = [wish.kind for wish in book.wishes if wish.head == book.head and wish.person == person]
            closed_by_green = book.state == "allowed"  # a green card has no buttons left
            if book.open and kind not in before and "approved" not in before and not closed_by_green:
                wish = Wish(book.number, person, kind, book.head)
                book.wishes.append(wish)
                if all(other.settled for other in book.wishes[:-1]):
                    self._reviewers[person].pursue(wish)

        return decide

    def _commit(self, book: Book) -> None:
        if book.open:
            self._drawn += 1
            made = _specimen(book, self._clock.now(), f"revision {self._drawn} of part {book.number}")
            head = self._forge.push(self._repo, book.branch, made.files, by=AUTHOR, message=made.message)
            book.push(head)

    def _label(self, book: Book) -> Deed:
        name = self._random.choice(("bug", "llm-generated", "LLM Review: approved", "nice"))

        def change() -> None:
            if name in self._forge.change(self._repo, book.number).labels:
                self._forge.unlabel(self._repo, book.number, name, by=AUTHOR)
            else:
                self._forge.label(self._repo, book.number, name, by=AUTHOR)

        return change

    def _rename(self, book: Book) -> Deed:
        title = f"Part {book.number}, take {self._random.randint(1, 999)}"
        return lambda: self._forge.edit(self._repo, book.number, by=AUTHOR, title=title)

    def _close(self, book: Book) -> None:
        if book.open and len(self._ledger.open_books) > 3:
            book.close()
            self._forge.close_change(self._repo, book.number, by=AUTHOR)


def _specimen(book: Book, at: datetime, note: str) -> Specimen:
    return login_change(at, note) if book.risk == "high" else small_change(at, book.number, note)


def _one_by_one(chain: Sequence[Deed]) -> None:
    for deed in chain:
        deed()
