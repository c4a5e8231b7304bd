"""One look at a change: GraphQL for nearly all of it, REST for the file list, both at once where something moved.

With facts in hand and no word of a new head, GraphQL is asked alone: nothing moved, one call. With a new head announced, or
nothing in hand, both go out together: two calls, one waiting time. Only a wrong guess costs one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.attributes import marks
from bot.core.enclosures import Found, read_enclosures
from bot.core.facts import Commit, Gap
from bot.core.ids import ChangeRef
from bot.ports.errors import Refused, Unavailable, Vanished
from bot.ports.forge import HeadFacts, Hint, Reading
from bot.ports.shelf import BlobShelf
from integrations.github.answers import BaseAnswer, ChangeAnswer, CommitPage, HeadAnswer, HeadOnly, MoreAnswer, PullAnswer
from integrations.github.blobs import BlobReader
from integrations.github.client import GraphProblem, Session
from integrations.github.failures import ANSWERS
from integrations.github.files import FILES_LIMIT, FileList, changed_file, list_files, shown_contents
from integrations.github.mapping import change_of, check_of, commit_of, crowd_gap, owners_of, policy_of, words_of
from integrations.github.notes import read_notes
from integrations.github.query import CHANGE, HEAD, MORE_COMMITS

COMMITS_LIMIT = 250
"""GitHub lists no more commits of a pull request than this."""


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """What the gate's own check is found by: the app that made it, and its name."""

    app_id: int
    name: str


@dataclass(slots=True)
class Look:
    """What one GraphQL answer showed."""

    pull: PullAnswer
    head: HeadAnswer
    base: BaseAnswer | None
    has_notes: bool
    calls: int
    gaps: list[Gap] = field(default_factory=list)

    @property
    def base_sha(self) -> str:
        return self.base.oid if self.base else self.pull.base_ref_oid


@dataclass(frozen=True, slots=True)
class ChangeReader:
    """Reads changes through any installation's session."""

    check: OwnCheck
    shelf: BlobShelf

    def read(self, session: Session, ref: ChangeRef, known: HeadFacts | None, hint: Hint | None) -> Reading:
        files: FileList | None = None
        known = None if known and known.gaps else known  # what had a hole is read again: the hole may be closed
        if known is None or (hint and hint.head_sha not in ("", known.head_sha)):
            listing = session.submit(list_files, session, ref)
            try:
                look = self.look(session, ref)  # the longer of the two, and its answer names what is gone: it goes first
            finally:
                listed = listing.exception()
            if listed is not None:
                raise listed
            files = listing.result()
        else:
            look = self.look(session, ref)
        calls = look.calls + (files.calls if files else 0)
        if known and known.head_sha == look.pull.head_ref_oid and known.base_sha == look.base_sha:
            head = known
        else:
            head, more = self._head(session, ref, look, files)
            calls += more
        return self._reading(ref, look, head, calls)

    def look(self, session: Session, ref: ChangeRef) -> Look:
        """The GraphQL half."""
        owner, _, name = ref.repo.path.partition("/")
        asked = {"owner": owner, "name": name, "number": ref.number, "app": self.check.app_id, "check": self.check.name}
        data, problems = session.graph(CHANGE, asked)
        gaps = _harmless(problems, ref)
        repository = ANSWERS.about(ChangeAnswer, data, str(ref)).repository
        if repository is None or repository.pull_request is None:
            raise Vanished(f"GitHub knows no pull request {ref}; it is gone, or the app may not see it")
        pull, calls = repository.pull_request, 1
        head = next((node.commit for node in pull.head.nodes), None)
        if head is None or head.oid != pull.head_ref_oid:
            head, calls = self._unlisted_head(session, ref, pull.head_ref_oid), 2
        base = pull.base_ref.target if pull.base_ref else None
        return Look(pull, head, base, repository.notes is not None, calls, gaps)

    def _unlisted_head(self, session: Session, ref: ChangeRef, oid: str) -> HeadAnswer:
        owner, _, name = ref.repo.path.partition("/")
        asked = {"owner": owner, "name": name, "oid": oid, "app": self.check.app_id, "check": self.check.name}
        data, problems = session.graph(HEAD, asked)
        _harmless(problems, ref)
        repository = ANSWERS.about(HeadOnly, data, str(ref)).repository
        if repository is None or repository.object is None:
            raise Unavailable(f"GitHub does not show the head {oid[:12]} of {ref}; it is read again", 1.0)
        return repository.object

    def _head(self, session: Session, ref: ChangeRef, look: Look, files: FileList | None) -> tuple[HeadFacts, int]:
        calls, head_sha = 0, look.pull.head_ref_oid
        if files is None or not files.is_of(head_sha):
            files = list_files(session, ref)
            calls += files.calls
            if not files.is_of(head_sha):
                raise Unavailable(f"the head of {ref} moved while it was read; it is read again", 1.0)
        gaps = [*look.gaps, *_file_gaps(look.pull, files)]
        commits, commit_gaps, more = self._commits(session, ref, look)
        calls += more
        contents = shown_contents(files.items)
        text, _ = words_of(look.base.attributes if look.base else None)
        marked = marks(text or "")

        def fetch(oids: list[str]) -> Found:
            return BlobReader(session, ref.repo, self.shelf).read(oids)

        rows = tuple(changed_file(item, contents, marked) for item in files.items)
        enclosed = read_enclosures(rows, contents, fetch)
        gaps += [*commit_gaps, *enclosed.gaps]
        base_gaps = (policy_of(look.base, look.pull)[1], owners_of(look.base)[2])
        gaps += [gap for gap in base_gaps if gap]
        facts = HeadFacts(
            head_sha,
            look.base_sha,
            None,
            look.head.tree.oid,
            commits,
            enclosed.files,
            enclosed.documents,
            enclosed.reports,
            tuple(gaps),
        )
        return facts, calls + enclosed.calls

    def _commits(self, session: Session, ref: ChangeRef, look: Look) -> tuple[tuple[Commit, ...], list[Gap], int]:
        page, told, calls = look.pull.commits, [node.commit for node in look.pull.commits.nodes], 0
        total = page.total_count
        while page.page_info.has_next_page and page.page_info.end_cursor and len(told) < COMMITS_LIMIT:
            page = _more_commits(session, ref, page.page_info.end_cursor)
            told += [node.commit for node in page.nodes]
            calls += 1
        gaps = [gap for gap in (crowd_gap(commit) for commit in told) if gap]
        if total > len(told) or total > COMMITS_LIMIT:
            gaps.append(
                Gap("commits", f"{total} commits, of which GitHub lists {len(told)}", f"at most {COMMITS_LIMIT} commits")
            )
        notes: dict[str, str] = {}
        if look.has_notes:
            notes, more = read_notes(session, ref.repo, [commit.oid for commit in told])
            calls += more
        return tuple(commit_of(commit, ref.repo.host, notes.get(commit.oid)) for commit in told), gaps, calls

    def _reading(self, ref: ChangeRef, look: Look, head: HeadFacts, calls: int) -> Reading:
        owners_text, owners_path, _ = owners_of(look.base)
        return Reading(
            change=change_of(ref, look.pull, look.head, look.base_sha),
            head=head,
            policy=policy_of(look.base, look.pull)[0],
            owners_text=owners_text,
            owners_path=owners_path,
            check=check_of(look.head),
            reads=calls,
        )


