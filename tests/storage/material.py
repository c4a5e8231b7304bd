"""Small values that these tests store."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.actions import SayInThread, SetCheck, SetComment, ShowAsk, ShowCard, Whisper
from bot.core.events import ChangeTouched
from bot.core.ids import ChangeRef, ChatUser, RepoRef
from bot.core.notice import Notice, text
from bot.ports.store import ApprovalRequest, ChangeRecord

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
SHOP = RepoRef("github", "github.com", "acme/shop")
CHANGE = ChangeRef(SHOP, 7)
OTHER = ChangeRef(SHOP, 8)
SHA = "a1" * 20
CHANNEL = "C100"


def touched(reason: str = "opened", head_sha: str = "", sender: str = "", change: ChangeRef = CHANGE) -> ChangeTouched:
    return ChangeTouched(change, reason, head_sha=head_sha, sender=sender)


def notice(words: str) -> Notice:
    return Notice(words, "waiting", text(words))


def comment(body: str, change: ChangeRef = CHANGE) -> SetComment:
    return SetComment(change, body)


def check(title: str, sha: str = SHA) -> SetCheck:
    return SetCheck(SHOP, sha, "waiting", title, "summary", "details", change=CHANGE)


def card(words: str, change: ChangeRef = CHANGE, channel: str = CHANNEL) -> ShowCard:
    return ShowCard(change, channel, notice(words))


def ask(person: str) -> ShowAsk:
    return ShowAsk(CHANGE, CHANNEL, person, SHA, notice(f"please look, {person}"))


def line(key: str) -> SayInThread:
    return SayInThread(CHANGE, CHANNEL, notice("something happened"), key)


def whisper(key: str) -> Whisper:
    return Whisper(ChatUser("T1", "U1"), CHANNEL, notice("only you see this"), key)


def record(change: ChangeRef = CHANGE) -> ChangeRecord:
    return ChangeRecord(change, None, (), b"", b"", None, (), None)


def request(token: str = "tok", change: ChangeRef = CHANGE) -> ApprovalRequest:
    return ApprovalRequest(token, change, SHA, "digest", "high", "open", 1, CHANNEL, NOW, NOW)
