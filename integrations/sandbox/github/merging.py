"""Merging, and all that may stand in its way. Merges are git's own; refusals are GitHub's."""

from __future__ import annotations

from integrations.sandbox.git.gitdir import NewCommit
from integrations.sandbox.github.announce import Announcer
from integrations.sandbox.github.checks import Checks
from integrations.sandbox.github.model import Account, MergeGroup, PullRequest, Push, Repository
from integrations.sandbox.github.pushes import Pushes, mark_merged
from integrations.sandbox.github.refusal import Refusal

_WORDS = {"expected": "is expected", "pending": "is in progress", "failing": "is failing"}


class Merging:
    def __init__(self, tell: Announcer, checks: Checks, pushes: Pushes) -> None:
        self._tell = tell
        self._world = tell.world
        self._checks = checks
        self._pushes = pushes

    def refusal(self, pull: PullRequest, sha: str | None = None) -> Refusal | None:
        """Why this pull request cannot be merged now, or None."""
        if pull.state != "open":
            return Refusal(405, "Pull Request is not mergeable")
        if sha and sha != pull.head_sha:
            return Refusal(409, "Head branch was modified. Review and try the merge again.")
        if pull.draft:
            return Refusal(405, "Pull Request is still a draft")
        return self.protected(pull) or self._conflict(pull)

    def merge(self, pull: PullRequest, by: Account, sha: str | None = None) -> str:
        """A merge commit on the base branch; its id. Raises the Refusal that GitHub would answer."""
        protection = pull.repo.protections.get(pull.base_ref)
        if protection and protection.queue:
            raise Refusal(405, "Changes must be made through the merge queue")
        refused = self.refusal(pull, sha)
        if refused:
            raise refused
        if not self._world.may(pull.repo, by, "write"):
            raise Refusal(403, "Must have push access to merge this pull request.")
        ref = f"refs/heads/{pull.base_ref}"
        before = pull.repo.git.refs[ref]
        made = pull.repo.git.merge_commit(self._commit(pull, ref, by), before, pull.head_sha)
        if made is None:
            raise Refusal(405, "Pull Request is not mergeable")
        self._landed(pull.repo, [pull], Push(0, ref, before, made, by, self._world.now(), "pr_merge"))
        return made

    def queue(self, repo: Repository, pulls: list[PullRequest], by: Account) -> MergeGroup:
        """Put these into one merge group, in order: a real ref with a merge commit for each, and the app is asked."""
        for pull in pulls:
            refused = self.refusal(pull)
            if refused:
                raise refused
        base_ref, last = pulls[0].base_ref, pulls[-1]
        base_sha = repo.git.refs[f"refs/heads/{base_ref}"]
        ref = f"refs/heads/gh-readonly-queue/{base_ref}/pr-{last.number}-{base_sha}"
        tip = base_sha
        for pull in pulls:
            made = repo.git.merge_commit(self._commit(pull, ref, by), tip, pull.head_sha)
            if made is None:
                if ref in repo.git.refs:
                    repo.git.set_ref(ref, None)
                raise Refusal(405, f"Pull Request #{pull.number} is not mergeable")
            tip = made
        numbers = tuple(pull.number for pull in pulls)
        group = MergeGroup(ref, tip, base_ref, base_sha, numbers, by, self._world.now())
        repo.groups.append(group)
        for pull in pulls:
            self._tell.pull("enqueued", pull, by)
        self._tell.group("checks_requested", repo, group, by)
        return group

    def reported(self, repo: Repository, sha: str) -> None:
        """Something was reported about that commit: a group that waits for it lands, is destroyed, or goes on waiting."""
        for group in [each for each in repo.groups if each.state == "pending" and each.sha == sha]:
            missing = self._checks.missing(repo, group.base_ref, group.sha)
            if not missing:
                self._land(repo, group)
            elif any(word == "failing" for _, word in missing):
                self._destroy(repo, group, "dequeued")

    def _destroy(self, repo: Repository, group: MergeGroup, reason: str) -> None:
        group.state = "destroyed"
        for number in group.numbers:
            self._tell.pull("dequeued", repo.pulls[number], group.by, reason="CI_FAILURE")
        self._tell.group("destroyed", repo, group, group.by, reason=reason)
        repo.git.set_ref(group.ref, None)

    def _land(self, repo: Repository, group: MergeGroup) -> None:
        ref = f"refs/heads/{group.base_ref}"
        if repo.git.refs[ref] != group.base_sha:
            self._destroy(repo, group, "invalidated")
            return
        group.state = "landed"
        repo.git.set_ref(ref, group.sha)
        pulls = [repo.pulls[number] for number in group.numbers]
        self._landed(repo, pulls, Push(0, ref, group.base_sha, group.sha, group.by, self._world.now(), "merge_queue_merge"))
        self._tell.group("destroyed", repo, group, group.by, reason="merged")
        repo.git.set_ref(group.ref, None)

    def _landed(self, repo: Repository, pulls: list[PullRequest], push: Push) -> None:
        for pull in pulls:
            mark_merged(pull, push)
        self._pushes.moved(repo, {push.ref: push.before}, push.by)
        repo.pushes[-1].kind = push.kind
        for pull in pulls:
            self._tell.pull("closed", pull, push.by)

    def _commit(self, pull: PullRequest, ref: str, by: Account) -> NewCommit:
        message = f"Merge pull request #{pull.number} from {pull.head_repo.owner.login}/{pull.head_ref}\n\n{pull.title}"
        github = "GitHub <noreply@github.com>"
        return NewCommit(ref, message, by.identity, github, self._world.now(), {})

    def protected(self, pull: PullRequest) -> Refusal | None:
        """What branch protection says against merging this head now."""
        protection = pull.repo.protections.get(pull.base_ref)
        if protection is None:
            return None
        missing = self._checks.missing(pull.repo, pull.base_ref, pull.head_sha)
        if len(missing) == 1:
            context, word = missing[0]
            return Refusal(405, f'Required status check "{context}" {_WORDS[word]}.')
        if missing:
            same = {word for _, word in missing}
            words = {"expected": "are expected", "pending": "are in progress", "failing": "are failing"}
            told = words[same.pop()] if len(same) == 1 else "have not succeeded"
            return Refusal(405, f"{len(missing)} of {len(protection.checks)} required status checks {told}.")
        approving = {review.by.id for review in pull.reviews if review.state == "APPROVED" and review.by.kind == "User"}
        if len(approving) < protection.reviews:
            plural = "" if protection.reviews == 1 else "s"
            wanted = f"At least {protection.reviews} approving review{plural}"
            return Refusal(405, f"{wanted} {'is' if not plural else 'are'} required by reviewers with write access.")
        if protection.strict and not pull.repo.git.contains(pull.head_sha, pull.base_sha):
            return Refusal(405, "Head branch is out of date")
        return None

    def _conflict(self, pull: PullRequest) -> Refusal | None:
        clean = pull.repo.git.merge_tree(pull.base_sha, pull.head_sha)
        return None if clean else Refusal(405, "Pull Request is not mergeable")
