"""Tables of who is who, and of the errands in which people prove it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Table, Text, text
from sqlmodel import Field, SQLModel

from storage.tables import UtcTime

LIVE = text("ended_at IS NULL")


class LinkRow(SQLModel, table=True):
    """A chat account tied to a forge account. Each may have one live link: an account on all, a chat account on a host."""

    __tablename__ = "links"
    __table_args__ = (
        Index("links_chat", "team", "chat_user", "forge", "host", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
        Index("links_account", "forge", "host", "account_id", unique=True, sqlite_where=LIVE, postgresql_where=LIVE),
    )

    id: str = Field(sa_type=Text, primary_key=True)
    person: str = Field(sa_type=Text)
    team: str = Field(sa_type=Text)
    chat_user: str = Field(sa_type=Text)
    forge: str = Field(sa_type=Text)
    host: str = Field(sa_type=Text)
    account_id: int = Field(sa_type=BigInteger)
    login: str = Field(sa_type=Text)
    method: str = Field(sa_type=Text)
    linked_at: datetime = Field(sa_type=UtcTime)
    checked_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime)
    because: str = Field(sa_type=Text)


class LinksRevisionRow(SQLModel, table=True):
    """One row: how often a link was added, checked or ended."""

    __tablename__ = "links_revision"

    id: int = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger)


class PasskeyRow(SQLModel, table=True):
    """A person's WebAuthn credential, as its signed record says too: the record decides, this row only finds it."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("passkeys_of_person", "person"),)

    id: str = Field(sa_type=Text, primary_key=True)
    person: str = Field(sa_type=Text)
    public_key: bytes = Field(sa_type=LargeBinary)
    label: str = Field(sa_type=Text)
    record: str = Field(sa_type=Text)
    enrolled_at: datetime = Field(sa_type=UtcTime)
    sign_count: int = Field(sa_type=BigInteger)
    synced: bool
    last_used_at: datetime | None = Field(sa_type=UtcTime)
    removed_at: datetime | None = Field(sa_type=UtcTime)


class VisitRow(SQLModel, table=True):
    """One errand of one person to a page. The token itself is not kept, only its SHA-256."""

    __tablename__ = "visits"
    __table_args__ = (Index("visits_oauth", "oauth"), Index("visits_expire", "expires_at"))

    token_sha256: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text)
    team: str = Field(sa_type=Text)
    chat_user: str = Field(sa_type=Text)
    person: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text)
    request: str = Field(sa_type=Text)
    revision: int
    statement: bytes = Field(sa_type=LargeBinary)
    state: str = Field(sa_type=Text)
    oauth: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    used_at: datetime | None = Field(sa_type=UtcTime)


TABLES = SQLModel.metadata.tables
LINKS: Table = TABLES["links"]
LINKS_REVISION: Table = TABLES["links_revision"]
PASSKEYS: Table = TABLES["passkeys"]
VISITS: Table = TABLES["visits"]
