"""Facts for tests: a change that lacks nothing but people's approval, and the ways to change it.

Ann (id 1001) opened it and ran the agent that wrote it. Bob and Cid own the code, Dee owns nothing, Sam and Sue are the role
`security`, and Lou owns nothing and is known to the forge alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.approval import Answer, Approval
from bot.core.evidence.model import (
    CoverageReport,
    Evidence,
    FileCoverage,
    Mutant,
    MutationReport,
    ScanReport,
    Suite,
    TestCase,
)
from bot.core.facts import Change, ChangedFile, Commit, CommitIdentity, Directory, Facts, RoleMembers
from bot.core.ids import ChangeRef, ChatUser, CommitSha, ForgeAccount, Person, PersonId, RepoRef, RoleName
from bot.core.override import Override
from bot.core.policy.join import join
from bot.core.policy.text import parse_policy
from bot.core.provenance.model import FoundDocument, GeneratedFile, ProvenanceDocument

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOST = "github.com"
REPO = RepoRef("github", HOST, "acme/shop")
REF = ChangeRef(REPO, 7)
HEAD = CommitSha("a" * 40)
BASE = CommitSha("b" * 40)
OLD_HEAD = CommitSha("0" * 40)
TREE = "c" * 40
LINES = 12
LOW, MEDIUM, HIGH = "src/shop/cart.py", "vendor/shim.py", "src/auth/login.py"
"""A path of each tier under the default rules."""
AGENT = "Claude <noreply@anthropic.com>"
POLICY_TEXT = "version: 1\nroles:\n  security:\n    people: [sam, sue]\n"
OWNERS = "* @bob @cid\n"


def account(login: str, number: int, **changes: Any) -> ForgeAccount:
    return replace(ForgeAccount("github", HOST, number, login, "human"), **changes)


ANN, BOB, CID = account("ann", 1001), account("bob", 1002), account("cid", 1003)
DEE, SAM, SUE, LOU = account("dee", 1004), account("sam", 1005), account("sue", 1006), account("lou", 1007)
ACCOUNTS = {one.login: one for one in (ANN, BOB, CID, DEE, SAM, SUE, LOU)}


def person(one: ForgeAccount, *more: ForgeAccount) -> Person:
    chat = None if one is LOU else ChatUser("T1", f"U{one.id}")
    return Person(PersonId(one.login), one.login.capitalize(), chat, (one, *more))


def directory(*people: Person, security: Sequence[str] = ("sam", "sue"), **changes: Any) -> Directory:
    known = people or tuple(person(one) for one in ACCOUNTS.values())
    role = RoleMembers(RoleName("security"), tuple(PersonId(name) for name in security), "the policy's list")
    return replace(Directory(known, (role,)), **changes)


def identity(one: ForgeAccount) -> CommitIdentity:
    return CommitIdentity(one.login.capitalize(), f"{one.login}@acme.example", one)


def commit(message: str = f"Add it\n\nCo-Authored-By: {AGENT}\n", *, by: ForgeAccount = ANN, **changes: Any) -> Commit:
    who = identity(by)
    return replace(Commit(HEAD, message, who, who, NOW - timedelta(hours=1)), **changes)


def changed(path: str, lines: int = LINES, **changes: Any) -> ChangedFile:
    """An added file of so many lines, each of which runs."""
    patch = f"@@ -0,0 +1,{lines} @@\n" + "".join(f"+line_{number} = {number}\n" for number in range(1, lines + 1))
    return replace(ChangedFile(path, "added", lines, 0, blob=blob(path), patch=patch.rstrip("\n")), **changes)


def blob(path: str) -> str:
    """A made-up but stable object id for a path's content."""
    return path.encode().hex()[:40].rjust(40, "0")


def document(*paths: str, **changes: Any) -> FoundDocument:
    """A provenance document that covers these paths as `changed` makes them."""
    content = ProvenanceDocument(
        model_name="claude-sonnet",
        model_version="4.5",
        model_provider="anthropic",
        prompt_hash="hmac-sha256:" + "1" * 64,
        prompt_version="1",
        user_id=ANN.key,
        agent_id="claude-code",
        timestamp=NOW - timedelta(hours=2),
        files_generated=tuple(GeneratedFile(path, (f"gitblob:{blob(path)}",)) for path in paths),
    )
    own = {key: changes.pop(key) for key in list(changes) if hasattr(content, key)}
    found = FoundDocument(".llmgate/provenance/1.json", "d" * 64, replace(content, **own))
    return replace(found, **changes)


