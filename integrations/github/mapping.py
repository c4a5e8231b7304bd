"""From GitHub's answers to the core's values. Pure: nothing here asks or judges."""

from __future__ import annotations

from bot.core.facts import Change, ChangeState, Commit, CommitIdentity, Gap
from bot.core.ids import AccountKind, ChangeRef, CommitSha, ForgeAccount
from bot.ports.forge import PolicySource, ShownCheck
from integrations.github.answers import Actor, BaseAnswer, CommitAnswer, EntryAnswer, GitPerson, HeadAnswer, PullAnswer
from integrations.github.query import CO_AUTHORS_READ

POLICY_PATH = ".llmgate/policy.yaml"
GHOST = 10137
"""GitHub's own account that stands in for people who deleted theirs."""
WEB_FLOW = 19864447
"""GitHub's own account that commits what is done in the browser."""
_BOT_NODES = ("BOT_", "MDM6Qm90")
"""How GitHub's node ids of bots begin, in their new and old form: commits tie bots to a `User` type."""
_STATES: dict[str, ChangeState] = {"OPEN": "open", "CLOSED": "closed", "MERGED": "merged"}
_CONCLUSIONS = {
    "SUCCESS": "allowed",
    "NEUTRAL": "neutral",
    "FAILURE": "blocked",
    "ACTION_REQUIRED": "blocked",
}


def account_of(actor: Actor | None, host: str) -> ForgeAccount | None:
    """The account GitHub ties to somebody, if it ties one. A bot's login is written as GitHub shows it, `name[bot]`."""
    if actor is None or actor.database_id is None:
        return None
    bot = actor.typename == "Bot" or actor.login.endswith("[bot]") or actor.id.startswith(_BOT_NODES)
    kind: AccountKind = "bot" if bot else "human" if actor.typename in ("User", "") else "unknown"
    login = actor.login if not bot or actor.login.endswith("[bot]") else f"{actor.login}[bot]"
    return ForgeAccount("github", host, actor.database_id, login, kind)


def change_of(ref: ChangeRef, pull: PullAnswer, head: HeadAnswer, base_sha: str) -> Change:
    host = ref.repo.host
    author = account_of(pull.author, host) or ForgeAccount("github", host, GHOST, "ghost", "unknown")
    app = pull.author.login.removesuffix("[bot]") if pull.author and pull.author.typename == "Bot" else None
    return Change(
        ref=ref,
        title=pull.title,
        body=pull.body,
        state=_STATES.get(pull.state, "closed"),
        draft=pull.is_draft,
        author=author,
        head_sha=CommitSha(pull.head_ref_oid),
        head_ref=pull.head_ref_name,
        base_ref=pull.base_ref_name,
        base_sha=CommitSha(base_sha),
        url=pull.url,
        created_at=pull.created_at,
        updated_at=pull.updated_at,
        head_tree=head.tree.oid,
        head_repo=pull.head_repository.name_with_owner if pull.head_repository else "",
        via_app=app,
        labels=tuple(label.name for label in pull.labels.nodes) if pull.labels else (),
    )


def commit_of(told: CommitAnswer, host: str, note: str | None = None) -> Commit:
    author = _identity(told.author, host)
    committer = _identity(told.committer, host)
    if committer.account is None and _made_in_the_browser(told):
        web = ForgeAccount("github", host, WEB_FLOW, "web-flow", "bot")
        committer = CommitIdentity(committer.name, committer.email, web)
    accounts = (account_of(person.user, host) for person in told.authors.nodes if person)
    co_authors = tuple(found for found in accounts if found and (author.account is None or found.key != author.account.key))
    return Commit(
        sha=CommitSha(told.oid),
        message=told.message,
        author=author,
        committer=committer,
        authored_at=told.authored_date,
        verified=bool(told.signature and told.signature.is_valid),
        parents=tuple(CommitSha(parent.oid) for parent in told.parents.nodes),
        note=note,
        co_author_accounts=co_authors,
    )


def crowd_gap(told: CommitAnswer) -> Gap | None:
    """A commit with more co-authors than were read: one of them might be the person who approves."""
    if told.authors.total_count <= CO_AUTHORS_READ:
        return None
    saw = f"commit {told.oid[:12]} names {told.authors.total_count} authors"
    return Gap("commits", saw, f"at most {CO_AUTHORS_READ} authors a commit, so that each of them is known")


def policy_of(base: BaseAnswer | None, pull: PullAnswer) -> tuple[PolicySource, Gap | None]:
    if base is None:
        saw = f"the base branch {pull.base_ref_name} is gone"
        return PolicySource(None, POLICY_PATH, pull.base_ref_oid), Gap("policy", saw, "a base branch to read the policy from")
    text, problem = words_of(base.policy)
    gap = Gap("policy", f"{POLICY_PATH} at the base is {problem}", "a text file that GitHub shows whole") if problem else None
    return PolicySource(text, POLICY_PATH, base.oid), gap


def owners_of(base: BaseAnswer | None) -> tuple[str, str, Gap | None]:
    """CODEOWNERS as GitHub finds it: the first of three places. Text, path, and what is wrong with it."""
    if base is None:
        return "", "", None
    places = (
        (".github/CODEOWNERS", base.owners_hidden),
        ("CODEOWNERS", base.owners_root),
        ("docs/CODEOWNERS", base.owners_docs),
    )
    for path, entry in places:
        if entry is None:
            continue
        text, problem = words_of(entry)
        gap = Gap("owners", f"{path} at the base is {problem}", "a text file that GitHub shows whole") if problem else None
        return text or "", path, gap
    return "", "", None


def words_of(entry: EntryAnswer | None) -> tuple[str | None, str]:
    """A file's text and what is wrong with it; (None, "") where there is no such file."""
    if entry is None:
        return None, ""
    blob = entry.object
    if blob is None or not blob.oid:
        return None, "not a file"
    if blob.is_binary:
        return None, "binary"
    if blob.is_truncated or blob.text is None:
        return None, f"too large to be shown ({blob.byte_size} bytes)"
    return blob.text, ""


def check_of(head: HeadAnswer) -> ShownCheck:
    """The gate's own check on the head. The newest of several counts, as it does for GitHub."""
    suites = head.check_suites.nodes if head.check_suites else []
    runs = [run for suite in suites if suite.check_runs for run in suite.check_runs.nodes]
    if not runs:
        return ShownCheck(None, None, "")
    run = max(runs, key=lambda found: found.database_id or 0)
    state = "waiting" if run.status != "COMPLETED" else _CONCLUSIONS.get(run.conclusion or "", (run.conclusion or "").lower())
    return ShownCheck(f"run:{run.database_id}" if run.database_id else None, state, run.external_id or "")


def _identity(person: GitPerson | None, host: str) -> CommitIdentity:
    if person is None:
        return CommitIdentity("", "")
    return CommitIdentity(person.name or "", person.email or "", account_of(person.user, host))


def _made_in_the_browser(told: CommitAnswer) -> bool:
    """GitHub itself committed, and its own signature says so: nobody can write that into a commit of theirs."""
    signed = told.signature is not None and told.signature.is_valid and told.signature.was_signed_by_git_hub
    return signed and told.committer is not None and told.committer.email == "noreply@github.com"
