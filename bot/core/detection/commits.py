"""What one commit says of its making: identities first, then trailers, then names and texts, so that nothing counts twice.

`commit_signals` needs nothing but the commit and the table, and is quick enough for a repository's whole history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date

from bot.core.detection.identities import (
    WEB_FLOW,
    account_key,
    address_key,
    mark_of,
    mark_of_account,
    mark_of_address,
    person_key,
)
from bot.core.detection.markdown import own_voice
from bot.core.detection.marks.builtin import BUILTIN
from bot.core.detection.marks.row import Mark
from bot.core.detection.marks.table import MarkTable, Matcher
from bot.core.detection.model import Carrier, Grade, Signal, Violation
from bot.core.detection.naming import agent_of_tool, named_agent
from bot.core.detection.notes import parse_note
from bot.core.detection.spelling import plain, quote, squeezed
from bot.core.detection.trace import parse_trace
from bot.core.detection.trailers import Trailer, name_and_address, trailers
from bot.core.facts import Commit, CommitIdentity

CO_AUTHOR = frozenset({"coauthoredby", "coauthorby"})
SIGN_OFF = "signedoffby"
HUMAN_TRAILER = "Authored-by-human"
HUMAN_KEY = squeezed(HUMAN_TRAILER)
DENIALS = frozenset({"", "no", "false", "0", "none"})
WRITERS: frozenset[Carrier] = frozenset({"account", "app", "author"})
"""Whoever is found here wrote the code, even if it is a tool that mostly reviews."""


@dataclass(frozen=True, slots=True)
class CommitReading:
    """All that one commit shows. `operators` are the people beside the agent; `declared` the human's declaration, quoted."""

    signals: tuple[Signal, ...]
    violations: tuple[Violation, ...] = ()
    operators: tuple[str, ...] = ()
    declared: str = ""


def decides(signal: Signal) -> bool:
    """Whether the signal alone makes its change generated: not a mention, and not a suggestion that a person took."""
    return signal.grade != "E" and not signal.assisted


def commit_signals(commit: Commit, table: MarkTable = BUILTIN) -> tuple[Signal, ...]:
    """The signals of one commit, by itself."""
    return read_commit(commit, table).signals


def read_commit(commit: Commit, table: MarkTable = BUILTIN) -> CommitReading:
    """Signals, violations and people of one commit."""
    reader = _Reader(commit, table)
    reader.read_identities()
    message = plain(commit.message)
    for trailer in trailers(message):
        reader.read_trailer(trailer)
    reader.read_accounts()
    reader.read_text(message)
    if commit.note:
        reader.read_note(commit.note)
    operators = tuple(dict.fromkeys(reader.people)) if any(decides(signal) for signal in reader.found) else ()
    return CommitReading(tuple(reader.found), tuple(reader.violations), operators, reader.declared)


