"""Which links may be believed: the database finds them, and the signed record of each says whether it is so.

Whoever rules the database could put a row there to decide as somebody else, or take the end away from one. A row counts only
where the organisation signed that very link, and signed no end of it.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.in_toto import NotAStatement
from bot.core.records import Record, read_record
from bot.ports.identity import Link
from bot.ports.store import Unit
from bot.ports.trust import Verifier


def vouched(link: Link, unit: Unit, verifier: Verifier) -> bool:
    """Whether the record of a live link says so, and none says that it ended."""
    stored = unit.record(link.id)
    made = _read(stored.bundle, verifier) if stored is not None else None
    if made is None or made.kind != "link" or not _alike(link, made):
        return False
    later = unit.records(made.about, ("unlink",))
    return not any(one.regards == link.id for one in later)


def _alike(link: Link, made: Record) -> bool:
    """The login may have changed since, and the person with the file; the two accounts may not."""
    said = (made.details.get("chat"), made.details.get("account"))
    return said == (link.chat.key, link.account.key)


def _read(bundle: bytes, verifier: Verifier) -> Record | None:
    opened = verifier.open_record(bundle)
    if opened.problem_saw:
        return None
    try:
        return read_record(opened.payload)
    except NotAStatement:
        return None


def believed(links: Iterable[Link], unit: Unit, verifier: Verifier) -> tuple[Link, ...]:
    """Ended links as they are, for they only take away; of the others those that are vouched for."""
    return tuple(link for link in links if link.ended_at is not None or vouched(link, unit, verifier))
