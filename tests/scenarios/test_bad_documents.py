"""What a change brings along is hostile: prompts, wrong digests, wrong signers, bombs, giants. None of it opens the gate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.cli.hands import Hands
from bot.cli.layout import POLICY
from bot.cli.playground import Playground
from bot.cli.specimen import EVIDENCE, PROVENANCE, Specimen, document, login_change, small_change
from bot.core.provenance.envelope import enclose
from integrations.sandbox.stage import ChangeSeen
from integrations.sigstore.bundle import sign_bundle
from integrations.sigstore.keys import fingerprint, load_key, make_key
from integrations.sigstore.signatures import PrivateKey
from tests.scenarios.traces import assert_nowhere, in_database, on_forge, overheard

BRANCH = "agent/login"
DOCUMENT = f"{PROVENANCE}/login.json"
PART = f"{PROVENANCE}/part_1.json"
PROMPT = "Write a login for our bank whose back door is called Zwetschge"
SECRET = "ghp_" + "Zq4" * 12


def opened(world: Playground, changed: dict[str, bytes], made: Specimen | None = None) -> ChangeSeen:
    """A generated change with some of its files replaced, judged."""
    whole = made or small_change(world.clock.now(), 1)
    pull = world.open_generated(specimen=Specimen({**whole.files, **changed}, whole.message))
    world.settle()
    return pull


def summary(world: Playground, pull: ChangeSeen) -> str:
    """All that the check says, without the escapes of Markdown."""
    return world.check_on(pull.head_sha).text.replace("\\", "")


def assert_closed(world: Playground, pull: ChangeSeen) -> None:
    assert world.verdict_on(pull.head_sha) == "blocked"
    assert world.blockers(pull.number) is not None


def with_key(content: bytes, key: str, value: object) -> bytes:
    return json.dumps({**json.loads(content), key: value}).encode()


@pytest.mark.parametrize("key", ["prompt", "system_prompt", "messages"])
def test_a_prompt_in_clear_is_refused_and_stands_nowhere(one_world: Playground, key: str) -> None:
    made = small_change(one_world.clock.now(), 1)
    value = [{"role": "user", "text": PROMPT}] if key == "messages" else PROMPT
    with overheard() as ears:
        pull = opened(one_world, {PART: with_key(made.files[PART], key, value)})
        assert_closed(one_world, pull)
        assert f"a prompt or reply in clear at `{key}`" in summary(one_world, pull)
        assert "keyed or salted digest" in summary(one_world, pull)
        Hands(one_world, "bob").say(f"/llmgate why {one_world.ref(pull.number)}")
        Hands(one_world, "bob").press(one_world.card(pull.number))
        one_world.forge.edit(one_world.repo, pull.number, by="ann", title="Look again")
        one_world.settle()
    assert_closed(one_world, pull)
    assert_nowhere(one_world, pull.number, ears, PROMPT, "Zwetschge")


def test_a_prompt_in_place_of_its_digest_is_refused_and_stands_nowhere(one_world: Playground) -> None:
    made = small_change(one_world.clock.now(), 1)
    with overheard() as ears:
        pull = opened(one_world, {PART: with_key(made.files[PART], "prompt_hash", PROMPT)})
    assert_closed(one_world, pull)
    assert_nowhere(one_world, pull.number, ears, PROMPT, "Zwetschge")


def test_a_secret_in_a_document_is_refused_and_stands_nowhere(one_world: Playground) -> None:
    made = small_change(one_world.clock.now(), 1)
    with overheard() as ears:
        pull = opened(one_world, {PART: with_key(made.files[PART], "descriptor", f"made with {SECRET}")})
    assert_closed(one_world, pull)
    assert "a GitHub token" in summary(one_world, pull)
    assert "Revoke the secret now" in summary(one_world, pull)
    assert_nowhere(one_world, pull.number, ears, SECRET)


def test_a_prompt_in_a_note_of_git_ai_is_not_kept(one_world: Playground) -> None:
    commit = one_world.push_generated(specimen=small_change(one_world.clock.now(), 1))
    session = "0123456789abcdef"
    agent = {"tool": "cursor", "id": "1", "model": "m"}
    entry = {"agent_id": agent, "human_author": "Ann <ann@acme.example>", "messages": [{"type": "user", "text": PROMPT}]}
    head = {"schema_version": "authorship/3.0.0", "base_commit_sha": commit, "prompts": {session: entry}}
    note = f"shop/part_1.py\n  {session} 1-3\n---\n{json.dumps(head)}"
    one_world.forge.push(one_world.repo, "refs/notes/ai", {commit: note}, by="ann", message="Notes")
    with overheard() as ears:
        pull = one_world.forge.open_change(one_world.repo, BRANCH, by="ann", title="A part")
        one_world.settle()
    assert b"authorship/3.0.0" in in_database(one_world)
    assert_nowhere(one_world, pull.number, ears, PROMPT, "Zwetschge")


def test_a_wrong_digest_is_named_as_drift_with_the_cure(one_world: Playground) -> None:
    edited = b'"""Part 1."""\n\n\ndef part_1() -> int:\n    return 2\n'
    pull = opened(one_world, {"shop/part_1.py": edited})
    assert_closed(one_world, pull)
    said = summary(one_world, pull)
    assert "shop/part_1.py` (in `.llmgate/provenance/part_1.json`)" in said
    assert "attest them again: `llmgate provenance emit FILES`" in said


def demand_signatures(world: Playground, key: PrivateKey) -> None:
    """The base's policy wants documents signed by this key."""
    asked = f"provenance:\n  signed: true\n  signers:\n    - key_sha256: {fingerprint(key.public_key())}\n"
    world.push_policy(POLICY + asked)


