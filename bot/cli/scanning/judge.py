"""Each change of a history held against the gate: passed over where nothing marks it, judged like a change of today otherwise.

A history is long and most of it carries no mark; so commits are read one by one, quickly, and only a change that shows anything
at all becomes `Facts` and goes through `evaluate`, the same that decides at the forge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from bot.cli.scanning.asked import Asked, asked_for
from bot.cli.scanning.enclosed import EVIDENCE, PROVENANCE, read_documents, read_evidence
from bot.cli.scanning.ground import Ground
from bot.cli.scanning.merges import MergeWords, merge_words
from bot.core.detection.changes import change_signals
from bot.core.detection.commits import CommitReading, read_commit
from bot.core.evaluate import evaluate
from bot.core.facts import Change, ChangedFile, Commit, Facts, Gap
from bot.core.generated import generated_files
from bot.core.ids import ChangeRef, CommitSha, ForgeAccount, RepoRef
from bot.core.owners.read import parse_owners
from bot.core.provenance.coverage import cover
from bot.core.verdict import Finding, Verdict
from integrations.git.blobs import Blobs
from integrations.git.differences import new_blobs
from integrations.git.grouping import LoggedCommit
from integrations.git.history import LoggedChange, touched_paths
from integrations.git.repository import Repository
from integrations.git.words import text

WINDOW = 200
"""Changes that are looked at together: git is asked once for the paths of all their commits."""
ASKED_OF_A_CHANGE = ("policy", "origin", "provenance", "evidence")
"""Rules whose answer a history holds. Who approved, and whose account stands behind a commit, only the forge knows."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A change with its verdict. `files` are the generated ones; `covered` those of them that a document is bound to."""

    change: LoggedChange
    words: MergeWords
    verdict: Verdict
    asked: tuple[Asked, ...]
    files: tuple[ChangedFile, ...]
    covered: tuple[tuple[str, str], ...]
    commits: int

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What stood between this change and a merge, as far as a history can tell."""
        return tuple(one for one in self.verdict.missing if one.rule.partition(".")[0] in ASKED_OF_A_CHANGE)


@dataclass(frozen=True, slots=True)
class Passed:
    """A change that shows no mark at all: undeclared, and not looked into."""

    change: LoggedChange


@dataclass(frozen=True, slots=True)
class _Read:
    change: LoggedChange
    words: MergeWords
    commits: tuple[Commit, ...]
    readings: tuple[CommitReading, ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """Holds changes against the ground."""

    repository: Repository
    ground: Ground
    blobs: Blobs

    def judge(self, history: Iterator[LoggedChange]) -> Iterator[Judged | Passed]:
        """Every change of the history, in its order."""
        while window := list(islice(history, WINDOW)):
            reads = [self._read(change) for change in window]
            suspects = [read for read in reads if self._shows_anything(read)]
            touched = touched_paths(self.repository, _asked_paths(suspects))
            chosen = {id(read) for read in suspects}
            for read in reads:
                yield self._judge(read, touched) if id(read) in chosen else Passed(read.change)

    def _read(self, change: LoggedChange) -> _Read:
        logged = change.brought if change.merge else (change.tip,)
        commits = tuple(self._with_note(one) for one in logged)
        words = merge_words(change.tip.commit.message, change.merge)
        return _Read(change, words, commits, tuple(read_commit(commit) for commit in commits))

    def _with_note(self, logged: LoggedCommit) -> Commit:
        blob = self.ground.notes.get(logged.commit.sha)
        note = self.blobs.read(blob) if blob else None
        return replace(logged.commit, note=text(note)) if note else logged.commit

    def _shows_anything(self, read: _Read) -> bool:
        if any(reading.signals or reading.violations or reading.declared for reading in read.readings):
            return True
        if read.change.merge and change_signals(self._change(read)):
            return True
        return self.ground.policy.undeclared_as_generated or (not read.change.cut and self._shows_a_file(read.change))

    def _shows_a_file(self, change: LoggedChange) -> bool:
        """Whether a file speaks where no commit does: a document, a header, a git attribute."""
        if PROVENANCE.encode() in change.difference:
            return True
        if self.ground.openings and any(blob in self.ground.openings for blob in new_blobs(change.difference)):
            return True
        return self.ground.has_attributes and any(self.ground.marked(file.path) for file in change.files())

    def _judge(self, read: _Read, touched: Mapping[str, tuple[str, ...]]) -> Judged:
        files = tuple(self._file(file) for file in read.change.files())
        own = tuple(path for file in files for path in dict.fromkeys((file.path, file.previous_path or file.path)))
        commits = tuple(
            replace(commit, files=touched.get(commit.sha, ()) if read.change.merge else None if read.change.cut else own)
            for commit in read.commits
        )
        facts = self._facts(read, commits, files)
        verdict = evaluate(facts)
        generated = generated_files(facts, verdict.detection) if verdict.detection.generated else ()
        rules = facts.policy.tier(verdict.tier)
        gated = verdict.state != "not-generated"
        asked = asked_for(rules, facts.policy, parse_owners(facts.owners_text, self.ground.forge), files) if gated else ()
        covered = cover(facts.documents, generated).covered
        return Judged(read.change, read.words, verdict, asked, generated, covered, len(commits))

    def _facts(self, read: _Read, commits: Sequence[Commit], files: tuple[ChangedFile, ...]) -> Facts:
        difference = read.change.difference
        cut = Gap("files", "the shallow clone ends at this commit", "its parent: `git fetch --unshallow`")
        return Facts(
            now=read.change.tip.committed_at,
            change=self._change(read),
            policy=self.ground.policy,
            commits=tuple(commits),
            files=files,
            documents=read_documents(files, self.blobs) if PROVENANCE.encode() in difference else (),
            evidence=read_evidence(files if EVIDENCE.encode() in difference else (), self.blobs),
            owners_text=self.ground.owners_text,
            gaps=(cut,) if read.change.cut else (),
        )

    def _file(self, file: ChangedFile) -> ChangedFile:
        opening = self.ground.openings.get(file.blob or "")
        marked = self.ground.has_attributes and self.ground.marked(file.path)
        return replace(file, opening=opening, marked=marked) if opening or marked else file

    def _change(self, read: _Read) -> Change:
        tip, words = read.change.tip, read.words
        return Change(
            ref=ChangeRef(RepoRef(self.ground.forge, "local", "repository"), words.number),
            title=words.title,
            body=words.body,
            state="merged",
            draft=False,
            author=ForgeAccount(self.ground.forge, "local", 0, ""),
            head_sha=tip.commit.sha,
            head_ref=words.branch,
            base_ref=self.repository.branch,
            base_sha=tip.commit.parents[0] if tip.commit.parents else CommitSha(""),
            url="",
            created_at=tip.commit.authored_at,
            updated_at=tip.committed_at,
        )


def _asked_paths(suspects: Sequence[_Read]) -> list[str]:
    """Commits that a merge brought and that carry marks: their own paths say which of the change's files are an agent's."""
    return [
        commit.sha
        for read in suspects
        if read.change.merge
        for commit, reading in zip(read.commits, read.readings, strict=True)
        if reading.signals
    ]
