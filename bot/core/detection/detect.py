"""Is there generated code in this change, whose, and where? All signals gathered, joined with those seen before, and weighed.

Marks may raise and never lower: no signal means `undeclared`, and a signal once seen stays though its mark was edited away. One
signal of grade A to D is enough; a tenth of some agents' changes show nothing but a branch name. A mention (E) and an
accepted suggestion (`assisted`) never decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from bot.core.detection.changes import change_signals, declared_label, principals, requesters
from bot.core.detection.commits import CommitReading, decides, read_commit
from bot.core.detection.identities import address_key
from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.marks.table import MarkTable
from bot.core.detection.model import Carrier, Class, Detection, Signal
from bot.core.detection.paths import document_signals, file_signals
from bot.core.detection.reach import reach
from bot.core.facts import Change, ChangedFile, Commit
from bot.core.provenance.model import FoundDocument

CARRIER_ORDER: dict[Carrier, int] = {carrier: number for number, carrier in enumerate(get_args(Carrier))}


@dataclass(frozen=True, slots=True)
class Material:
    """What detection looks at: all of it hostile but the forge's own words about accounts and apps."""

    change: Change
    commits: Sequence[Commit]
    files: Sequence[ChangedFile]
    documents: Sequence[FoundDocument] = ()
    seen_before: Sequence[Signal] = ()


def detect(
    change: Change,
    commits: Sequence[Commit],
    files: Sequence[ChangedFile],
    documents: Sequence[FoundDocument] = (),
    seen_before: Sequence[Signal] = (),
) -> Detection:
    """Detection with the builtin marks; `detect_with` takes a team's table."""
    return detect_with(BUILTIN, Material(change, commits, files, documents, seen_before))


def detect_with(table: MarkTable, material: Material) -> Detection:
    """Every signal, and what they add up to."""
    readings = [read_commit(commit, table) for commit in material.commits]
    signals = join(material.seen_before, _gather(table, material, readings))
    deciding = tuple(signal for signal in signals if decides(signal))
    covered = reach(deciding, material.commits, material.files)
    declarations = _declarations(material, readings)
    return Detection(
        kind=_kind(signals, deciding, declarations),
        agents=tuple(dict.fromkeys(signal.agent for signal in deciding)),
        best=min((signal.grade for signal in deciding), default=None),
        signals=signals,
        violations=tuple(violation for reading in readings for violation in reading.violations),
        commits=covered.commits,
        paths=covered.paths,
        covers_all=covered.covers_all,
        operators=_operators(table, material, readings) if deciding else (),
        declarations=declarations,
    )


def join(before: Iterable[Signal], now: Iterable[Signal]) -> tuple[Signal, ...]:
    """Signals old and new, each sighting once (the surer one), strongest first."""
    kept: dict[tuple[str, str, str, str | None, str | None], Signal] = {}
    for signal in (*before, *now):
        other = kept.get(signal.key)
        if other is None or _rank(signal) < _rank(other):
            kept[signal.key] = signal
    return tuple(sorted(kept.values(), key=_order))


def _gather(table: MarkTable, material: Material, readings: Iterable[CommitReading]) -> Iterable[Signal]:
    for reading in readings:
        yield from reading.signals
    yield from change_signals(material.change, table)
    for file in material.files:
        yield from file_signals(file, table)
    yield from document_signals(material.documents, material.files, table)


def _rank(signal: Signal) -> tuple[bool, str]:
    return (not decides(signal), signal.grade)


def _order(signal: Signal) -> tuple[bool, str, int, str, str, str, str]:
    place = (signal.commit or "", signal.path or "", signal.agent, signal.mark)
    return (*_rank(signal), CARRIER_ORDER[signal.carrier], *place)


def _kind(signals: Iterable[Signal], deciding: Sequence[Signal], declarations: Sequence[str]) -> Class:
    if deciding:
        return "generated"
    contested = any(signal.grade != "E" for signal in signals)
    return "human-declared" if declarations and not contested else "undeclared"


def _declarations(material: Material, readings: Sequence[CommitReading]) -> tuple[str, ...]:
    """The label speaks for the change; a trailer for its commit, so that every commit but merges must carry one."""
    label = declared_label(material.change)
    own = [reading for commit, reading in zip(material.commits, readings, strict=True) if len(commit.parents) < 2]
    everywhere = bool(own) and all(reading.declared for reading in own)
    trailers = dict.fromkeys(reading.declared for reading in own) if everywhere else {}
    return (*((f"label {label}",) if label else ()), *trailers)


def _operators(table: MarkTable, material: Material, readings: Iterable[CommitReading]) -> tuple[str, ...]:
    """Who ran the agent: people on its commits, those whom the body names or who are assigned, users that documents state."""
    found = [key for reading in readings for key in reading.operators]
    found += requesters(material.change, material.commits)
    found += principals(material.change, table)
    for entry in material.documents:
        user = entry.document.user_id if entry.document else ""
        if user.startswith(("github:", "gitlab:")):
            found.append(user)
        elif key := address_key(user):
            found.append(key)
    return tuple(dict.fromkeys(found))
