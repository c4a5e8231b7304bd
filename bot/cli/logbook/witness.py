"""`llmgate log witness`: somebody else's eye on a log, with a memory and a key of its own (C2SP tlog-witness).

Run it where the gate's administrators have no account. It remembers one thing, the last head that it signed for, and signs a
newer one only where the log's own tiles show that it grew out of that. What it remembers is on the disk before it speaks.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer

from bot.cli.logbook.connected import UNREACHED
from bot.cli.outcome import USAGE, fail
from bot.core.tlog.checkpoint import Checkpoint, parse_checkpoint
from bot.core.tlog.encoding import Malformed
from bot.core.tlog.note import (
    BadVerifierKey,
    Note,
    VerifierKey,
    format_note,
    format_vkey,
    parse_note,
    parse_signature,
    parse_vkey,
    verified,
)
from bot.core.tlog.tiles import TileReader
from bot.core.tlog.tree import consistency_proof, verify_consistency
from bot.main import SystemClock
from bot.ports.errors import WorldError
from integrations.tlog.client import RemoteLog
from integrations.tlog.keys import BadKey, LogKey, check_signature, load_key, make_key, public_path

LOUD = "NOT COSIGNED"


@dataclass(frozen=True, slots=True)
class Watched:
    """The log: where it is served, and the key that it is known by."""

    url: str
    vkey: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A head that the log's key signed."""

    note: Note
    checkpoint: Checkpoint


def run_log_witness(watched: Watched, key: Path, state: Path, post: bool) -> None:
    """The cosignature's line on standard output; what became of it on standard error."""
    try:
        known, own = parse_vkey(watched.vkey), _own_key(key)
    except (BadVerifierKey, BadKey) as error:
        fail(str(error), USAGE)
    typer.echo(f"witness key, for log.witnesses: {format_vkey(own.witness_vkey)}", err=True)
    try:
        with _alone(state), RemoteLog(watched.url) as log:
            last = _remembered(state, known)
            seen = _read(log.checkpoint(), known, f"{watched.url}/checkpoint")
            _refuse_unless_grown(log, last, seen)
            _remember(state, seen)
            line = own.cosign(seen.note.text, SystemClock().now())
            typer.echo(line, nl=False)
            if post:
                log.post_cosignature(format_note(Note(seen.note.text, (parse_signature(line.rstrip("\n")),))))
    except WorldError as error:
        fail(str(error), UNREACHED)
    _tell(last, seen, post)


def _own_key(path: Path) -> LogKey:
    """The witness's key, by the name that it was made under; made where there is none."""
    if not path.exists():
        return make_key(path, f"{socket.gethostname()}/llmgate-witness")
    try:
        name = parse_vkey(public_path(path).read_text().strip()).name
    except OSError as error:
        raise BadKey(
            f"saw {public_path(path)}: {error.strerror}; wanted it beside the key, for its name; bring it back"
        ) from None
    return load_key(path, name)


def _read(text: str, known: VerifierKey, where: str) -> Seen:
    """The head, once the log's key is found to have signed it; else the end."""
    try:
        note = parse_note(text)
        checkpoint = parse_checkpoint(note.text)
    except Malformed as error:
        _refuse(f"{error} at {where}")
    if checkpoint.origin != known.name or not verified(note, (known,), check_signature):
        saw = f"saw a checkpoint of {checkpoint.origin[:60]!r} at {where} without a good signature by {known.name}"
        _refuse(f"{saw} {known.key_hash.hex()}; wanted one; ask the log's operator by another way whether the key changed")
    return Seen(note, checkpoint)


def _remembered(state: Path, known: VerifierKey) -> Seen | None:
    if not state.exists():
        return None
    try:
        return _read(state.read_text(), known, str(state))
    except (OSError, UnicodeDecodeError) as error:
        fail(f"saw {state}: {error}; wanted what was seen last; bring it back from a backup", USAGE)


def _refuse_unless_grown(log: RemoteLog, last: Seen | None, seen: Seen) -> None:
    """Raises WorldError where the log does not serve what shows it."""
    if last is None:
        return
    old, new = last.checkpoint, seen.checkpoint
    if new.size < old.size:
        _refuse(f"ROLLED BACK: saw {new.size:,} records; wanted at least {old.size:,}, which the log signed before")
    reader = TileReader(lambda wanted: log.tiles_of(new.size, wanted))
    proof = consistency_proof(old.size, new.size, reader)
    if not verify_consistency(old.size, new.size, proof, old.root, new.root):
        saw = f"saw a log of {new.size:,} records that does not begin with the {old.size:,} that it signed before"
        _refuse(f"FORKED: {saw}; wanted the same records and more")


def _refuse(why: str) -> NoReturn:
    fail(f"{LOUD}. {why}. What was seen last is kept; tell the people who rely on this log.")


def _remember(state: Path, seen: Seen) -> None:
    """On the disk before anything is said."""
    new = state.with_name(state.name + ".new")
    with new.open("w") as file:
        file.write(format_note(seen.note))
        file.flush()
        os.fsync(file.fileno())
    new.replace(state)
    folder = os.open(state.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """One witness at a time: two could sign for a larger head, and then for a smaller one."""
    state.parent.mkdir(parents=True, exist_ok=True)
    with state.with_name(state.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _tell(last: Seen | None, seen: Seen, post: bool) -> None:
    grew = f"grew from {last.checkpoint.size:,} to" if last else "was seen for the first time, with"
    given = ", and gave it to the log" if post else ""
    typer.echo(f"cosigned: {seen.checkpoint.origin} {grew} {seen.checkpoint.size:,} records{given}", err=True)
