"""Tables of the transparency log. All but the tiles, which follow from the records, are append-only, by triggers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

from storage.tables import UtcTime


class RecordRow(SQLModel, table=True):
    """A signed record. `position` is its index in the log, which has no gap."""

    __tablename__ = "records"
    __table_args__ = (Index("records_about", "about", "position"), Index("records_regarding", "regards", "kind"))

    position: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: str = Field(sa_type=Text, unique=True)
    kind: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text)
    head_sha: str = Field(sa_type=Text)
    regards: str = Field(sa_type=Text)
    bundle: bytes = Field(sa_type=LargeBinary)
    stored_at: datetime = Field(sa_type=UtcTime)


class VoidBeforeLogRow(SQLModel, table=True):
    """Why an approval no longer counted before there was a log. Nothing is added here any more."""

    __tablename__ = "voids_before_log"

    approval_id: str = Field(sa_type=Text, primary_key=True)
    because: str = Field(sa_type=Text)
    voided_at: datetime = Field(sa_type=UtcTime)


class TileRow(SQLModel, table=True):
    """The bottom row of a tile of the tree, 32 bytes a hash; the one at the right edge grows."""

    __tablename__ = "log_tiles"

    level: int = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger, primary_key=True)
    hashes: bytes = Field(sa_type=LargeBinary)


class LogHeadRow(SQLModel, table=True):
    """One row: how many records there are. Whoever appends holds it until the commit."""

    __tablename__ = "log_head"

    id: int = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)


class CheckpointRow(SQLModel, table=True):
    """A signed head of the tree."""

    __tablename__ = "checkpoints"

    size: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: bytes = Field(sa_type=LargeBinary)
    note: str = Field(sa_type=Text)
    made_at: datetime = Field(sa_type=UtcTime)


class CosignatureRow(SQLModel, table=True):
    """A witness's line below a checkpoint."""

    __tablename__ = "cosignatures"

    size: int = Field(sa_type=BigInteger, primary_key=True)
    line: str = Field(sa_type=Text, primary_key=True)
    taken_at: datetime = Field(sa_type=UtcTime)


class TimestampRow(SQLModel, table=True):
    """An RFC 3161 token over a checkpoint."""

    __tablename__ = "timestamps"

    size: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    token: bytes = Field(sa_type=LargeBinary)
    taken_at: datetime = Field(sa_type=UtcTime)


class AnchorRow(SQLModel, table=True):
    """Where a checkpoint stands outside of this database."""

    __tablename__ = "anchors"

    size: int = Field(sa_type=BigInteger, primary_key=True)
    place: str = Field(sa_type=Text, primary_key=True)
    reference: str = Field(sa_type=Text)
    placed_at: datetime = Field(sa_type=UtcTime)


APPEND_ONLY = ("records", "voids_before_log", "checkpoints", "cosignatures", "timestamps", "anchors")
TABLES = SQLModel.metadata.tables
RECORDS: Table = TABLES["records"]
VOIDS_BEFORE_LOG: Table = TABLES["voids_before_log"]
TILES: Table = TABLES["log_tiles"]
LOG_HEAD: Table = TABLES["log_head"]
CHECKPOINTS: Table = TABLES["checkpoints"]
COSIGNATURES: Table = TABLES["cosignatures"]
TIMESTAMPS: Table = TABLES["timestamps"]
ANCHORS: Table = TABLES["anchors"]
