"""One look at a merge request: GraphQL for nearly all of it, and git's raw diff, both at once where something moved.

    nothing moved                     1   `Change`, without the parts that cannot have changed
    the target branch moved           1   the merge base is the version's, so the files stay
    a new head, the same paths        2   `Change` and the raw diff, side by side; the paths' objects are in `Change`
    a new head, other paths           3   and the objects of the others, 80 paths a call
    the first look                    3   the same: no path is known before

An attachment, a note (`refs/notes/ai`), more than a hundred commits, a file that must be read for its content, or a target
branch that nobody expected costs one more. A head that moved unannounced is looked at once more as a whole.

GitLab tells no tree id, so `head_tree` stays empty: a head is bound by its commit id alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from bot.core.attributes import marks
from bot.core.enclosures import Found, read_enclosures, with_contents
from bot.core.facts import Gap
from bot.core.ids import ChangeRef
from bot.ports.errors import Unavailable, Vanished
from bot.ports.forge import HeadFacts, Hint, Reading
from bot.ports.shelf import BlobShelf
from integrations.gitlab.answers import ChangeAnswer
from integrations.gitlab.attachments import Attached, Offer, find_package, offer_of, package_of, take
from integrations.gitlab.blobs import BlobReader, sized
from integrations.gitlab.client import Client, whole
from integrations.gitlab.failures import ANSWERS
from integrations.gitlab.files import (
    FILES_LIMIT,
    FileList,
    Moved,
    at_head,
    changed_file,
    list_files,
    objects_at,
    of_version,
    shown_contents,
)
from integrations.gitlab.history import read_commits
from integrations.gitlab.look import Guess, Look, base_gaps, has_notes, standing
from integrations.gitlab.mapping import attributes_of, change_of, check_of, head_of, owners_of, pipeline_of, place_of, policy_of
from integrations.gitlab.own import OwnAccount
from integrations.gitlab.pipelines import HeadPipelines
from integrations.gitlab.query import BASE, BASE_PATHS, CHANGE, KNOWN_PATHS

BASES_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class ChangeReader:
    """Reads merge requests. One object serves all threads."""

    client: Client
    check_name: str
    where: Attached
    seen: HeadPipelines
    own: OwnAccount
    shelf: BlobShelf = field(default_factory=BlobShelf)
    _bases: dict[str, str] = field(default_factory=dict)
    """The target branch of each change, as it was last seen."""

    def read(self, ref: ChangeRef, known: HeadFacts | None, hint: Hint | None) -> Reading:
        known = None if known and known.gaps else known  # what had a hole is read again: the hole may be closed
        paths = tuple(file.path for file in known.files[:KNOWN_PATHS]) if known else ()
        base_ref = (hint.base_ref if hint else "") or self._bases.get(ref.key, "")
        guess = Guess(hint.head_sha if hint else "", base_ref, paths)
        spent = 0
        if known and guess.head_sha in ("", known.head_sha):
            look = self._look(ref, replace(guess, head_sha=known.head_sha), full=False)
            offer, calls = self._offer(ref, look)
            spent = look.calls + calls
            if (look.head_sha, look.merge_base, offer.digest) == (known.head_sha, known.merge_base, known.attached):
                return self._reading(ref, look, standing(known, look), spent)
            guess = replace(guess, head_sha=look.head_sha, base_ref=look.told.target_branch)
        return self._whole(ref, guess, spent)

    def _whole(self, ref: ChangeRef, guess: Guess, spent: int) -> Reading:
        """Everything, the raw diff beside the query."""
        listing = self.client.submit(list_files, self.client, ref)
        look = self._beside(ref, guess, listing)
        try:
            files, calls = self._held(ref, look, listing.result())
        except Moved:
            spent += look.calls + listing.result().calls
            seen = replace(guess, head_sha=look.head_sha, base_ref=look.told.target_branch)
            look, files, calls = self._again(ref, seen)
        head, more = self._head(ref, look, files)
        return self._reading(ref, look, head, spent + look.calls + files.calls + calls + more)

    def _beside(self, ref: ChangeRef, guess: Guess, listing: Future[FileList]) -> Look:
        """The query, while the list is under way: its failure names what is gone, so it is raised first."""
        try:
            look = self._look(ref, guess, full=True)
        finally:
            failed = listing.exception()
        if failed is not None:
            raise failed
        return look

    def _again(self, ref: ChangeRef, guess: Guess) -> tuple[Look, FileList, int]:
        """Diff and query disagreed, as they do when a push comes between: one after the other, once."""
        listing = list_files(self.client, ref)
        look = self._look(ref, guess, full=True)
        try:
            files, calls = self._held(ref, look, listing)
        except Moved:
            if guess.head_sha != look.head_sha:
                raise Unavailable(f"the head of {ref} moved while it was read; it is read again", 1.0) from None
            saw = f"a raw diff of {ref} that is not what GitLab says of its head {look.head_sha[:12]}"
            return look, replace(listing, gaps=(*listing.gaps, Gap("files", saw, "one diff, told alike"))), 0
        return look, files, calls

    def _look(self, ref: ChangeRef, guess: Guess, *, full: bool) -> Look:
        """The GraphQL half. `full` asks for what follows from the head as well."""
        ask = full and bool(guess.head_sha and guess.paths)
        data, problems = self.client.graph(CHANGE, self._asked(ref, guess, full, ask))
        whole([problem for problem in problems if "notes" not in problem.path], str(ref))
        answer = ANSWERS.about(ChangeAnswer, data, str(ref))
        if answer.current_user:
            self.own.learn(answer.current_user.id)
        project = answer.project
        if project is None or project.merge_request is None or project.repository is None:
            raise Vanished(f"GitLab knows no merge request {ref}; it is gone, or the bot may not see it")
        told = project.merge_request
        if not head_of(told):
            raise Unavailable(f"GitLab has not prepared {ref} yet: it names no head; it is read again", 2.0)
        packages = project.packages.nodes if project.packages else []
        asked = guess.paths if ask else ()
        look = Look(told, project.repository, guess.head_sha, asked, package_of(packages, head_of(told)))
        look.notes = bool(problems) or has_notes(project.repository)
        self._rebase(ref, look, guess.base_ref or project.repository.root_ref or "")
        return look

    def _asked(self, ref: ChangeRef, guess: Guess, full: bool, ask: bool) -> Mapping[str, object]:
        asked: dict[str, object] = {
            "path": ref.repo.path,
            "iid": str(ref.number),
            "read": BASE_PATHS,
            "whole": full,
            "known": list(guess.paths) if ask else [],
            "asked": ask,
            "packages": self.where.packages and bool(guess.head_sha),
        }
        if guess.base_ref:  # else the default branch, which is what most go to
            asked["base"] = f"refs/heads/{guess.base_ref}"
        if guess.head_sha:
            asked |= {"head": guess.head_sha, "version": guess.head_sha}
        return asked

    def _rebase(self, ref: ChangeRef, look: Look, asked: str) -> None:
        """Read the base once more where it is another branch than was asked about."""
        branch = look.told.target_branch
        if len(self._bases) > BASES_KEPT:
            self._bases.clear()
        self._bases[ref.key] = branch
        if branch == asked:
            return
        given = {"path": ref.repo.path, "base": f"refs/heads/{branch}", "read": BASE_PATHS}
        data, problems = self.client.graph(BASE, given)
        whole(problems, str(ref))
        project = ANSWERS.about(ChangeAnswer, data, str(ref)).project
        if project is None or project.repository is None:
            raise Unavailable(f"GitLab does not show the target branch of {ref}; it is read again")
        told = project.repository
        look.repository = look.repository.model_copy(update={"base": told.base, "tip": told.tip})
        look.calls += 1

    def _held(self, ref: ChangeRef, look: Look, found: FileList) -> tuple[FileList, int]:
        """The list, held against the head that the look showed, and the calls beyond that took. Moved if it is of another."""
        stats = look.told.diff_stats
        if found.gaps and not found.files:
            return found, 0
        if stats is None:
            return replace(found, gaps=(*found.gaps, Gap("files", "no statistics of the diff", "what GitLab says of it"))), 0
        if max(len(stats), len(found.files)) > FILES_LIMIT:
            saw = f"{max(len(stats), len(found.files))} changed files"
            gap = Gap("files", saw, f"at most {FILES_LIMIT} files; split the change")
            return replace(found, files=found.files[:FILES_LIMIT], gaps=(*found.gaps, gap)), 0
        found = of_version(found, stats)
        asked = look.asked_paths if look.asked_head == look.head_sha else ()
        missing = sorted({file.path for file in found.files if file.readable} - set(asked))
        objects, calls = objects_at(self.client, ref, look.head_sha, missing) if missing else ({}, 0)
        return at_head(found, {**look.objects, **objects}), calls

    def _head(self, ref: ChangeRef, look: Look, found: FileList) -> tuple[HeadFacts, int]:
        commits, commit_gaps, calls = read_commits(self.client, ref, look.told, look.notes)
        shown = shown_contents(found.files)
        marked = marks(attributes_of(look.repository))
        rows = with_contents(tuple(changed_file(file, marked) for file in found.files), shown)
        paths = {row.blob: row.path for row in rows if row.blob}
        contents, large = sized(shown)
        reader = BlobReader(self.client, ref.repo, look.head_sha, self.shelf)

        def fetch(oids: list[str]) -> Found:
            read = reader.read({oid: paths[oid] for oid in oids if oid in paths and oid not in large})
            read.too_large |= {oid: large[oid] for oid in oids if oid in large}
            return read

        offer, asked = self._offer(ref, look)
        taken = take(self.client, ref.repo, offer)
        enclosed = read_enclosures(rows, contents, fetch, tuple(taken.documents))
        gaps = (*found.gaps, *commit_gaps, *enclosed.gaps, *taken.gaps, *base_gaps(look))
        facts = HeadFacts(
            head_sha=look.head_sha,
            base_sha=look.base_sha,
            merge_base=look.merge_base,
            head_tree="",
            commits=commits,
            files=enclosed.files,
            documents=enclosed.documents,
            reports=(*enclosed.reports, *taken.reports),
            gaps=gaps,
            attached=offer.digest,
        )
        return facts, calls + asked + taken.calls + enclosed.calls

    def _offer(self, ref: ChangeRef, look: Look) -> tuple[Offer, int]:
        """What is attached. A head that the look did not ask about is asked about now."""
        package, calls = look.package, 0
        if self.where.packages and look.asked_head != look.head_sha:
            package, calls = find_package(self.client, ref.repo, look.head_sha), 1
        offer, more = offer_of(self.client, ref.repo, look.told, package, self.where)
        return offer, calls + more

    def _reading(self, ref: ChangeRef, look: Look, head: HeadFacts, calls: int) -> Reading:
        owners_text, owners_path, _ = owners_of(look.repository)
        check = check_of(look.told, self.check_name)
        spot = replace(pipeline_of(look.told, ref), occupied=check.id is not None)
        self.seen.remember(ref.repo, look.head_sha, spot)
        place = place_of(look.told.head_pipeline) if self.check_name else ""
        return Reading(
            change=change_of(ref, look.told, look.base_sha),
            head=head if head.place == place else replace(head, place=place),
            policy=policy_of(look.repository, look.told.target_branch, look.base_sha)[0],
            owners_text=owners_text,
            owners_path=owners_path,
            check=check,
            reads=calls,
        )