def _more_commits(session: Session, ref: ChangeRef, after: str) -> CommitPage:
    owner, _, name = ref.repo.path.partition("/")
    data, problems = session.graph(MORE_COMMITS, {"owner": owner, "name": name, "number": ref.number, "after": after})
    repository = ANSWERS.about(MoreAnswer, data, str(ref)).repository
    if problems or repository is None or repository.pull_request is None:
        said = problems[0].message if problems else "nothing"
        raise Unavailable(f"GitHub's list of commits of {ref} broke off: {said}; it is tried again")
    return repository.pull_request.commits


def _file_gaps(pull: PullAnswer, files: FileList) -> list[Gap]:
    count = len(files.items)
    if pull.changed_files > FILES_LIMIT or count >= FILES_LIMIT:
        saw = f"{pull.changed_files} changed files, of which GitHub lists {count}"
        return [Gap("files", saw, f"fewer than {FILES_LIMIT} files; split the change")]
    if count < pull.changed_files:
        return [
            Gap("files", f"{count} of {pull.changed_files} changed files", "all of them; they are read again at the next event")
        ]
    return []


def _harmless(problems: tuple[GraphProblem, ...], ref: ChangeRef) -> list[Gap]:
    """A refused look at checks is a gap; any other hole in the answer could hide something, so it is an error."""
    gaps: list[Gap] = []
    for problem in problems:
        if "pullRequest" in problem.path and len(problem.path) <= 2 and problem.kind == "NOT_FOUND":
            raise Vanished(f"GitHub knows no pull request {ref}: {problem.message}")
        if "checkSuites" not in problem.path:
            where = ".".join(problem.path)
            if problem.kind == "FORBIDDEN":
                raise Refused(
                    f"GitHub would not show {where} of {ref}: {problem.message}; see `llmgate doctor` for permissions"
                )
            raise Unavailable(f"GitHub's answer about {ref} has a hole at {where}: {problem.message}; it is tried again")
        gaps.append(Gap("checks", f"GitHub would not show checks: {problem.message}", "the permission checks: read"))
    return gaps[:1]
