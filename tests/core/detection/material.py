"""Commits, changes and files to detect marks in; each test says only what its story needs."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.facts import Change, ChangedFile, Commit, CommitIdentity
from bot.core.ids import ChangeRef, CommitSha, ForgeAccount, ForgeName, RepoRef

WHEN = datetime(2026, 10, 1, 12, tzinfo=UTC)
ADA = ForgeAccount("github", "github.com", 12001001, "ada", "human")
BEA = ForgeAccount("github", "github.com", 12001002, "bea", "human")


def sha(number: int) -> CommitSha:
    return CommitSha(f"{number:040x}")


def account(number: int, login: str = "somebody", kind: str = "bot", forge: ForgeName = "github") -> ForgeAccount:
    return ForgeAccount(forge, f"{forge}.com", number, login, "bot" if kind == "bot" else "human")


def person(name: str = "Ada Example", email: str = "ada@acme.example", who: ForgeAccount | None = None) -> CommitIdentity:
    return CommitIdentity(name, email, who)


def commit(message: str = "Round half to even", author: CommitIdentity | None = None, **more: object) -> Commit:
    author = author or person()
    values: dict[str, object] = {"sha": sha(1), "committer": author, "authored_at": WHEN, "files": ()}
    values.update(more)
    return Commit(message=message, author=author, **values)  # type: ignore[arg-type]  # the story's fields, passed through


def change(body: str = "", author: ForgeAccount = ADA, **more: object) -> Change:
    values: dict[str, object] = {
        "ref": ChangeRef(RepoRef(author.forge, author.host, "acme/shop"), 7),
        "title": "Round half to even",
        "state": "open",
        "draft": False,
        "head_sha": sha(1),
        "head_ref": "rounding",
        "base_ref": "main",
        "base_sha": sha(99),
        "url": "https://github.com/acme/shop/pull/7",
        "created_at": WHEN,
        "updated_at": WHEN,
    }
    values.update(more)
    return Change(body=body, author=author, **values)  # type: ignore[arg-type]  # the story's fields, passed through


def file(path: str = "src/money.py", **more: object) -> ChangedFile:
    values: dict[str, object] = {"status": "modified", "additions": 1, "deletions": 0}
    values.update(more)
    return ChangedFile(path, **values)  # type: ignore[arg-type]  # the story's fields, passed through
