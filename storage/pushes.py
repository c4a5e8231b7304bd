"""Who pushed which commit, kept before anybody knows whether a change will hold it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import bindparam, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.events import BranchPushed
from bot.core.facts import Change
from bot.core.ids import RepoRef
from storage.rows import Rows, insert_into, storable
from storage.tables import PUSHES

_of_commits = (
    select(PUSHES.c.head_sha, PUSHES.c.repo_key, PUSHES.c.branch, PUSHES.c.account)
    .where(PUSHES.c.head_sha.in_(bindparam("commits", expanding=True)))
    .order_by(PUSHES.c.pushed_at, PUSHES.c.account)
)


@cache
def _keep(dialect: str) -> ReturningInsert[str]:
    key = [PUSHES.c.head_sha, PUSHES.c.repo_key, PUSHES.c.branch, PUSHES.c.account]
    return insert_into(PUSHES, dialect).on_conflict_do_nothing(index_elements=key).returning(PUSHES.c.account)


class PushRows(Rows):
    def keep_push(self, pushed: BranchPushed, now: datetime) -> bool:
        """False where it is known already."""
        row = {
            "head_sha": pushed.head_sha,
            "repo_key": pushed.repo.key,
            "branch": storable(pushed.branch),
            "account": pushed.account,
            "pushed_at": now,
        }
        return self._execute(_keep(self._dialect), row).scalar() is not None

    def pushes_of(self, change: Change, commits: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """(commit, account), oldest first: pushes of these commits to the change's branch, and the first one anywhere on the
        host, which brought the commit. That somebody else began a branch at it later is no part in it."""
        home = change.ref.repo
        branch = (RepoRef(home.forge, home.host, change.head_repo or home.path).key, change.head_ref)
        brought: set[str] = set()
        found: list[tuple[str, str]] = []
        for row in self._execute(_of_commits, {"commits": list(commits)}):
            if not row.repo_key.startswith(f"{home.forge}:{home.host}/"):
                continue
            if row.head_sha not in brought or (row.repo_key, row.branch) == branch:
                found.append((row.head_sha, row.account))
            brought.add(row.head_sha)
        return tuple(dict.fromkeys(found))
