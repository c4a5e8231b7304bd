"""What people do with pull requests, short of merging: open, edit, label, close, talk, review."""

from __future__ import annotations

from typing import Any, TypedDict

from integrations.sandbox.details import EditDetails
from integrations.sandbox.github.announce import Announcer
from integrations.sandbox.github.model import Account, App, Comment, Label, PullRequest, Repository, Review
from integrations.sandbox.github.refusal import Refusal, invalid, not_found

MAX_BODY = 65_536
MAX_TITLE = 256
MAX_LABEL = 50
REVIEW_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


class NewPull(TypedDict, total=False):
    """What a pull request is opened with. `head` of a fork is written `owner:branch`."""

    head: str
    base: str
    title: str
    body: str
    draft: bool
    labels: tuple[str, ...]


class Changes:
    def __init__(self, tell: Announcer) -> None:
        self._tell = tell
        self._world = tell.world

    def open(self, repo: Repository, new: NewPull, by: Account) -> PullRequest:
        """Open it and tell of it. Refuses what GitHub refuses: unknown branches, nothing to merge, one already open."""
        head_repo, head_ref = self._head(repo, new["head"])
        base_ref = new.get("base") or repo.default_branch
        head, base = head_repo.git.branch(head_ref), repo.git.branch(base_ref)
        if head is None or base is None:
            raise invalid("PullRequest", "head" if head is None else "base", "invalid")
        for other in repo.pulls.values():
            if (other.state, other.head_repo, other.head_ref, other.base_ref) == ("open", head_repo, head_ref, base_ref):
                raise _custom(f"A pull request already exists for {head_repo.owner.login}:{head_ref}.")
        number = repo.next_number
        repo.git.fetch(head_repo.git, head, f"refs/pull/{number}/head")
        if not repo.git.commits_between(repo.git.merge_base(base, head), head):
            raise _custom(f"No commits between {base_ref} and {head_ref}")
        repo.next_number += 1
        now = self._world.now()
        title = _sized("PullRequest", "title", new.get("title") or head_ref, MAX_TITLE)
        body = _sized("PullRequest", "body", new.get("body", ""), MAX_BODY)
        pull = PullRequest(
            id=self._world.next_id("pull"), number=number, repo=repo, by=by, title=title, body=body or None,
            head_repo=head_repo, head_ref=head_ref, head_sha=head, base_ref=base_ref, base_sha=base,
            created_at=now, updated_at=now, draft=new.get("draft", False),
        )  # fmt: skip
        repo.pulls[number] = pull
        pull.labels += [self.define_label(repo, name).name for name in new.get("labels", ())]
        self._tell.pull("opened", pull, by)
        for name in pull.labels:
            self._tell.pull("labeled", pull, by, label=self._tell.plain.label(repo, repo.labels[name.lower()]))
        return pull

    def edit(self, pull: PullRequest, new: EditDetails, by: Account) -> None:
        """Change title, body or base; the event says what they were before."""
        was: dict[str, Any] = {}
        if "title" in new and new["title"] != pull.title:
            if not new["title"].strip():
                raise invalid("PullRequest", "title", "missing_field")
            was["title"] = {"from": pull.title}
            pull.title = _sized("PullRequest", "title", new["title"], MAX_TITLE)
        if "body" in new and new["body"] != (pull.body or ""):
            was["body"] = {"from": pull.body or ""}
            pull.body = _sized("PullRequest", "body", new["body"], MAX_BODY) or None
        if "base" in new and new["base"] != pull.base_ref:
            base = pull.repo.git.branch(new["base"])
            if base is None:
                raise invalid("PullRequest", "base", "invalid")
            was["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
            pull.base_ref, pull.base_sha = new["base"], base
        if was:
            self._touch(pull)
            self._tell.pull("edited", pull, by, changes=was)

    def set_draft(self, pull: PullRequest, draft: bool, by: Account) -> None:
        if pull.draft != draft:
            pull.draft = draft
            self._touch(pull)
            self._tell.pull("converted_to_draft" if draft else "ready_for_review", pull, by)

    def close(self, pull: PullRequest, by: Account) -> None:
        if pull.state == "open":
            pull.state, pull.closed_at = "closed", self._world.now()
            self._touch(pull)
            self._tell.pull("closed", pull, by)

    def reopen(self, pull: PullRequest, by: Account) -> None:
        if pull.merged or pull.head_repo.git.branch(pull.head_ref) is None:
            raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The branch is gone or was merged.")
        if pull.state == "closed":
            pull.state, pull.closed_at = "open", None
            self._touch(pull)
            self._tell.pull("reopened", pull, by)

    # labels

    def define_label(self, repo: Repository, name: str, color: str = "ededed", description: str | None = None) -> Label:
        """The label of that name, made if there is none. Case does not tell labels apart."""
        if not name.strip():
            raise invalid("Label", "name", "missing_field")
        _sized("Label", "name", name, MAX_LABEL)
        if name.lower() not in repo.labels:
            repo.labels[name.lower()] = Label(self._world.next_id("label"), name, color, description)
        return repo.labels[name.lower()]

    def label(self, pull: PullRequest, names: list[str], by: Account) -> None:
        for name in names:
            label = self.define_label(pull.repo, name)
            if label.name not in pull.labels:
                pull.labels.append(label.name)
                self._touch(pull)
                self._tell.pull("labeled", pull, by, label=self._tell.plain.label(pull.repo, label))

    def unlabel(self, pull: PullRequest, name: str, by: Account) -> None:
        label = pull.repo.labels.get(name.lower())
        if label is None or label.name not in pull.labels:
            raise Refusal(404, "Label does not exist")
        pull.labels.remove(label.name)
        self._touch(pull)
        self._tell.pull("unlabeled", pull, by, label=self._tell.plain.label(pull.repo, label))

    # talk

    def comment(self, pull: PullRequest, body: str, by: Account, via_app: App | None = None) -> Comment:
        if not body:
            raise invalid("IssueComment", "body", "missing_field")
        _sized("IssueComment", "body", body, MAX_BODY)
        now = self._world.now()
        comment = Comment(self._world.next_id("comment"), body, by, now, now, via_app)
        pull.comments.append(comment)
        self._touch(pull)
        self._tell.comment("created", pull, comment, by)
        return comment

    def edit_comment(self, pull: PullRequest, comment: Comment, body: str, by: Account) -> None:
        _sized("IssueComment", "body", body, MAX_BODY)
        was, comment.body, comment.updated_at = comment.body, body, self._world.now()
        self._touch(pull)
        self._tell.comment("edited", pull, comment, by, changes={"body": {"from": was}})

    def delete_comment(self, pull: PullRequest, comment: Comment, by: Account) -> None:
        pull.comments.remove(comment)
        self._touch(pull)
        self._tell.comment("deleted", pull, comment, by)

    def find_comment(self, repo: Repository, comment_id: int) -> tuple[PullRequest, Comment]:
        for pull in repo.pulls.values():
            for comment in pull.comments:
                if comment.id == comment_id:
                    return pull, comment
        raise not_found()

    def review(self, pull: PullRequest, event: str, body: str, by: Account) -> Review:
        """Submit a review of the head as it is now."""
        if event not in REVIEW_STATES:
            raise Refusal(422, f"Variable $event of type PullRequestReviewEvent was provided invalid value {event!r}")
        if event != "COMMENT" and by is pull.by:
            word = "approve" if event == "APPROVE" else "request changes on"
            raise Refusal(422, f"Unprocessable Entity: Can not {word} your own pull request")
        if event != "APPROVE" and not body:
            raise Refusal(422, "Unprocessable Entity: Body cannot be blank")
        _sized("PullRequestReview", "body", body, MAX_BODY)
        number = self._world.next_id("review")
        review = Review(number, by, REVIEW_STATES[event], body, pull.head_sha, self._world.now())
        pull.reviews.append(review)
        self._touch(pull)
        self._tell.review(pull, review)
        return review

    def dismiss(self, pull: PullRequest, by: Account) -> Review:
        """Only what approves or blocks can be dismissed."""
        deciding = [each for each in pull.reviews if each.by is by and each.state in ("APPROVED", "CHANGES_REQUESTED")]
        if not deciding:
            raise Refusal(422, "Can not dismiss a commented pull request review")
        deciding[-1].state = "DISMISSED"
        self._touch(pull)
        self._tell.review(pull, deciding[-1], "dismissed")
        return deciding[-1]

    def _touch(self, pull: PullRequest) -> None:
        pull.updated_at = self._world.now()

    def _head(self, repo: Repository, head: str) -> tuple[Repository, str]:
        owner, colon, branch = head.rpartition(":")
        if not colon or owner.lower() == repo.owner.login.lower():
            return repo, branch
        return self._world.repo(f"{owner}/{repo.name}"), branch


def _custom(message: str) -> Refusal:
    return invalid("PullRequest", "base", "custom", message)


def _sized(resource: str, field: str, value: str, limit: int) -> str:
    if len(value) > limit:
        message = f"{field} is too long (maximum is {limit} characters)"
        raise invalid(resource, field, "custom" if field == "body" else "invalid", message)
    return value
