"""A policy that wants provenance signed: none, a stranger's and a replayed signature block; a named key or identity passes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from bot.cli.hands import Hands
from bot.cli.layout import POLICY, Layout
from bot.cli.playground import Playground, build_playground
from bot.cli.specimen import PROVENANCE, Specimen, document, login_change
from bot.core.ids import ForgeName
from bot.core.provenance.envelope import enclose
from integrations.sandbox.clock import FakeClock
from integrations.sigstore.keys import fingerprint, load_key, make_key, public_path
from integrations.sigstore.signatures import PrivateKey
from integrations.sigstore.signer import KeySigner
from tests.local_sigstore.instance import LocalSigstore
from tests.scenarios.conftest import at_rest

BRANCH = "agent/login"
BARE, SIGNED = f"{PROVENANCE}/login.json", f"{PROVENANCE}/login.sigstore.json"
ISSUER = "https://token.actions.example"
AGENT = "https://github.sandbox/acme/agents/.github/workflows/generate.yml@refs/heads/main"


class Estate:
    """A playground whose repository wants signatures, a key that may sign, and a Sigstore."""

    def __init__(self, world: Playground, key: PrivateKey, sigstore: LocalSigstore) -> None:
        self.world = world
        self.key = key
        self.sigstore = sigstore

    def open(self, specimen: Specimen) -> int:
        pull = self.world.open_generated(BRANCH, specimen)
        self.world.settle()
        return pull.number

    def push(self, specimen: Specimen) -> None:
        self.world.push_generated(BRANCH, specimen)
        self.world.settle()

    @property
    def verdict(self) -> str:
        return self.world.verdict_on(self.world.head())

    @property
    def check(self) -> str:
        """What the check on the forge says."""
        return self.world.check_on(self.world.head()).text

    def why(self, number: int) -> str:
        return Hands(self.world, "bob").say(f"/llmgate why {self.world.ref(number)}")


@pytest.fixture
def estate(forge: ForgeName, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Estate]:
    key, sigstore = make_key(tmp_path / "agent.pem"), LocalSigstore()
    root = sigstore.write_trusted_root(tmp_path / "trusted_root.json")
    signing = {"document_keys": [str(public_path(tmp_path / "agent.pem"))], "trusted_root": str(root)}
    world = build_playground(Layout(tmp_path / "world", sqlite_url, signing=signing, forge=forge), clock)
    signers = [
        {"key_sha256": fingerprint(key.public_key())},
        {"identity": "https://github.sandbox/acme/*@refs/heads/main", "issuer": ISSUER},
    ]
    policy = f"{POLICY}provenance: {json.dumps({'signed': True, 'signers': signers})}\n"
    world.push_policy(policy)
    try:
        yield Estate(world, key, sigstore)
        at_rest(world)
    finally:
        sigstore.close()
        world.close()


def statement_of(specimen: Specimen) -> bytes:
    return enclose(json.loads(specimen.files[BARE]))


def with_bundle(specimen: Specimen, bundle: bytes) -> Specimen:
    """The change with its document signed instead of bare."""
    files: Mapping[str, bytes] = {path: content for path, content in specimen.files.items() if path != BARE}
    return Specimen({**files, SIGNED: bundle}, specimen.message)


def by_key(specimen: Specimen, key: PrivateKey) -> Specimen:
    return with_bundle(specimen, KeySigner(key).sign(statement_of(specimen)))


def test_unsigned_provenance_blocks_and_the_cure_is_named(estate: Estate) -> None:
    estate.open(login_change(estate.world.clock.now()))
    assert estate.verdict == "blocked"
    assert f"unsigned: `{BARE}`" in estate.check
    assert "sign it as a Sigstore bundle with a key or identity under `provenance.signers`" in estate.check


def test_a_key_that_the_policy_names_satisfies_it_to_the_green(estate: Estate) -> None:
    number = estate.open(by_key(login_change(estate.world.clock.now()), estate.key))
    assert estate.verdict == "waiting"
    assert f"signed by key {fingerprint(estate.key.public_key())[:16]}" in estate.why(number)
    Hands(estate.world, "bob").approve(number)
    Hands(estate.world, "sue").approve(number)
    assert estate.verdict == "allowed"


def test_another_key_blocks_even_the_gate_s_own(estate: Estate) -> None:
    specimen = login_change(estate.world.clock.now())
    number = estate.open(by_key(specimen, ec.generate_private_key(ec.SECP256R1())))
    assert estate.verdict == "blocked"
    estate.push(by_key(specimen, own := load_key(estate.world.layout.folder / "signing.pem")))
    assert estate.verdict == "blocked"
    assert f"saw a signature by key {fingerprint(own.public_key())[:16]}" in estate.why(number)


def test_a_keyless_identity_that_the_policy_names_satisfies_it(estate: Estate) -> None:
    specimen = login_change(estate.world.clock.now())
    number = estate.open(with_bundle(specimen, estate.sigstore.sign(statement_of(specimen), AGENT, ISSUER)))
    assert estate.verdict == "waiting"
    assert f"signed by {AGENT} (by {ISSUER})" in estate.why(number)


def test_a_keyless_identity_that_the_policy_does_not_name_blocks(estate: Estate) -> None:
    specimen = login_change(estate.world.clock.now())
    branch = AGENT.replace("main", "evil")
    number = estate.open(with_bundle(specimen, estate.sigstore.sign(statement_of(specimen), branch, ISSUER)))
    assert estate.verdict == "blocked"
    assert f"saw a keyless signature by {branch}" in estate.why(number)


def test_a_good_signature_does_not_cover_what_was_edited_after_it(estate: Estate) -> None:
    signed = by_key(login_change(estate.world.clock.now()), estate.key)
    number = estate.open(signed)
    assert estate.verdict == "waiting"
    edited = login_change(estate.world.clock.now(), "edited by hand")
    estate.push(with_bundle(edited, signed.files[SIGNED]))
    assert estate.verdict == "blocked"
    assert "changed since" in estate.why(number)


def test_a_signature_replayed_from_elsewhere_covers_only_the_same_bytes_at_the_same_path(estate: Estate) -> None:
    """The bundle of another repository's change: its files are not these, so it says nothing of these."""
    specimen = login_change(estate.world.clock.now())
    elsewhere = document({"auth/login.py": b"def login(): ...\n", "lib/other.py": b"x = 1\n"}, estate.world.clock.now())
    bundle = KeySigner(estate.key).sign(enclose(json.loads(elsewhere)))
    number = estate.open(with_bundle(specimen, bundle))
    assert estate.verdict == "blocked"
    why = estate.why(number)
    assert "1 without: `tests/test_login.py`" in why
    assert "1 changed since: `auth/login.py`" in why
