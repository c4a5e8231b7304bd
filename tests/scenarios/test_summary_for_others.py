"""A green verdict is put where others can check it, once, signed; nothing else is, and nothing waits for it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.signer._key import SSlibKey

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import login_change, small_change
from bot.core.approval import Approval
from bot.core.facts import Facts
from bot.core.summary import summary_statement
from bot.core.verdict import Verdict
from integrations.sigstore.keys import public_path
from tests.core.vsa_schema import read_summary
from tests.scenarios.forges import ask_for_a_look, differs, faults_pending, is_gitlab, looks

OWN = "ORG_SOURCE_LLMGATE_"
HIGH = [f"{OWN}{part}" for part in ("PROVENANCE_DECLARED", "TESTS_PASSED", "HUMAN_APPROVED_TIER_HIGH", "STRENGTH_WITNESSED")]
BACK_OFF = timedelta(seconds=2)


def approve(world: Playground) -> str:
    """A high change with both its approvals; its head."""
    pull = world.open_generated()
    world.settle()
    Hands(world, "bob").approve(pull.number)
    Hands(world, "sue").approve(pull.number)
    return world.head()


def store(world: Playground) -> str:
    """The call that puts a summary where the forge keeps such."""
    return differs(world, github="POST /repos/*/attestations", gitlab="PUT /projects/*/packages/generic/llmgate-verdict/*")


def fail_next(world: Playground, status: int, *, after: bool = False) -> None:
    fake = world.gitlab if is_gitlab(world) else world.github
    fake.fail_next(store(world), status, after=after)


def tried(world: Playground) -> int:
    """How often the gate wrote to the store."""
    method, _, where = store(world).partition(" ")
    part = where.strip("*").rpartition("*")[2]
    return sum(call.method == method and part in call.path for call in world.forge.calls)


def fetched(world: Playground, sha: str) -> list[bytes]:
    """The bundles that Ann, who may read, finds by the commit."""
    if is_gitlab(world):
        path = f"/packages/generic/llmgate-verdict/{sha}/summary.sigstore.json"
        url = f"{world.gitlab.url}/api/v4/projects/{world.repo.replace('/', '%2F')}{path}"
        answer = httpx.get(url, headers={"PRIVATE-TOKEN": world.gitlab.token_for("ann")})
        return [answer.content] if answer.status_code == 200 else []
    url = f"{world.github.api_url}/repos/{world.repo}/attestations/sha1:{sha}"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {world.github.token_for('ann')}"})
    return [json.dumps(item["bundle"]).encode() for item in answer.json().get("attestations", [])]


def checked(world: Playground, bundle: bytes) -> dict[str, Any]:
    """The statement, its signature held by another library against the public key that the installation hands out."""
    envelope = Envelope.from_dict(json.loads(bundle)["dsseEnvelope"])
    (keyid,) = envelope.signatures
    public = load_pem_public_key(public_path(world.layout.folder / "signing.pem").read_bytes())
    envelope.verify([SSlibKey.from_crypto(public, keyid)], threshold=1)
    return read_summary(envelope.payload)


def only(world: Playground, sha: str) -> dict[str, Any]:
    (bundle,) = fetched(world, sha)
    return checked(world, bundle)


def test_a_green_is_published_for_others_with_all_it_rests_on(world: Playground) -> None:
    head = approve(world)
    assert world.verdict_on(head) == "allowed"
    whole = only(world, head)
    assert whole["subject"][0]["digest"]["gitCommit"] == head
    assert whole["predicate"]["verifiedLevels"] == HIGH
    with world.gate.kit.store.begin() as unit:
        approvals = {stored.id for stored in unit.approvals(world.ref(1))}
    inputs = {one["digest"]["sha256"]: one["uri"] for one in whole["predicate"]["inputAttestations"]}
    assert len(approvals) == 2
    assert approvals < set(inputs)
    brought = {path.rpartition("/")[2] for path in inputs.values() if not path.startswith("urn:")}
    assert brought == {"login.json", "junit.xml", "coverage.json", "mutation.json", "bandit.sarif"}


def test_another_look_at_the_same_green_publishes_nothing(world: Playground) -> None:
    head = approve(world)
    before = looks(world)
    for _ in range(2):
        world.clock.advance(timedelta(minutes=5))
        ask_for_a_look(world, world.seen(1))
        world.settle()
    assert looks(world) >= before + 2
    assert world.verdict_on(head) == "allowed"
    assert (tried(world), len(fetched(world, head))) == (1, 1)


def test_each_head_that_turns_green_is_published_and_none_that_waits(world: Playground) -> None:
    first = approve(world)
    world.push_generated(specimen=login_change(world.clock.now(), "a second thought"))
    world.settle()
    second = world.head()
    assert (tried(world), fetched(world, second)) == (1, [])
    Hands(world, "bob").approve(1)
    assert tried(world) == 1
    Hands(world, "sue").approve(1)
    assert tried(world) == 2
    assert [only(world, head)["subject"][0]["digest"]["sha1"] for head in (first, second)] == [first, second]


def test_a_red_is_published_to_nobody(one_world: Playground) -> None:
    specimen = login_change(one_world.clock.now())
    bare = {path: content for path, content in specimen.files.items() if not path.startswith(".llmgate/")}
    pull = one_world.open_generated(specimen=type(specimen)(bare, specimen.message))
    one_world.settle()
    Hands(one_world, "bob").approve(pull.number)
    assert one_world.verdict_on(one_world.head()) == "blocked"
    assert tried(one_world) == 0


@pytest.mark.parametrize("mode", ["observe", "warn"])
def test_where_the_gate_decides_nothing_it_vouches_for_nothing(one_world: Playground, mode: str) -> None:
    one_world.push_policy(f"{POLICY}mode: {mode}\n")
    pull = one_world.open_generated()
    one_world.settle()
    if mode == "warn":
        Hands(one_world, "bob").approve(pull.number)
        Hands(one_world, "sue").approve(pull.number)
        assert "LLM Review: approved" in one_world.seen(pull.number).labels
    assert tried(one_world) == 0


def test_what_the_policy_approved_by_itself_never_claims_a_human(one_world: Playground) -> None:
    one_world.push_policy(f"{POLICY}tiers:\n  low:\n    auto_approve: true\n")
    one_world.open_generated(specimen=small_change(one_world.clock.now(), 1))
    one_world.settle()
    head = one_world.head()
    assert one_world.verdict_on(head) == "allowed"
    whole = only(one_world, head)
    levels = whole["predicate"]["verifiedLevels"]
    assert f"{OWN}POLICY_APPROVED" in levels
    assert not any("HUMAN" in level or "STRENGTH" in level for level in levels)


def test_a_lost_answer_does_not_double_it(one_world: Playground) -> None:
    fail_next(one_world, 502, after=True)
    head = approve(one_world)
    one_world.clock.advance(BACK_OFF)
    one_world.settle()
    assert (tried(one_world), len(fetched(one_world, head))) == (1, 1)
    backlog = one_world.gate.kit.store.backlog()
    assert (backlog.actions, backlog.dead_actions) == (0, 0)


def test_a_store_that_is_down_is_tried_again_and_the_gate_is_green_meanwhile(one_world: Playground) -> None:
    fail_next(one_world, 503)
    head = approve(one_world)
    assert (one_world.verdict_on(head), fetched(one_world, head)) == ("allowed", [])
    assert one_world.blockers(1) is None
    one_world.clock.advance(BACK_OFF)
    one_world.settle()
    assert len(fetched(one_world, head)) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_denied_permission_leaves_the_gate_green_and_nothing_to_mend(one_world: Playground, status: int) -> None:
    fail_next(one_world, status)
    head = approve(one_world)
    assert one_world.verdict_on(head) == "allowed"
    assert one_world.blockers(1) is None
    ask_for_a_look(one_world, one_world.seen(1))
    one_world.clock.advance(timedelta(hours=1))
    one_world.settle()
    assert (tried(one_world), faults_pending(one_world), fetched(one_world, head)) == (1, 0, [])
    backlog = one_world.gate.kit.store.backlog()
    assert (backlog.jobs, backlog.actions, backlog.dead_actions) == (0, 0, 0)


def test_an_app_without_the_permission_gates_as_ever(on_github: Playground) -> None:
    del on_github.github.app.permissions["attestations"]
    head = approve(on_github)
    assert on_github.verdict_on(head) == "allowed"
    assert on_github.blockers(1) is None
    assert on_github.gate.kit.store.backlog().dead_actions == 0


def test_the_approvals_that_it_names_are_those_that_verify(one_world: Playground) -> None:
    head = approve(one_world)
    named = {one["digest"]["sha256"] for one in only(one_world, head)["predicate"]["inputAttestations"]}
    with one_world.gate.kit.store.begin() as unit:
        bundles = [stored.bundle for stored in unit.approvals(one_world.ref(1))]
    read = [one_world.gate.kit.trust.verifier.read_approval(bundle, one_world.ref(1)) for bundle in bundles]
    assert all(isinstance(one, Approval) and one.id in named and one.head_sha == head for one in read)


def test_what_the_store_keeps_is_enough_to_say_it_again(one_world: Playground) -> None:
    """For an export after the fact, from the facts and the verdict as they were last judged."""
    head = approve(one_world)
    kit = one_world.gate.kit
    with kit.store.look() as unit:
        record = unit.change(one_world.ref(1))
    assert record is not None
    again = summary_statement(kit.codec.load(Facts, record.facts), kit.codec.load(Verdict, record.verdict))
    assert again is not None
    published, exported = only(one_world, head), read_summary(again)
    assert published["predicate"].pop("timeVerified") <= exported["predicate"].pop("timeVerified")
    assert published == exported
