"""The transparency log as the settings say: its key, the places that hold its heads, who dates and who witnesses them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from fastapi import APIRouter

from bot.config import BadSettings, Log
from bot.core.tlog.note import BadVerifierKey, VerifierKey, parse_vkey
from bot.handlers.kit import Kit
from bot.handlers.ledger.anchoring import Anchoring, ChatAnchor
from bot.handlers.ledger.audit import Auditor
from bot.handlers.ledger.transparency import TransparencyLog
from bot.ports.anchors import AnchorPlace
from bot.ports.trust import LogSigner, TimestampAuthority
from bot.web.log_pages import PublishedLog, log_pages
from integrations.git.anchor import GitAnchor
from integrations.timestamp.authority import BadRoots, HttpTimestampAuthority, read_roots
from integrations.tlog.keys import BadKey, LogKey, check_signature, load_key

log = structlog.get_logger()


class KeyedLog:
    """Implements `bot.ports.trust.LogSigner` with a key from a file."""

    def __init__(self, key: LogKey, earlier: tuple[VerifierKey, ...] = ()) -> None:
        self._key = key
        self.origin = key.vkey.name
        self.earlier = earlier

    @property
    def key(self) -> VerifierKey:
        return self._key.vkey

    def sign_note(self, text: str) -> str:
        return self._key.sign_note(text)

    def check(self, key: VerifierKey, message: bytes, signature: bytes) -> bool:
        return check_signature(key, message, signature)


@dataclass(frozen=True, slots=True)
class ConnectedLog:
    """What can be done with the log."""

    log: TransparencyLog
    anchoring: Anchoring
    auditor: Auditor


def read_log_key(settings: Log) -> LogSigner | None:
    """The log's own key. Raises BadSettings where it cannot be used.

    Without a key file nothing is signed, and the log only grows: `llmgate doctor` and a line at the start say so.
    """
    if not settings.key_file.exists():
        log.warning("the log has no key, so no head of it is signed or anchored", key_file=str(settings.key_file))
        return None
    try:
        earlier = tuple(parse_vkey(key) for key in settings.retired_keys)
        return KeyedLog(load_key(settings.key_file, settings.origin), earlier)
    except (BadKey, BadVerifierKey) as error:
        raise BadSettings(f"log: {error}") from None


def connect_log(kit: Kit, settings: Log) -> ConnectedLog | None:
    """The log over the kit's store; None where it has no key. Raises BadSettings."""
    signer = kit.trust.log
    if signer is None:
        return None
    kept = TransparencyLog(kit.store, kit.clock, signer, _witnesses(settings.witnesses))
    anchoring = Anchoring(kept, tuple(_places(kit, settings)), kit.trust.timestamps)
    return ConnectedLog(kept, anchoring, Auditor(kit.store, kit.trust.verifier, signer, kit.trust.timestamps))


def log_routes(connected: ConnectedLog | None) -> tuple[APIRouter, ...]:
    """What is served at /log/; nothing where the log has no key."""
    if connected is None:
        return ()
    kept = connected.log

    def checkpoint() -> str | None:
        newest = kept.newest()
        return newest.note if newest else None

    return (log_pages(PublishedLog(checkpoint, kept.page, kept.take_cosignature)),)


def _places(kit: Kit, settings: Log) -> Iterator[AnchorPlace]:
    if settings.anchor_git:
        yield git_anchor(settings)
    if settings.audit_channel and kit.chat is not None:
        yield ChatAnchor(kit.store, kit.clock, settings.audit_channel)


def git_anchor(settings: Log) -> GitAnchor:
    """The ref that the settings name, where a short name is a branch's. A path is as it is meant from here."""
    path, ref = Path(settings.anchor_git), settings.anchor_ref
    return GitAnchor(
        str(path.absolute()) if path.exists() else settings.anchor_git, ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    )


def _witnesses(keys: Sequence[str]) -> tuple[VerifierKey, ...]:
    try:
        return tuple(parse_vkey(key) for key in keys)
    except BadVerifierKey as error:
        raise BadSettings(f"log.witnesses: {error}") from None


def connect_timestamps(settings: Log) -> TimestampAuthority | None:
    """The authority that dates heads of the log, and what certificates sign. Raises BadSettings."""
    if not settings.timestamp_url:
        return None
    if not settings.timestamp_roots:
        raise BadSettings("log.timestamp_url is set without log.timestamp_roots: no time-stamp could be believed")
    try:
        roots = [root for path in settings.timestamp_roots for root in read_roots(path.read_bytes(), str(path))]
    except OSError as error:
        raise BadSettings(f"log.timestamp_roots: saw {error.filename}: {error.strerror}; wanted certificates there") from None
    except BadRoots as error:
        raise BadSettings(f"log.timestamp_roots: {error}") from None
    return HttpTimestampAuthority(settings.timestamp_url, roots)
