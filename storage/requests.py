"""What was asked of people. A request changes state only for who has read its newest revision."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, bindparam, insert, select, update

from bot.core.ids import ChangeRef
from bot.ports.store import ApprovalRequest, RequestState
from storage.rows import Rows
from storage.tables import REQUESTS

_add = insert(REQUESTS)
_by_token = select(REQUESTS).where(REQUESTS.c.token == bindparam("token"))
_of_change = select(REQUESTS).where(REQUESTS.c.change_key == bindparam("change_key")).order_by(REQUESTS.c.id.desc()).limit(1)
_move = (
    update(REQUESTS)
    .where(REQUESTS.c.token == bindparam("which"), REQUESTS.c.revision == bindparam("expected"))
    .values(state=bindparam("to"), revision=REQUESTS.c.revision + 1, updated_at=bindparam("at"))
)


class RequestRows(Rows):
    def request(self, token: str) -> ApprovalRequest | None:
        row = self._execute(_by_token, {"token": token}).mappings().one_or_none()
        return None if row is None else read_request(row)

    def request_of(self, ref: ChangeRef) -> ApprovalRequest | None:
        """The newest request of the change."""
        row = self._execute(_of_change, {"change_key": ref.key}).mappings().one_or_none()
        return None if row is None else read_request(row)

    def add_request(self, request: ApprovalRequest) -> None:
        row = {
            "token": request.token,
            "change_key": request.change.key,
            "head_sha": request.head_sha,
            "policy_digest": request.policy_digest,
            "tier": request.tier,
            "state": request.state,
            "revision": request.revision,
            "channel": request.channel,
            "created_at": request.created_at,
            "updated_at": request.updated_at,
        }
        self._execute(_add, row)

    def move_request(self, token: str, expected_revision: int, state: RequestState, now: datetime) -> bool:
        """Conditional update: False when somebody was faster."""
        values = {"which": token, "expected": expected_revision, "to": state, "at": now}
        return self._execute(_move, values).rowcount == 1


def read_request(row: RowMapping, prefix: str = "") -> ApprovalRequest:
    """The request in a row whose columns are named with `prefix`."""
    return ApprovalRequest(
        token=row[prefix + "token"],
        change=ChangeRef.from_key(row[prefix + "change_key"]),
        head_sha=row[prefix + "head_sha"],
        policy_digest=row[prefix + "policy_digest"],
        tier=row[prefix + "tier"],
        state=row[prefix + "state"],
        revision=row[prefix + "revision"],
        channel=row[prefix + "channel"],
        created_at=row[prefix + "created_at"],
        updated_at=row[prefix + "updated_at"],
    )