def evidence(*paths: str, lines: int = LINES, **changes: Any) -> Evidence:
    """Reports that meet every default threshold for these paths."""
    numbers = tuple(range(1, lines + 1))
    branches = tuple((number, number + 1) for number in numbers)
    covered = tuple(FileCoverage(path, numbers, (), branches) for path in paths)
    mutants = tuple(Mutant(f"{path}:{number}", path, number, "killed", "swap") for path in paths for number in numbers)
    whole = Evidence(
        suites=(Suite("junit.xml", "pytest", (TestCase("test_a", "passed"), TestCase("test_b", "passed"))),),
        coverage=(CoverageReport("coverage.json", "coverage.py", covered, has_branches=True),),
        mutation=(MutationReport("mutation.json", "cosmic-ray", "8.7", mutants),),
        scans=(ScanReport("scan.sarif", "bandit", "1.9", ()),),
    )
    return replace(whole, **changes)


def change(**changes: Any) -> Change:
    fresh = Change(
        ref=REF,
        title="Add a cart",
        body="",
        state="open",
        draft=False,
        author=ANN,
        head_sha=HEAD,
        head_ref="cart",
        base_ref="main",
        base_sha=BASE,
        url="https://github.com/acme/shop/pull/7",
        created_at=NOW - timedelta(hours=3),
        updated_at=NOW - timedelta(hours=1),
        head_tree=TREE,
        last_pusher=ANN,
    )
    return replace(fresh, **changes)


def facts(*paths: str, **changes: Any) -> Facts:
    """A generated change of these paths (one of tier low by default) that waits for approvals and for nothing else."""
    named = paths or (LOW,)
    whole = Facts(
        now=NOW,
        change=change(),
        policy=join(None, parse_policy(POLICY_TEXT, "policy.yaml"), "policy.yaml at main"),
        commits=(commit(),),
        files=tuple(changed(path) for path in named),
        documents=(document(*named),),
        evidence=evidence(*named),
        owners_text=OWNERS,
        directory=directory(),
    )
    return replace(whole, **changes)


def approval(by: ForgeAccount, about: Facts, **changes: Any) -> Approval:
    """A decision of this person about the facts' head that lacks nothing: tier high, every item confirmed."""
    items = {item.id: item for rules in about.policy.tiers for item in rules.checklist}
    decided = Approval(
        id=f"{by.login:0<64}",
        change=about.change.ref,
        head_sha=about.change.head_sha,
        person=PersonId(by.login),
        account=by,
        decision="approved",
        strength="witnessed",
        decided_at=NOW - timedelta(minutes=5),
        tier="high",
        policy_digest=about.policy.digest,
        answers=tuple(Answer(item.id, item.text, True) for item in items.values()),
        chat=ChatUser("T1", f"U{by.id}"),
    )
    return replace(decided, **changes)


def approved(about: Facts, *by: ForgeAccount) -> Facts:
    """The same facts with an approval of each of these people."""
    return replace(about, approvals=(*about.approvals, *(approval(one, about) for one in by)))


def overridden(about: Facts | None = None, by: ForgeAccount = SUE, **changes: Any) -> Facts:
    """The same facts with an override by this person, whom the policy lets do that."""
    base = about or facts()
    rules = join(None, parse_policy(POLICY_TEXT + "override:\n  roles: [security]\n", "policy.yaml"), "policy.yaml at main")
    given = Override(
        id="f" * 64,
        head_sha=base.change.head_sha,
        person=PersonId(by.login),
        account=by.key,
        reason="The shop is down for everybody.",
        at=NOW - timedelta(minutes=10),
        until=NOW + timedelta(minutes=50),
        told=PersonId("sam"),
        tier="low",
        policy_digest=rules.digest,
    )
    return replace(base, policy=rules, overrides=(*base.overrides, replace(given, **changes)))


def on_gitlab(about: Facts) -> Facts:
    """The same facts on gitlab.com: the change `acme/web/shop!7`, and everybody's account with its number there."""

    def moved(one: ForgeAccount) -> ForgeAccount:
        return replace(one, forge="gitlab", host="gitlab.com")

    def identified(who: CommitIdentity) -> CommitIdentity:
        return replace(who, account=moved(who.account) if who.account else None)

    ref = ChangeRef(RepoRef("gitlab", "gitlab.com", "acme/web/shop"), about.change.ref.number)
    pusher = moved(about.change.last_pusher) if about.change.last_pusher else None
    people = tuple(replace(one, accounts=tuple(map(moved, one.accounts))) for one in about.directory.people)
    return replace(
        about,
        change=replace(about.change, ref=ref, author=moved(about.change.author), last_pusher=pusher),
        commits=tuple(
            replace(one, author=identified(one.author), committer=identified(one.committer)) for one in about.commits
        ),
        documents=tuple(
            replace(found, document=replace(found.document, user_id=moved(ANN).key)) if found.document else found
            for found in about.documents
        ),
        directory=replace(about.directory, people=people),
        approvals=tuple(replace(one, change=ref, account=moved(one.account)) for one in about.approvals),
    )