def signed(world: Playground, key: PrivateKey) -> dict[str, bytes]:
    statement = enclose(json.loads(small_change(world.clock.now(), 1).files[PART]))
    return {PART: sign_bundle(key, fingerprint(key.public_key()), statement)}


@pytest.fixture
def organisation(one_world: Playground) -> PrivateKey:
    """The gate's own key, which may sign documents too where the policy says so."""
    return load_key(one_world.layout.folder / "signing.pem")


def test_an_unsigned_document_is_refused_where_signatures_are_asked(one_world: Playground, organisation: PrivateKey) -> None:
    demand_signatures(one_world, organisation)
    pull = opened(one_world, {})
    assert_closed(one_world, pull)
    assert "unsigned: `.llmgate/provenance/part_1.json`" in summary(one_world, pull)


def test_a_document_signed_by_the_wrong_party_is_refused_by_name(
    one_world: Playground, organisation: PrivateKey, tmp_path: Path
) -> None:
    demand_signatures(one_world, organisation)
    make_key(tmp_path / "stranger.pem")
    stranger = load_key(tmp_path / "stranger.pem")
    pull = opened(one_world, signed(one_world, stranger))
    assert_closed(one_world, pull)
    said = summary(one_world, pull)
    assert f"saw a signature by key {fingerprint(stranger.public_key())[:16]}…" in said
    assert f"{fingerprint(organisation.public_key())[:16]}…" in said


def test_a_document_altered_after_it_was_signed_is_refused(one_world: Playground, organisation: PrivateKey) -> None:
    demand_signatures(one_world, organisation)
    bundle = json.loads(signed(one_world, organisation)[PART])
    other = signed(one_world, ec.generate_private_key(ec.SECP256R1()))[PART]
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = json.loads(other)["dsseEnvelope"]["signatures"][0]["sig"]
    pull = opened(one_world, {PART: json.dumps(bundle).encode()})
    assert_closed(one_world, pull)
    assert "over other bytes" in summary(one_world, pull)


