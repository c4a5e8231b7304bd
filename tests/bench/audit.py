"""The world against the books: each line is something that is doubled, missing or wrong. None: all is as it must be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bot.cli.hands import REVIEW, whole
from bot.cli.layout import CHANNEL
from bot.core.approval import Approval
from bot.core.ids import ChangeRef
from integrations.sandbox.slack.fake import FakeSlack
from integrations.sandbox.slack.workspace import Message
from integrations.sandbox.stage import ForgeStage
from integrations.sigstore.offline import Expected, Outcome, verify_approval
from integrations.sigstore.signatures import PublicKey
from storage.store import SqlStore
from tests.bench.apart import place_of
from tests.bench.ledger import Book, Wish
from tests.bench.reviewer import cards_of

STICKY = "<!-- llmgate: the sticky "
CARD_WORDS = {"blocked": "changes requested", "allowed": "approved by", "waiting": "waiting for"}
GENERATED, APPROVED = "llm-generated", "LLM Review: approved"


@dataclass(frozen=True, slots=True)
class World:
    """All that can be looked at, and by whom people are known in the chat."""

    forge: ForgeStage
    slack: FakeSlack
    store: SqlStore
    key: PublicKey
    members: dict[str, str]

    @property
    def repo(self) -> str:
        return place_of(self.forge).path

    def ref(self, number: int) -> ChangeRef:
        return ChangeRef(place_of(self.forge), number)


def audit(world: World, book: Book) -> list[str]:
    """What is wrong with one change, each line with its number."""
    approvals = stored(world, book.number)
    found = [*_check(world, book), *_comment(world, book), *_labels(world, book), *_approvals(world, book, approvals)]
    found += [*_card(world, book), *_thread(world, book, approvals), *_reviews(world, book, approvals)]
    return [f"#{book.number}: {problem}" for problem in found]


def stored(world: World, number: int) -> list[Approval]:
    """Every stored decision, its signature verified. ValueError where one does not hold."""
    with world.store.begin() as unit:
        bundles = unit.approvals(world.ref(number))
    read = []
    for bundle in bundles:
        checked = verify_approval(bundle.bundle, world.key, Expected(world.repo, number, bundle.head_sha))
        if checked.approval is None or checked.outcome not in (Outcome.GOOD, Outcome.NOT_APPROVED):
            raise ValueError(f"saw a stored approval of {world.ref(number)} that does not verify: {checked}")
        read.append(checked.approval)
    return read


def _check(world: World, book: Book) -> Iterator[str]:
    if not book.open:
        return
    seen = world.forge.check(world.repo, book.head)
    if seen.state != book.state:
        yield f"the check is {seen.state} ({seen.title!r}), wanted {book.state} by {book.standing}"
    reopened = sum(wish.kind == "changes-requested" for wish in book.wishes if wish.head == book.head)
    editable = world.forge.forge == "github"  # what is final on GitLab is followed by a new one, if that says something else
    fresh = 1 if editable else len(set(seen.made))
    if len(seen.made) > fresh + reopened:
        yield f"{len(seen.made)} checks made on one head {seen.made}, wanted at most {fresh + reopened}"


def _comment(world: World, book: Book) -> Iterator[str]:
    comments = world.forge.change(world.repo, book.number).comments
    sticky = [comment for comment in comments if STICKY in comment]
    if len(sticky) > 1 or (book.open and not sticky):
        yield f"{len(sticky)} sticky comments"
    if len(sticky) != len(comments):
        yield "a comment that nobody made"


def _labels(world: World, book: Book) -> Iterator[str]:
    labels = world.forge.change(world.repo, book.number).labels
    if book.open and (GENERATED not in labels or (APPROVED in labels) != (book.state == "allowed")):
        yield f"labels {labels} while {book.state}"


def _approvals(world: World, book: Book, approvals: list[Approval]) -> Iterator[str]:
    counted = Counter((str(a.person), str(a.head_sha), a.decision) for a in approvals)
    wishes = {(wish.person, wish.head, wish.kind): wish for wish in book.wishes}
    for key, count in counted.items():
        if count > 1 or key not in wishes or not wishes[key].sent:
            yield f"{count} records of {key}, which were {'never sent' if key not in wishes else 'sent'}"
    for key, wish in wishes.items():
        if wish.fate in ("taken", "known") and key not in counted and not _excused(world, book, wish):
            yield f"no record of {key}, which was {wish.fate}"
        if wish.fate == "taken" and wish.sent == 1 and key in counted and _refused(world, book, wish):
            yield f"{key} was recorded, and then refused in private"


def _excused(world: World, book: Book, wish: Wish) -> bool:
    """The commit or the change went away meanwhile, and the person was told so."""
    told = [whole(message) for message in world.slack.ephemerals(world.members[wish.person])]
    gone = wish.head != book.head or not book.open
    return gone and any(wish.head[:12] in word or str(world.ref(book.number)) in word for word in told)


def _refused(world: World, book: Book, wish: Wish) -> bool:
    """Whether the person was told that this decision does not count, or was there already."""
    words = [f"{wish.kind} for {wish.head[:12]}"]
    if sum((other.person, other.head) == (wish.person, wish.head) for other in book.wishes) == 1:
        words.append(f"you saw {wish.head[:12]}")
    return any(word in message.text for message in world.slack.ephemerals(world.members[wish.person]) for word in words)


def _card(world: World, book: Book) -> Iterator[str]:
    cards = cards_of(world.slack, world.ref(book.number))
    if len(cards) > 1 or (book.open and not cards):
        yield f"{len(cards)} cards"
    for card in cards:
        wanted = CARD_WORDS[book.state] if book.open else "was closed"
        if wanted not in card.text or (book.open and book.head[:12] not in whole(card)):
            yield f"the card says {card.text!r}, wanted {wanted!r} about {book.head[:12]}"


def _thread(world: World, book: Book, approvals: list[Approval]) -> Iterator[str]:
    said = [
        message for card in cards_of(world.slack, world.ref(book.number)) for message in world.slack.thread(CHANNEL, card.ts)
    ]
    yield from _lines(said, approvals)
    asks = [message for message in said if message.notified]
    for name, count in Counter(name for message in asks for name in message.notified).items():
        if count > len(book.heads):
            yield f"{name} was asked {count} times about {len(book.heads)} commits"
    live = Counter(name for message in asks if REVIEW in whole(message) for name in message.notified)
    if any(count > 1 for count in live.values()):
        yield f"asked twice at once: {live}"
    if bool(live) != (book.open and book.state == "waiting"):
        yield f"asked now: {sorted(live)}, while {book.state}{'' if book.open else ' and closed'}"


def _lines(said: list[Message], approvals: list[Approval]) -> Iterator[str]:
    texts = Counter(message.text for message in said if not message.notified)
    for text, count in texts.items():
        if count > 1 and text.startswith("A push voided"):
            yield f"said {count} times: {text}"
    for decision, words in (("approved", "approved"), ("changes-requested", "requested changes")):
        wanted = Counter(str(a.person).capitalize() for a in approvals if a.decision == decision)
        heard: Counter[str] = Counter()
        for text, count in texts.items():
            found = re.match(rf"(\w+) {words}", text)
            if found:
                heard[found[1]] += count
        if heard != wanted:
            yield f"the thread says {words} of {dict(heard)}, wanted {dict(wanted)}"


def _reviews(world: World, book: Book, approvals: list[Approval]) -> Iterator[str]:
    posted = len(world.forge.change(world.repo, book.number).reviews)
    wanted = sum(approval.decision == "changes-requested" for approval in approvals)
    if posted != wanted:
        yield f"{posted} reviews posted, wanted {wanted}"
