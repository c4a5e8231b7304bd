"""Who is who: links, passkeys, and the visits in which people prove it.

The unique indexes decide who may have which link, and conditional updates who uses a visit up: whoever comes second is told so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import RowMapping, bindparam, case, insert, select, update
from sqlalchemy.sql.dml import ReturningInsert

from bot.core.ids import ChatUser, ForgeAccount, PersonId
from bot.ports.identity import Link, Passkey, Visit
from storage.identity_tables import LINKS, LINKS_REVISION, PASSKEYS, VISITS
from storage.rows import Rows, insert_into, storable

_links = select(LINKS).order_by(LINKS.c.linked_at, LINKS.c.id)
_live_links = _links.where(LINKS.c.ended_at.is_(None))
_revision = select(LINKS_REVISION.c.revision).where(LINKS_REVISION.c.id == 1)
_hold_links = _revision.with_for_update()
_revise = update(LINKS_REVISION).where(LINKS_REVISION.c.id == 1).values(revision=LINKS_REVISION.c.revision + 1)
_live_link = (LINKS.c.id == bindparam("which"), LINKS.c.ended_at.is_(None))
_end_link = update(LINKS).where(*_live_link).values(ended_at=bindparam("at"), because=bindparam("why"))
_check_link = update(LINKS).where(*_live_link).values(login=bindparam("called"), checked_at=bindparam("at"))

_passkeys = select(PASSKEYS).order_by(PASSKEYS.c.enrolled_at, PASSKEYS.c.id)
_live_passkey = (PASSKEYS.c.id == bindparam("which"), PASSKEYS.c.removed_at.is_(None))
_passkey = select(PASSKEYS).where(*_live_passkey)
_seen = bindparam("seen", type_=PASSKEYS.c.sign_count.type)
_use_passkey = (
    update(PASSKEYS)
    .where(*_live_passkey)
    .values(sign_count=case((PASSKEYS.c.sign_count > _seen, PASSKEYS.c.sign_count), else_=_seen), last_used_at=bindparam("at"))
)
_remove_passkey = update(PASSKEYS).where(*_live_passkey).values(removed_at=bindparam("at"))

_add_visit = insert(VISITS)
_visit = select(VISITS).where(VISITS.c.token_sha256 == bindparam("token"))
_by_state = select(VISITS).where(VISITS.c.oauth == bindparam("word")).order_by(VISITS.c.created_at.desc()).limit(1)
_unused_visit = (VISITS.c.token_sha256 == bindparam("token"), VISITS.c.used_at.is_(None))
_note_visit = update(VISITS).where(*_unused_visit).values(state=bindparam("remembered"), oauth=bindparam("word"))
_use_visit = update(VISITS).where(*_unused_visit, VISITS.c.expires_at > bindparam("at")).values(used_at=bindparam("at"))


@cache
def _add_link(dialect: str) -> ReturningInsert[str]:
    return insert_into(LINKS, dialect).on_conflict_do_nothing().returning(LINKS.c.id)


@cache
def _add_passkey(dialect: str) -> ReturningInsert[str]:
    return insert_into(PASSKEYS, dialect).on_conflict_do_nothing(index_elements=["id"]).returning(PASSKEYS.c.id)


class LinkRows(Rows):
    """Whoever changes links holds the row of their revision first: units that change several never wait for each other."""

    def add_link(self, link: Link) -> bool:
        """False when the chat account has a live link on that host, or the forge account has one at all."""
        row = {
            "id": link.id,
            "person": link.person,
            "team": link.chat.team,
            "chat_user": link.chat.id,
            "forge": link.account.forge,
            "host": link.account.host,
            "account_id": link.account.id,
            "login": storable(link.account.login),
            "method": link.method,
            "linked_at": link.linked_at,
            "checked_at": link.checked_at,
            "ended_at": link.ended_at,
            "because": storable(link.because),
        }
        self._execute(_hold_links)
        return self._revised(self._execute(_add_link(self._dialect), row).scalar() is not None)

    def links(self, *, live: bool = True) -> tuple[Link, ...]:
        """Oldest first."""
        return tuple(_read_link(row) for row in self._execute(_live_links if live else _links).mappings())

    def links_revision(self) -> int:
        """Grows with each change of a link."""
        revision: int = self._execute(_revision).scalar_one()
        return revision

    def end_link(self, link_id: str, because: str, now: datetime) -> bool:
        """False when there is no such live link."""
        values = {"which": link_id, "why": storable(because), "at": now}
        self._execute(_hold_links)
        return self._revised(self._execute(_end_link, values).rowcount == 1)

    def check_link(self, link_id: str, login: str, now: datetime) -> bool:
        """It was found to hold still; the account is called so now. False when there is no such live link."""
        values = {"which": link_id, "called": storable(login), "at": now}
        self._execute(_hold_links)
        return self._revised(self._execute(_check_link, values).rowcount == 1)

    def _revised(self, changed: bool) -> bool:
        if changed:
            self._execute(_revise)
        return changed


class PasskeyRows(Rows):
    def add_passkey(self, passkey: Passkey) -> bool:
        """False when the credential is enrolled already, or was, by whomever."""
        row = {
            "id": passkey.id,
            "person": passkey.person,
            "public_key": passkey.public_key,
            "label": storable(passkey.label),
            "record": passkey.record,
            "enrolled_at": passkey.enrolled_at,
            "sign_count": passkey.sign_count,
            "synced": passkey.synced,
            "last_used_at": passkey.last_used_at,
            "removed_at": passkey.removed_at,
        }
        return self._execute(_add_passkey(self._dialect), row).scalar() is not None

    def passkeys(self, person: PersonId | None = None, *, live: bool = True) -> tuple[Passkey, ...]:
        """Oldest first; of everybody unless a person is named."""
        wanted = _passkeys.where(PASSKEYS.c.removed_at.is_(None)) if live else _passkeys
        wanted = wanted if person is None else wanted.where(PASSKEYS.c.person == person)
        return tuple(_read_passkey(row) for row in self._execute(wanted).mappings())

    def passkey(self, credential_id: str) -> Passkey | None:
        """A live one: what was removed proves nothing any more."""
        row = self._execute(_passkey, {"which": credential_id}).mappings().one_or_none()
        return None if row is None else _read_passkey(row)

    def use_passkey(self, credential_id: str, sign_count: int, now: datetime) -> None:
        """It was used just now. Its counter never goes back, in whatever order two uses commit."""
        self._execute(_use_passkey, {"which": credential_id, "seen": sign_count, "at": now})

    def remove_passkey(self, credential_id: str, now: datetime) -> bool:
        """False when there is no such live one."""
        return self._execute(_remove_passkey, {"which": credential_id, "at": now}).rowcount == 1


class VisitRows(Rows):
    def add_visit(self, visit: Visit, now: datetime) -> None:
        row = {
            "token_sha256": visit.token_sha256,
            "kind": visit.kind,
            "team": visit.chat.team,
            "chat_user": visit.chat.id,
            "person": visit.person,
            "about": visit.about,
            "request": visit.request,
            "revision": visit.revision,
            "statement": visit.statement,
            "state": json.dumps(dict(visit.state)),
            "oauth": storable(visit.state.get("oauth", "")),
            "created_at": now,
            "expires_at": visit.expires_at,
            "used_at": visit.used_at,
        }
        self._execute(_add_visit, row)

    def visit(self, token_sha256: str) -> Visit | None:
        """Also one that is over: the caller tells why."""
        row = self._execute(_visit, {"token": token_sha256}).mappings().one_or_none()
        return None if row is None else _read_visit(row)

    def visit_by_state(self, state: str) -> Visit | None:
        """The visit whose login step carries this word; also one that is over. No visit carries the empty word."""
        row = self._execute(_by_state, {"word": storable(state)}).mappings().one_or_none() if state else None
        return None if row is None else _read_visit(row)

    def note_visit(self, token_sha256: str, state: Mapping[str, str]) -> bool:
        """Replace what the errand remembers. False when it is used up."""
        words = {"remembered": json.dumps(dict(state)), "word": storable(state.get("oauth", ""))}
        return self._execute(_note_visit, {"token": token_sha256, **words}).rowcount == 1

    def use_visit(self, token_sha256: str, now: datetime) -> bool:
        """Use it up, once. False when somebody was faster, or it is expired."""
        return self._execute(_use_visit, {"token": token_sha256, "at": now}).rowcount == 1


def _read_link(row: RowMapping) -> Link:
    return Link(
        id=row["id"],
        person=PersonId(row["person"]),
        chat=ChatUser(row["team"], row["chat_user"]),
        account=ForgeAccount(row["forge"], row["host"], row["account_id"], row["login"]),
        method=row["method"],
        linked_at=row["linked_at"],
        checked_at=row["checked_at"],
        ended_at=row["ended_at"],
        because=row["because"],
    )


def _read_passkey(row: RowMapping) -> Passkey:
    return Passkey(
        id=row["id"],
        person=PersonId(row["person"]),
        public_key=row["public_key"],
        label=row["label"],
        record=row["record"],
        enrolled_at=row["enrolled_at"],
        sign_count=row["sign_count"],
        synced=row["synced"],
        last_used_at=row["last_used_at"],
        removed_at=row["removed_at"],
    )


def _read_visit(row: RowMapping) -> Visit:
    return Visit(
        token_sha256=row["token_sha256"],
        kind=row["kind"],
        chat=ChatUser(row["team"], row["chat_user"]),
        person=PersonId(row["person"]),
        expires_at=row["expires_at"],
        about=row["about"],
        request=row["request"],
        revision=row["revision"],
        statement=row["statement"],
        state=json.loads(row["state"]),
        used_at=row["used_at"],
    )