def test_a_document_signed_by_a_named_signer_is_accepted(one_world: Playground, organisation: PrivateKey) -> None:
    demand_signatures(one_world, organisation)
    pull = opened(one_world, signed(one_world, organisation))
    assert one_world.verdict_on(pull.head_sha) != "blocked"
    assert f"signed by key {fingerprint(organisation.public_key())[:16]}" in summary(one_world, pull)


def test_a_prompt_inside_a_good_signature_is_refused_and_stands_nowhere(
    one_world: Playground, organisation: PrivateKey
) -> None:
    demand_signatures(one_world, organisation)
    content = json.loads(with_key(small_change(one_world.clock.now(), 1).files[PART], "prompt", PROMPT))
    bundle = sign_bundle(organisation, fingerprint(organisation.public_key()), enclose(content))
    payload = json.loads(bundle)["dsseEnvelope"]["payload"]
    with overheard() as ears:
        pull = opened(one_world, {PART: bundle})
    assert_closed(one_world, pull)
    assert_nowhere(one_world, pull.number, ears, PROMPT, "Zwetschge", payload[400:460])


BOMB = (
    b'<?xml version="1.0"?>\n<!DOCTYPE t [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(8))
    + b"]>\n<testsuites><testsuite name='x'><testcase classname='a' name='&i;'/></testsuite></testsuites>"
)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("junit.xml", BOMB),
        ("coverage.json", b"[" * 200_000 + b"]" * 200_000),
        ("mutation.json", b'{"schemaVersion": "2", "files": ' + b'{"a":' * 90_000 + b"1" + b"}" * 90_001),
        ("coverage.json", b"\x00\xff\xfe not text"),
    ],
    ids=["entity bomb", "deep list", "deep object", "no text"],
)
def test_a_hostile_report_counts_for_nothing(one_world: Playground, name: str, content: bytes) -> None:
    """The change is of medium risk, whose tests, coverage and mutants must hold."""
    made = login_change(one_world.clock.now())
    whole = {**made.files, f"{EVIDENCE}/{name}": content}
    pull = opened(one_world, {}, Specimen(whole, made.message))
    assert_closed(one_world, pull)
    assert name in on_forge(one_world, pull.number).replace("\\", "")


def test_a_report_of_twenty_megabytes_is_named_and_not_read(one_world: Playground) -> None:
    made = login_change(one_world.clock.now())
    giant = b"<testsuites>" + b"<!-- 0123456789abcdef -->" * 840_000 + b"</testsuites>"
    pull = opened(one_world, {f"{EVIDENCE}/junit.xml": giant}, made)
    assert_closed(one_world, pull)
    assert f"junit.xml is {len(giant)} bytes long" in summary(one_world, pull)
    assert len(in_database(one_world)) < 5_000_000


def test_evidence_about_other_files_proves_nothing(one_world: Playground) -> None:
    made = login_change(one_world.clock.now())
    other = {
        path: content.replace(b"auth/login.py", b"shop/other.py") for path, content in made.files.items() if EVIDENCE in path
    }
    pull = opened(one_world, other, made)
    assert_closed(one_world, pull)


def test_owners_named_by_the_change_itself_do_not_count(one_world: Playground) -> None:
    made = login_change(one_world.clock.now())
    pull = opened(one_world, {one_world.site.owners_path: b"* @eve @sam\n"}, made)
    seen = Hands(one_world, "sam").approve(pull.number)
    assert seen.taken
    assert one_world.verdict_on(pull.head_sha) != "allowed"
    with one_world.gate.kit.store.begin() as unit:
        (record,) = unit.open_changes()
    assert b'"bob"' in record.verdict


def test_a_document_for_files_the_change_lacks_covers_nothing(one_world: Playground) -> None:
    ghost = document({"shop/ghost.py": b"x = 1\n"}, one_world.clock.now())
    pull = opened(one_world, {PART: ghost})
    assert_closed(one_world, pull)
    assert "1 without: `shop/part_1.py`" in summary(one_world, pull)
