"""The transparency log: its key, whether its heads are signed, and whether they stand outside of the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import inspect, make_url, text

from bot.cli.checkup.premises import INIT
from bot.cli.checkup.row import Row, parted
from bot.cli.checkup.waiting import Waiting
from bot.core.tlog.note import BadVerifierKey, format_vkey
from bot.main import Settings, SystemClock
from bot.main.log import git_anchor
from bot.ports.errors import WorldError
from bot.ports.records import LogUnit, StoredCheckpoint
from integrations.tlog.keys import BadKey, load_key
from storage.database import open_database
from storage.migrate import HEAD
from storage.unit import SqlUnit

KEY, LOG_HEAD, ANCHORS = "Log key", "Log head", "Log anchors"
LATE = 3
"""So many ticks may pass: what is said in the chat is looked for one tick later."""
RUNNING = "is `llmgate serve` running? its log says what failed"


def look_at_log(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    """The key, the newest head, and each place outside."""
    yield _key(settings)
    yield from _places(settings, waiting)
    try:
        yield from _kept(settings)
    except WorldError:
        return  # the database has its own rows


def _key(settings: Settings) -> Row:
    wanted = "the log's Ed25519 key, mode 0600: without it no head is signed, and nobody can prove a record"
    try:
        key = load_key(settings.log.key_file, settings.log.origin)
    except (BadKey, BadVerifierKey) as error:
        return parted(Row(KEY, "problem", str(error), wanted, INIT))
    return Row(KEY, "ok", f"{settings.log.key_file}; whoever verifies needs {format_vkey(key.vkey)}")


def _places(settings: Settings, waiting: Waiting) -> Iterator[Row]:
    log = settings.log
    missing = [
        name for name, held in (("log.anchor_git", log.anchor_git), ("log.audit_channel", log.audit_channel)) if not held
    ]
    if missing:
        saw = f"{' and '.join(missing)} not set" if missing[1:] else f"{missing[0]} is not set"
        wanted = "two places: what stands outside is all that shows a database rewritten with both keys"
        yield Row(ANCHORS, "warning", saw, wanted, f"set {' and '.join(missing)}")
    if not log.anchor_git:
        return
    try:
        with waiting.on(f"asking {log.anchor_ref} of log.anchor_git"):
            tip = git_anchor(log).tip()
    except WorldError as error:
        cure = "correct log.anchor_git, or the account's right to read it"
        yield parted(Row("Log anchor git", "problem", str(error), "a git repository that can be reached", cure))
        return
    yield Row(
        "Log anchor git",
        "ok",
        f"{log.anchor_ref} at {tip[:12]}" if tip else f"no {log.anchor_ref} yet; the first head makes it",
    )


def _kept(settings: Settings) -> Iterator[Row]:
    """What the database remembers of heads. Nothing where there is none yet, or not of this release. Raises WorldError."""
    url = make_url(settings.database.url)
    if url.drivername == "sqlite" and not Path(url.database or "").exists():
        return
    database = open_database(settings.database.url)
    try:
        with database.read() as connection:
            named = inspect(connection).has_table("alembic_version")
            if named and connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD:
                yield from _heads(SqlUnit(connection), settings)
    finally:
        database.close()


def _heads(unit: LogUnit, settings: Settings) -> Iterator[Row]:
    size, newest = unit.log_size(), unit.latest_checkpoint()
    now, patience = SystemClock().now(), timedelta(seconds=LATE * settings.log.anchor_every_s)
    yield _head(unit, size, newest, now - patience)
    if newest is None:
        return
    largest = {anchor.place: anchor.size for anchor in unit.anchors()}
    for place, wanted in (("git", settings.log.anchor_git), ("chat", settings.log.audit_channel)):
        stands = largest.get(place, 0)
        if wanted and stands < newest.size and newest.at < now - patience:
            saw = f"a head of {stands:,} records there, and one of {newest.size:,} since {_moment(newest.at)}"
            yield Row(f"Log in {place}", "warning", saw, "the newest head in every place", RUNNING)


def _head(unit: LogUnit, size: int, newest: StoredCheckpoint | None, late: datetime) -> Row:
    covered = newest.size if newest else 0
    signed = f"{covered:,} of {size:,} records signed for" + (f", last at {_moment(newest.at)}" if newest else "")
    if covered > size:
        return Row(
            LOG_HEAD, "problem", signed, "a log that only grows", "run `llmgate log verify`, and ask who rules the database"
        )
    waiting = unit.records_from(covered, 1)
    if waiting and waiting[0].stored_at < late:
        return Row(LOG_HEAD, "warning", signed, "a head over every record, soon after it came", RUNNING)
    return Row(LOG_HEAD, "ok", signed)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