@dataclass(slots=True)
class _Reader:
    commit: Commit
    table: MarkTable
    found: list[Signal] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    declared: str = ""

    def add(self, mark: Mark, carrier: Carrier, saw: str, agent: str = "") -> None:
        """Keep the signal, unless this commit already says the same of the same agent at least as surely."""
        signal = Signal(
            agent=agent or mark.agent,
            mark=mark.id,
            carrier=carrier,
            grade=self._grade(mark, carrier),
            saw=quote(saw),
            commit=self.commit.sha,
            assisted=mark.assisted and carrier not in WRITERS,
        )
        if carrier == "trailer" or not self._known(signal):
            self.found.append(signal)

    def _known(self, new: Signal) -> bool:
        return any(old.agent == new.agent and old.assisted <= new.assisted and old.grade <= new.grade for old in self.found)

    def _grade(self, mark: Mark, carrier: Carrier) -> Grade:
        if mark.lowered and mark.lowered[0] <= _day(self.commit) <= mark.lowered[1]:
            return "E"
        if mark.grade == "A":
            return "A" if carrier == "author" and self._asserted(mark) else "B"
        return mark.grade

    def _asserted(self, mark: Mark) -> bool:
        """The forge made the commit's signature, or the agent itself did: then nobody else wrote its author's name in."""
        committer = self.commit.committer
        if not self.commit.verified:
            return False
        return committer.email.lower() == WEB_FLOW or mark_of(committer, self.table) is mark

    def read_identities(self) -> None:
        commit = self.commit
        self._read_identity(commit.author, "author")
        if commit.committer is not commit.author and commit.committer != commit.author:
            self._read_identity(commit.committer, "committer")

    def _read_identity(self, identity: CommitIdentity, carrier: Carrier) -> None:
        mark = mark_of(identity, self.table)
        if mark:
            self.add(mark, carrier, f"{identity.name} <{identity.email}>")
        elif key := person_key(identity):
            self.people.append(key)

    def read_trailer(self, trailer: Trailer) -> None:
        key = squeezed(trailer.key)
        if key in CO_AUTHOR:
            self._read_co_author(trailer)
        elif key == SIGN_OFF:
            self._read_sign_off(trailer)
        elif key == HUMAN_KEY and trailer.value.lower() not in DENIALS:
            self.declared = quote(f"{trailer.key}: {trailer.value}")
        elif matchers := self.table.trailers.get(key):
            self._read_value(trailer, matchers)

    def _read_co_author(self, trailer: Trailer) -> None:
        name, mail = name_and_address(trailer.value)
        mark = mark_of_address(name, mail, self.table)
        if mark:
            self.add(mark, "co-author", f"{trailer.key}: {trailer.value}")
        elif key := address_key(mail):
            self.people.append(key)

    def _read_sign_off(self, trailer: Trailer) -> None:
        mark = mark_of_address(*name_and_address(trailer.value), self.table)
        if mark:
            saw = quote(f"{trailer.key}: {trailer.value}")
            self.add(mark, "trailer", saw)
            wanted = "Signed-off-by of the person who answers for the commit, and of no agent"
            self.violations.append(Violation("signed-off-by-agent", saw, wanted, self.commit.sha))

    def _read_value(self, trailer: Trailer, matchers: tuple[Matcher, ...]) -> None:
        for matcher in matchers:
            if not matcher.pattern.search(trailer.value):
                continue
            mark, agent = matcher.mark, ""
            if mark.names_agent != "no":
                agent = named_agent(trailer.value, self.table) or ""
                if mark.names_agent == "must" and not agent:
                    continue
                agent = agent or quote(trailer.value.partition(":")[0])
            self.add(mark, "trailer", f"{trailer.key}: {trailer.value}", agent)
            return

    def read_accounts(self) -> None:
        """Co-authors that the forge itself tied to accounts."""
        for account in self.commit.co_author_accounts:
            mark = mark_of_account(account, self.table)
            if mark:
                self.add(mark, "co-author", f"co-author {account.login} ({account.id})")
            elif key := account_key(account):
                self.people.append(key)

    def read_text(self, message: str) -> None:
        """Subjects, and the footers and comments that squash merges carry over from a change's body."""
        lowered = message.lower()
        for mark, match in self.table.matching("subject", message.partition("\n")[0], lowered):
            self.add(mark, "body", match[0])
        if self.table.hints("body", lowered) or self.table.hints("comment", lowered):
            voice = own_voice(message)
            for mark, match in self.table.matching("body", voice.visible, lowered):
                self.add(mark, "body", match[0])
            for comment in voice.comments:
                for mark, _ in self.table.matching("comment", comment, comment.lower()):
                    self.add(mark, "comment", comment)

    def read_note(self, note: str) -> None:
        """Per-file signals of a git-ai note, or of an Agent Trace record kept as a note."""
        files, row = parse_note(note), self.table.carriers.get("authorship/3.0.0")
        if files is None:
            files, row = parse_trace(note), self.table.carriers.get("agent-trace")
        if files is None or row is None:
            return
        for file in files:
            agent = agent_of_tool(file.tool or file.model, self.table)
            saw = quote(f"{file.path}: {file.tool} {file.model} {_lines(file.ranges)}")
            self.found.append(
                Signal(agent, row.id, "note", row.grade, saw, self.commit.sha, file.path),
            )
            if key := address_key(file.operator):
                self.people.append(key)


def _day(commit: Commit) -> date:
    when = commit.authored_at
    return (when.astimezone(UTC) if when.tzinfo else when).date()


def _lines(ranges: tuple[tuple[int, int], ...]) -> str:
    shown = ",".join(f"{first}-{last}" for first, last in ranges[:6])
    return f"lines {shown}{',…' if len(ranges) > 6 else ''}" if shown else ""
